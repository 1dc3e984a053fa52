"""A report's inputs as a django-filter FilterSet: the form on the page, and the refusal of bad values everywhere."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import or_
from typing import Any

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet

from reports.engine.ask import ISO_DAY, Ask, AskRefused
from reports.engine.devices import in_list
from reports.engine.inputs import Choice, Contains, DateRange, Input, Minimum, OfList
from reports.engine.report import Report
from reports.engine.rows import Rows, rows


class ValuesField(forms.MultipleChoiceField):
    """Any text values, offered ones first. A value that is not offered is no error: it just matches no row.

    So the answer for another party's value is the same as for one that does not exist.
    """

    def validate(self, value: Sequence[str]) -> None:
        """Refuse only what cannot be a value of the database."""
        if any("\x00" in item for item in value):
            raise ValidationError("A value cannot hold a NUL character.")

    def to_python(self, value: Any) -> list[str]:
        """Empty values are no filter."""
        return [str(item) for item in (value or []) if str(item) != ""]


class ValuesFilter(django_filters.Filter):
    """Rows whose column is one of the values."""

    field_class = ValuesField

    def filter(self, qs: QuerySet[Any], value: list[str]) -> QuerySet[Any]:
        """Exact and case-sensitive."""
        return qs.filter(**{f"{self.field_name}__in": value}) if value else qs


class ContainsFilter(ValuesFilter):
    """Rows whose `;`-joined column holds one of the values."""

    def filter(self, qs: QuerySet[Any], value: list[str]) -> QuerySet[Any]:
        """Each whole item of the list is compared, not a part of one."""
        name = self.field_name
        condition = Q()
        for item in value:
            condition |= (
                Q(**{name: item})
                | Q(**{f"{name}__startswith": f"{item};"})
                | Q(**{f"{name}__endswith": f";{item}"})
                | Q(**{f"{name}__contains": f";{item};"})
            )
        return qs.filter(condition)


class IsoDateField(forms.DateField):
    """A day as YYYY-MM-DD, what browsers' date inputs send and what files show."""

    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")

    def __init__(self, **kwargs: Any) -> None:
        message = "Write the day as YYYY-MM-DD, such as 2019-01-31."
        super().__init__(input_formats=["%Y-%m-%d"], error_messages={"invalid": message}, **kwargs)

    def to_python(self, value: Any) -> date | None:
        """As strict as the as-at day: `strptime` alone would also take 2019-1-31, and other scripts' digits."""
        if isinstance(value, str) and value.strip() and not ISO_DAY.fullmatch(value.strip()):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        found: date | None = super().to_python(value)
        return found


class DayFilter(django_filters.Filter):
    """A bound on a date column."""

    field_class = IsoDateField


class WholeNumberField(forms.Field):
    """A whole number, 0 or more, that the database's integers can hold."""

    widget = forms.NumberInput

    def to_python(self, value: Any) -> int | None:
        """Digits alone: no sign, point or exponent."""
        text = str(value or "").strip()
        if text and not re.fullmatch("[0-9]{1,9}", text):
            raise ValidationError("Write a whole number, such as 30.", code="invalid")
        return int(text) if text else None


class MinimumFilter(django_filters.Filter):
    """A least value of a whole-number column."""

    field_class = WholeNumberField


class ListFilter(django_filters.CharFilter):
    """The reference of a list. `filter_rows` narrows by it, since whose list it is depends on who asks."""

    def filter(self, qs: QuerySet[Any], value: str) -> QuerySet[Any]:
        """Nothing yet."""
        return qs


class ReportFilterSet(django_filters.FilterSet):
    """Base of every report's FilterSet; `ranges` are checked to run forwards."""

    ranges: Sequence[tuple[str, str]] = ()

    def is_valid(self) -> bool:
        """Also refuse a range that ends before it begins."""
        valid = bool(super().is_valid())
        for start, end in self.ranges:
            first, last = self.form.cleaned_data.get(start), self.form.cleaned_data.get(end)
            if first and last and first > last:
                self.form.add_error(end, f"The range ends before it begins ({first} to {last}).")
                valid = False
        return valid


@dataclass(frozen=True)
class Filtered:
    """A question with its filters applied, and the form that shows them."""

    rows: Rows
    filterset: ReportFilterSet


def filter_rows(ask: Ask, options: Mapping[str, Iterable[str]] | None = None) -> Filtered:
    """The rows that match the question's inputs. Raises AskRefused with a message at each bad field."""
    found = rows(ask)
    filterset = filterset_for(ask.report, ask.inputs, options or {})(ask.given, queryset=found.query)
    if not filterset.is_valid():
        errors = {key: [str(message) for message in found] for key, found in filterset.errors.items()}
        raise AskRefused(errors)
    narrowed = in_list(ask, _implied(ask, filterset.qs, filterset.form.cleaned_data))
    return Filtered(Rows(ask, found.columns, narrowed), filterset)


def _implied(ask: Ask, query: QuerySet[Any], given: Mapping[str, Any]) -> QuerySet[Any]:
    """What the chosen values imply, said for the database's sake: see `Choice.implies`."""
    for item in ask.inputs:
        chosen = given.get(item.column) if isinstance(item, Choice) and item.implies else None
        if chosen and isinstance(item, Choice) and set(chosen) <= set(item.implies):
            query = query.filter(reduce(or_, (Q(**{item.implies[value]: ask.day}) for value in chosen)))
    return query


def filterset_for(
    report: Report, inputs: Sequence[Input], options: Mapping[str, Iterable[str]]
) -> type[ReportFilterSet]:
    """The FilterSet class of these inputs, offering `options` (column key → values the viewer may see)."""
    attributes: dict[str, Any] = {"ranges": [i.keys for i in inputs if isinstance(i, DateRange)]}
    for item in inputs:
        title = item.label or report.column(item.column).title
        attributes |= _filters(item, title, options.get(item.column, ()))
    return type(f"{report.code}FilterSet", (ReportFilterSet,), attributes)


def _filters(item: Input, title: str, options: Iterable[str]) -> dict[str, django_filters.Filter]:
    common = {"field_name": item.column, "help_text": item.hint}
    if isinstance(item, DateRange):
        start, end = item.keys
        return {
            start: DayFilter(lookup_expr="gte", label=f"{title} from", **common),
            end: DayFilter(lookup_expr="lte", label=f"{title} to", **common),
        }
    if isinstance(item, Minimum):
        (key,) = item.keys
        return {key: MinimumFilter(lookup_expr="gte", label=f"{title}, at least", **common)}
    if isinstance(item, Choice):
        kind = ContainsFilter if isinstance(item, Contains) else ValuesFilter
        return {item.column: kind(label=title, choices=[(value, value) for value in options], **common)}
    if isinstance(item, OfList):
        (key,) = item.keys
        return {key: ListFilter(label=title, **common)}
    raise TypeError(f"No filter for {type(item).__name__}.")
