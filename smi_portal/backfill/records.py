"""Reading and adding what the parties record. Every function runs inside the scope of the viewer concerned."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db import IntegrityError, transaction

from smi_portal.backfill.allowances import Grant
from smi_portal.backfill.models import Allowance, Declaration
from smi_portal.backfill.working_days import Deadline
from smi_portal.inventory.models import Organisation
from smi_portal.inventory.models.periods import BackfillStep


class SaidMeanwhile(Exception):
    """Someone of the same organisation recorded a version at the same moment: look again."""


def users() -> list[Organisation]:
    """The Users with an obligation that the viewer may see, by code. A supplier: itself, or nobody."""
    obliged = BackfillStep.objects.values_list("user_org_id", flat=True).distinct()
    return list(
        Organisation.objects.filter(pk__in=list(obliged), is_user=True, in_extract=True).order_by(
            "organisation"
        )
    )


def declarations(day: date, user: int | None = None) -> list[Declaration]:
    """Every version declared by `day` that the viewer may see, oldest first. Not for SECAS: it reads BKF_002."""
    found = Declaration.objects.filter(declared_on__lte=day).order_by("user_org_id", "version")
    return list(found if user is None else found.filter(user_org_id=user))


def allowances(day: date, user: int | None = None) -> list[Allowance]:
    """Every version confirmed by `day` that the viewer may see, oldest first. Not for SECAS."""
    found = Allowance.objects.filter(confirmed_on__lte=day).order_by("user_org_id", "version")
    return list(found if user is None else found.filter(user_org_id=user))


def in_force(versions: Iterable[Allowance]) -> dict[int, Allowance]:
    """The last version of each User."""
    return {version.user_org_id: version for version in versions}


def grants(held: Iterable[Allowance]) -> list[Grant]:
    """Allowances as the arithmetic knows them."""
    return [Grant(one.user_org_id, one.daily_allowance, one.window_from, one.window_to) for one in held]


def add(record: Declaration | Allowance) -> None:
    """Store the next version. Raises SaidMeanwhile when that version is there already."""
    try:
        with transaction.atomic():
            record.save(force_insert=True)
    except IntegrityError as error:
        raise SaidMeanwhile from error


def arithmetic(deadline: Deadline) -> list[dict[str, object]]:
    """A deadline, day by day, for the page."""
    return [{"day": step.day, "number": step.number, "why_not": step.why_not} for step in deadline.steps]
