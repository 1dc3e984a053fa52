"""Building the months that are over and not yet built. What is built stays: two versions could be subtracted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta

from django.conf import settings

from smi_portal.inventory.models import ExtractLoad
from smi_portal.statistics.cubes import CUBES, count
from smi_portal.statistics.models import MonthlyTable


def due_months(first: date, last_day: date) -> Iterator[date]:
    """The last day of each month that is over on `last_day`, from the month of `first` on.

    A month is over when `last_day` is its last day or later: the extract then tells all of it.
    """
    month = first.replace(day=1)
    while (end := _next(month) - timedelta(days=1)) <= last_day:
        yield end
        month = _next(month)


def build(progress: Callable[[str], None]) -> int:
    """Build what is lacking, as the owner; how many tables were built. Nothing to do before the first load."""
    load = ExtractLoad.current()
    if load is None:
        return 0
    built = set(MonthlyTable.objects.using("owner").values_list("month", "cube"))
    made = 0
    for day in due_months(settings.SMI_IMPLEMENTATION_DATE, load.day):
        for cube in CUBES:
            if (f"{day:%Y-%m}", cube.slug) in built:
                continue
            table = count(cube, day)
            MonthlyTable.objects.using("owner").create(
                month=f"{day:%Y-%m}",
                cube=cube.slug,
                day=day,
                extract_sequence=load.sequence,
                figures=table.as_json() if table else None,
            )
            made += 1
            progress(f"{day:%Y-%m} {cube.slug}{'' if table else ': too few to show'}")
    return made


def _next(month: date) -> date:
    return (month.replace(day=28) + timedelta(days=4)).replace(day=1)
