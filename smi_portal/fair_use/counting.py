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
TAKE = """
UPDATE fair_use_dailyuse SET used = used + %s
WHERE person_id = %s AND what = %s AND day = %s AND used + %s <= %s * (1 + lifts)
RETURNING %s * (1 + lifts) - used
"""


def spend(person: Any, what: What, n: int) -> int:
    """See `fair_use.spend`."""
    if n < 0:
        raise ValueError("What was used cannot be taken back.")
    today, cap = timezone.localdate(), base_cap(what)
    with connection.cursor() as cursor:
        cursor.execute(OPEN, [person.pk, person.organisation_id, today, what])
        cursor.execute(TAKE, [n, person.pk, what, today, n, cap, cap])
        found = cursor.fetchone()
    if found is not None:
        return int(found[0])
    raise _refused(person, what, n)


def charge(person: Any, what: What, n: int) -> None:
    """See `fair_use.charge`."""
    with connection.cursor() as cursor:
        cursor.execute(OPEN, [person.pk, person.organisation_id, timezone.localdate(), what])
    _today(person.pk, what).update(used=F("used") + n)


def left(person: Any, what: What) -> int:
    """See `fair_use.left`."""
    use = _today(person.pk, what).first()
    cap = base_cap(what)
    return max(cap * (1 + use.lifts) - use.used, 0) if use else cap


def _refused(person: Any, what: What, n: int) -> OverCap:
    _today(person.pk, what).update(refused=F("refused") + 1)
    use = _today(person.pk, what).get()
    cap = base_cap(what) * (1 + use.lifts)
    audit.note("fair use refused", person=person, what=what, asked=n, used=use.used, cap=cap)
    return OverCap(what, n, max(cap - use.used, 0), cap)


def _today(person_id: int, what: What) -> Any:
    return DailyUse.objects.filter(person_id=person_id, what=what, day=timezone.localdate())
