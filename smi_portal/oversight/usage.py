"""Who used how much: for oneself, for an organisation's administrator, for DCC."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from django import forms
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from smi_portal import audit
from smi_portal.accounts.models import Person
from smi_portal.accounts.rights import is_dcc_operator
from smi_portal.days import day_field
from smi_portal.fair_use.caps import WHATS, What, base_cap, words
from smi_portal.fair_use.models import DailyUse
from smi_portal.inventory.models import Organisation

KEPT_DAYS = 92
HEADINGS = ("Day", "Person", "Organisation", "What", "Used", "Limit", "Refused", "Lifted")


class DayForm(forms.Form):
    """Whose use is asked for: that of a day, today's when left out."""

    day_asked = day_field("Day", "the day", required=False)

    def __init__(self, data: Any) -> None:
        super().__init__({"day_asked": data.get("day", "")})
        self.given = data

    def clean(self) -> dict[str, Any]:
        """Unknown keys are refused by name; so is a day to come."""
        found = super().clean() or {}
        for key in self.given:
            if key != "day":
                self.add_error(None, f"“{key}” is not a filter of this page.")
        if (found.get("day_asked") or date.min) > timezone.localdate():
            self.add_error("day_asked", "This day has not come yet.")
        return found

    @property
    def day(self) -> date:
        """The day that was asked for."""
        return self.cleaned_data["day_asked"] or timezone.localdate()

    @property
    def is_today(self) -> bool:
        """Whether limits can still be lifted."""
        return self.day == timezone.localdate()


def own(person: Person) -> list[dict[str, Any]]:
    """What this person used today, and what is left."""
    return [today_of(person, what) for what in WHATS]


def today_of(person: Person, what: What) -> dict[str, Any]:
    """One person's use of one thing today."""
    use = DailyUse.objects.filter(person_id=person.pk, what=what, day=timezone.localdate()).first()
    limit = base_cap(what) * (1 + (use.lifts if use else 0))
    used = use.used if use else 0
    return {
        "what": what,
        "words": words(what, 2),
        "used": used,
        "limit": limit,
        "left": max(limit - used, 0),
        "lifts": use.lifts if use else 0,
    }


def of_day(person: Person, day: date) -> list[dict[str, Any]]:
    """Everyone's use on a day, as far as `person` may see it: the most used first."""
    uses = list(_seen_by(person).filter(day=day).order_by("-used", "person_id", "what"))
    people = Person.objects.select_related("organisation").in_bulk({use.person_id for use in uses})
    return [_line(use, people.get(use.person_id)) for use in uses]


def lines(person: Person) -> Iterator[list[Any]]:
    """The last three months' use, for a file."""
    since = timezone.localdate() - timedelta(days=KEPT_DAYS)
    emails = dict(Person.objects.values_list("pk", "email"))
    codes = dict(Organisation.objects.values_list("pk", "organisation"))
    uses = _seen_by(person).filter(day__gte=since).order_by("-day", "person_id", "what")
    with transaction.atomic():  # a cursor of the server's needs one
        for use in uses.iterator(chunk_size=2000):
            who, code = emails.get(use.person_id, "removed"), codes.get(use.organisation_id, "")
            yield [
                use.day.isoformat(),
                who,
                code,
                words(use.what, 2),
                use.used,
                _limit(use),
                use.refused,
                use.lifts,
            ]


def person_of(acting: Person, pk: int) -> Person | None:
    """The person with this id whose limit `acting` may lift, or None."""
    people = Person.objects.select_related("organisation").filter(pk=pk, is_active=True)
    if not is_dcc_operator(acting):
        people = people.filter(organisation_id=acting.organisation_id)
    return people.first()


def lift(acting: Person, person: Person, what: What, reason: str) -> None:
    """Let `person` use one more cap today; recorded, or not done."""
    with transaction.atomic():
        use, _ = DailyUse.objects.get_or_create(
            person_id=person.pk,
            what=what,
            day=timezone.localdate(),
            defaults={"organisation_id": person.organisation_id},
        )
        DailyUse.objects.filter(pk=use.pk).update(lifts=F("lifts") + 1)
        audit.note(
            "fair use lifted",
            acting,
            person.organisation,
            lifted_for=person.email,
            what=what,
            reason=reason,
        )


def _seen_by(person: Person) -> QuerySet[DailyUse]:
    uses = DailyUse.objects.all()
    return uses if is_dcc_operator(person) else uses.filter(organisation_id=person.organisation_id)


def _line(use: DailyUse, person: Person | None) -> dict[str, Any]:
    return {
        "person": person,
        "what": use.what,
        "words": words(use.what, 2),
        "used": use.used,
        "limit": _limit(use),
        "blocked": use.used >= _limit(use) or use.refused > 0,
        "refused": use.refused,
        "lifts": use.lifts,
    }


def _limit(use: DailyUse) -> int:
    return base_cap("lookups" if use.what == "lookups" else "rows") * (1 + use.lifts)
