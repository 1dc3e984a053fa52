"""A User's figures on the day of the data: counts, meters, requests. Runs inside a viewer's scope.

The definitions are BKF_001's and BKF_002's; row-level security keeps each supplier to its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import connection
from django.db.models import Q, QuerySet, Sum

from smi_portal.backfill.programme import implementation
from smi_portal.inventory.models.periods import BackfillPeriod, BackfillRequestDay, BackfillStep

#: Outstanding meters whose latest own SRV 8.4 with a MAP ID was refused: the list to send again.
TO_RESEND = """
SELECT b.device_id, b.device_type, latest.response_code, (latest.received_at AT TIME ZONE 'UTC')::date, latest.map_id
FROM inventory_backfillperiod b
CROSS JOIN LATERAL (
    SELECT q.response_code, q.received_at, q.map_id FROM inventory_servicerequest q
    WHERE q.device_id = b.device_id AND q.organisation_ref = b.user_org_id
      AND q.service_reference_variant = '8.4' AND q.map_id IS NOT NULL
      AND q.received_at < ((%(day)s::date + 1)::timestamp AT TIME ZONE 'UTC')
    ORDER BY q.received_at DESC, q.request_id DESC LIMIT 1) latest
WHERE b.user_org_id = %(user)s AND b.from_day <= %(day)s AND b.to_day > %(day)s AND NOT b.closed AND NOT b.has_map
  AND b.pre_notified_on < %(implementation)s AND latest.response_code LIKE 'E%%'
ORDER BY latest.response_code, b.device_id
"""


@dataclass(frozen=True)
class Figures:
    """A User's counts at a day."""

    in_scope: int = 0
    populated: int = 0
    lost: int = 0

    @property
    def outstanding(self) -> int:
        """In scope and without a MAP ID."""
        return self.in_scope - self.populated

    @property
    def percent(self) -> int:
        """How much of the scope is done, rounded down: 100 means all of it."""
        return 100 * self.populated // self.in_scope if self.in_scope else 100


@dataclass(frozen=True)
class Refused:
    """An outstanding meter whose last request was refused."""

    device_id: str
    device_type: str
    code: str
    sent_on: date
    map_id: str


def figures(day: date) -> dict[int, Figures]:
    """Each User's counts at `day`, for the Users that the viewer may see."""
    found = (
        BackfillStep.objects.filter(day__lte=day)
        .values("user_org_id")
        .annotate(scope=Sum("in_scope"), done=Sum("populated"), gone=Sum("lost"))
    )
    return {row["user_org_id"]: Figures(row["scope"], row["done"], row["gone"]) for row in found}


def meters(user: int, day: date) -> QuerySet[BackfillPeriod]:
    """The User's meters in scope at `day`, by Device ID. Without `to_day`: Python knows no `infinity`."""
    found = BackfillPeriod.objects.filter(
        user_org_id=user,
        from_day__lte=day,
        to_day__gt=day,
        closed=False,
        pre_notified_on__lt=implementation(),
    )
    return found.defer("to_day").order_by("device_id")


def outstanding(user: int, day: date) -> QuerySet[BackfillPeriod]:
    """Those without a MAP ID."""
    return meters(user, day).filter(has_map=False)


def lost(user: int, day: date) -> QuerySet[BackfillPeriod]:
    """Outstanding meters that had a MAP ID after the implementation date: it was there and is gone."""
    return outstanding(user, day).filter(last_map_end__gt=implementation())


def to_resend(user: int, day: date) -> Iterator[Refused]:
    """The outstanding meters whose latest request was refused, by code and Device ID."""
    with connection.cursor() as cursor:
        cursor.execute(TO_RESEND, {"user": user, "day": day, "implementation": implementation()})
        for row in cursor.fetchall():
            yield Refused(*row)


def outcomes(first: date, last: date, user: int | None = None) -> dict[date, dict[str, int]]:
    """Requests by UTC day and response code; of one User, or of all that the viewer may see."""
    found = BackfillRequestDay.objects.filter(day__range=(first, last))
    found = found.filter(user_org_id=user) if user is not None else found
    by_day: dict[date, dict[str, int]] = {}
    for row in (
        found.values("day", "response_code").annotate(n=Sum("requests")).order_by("day", "response_code")
    ):
        by_day.setdefault(row["day"], {})[row["response_code"]] = row["n"]
    return by_day


def sent_by_user_and_day(first: date, last: date) -> dict[tuple[int, date], int]:
    """How many each User sent on each day, whatever the answer."""
    found = (
        BackfillRequestDay.objects.filter(day__range=(first, last))
        .values("user_org_id", "day")
        .annotate(n=Sum("requests"))
        .order_by("day", "user_org_id")
    )
    return {(row["user_org_id"], row["day"]): row["n"] for row in found}


def outstanding_on(user: int, day: date) -> int:
    """How many were outstanding for a User at the end of `day`."""
    found = BackfillStep.objects.filter(Q(user_org_id=user), day__lte=day).aggregate(
        scope=Sum("in_scope"), done=Sum("populated")
    )
    return (found["scope"] or 0) - (found["done"] or 0)


def accepted_in(user: int, last: date, days: int) -> int:
    """How many of the User's requests were accepted in the `days` days that end with `last`."""
    found = BackfillRequestDay.objects.filter(
        user_org_id=user, response_code="I0", day__range=(last - timedelta(days=days - 1), last)
    ).aggregate(n=Sum("requests"))
    return int(found["n"] or 0)
