"""The filter panel of a report as a Django form: what may be chosen, how often it occurs, and how it is found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from django import forms
from django.http import QueryDict

from reports.engine.filters import IsoDateField, filterset_for
from reports.engine.inputs import Choice
from reports.engine.options import Offered
from reports.engine.report import Report
from smi_portal.access.scope import Viewer
from smi_portal.inventory.models import ExtractLoad

#: Columns that are always found by typing: people know a supplier's or a model's name, not its place in a list.
TYPED = frozenset({"supplier_id", "device_model"})
#: From how many values on any list is found by typing; and how many one page can tick off or suggest at most.
LONG, MOST_TICKS, MOST_SUGGESTED = 12, 200, 500


@dataclass(frozen=True)
class Choosing:
    """How one multiple choice is drawn. `ticks`: values to tick; `suggested`: values that complete what is typed."""

    counts: Offered = field(default_factory=dict)
    ticks: tuple[str, ...] = ()
    suggested: tuple[str, ...] = ()
    typed: bool = False

    @property
    def all_ticked_off(self) -> bool:
        """Whether every offered value has its tick, so that typing narrows the list instead of completing."""
        return len(self.counts) <= MOST_TICKS


def choosing(column: str, offered: Offered, given: list[str]) -> Choosing:
    """All values with a tick while they are few; beyond, the given ones, and the commonest as suggestions."""
    typed = column in TYPED or len(offered) > LONG
    few = len(offered) <= MOST_TICKS
    ticks = dict.fromkeys([*(offered if few else ()), *given])
    commonest = sorted(offered, key=lambda value: (-offered[value], value))[:MOST_SUGGESTED] if typed else []
    return Choosing(offered, tuple(ticks), tuple(sorted(commonest)), typed)


def filter_form(
    report: Report, viewer: Viewer, query: QueryDict, options: Mapping[str, Offered]
) -> forms.Form:
    """The filters with day and history; given values are always there to be unticked, so that none is lost."""
    inputs = report.inputs_for(viewer)
    drawn = {
        item.column: choosing(
            item.column, options.get(item.column, {}), list(filter(None, query.getlist(item.column)))
        )
        for item in inputs
        if isinstance(item, Choice)
    }
    ticks = {column: found.ticks for column, found in drawn.items()}
    form: forms.Form = filterset_for(report, inputs, ticks)(query, queryset=ExtractLoad.objects.none()).form
    for column, found in drawn.items():
        form.fields[column].choosing = found  # type: ignore[attr-defined]  # read by _components/filter_field.html
    form.fields["as_at"] = IsoDateField(label="As at", required=False)
    if report.has_history:
        form.fields["history"] = forms.BooleanField(label="History", required=False)
    return form
