"""Look-ups through the whole site, in this process, as a person's browser and program: with session, scope and audit.

One identifier of each kind, page and API, against the same SQL by hand; a list of many; a submission of data issues.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from statistics import median
from typing import Any

from django.conf import settings
from django.db import connections
from django.test import Client, override_settings
from django.utils import timezone

from reports.bench.pairs import percentile95, seconds
from smi_portal.access.readers import FieldGroup, Role
from smi_portal.access.scope import Viewer
from smi_portal.accounts.models import Person
from smi_portal.inventory.models import ExtractLoad
from smi_portal.tokens import keys
from smi_portal.tokens.models import ApiToken

#: Look-ups of each kind that are not counted.
WARMING = 3
TARGET_MS, TARGET_LIST, TARGET_LINES = 50, 5.0, 10.0
#: Kind → criteria of the question, each with the column of the period table that it is asked by.
KINDS = {
    "device_id": {"device_id": "device_id"},
    "mpxn": {"mpxn": "mpxn"},
    "serial_number": {"serial_number": "serial_search"},
    "uprn": {"uprn": "uprn_search"},
    "address": {"postcode": "postcode_search", "address_identifier": "address_identifier"},
    "the box": {"q": "mpxn"},
}
PREMISES = {"uprn", "address"}
#: The texts of one question.
Value = tuple[str, ...]
SENDERS = (Role.MAP, Role.SUPPLIER)
OWNER = {Role.MAP: "map_org_id = %(organisation)s", Role.SUPPLIER: "supplier_org_id = %(organisation)s"}
#: What the page shows, as one would write it by hand for one organisation, without row-level security.
FLOOR = """
WITH found AS (SELECT device_id, hub_id FROM inventory_assetperiod
               WHERE {mine} AND {asked} AND from_day <= %(day)s AND to_day > %(day)s)
SELECT a.device_id, a.device_type, a.status, a.manufacturer, a.model, a.firmware_version, a.mpxn, a.esme_variant, a.uprn,
       a.postcode, a.address_identifier, a.csp_region, a.map_id, a.serial_number, a.hub_id, a.installed_on, a.map_from,
       a.supplier_id, c.firmware_status, c.cpl_status FROM (
    SELECT device_id FROM found
    UNION SELECT b.device_id FROM inventory_assetperiod b JOIN found f ON b.hub_id = f.hub_id
    WHERE {mine_b} AND b.from_day <= %(day)s AND b.to_day > %(day)s) home
JOIN inventory_assetperiod a ON a.device_id = home.device_id AND {mine_a}
    AND a.from_day <= %(day)s AND a.to_day > %(day)s
LEFT JOIN inventory_cplentry c ON c.id = a.cpl_id
"""


def lines(viewer: Viewer, load: ExtractLoad, runs: int) -> Iterator[str]:
    """One line a kind of identifier, page and API; then the list and the submission."""
    person = Person.objects.filter(organisation_id=viewer.organisation_id, is_active=True).first()
    if person is None:
        yield f"{viewer.role:<8} look-up: nobody of {viewer.organisation} can sign in, so nothing was measured."
        return
    with _without_limits():
        page, program = _browser(person), _program(person)
        for kind, columns in KINDS.items():
            if kind in PREMISES and not viewer.sees(FieldGroup.PREMISES):
                continue
            values = _values(viewer, load, tuple(columns.values()), runs + WARMING)
            if len(values) > WARMING:
                yield _measured(viewer, load, kind, values, page, program)
        yield _device_page(viewer, load, page, runs)
        yield _list(viewer, load, page)
        if viewer.role in SENDERS:
            yield _submission(viewer, load, page)
        ApiToken.objects.filter(person=person, name=NAME).update(revoked_at=timezone.now())


def _measured(
    viewer: Viewer, load: ExtractLoad, kind: str, values: Sequence[Value], page: Client, program: Client
) -> str:
    """Each identifier once: page, API and floor in turn; the first few, which warm up, are not counted."""
    asked = {"page": ("/find/", page), "API": ("/api/v1/inventory", program)}
    taken: dict[str, list[float]] = {name: [] for name in (*asked, "floor")}
    columns = KINDS[kind]
    for value in values:
        question = dict(zip(columns, value, strict=True))
        for name, (address, client) in asked.items():
            taken[name].append(seconds(partial(_get, client, address, question)))
        taken["floor"].append(seconds(partial(_by_hand, viewer, load, tuple(columns.values()), value)))
    counted = {name: [one * 1000 for one in found[WARMING:]] for name, found in taken.items()}
    said = ", ".join(
        f"{name} {_told(counted[name])}, "
        f"{median(a / b for a, b in zip(counted[name], counted['floor'], strict=True)):.1f} × by hand"
        for name in asked
    )
    return f"{viewer.role:<8} look-up by {kind}: {said}; by hand {median(counted['floor']):.1f} ms; of {len(counted['page'])}"


def _device_page(viewer: Viewer, load: ExtractLoad, page: Client, runs: int) -> str:
    """A device's own page, with its home, timeline, certificates, schedules and findings."""
    values = _values(viewer, load, ("device_id",), runs + WARMING)
    taken = [seconds(partial(_get, page, f"/devices/{device}/", {})) * 1000 for (device,) in values]
    return f"{viewer.role:<8} a device's page: {_told(taken[WARMING:])}; of {len(taken[WARMING:])}"


