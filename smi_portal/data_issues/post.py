"""The post: finds out, as the owner, whom a line concerns, and lets that party see it. The site itself may not know.

Run by `manage.py deliver_data_issues`, by the worker each minute, and after each load.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from django.conf import settings
from django.core.mail import send_mail
from django.db import connections, transaction

from smi_portal.data_issues.kinds import By, Cause, Holder, Kind, State
from smi_portal.data_issues.models import Event
from smi_portal.inventory.models import ExtractLoad

log = logging.getLogger(__name__)
OWNER: Final = "owner"

#: Open lines for another party that nobody was notified of, with the Users that added and that supply the device.
#: (One that an extract has verified meanwhile waits for nobody, until another reopens it.)
PENDING: Final = """
SELECT l.id, l.cause, l.change, l.raiser_org_id, added.id, supplied.org_id
FROM data_issues_line l
LEFT JOIN inventory_device d ON d.device_id = l.device_id
LEFT JOIN inventory_organisation added ON added.organisation = d.pre_notified_by AND added.in_extract
    AND added.is_user AND added.kind IN ('MAP', 'SUPPLIER')
LEFT JOIN LATERAL (
    SELECT o.id AS org_id FROM inventory_assetperiod a
    JOIN inventory_organisation o ON o.id = a.supplier_org_id AND o.in_extract AND o.is_user
    WHERE a.device_id = l.device_id AND a.from_day <= %(day)s AND a.to_day > %(day)s
    ORDER BY a.lane LIMIT 1
) supplied ON true
WHERE l.route = 'PARTY' AND l.owner_org_id IS NULL
  AND ('OPEN', 'PARTY') = (SELECT e.state, e.holder FROM data_issues_event e WHERE e.line_id = l.id AND e.state IS NOT NULL
                           ORDER BY e.id DESC LIMIT 1)
ORDER BY l.id
"""

NOTIFY: Final = """
UPDATE data_issues_line SET owner_org_id = %(owner)s, viewer_ids = ARRAY[raiser_org_id, %(owner)s] WHERE id = %(line)s
"""

#: What one party said reaches the other.
SHARE: Final = """
UPDATE data_issues_event e SET viewer_ids = l.viewer_ids
FROM data_issues_line l
WHERE l.id = e.line_id AND l.owner_org_id IS NOT NULL AND NOT e.viewer_ids @> l.viewer_ids
"""

#: Corrections and causes that are for the User that added the device; all others are for its supplier.
ADDERS_COLUMNS: Final = frozenset(
    {"manufacturer", "model", "smets_chts_version", "firmware_version", "esme_variant", "map_id", "delete"}
)
ADDERS_CAUSES: Final = frozenset(
    {Cause.MAP_BLANK, Cause.MAP_UNKNOWN, Cause.MAP_ENDED, Cause.MAP_NOT_BEGUN, Cause.FUEL, Cause.NO_CPL}
    | {Cause.WRONG_MAP_ID, Cause.WRONG_DETAILS, Cause.SHOULD_NOT_BE_THERE}
)


def deliver() -> Counter[int]:
    """One round, in its own transaction: how many lines each organisation was newly notified of."""
    with transaction.atomic(using=OWNER), connections[OWNER].cursor() as cursor:
        load = ExtractLoad.objects.using(OWNER).order_by("-sequence").first()
        return Counter() if load is None else deliver_with(cursor, load.day, load.sequence)


def deliver_with(cursor: Any, day: date, sequence: int) -> Counter[int]:
    """One round inside the caller's transaction; the mail goes when it commits."""
    # Two rounds at once would notify twice.
    cursor.execute("SELECT pg_advisory_xact_lock(hashtext('data issues: post'))")
    cursor.execute(PENDING, {"day": day})
    told: Counter[int] = Counter()
    events = []
    for line, cause, change, raiser, added, supplied in cursor.fetchall():
        owner = _whose(cause, change, added, supplied)
        found = owner is not None and owner != raiser
        viewers = [raiser]
        if owner is not None and found:
            cursor.execute(NOTIFY, {"owner": owner, "line": line})
            told[owner] += 1
            viewers.append(owner)
        events.append(
            Event(
                line_id=line,
                kind=(Kind.NOTIFIED if found else Kind.PASSED).value,
                state=State.OPEN.value,
                holder=(Holder.PARTY if found else Holder.DCC).value,
                by=By.PORTAL.value,
                words="" if found else "There is no other User who could mend it, so it is with DCC.",
                on_day=day,
                sequence=sequence,
                viewer_ids=viewers,
            )
        )
    Event.objects.using(OWNER).bulk_create(events, batch_size=2_000)
    cursor.execute(SHARE)
    if told:
        transaction.on_commit(lambda: _write_to(told), using=OWNER)
    return told


def _whose(cause: str, change: Any, added: int | None, supplied: int | None) -> int | None:
    columns = set(change) if isinstance(change, Mapping) else set(_loaded(change))
    if columns & ADDERS_COLUMNS or (not columns and cause in ADDERS_CAUSES):
        return added or supplied
    return supplied or added


def _loaded(change: Any) -> list[str]:
    """JSON from a plain cursor comes as text."""
    import json

    return list(json.loads(change)) if isinstance(change, str) else []


def _write_to(told: Mapping[int, int]) -> None:
    """Mail to the people of each organisation; what cannot be sent is logged: the page shows the lines anyway."""
    from django.apps import apps

    people = apps.get_model("accounts", "Person").objects.using(OWNER)
    for organisation, number in told.items():
        addresses = list(
            people.filter(organisation_id=organisation, is_active=True).values_list("email", flat=True)
        )
        words = f"{number:,} inventory error{'s' if number != 1 else ''}"
        body = (
            f"{words} of devices that concern your organisation {'wait' if number != 1 else 'waits'} for you.\n\n"
            f"See {settings.SMI_SITE_URL}/data-issues/\n"
        )
        for address in addresses:
            try:
                send_mail(f"SMI Portal: {words} to look into", body, None, [address])
            except OSError as error:
                log.warning("A notice of data issues could not be sent: %s", error)
