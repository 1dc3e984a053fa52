"""Counting against the cap, in one statement, so that requests at the same moment cannot both slip under it."""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.db.models import F
from django.utils import timezone

from smi_portal import audit
from smi_portal.fair_use.caps import OverCap, What, base_cap
from smi_portal.fair_use.models import DailyUse

OPEN = """
INSERT INTO fair_use_dailyuse (person_id, organisation_id, day, what, used, refused, lifts)
VALUES (%s, %s, %s, %s, 0, 0, 0) ON CONFLICT (person_id, what, day) DO NOTHING
"""
#: The day's first use opens its row; as every later one it counts only what is within the cap.
TAKE = """
INSERT INTO fair_use_dailyuse AS d (person_id, organisation_id, day, what, used, refused, lifts)
SELECT %(person)s::bigint, %(organisation)s::integer, %(day)s::date, %(what)s::varchar, %(n)s::bigint, 0, 0
WHERE %(n)s::bigint <= %(cap)s::bigint OR EXISTS (
    SELECT FROM fair_use_dailyuse u
    WHERE u.person_id = %(person)s::bigint AND u.what = %(what)s::varchar AND u.day = %(day)s::date)
ON CONFLICT (person_id, what, day) DO UPDATE SET used = d.used + %(n)s::bigint
    WHERE d.used + %(n)s::bigint <= %(cap)s::bigint * (1 + d.lifts)
RETURNING %(cap)s::bigint * (1 + d.lifts) - d.used
"""


def spend(person: Any, what: What, n: int) -> int:
    """See `fair_use.spend`."""
    if n < 0:
        raise ValueError("What was used cannot be taken back.")
    given = {"person": person.pk, "organisation": person.organisation_id, "day": timezone.localdate()}
    with connection.cursor() as cursor:
        cursor.execute(TAKE, given | {"what": what, "n": n, "cap": base_cap(what)})
        found = cursor.fetchone()
    if found is not None:
        return int(found[0])
    _open(person, what)
    raise _refused(person, what, n)


def charge(person: Any, what: What, n: int) -> None:
    """See `fair_use.charge`."""
    _open(person, what)
    _today(person.pk, what).update(used=F("used") + n)


def left(person: Any, what: What) -> int:
    """See `fair_use.left`."""
    use = _today(person.pk, what).first()
    cap = base_cap(what)
    return max(cap * (1 + use.lifts) - use.used, 0) if use else cap


def _open(person: Any, what: What) -> None:
    """The row of today, if there is none yet."""
    with connection.cursor() as cursor:
        cursor.execute(OPEN, [person.pk, person.organisation_id, timezone.localdate(), what])


def _refused(person: Any, what: What, n: int) -> OverCap:
    _today(person.pk, what).update(refused=F("refused") + 1)
    use = _today(person.pk, what).get()
    cap = base_cap(what) * (1 + use.lifts)
    audit.note("fair use refused", person=person, what=what, asked=n, used=use.used, cap=cap)
    return OverCap(what, n, max(cap - use.used, 0), cap)


def _today(person_id: int, what: What) -> Any:
    return DailyUse.objects.filter(person_id=person_id, what=what, day=timezone.localdate())