def _told(milliseconds: Sequence[float]) -> str:
    return f"median {median(milliseconds):.1f} ms, p95 {percentile95(list(milliseconds)):.1f} ms (target {TARGET_MS})"


def _list(viewer: Viewer, load: ExtractLoad, page: Client, most: int = 100_000) -> str:
    """Paste as many identifiers as a list takes; see what became of them; download them annotated. The second time:
    the first touches pages that nobody has read since the load."""
    values = [v for column in ("device_id", "mpxn") for (v,) in _values(viewer, load, (column,), most // 2)]
    for _ in range(2):
        paste, shown, file = _list_once(page, values)
    return (
        f"{viewer.role:<8} list of {len(values):,}: read and kept {paste:.2f} s, its page {shown:.2f} s, annotated CSV "
        f"{file:.2f} s; pasted and annotated {paste + max(shown, file):.2f} s (target {TARGET_LIST:.0f})"
    )


def _list_once(page: Client, values: Sequence[str]) -> tuple[float, float, float]:
    made: list[str] = []
    paste = seconds(lambda: made.append(_posted(page, "/lists/", {"pasted": "\n".join(values)})))
    shown = seconds(lambda: _get(page, made[0], {}))
    reference = made[0].strip("/").rsplit("/", 1)[1]
    file = seconds(
        lambda: _get(page, "/reports/LIST_001/download.csv", {"devices": reference, "dialect": "machine"})
    )
    _posted(page, f"/lists/{reference}/delete/", {})
    return paste, shown, file


def _submission(viewer: Viewer, load: ExtractLoad, page: Client, most: int = 10_000) -> str:
    """Pre-check the longest submission of data issues, by the button that raises nothing."""
    devices = _values(viewer, load, ("device_id",), most)
    text = "\n".join(f"{device},WRONG_MAP_ID,MAPX" for (device,) in devices)
    sent = {"lines": f"device_id,cause,map_id\n{text}", "check": "1"}
    taken = seconds(lambda: _checked(page.post("/data-issues/raise/", sent)))
    return f"{viewer.role:<8} {len(devices):,} lines of data issues pre-checked in {taken:.2f} s (target {TARGET_LINES:.0f})"


NAME = "bench"


@contextmanager
def _without_limits() -> Iterator[None]:
    """No pace and no cap stops a measurement, and nothing is kept for debugging."""
    caps = dict.fromkeys(settings.SMI_DAILY_CAPS, 10**12)
    hosts = [*settings.ALLOWED_HOSTS, "testserver"]
    with override_settings(
        DEBUG=False, ALLOWED_HOSTS=hosts, SMI_DAILY_CAPS=caps, SMI_API_REQUESTS_PER_MINUTE=10**6
    ):
        yield


def _browser(person: Person) -> Client:
    client = Client()
    client.force_login(person, backend=settings.AUTHENTICATION_BACKENDS[0])
    return client


def _program(person: Person) -> Client:
    text = keys.make()
    ApiToken.objects.create(
        person=person,
        name=NAME,
        digest=keys.digest(text),
        hint=keys.hint(text),
        covers=["SRV_8_2"],
        expires_at=timezone.now() + timedelta(hours=1),
        form_key=secrets.token_hex(16),
    )
    return Client(headers={"Authorization": f"Bearer {text}"})


def _get(client: Client, address: str, query: dict[str, str]) -> None:
    _checked(client.get(address, query))


def _posted(client: Client, address: str, sent: dict[str, str]) -> str:
    return str(_checked(client.post(address, sent), 302)["Location"])


def _checked(answer: Any, status: int = 200) -> Any:
    """The answer, read to its end. Raises RuntimeError for any other than the one that is measured."""
    if answer.status_code != status:
        raise RuntimeError(f"{answer.request['PATH_INFO']} answered {answer.status_code}, not {status}.")
    if answer.streaming:
        for _ in answer.streaming_content:
            pass
    return answer


def _values(viewer: Viewer, load: ExtractLoad, columns: Sequence[str], number: int) -> list[Value]:
    """Identifiers of devices that are the viewer's now, scattered over all of them, always the same."""
    mine, named = OWNER.get(viewer.role, "lane = 0"), ", ".join(columns)
    given = " AND ".join(f"{column} <> ''" for column in columns)
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            f"SELECT {named} FROM (SELECT DISTINCT {named} FROM inventory_assetperiod "
            f"WHERE {mine} AND from_day <= %(day)s AND to_day > %(day)s AND {given}) v "
            f"ORDER BY hashtextextended(concat({named}), 7) LIMIT {number:d}",
            {"organisation": viewer.organisation_id, "day": load.day},
        )
        return list(cursor.fetchall())


def _by_hand(viewer: Viewer, load: ExtractLoad, columns: Sequence[str], value: Value) -> None:
    """Run it as the owner, who is bound by no viewer's policy."""
    mine = OWNER.get(viewer.role, "lane = 0")
    asked = " AND ".join(f"{column} = %({column})s" for column in columns)
    statement = FLOOR.format(asked=asked, mine=mine, mine_a=f"a.{mine}", mine_b=f"b.{mine}")
    given = dict(zip(columns, value, strict=True))
    with connections["owner"].cursor() as cursor:
        cursor.execute(statement, {"organisation": viewer.organisation_id, "day": load.day, **given})
        cursor.fetchall()
