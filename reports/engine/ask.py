"""What someone asks of a report: who asks, for which day, with which inputs, in which order."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from django.conf import settings
from django.utils.datastructures import MultiValueDict

from reports.engine.columns import VALID_FROM, VALID_TO, Column
from reports.engine.inputs import Choice, Input
from reports.engine.naming import only_named
from reports.engine.report import Report
from smi_portal.access.readers import Role
from smi_portal.access.scope import Viewer
from smi_portal.inventory.models import ExtractLoad

#: How a day is written; `fromisoformat` alone would also take a week ("2018-W45-1").
ISO_DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")

#: "This was known at D": always so on the extract's own day, where it is not worth a statement's time.
WHEN_KNOWN = re.compile(r"[\w.]+ <= \{known\} AND ")

#: Keys that are not inputs: what day, history, columns, order, page, form of the answer.
RESERVED = frozenset(
    {"as_at", "history", "columns", "sort"}
    | {"after", "before", "rows", "count", "summary", "density", "view", "dialect"}
)


class AskRefused(Exception):
    """What was asked cannot be answered. `errors`: key → sentences that say what is wrong and how to mend it.

    `status`: 400 for a bad question, 403 for a report that this viewer's role may not run.
    """

    def __init__(self, errors: Mapping[str, Sequence[str]], status: int = 400) -> None:
        self.errors = {key: list(sentences) for key, sentences in errors.items()}
        self.status = status
        super().__init__(" ".join(sentence for sentences in self.errors.values() for sentence in sentences))


@dataclass(frozen=True)
class Ask:
    """A question that has been checked."""

    report: Report
    viewer: Viewer
    load: ExtractLoad
    day: date
    history: bool = False
    #: Column keys in order of importance, `-` before one for descending.
    sort: tuple[str, ...] = ()
    #: Raw values of the inputs that were given, by key.
    given: MultiValueDict[str, str] = field(default_factory=MultiValueDict)
    #: Keys of the columns to show, in order; empty = all of the report's, in its own order.
    columns: tuple[str, ...] = ()

    @property
    def shown(self) -> tuple[Column, ...]:
        """The columns of the answer, in order. History's own two come last, whichever were chosen."""
        every = self.report.columns_for(self.viewer, self.history)
        if not self.columns:
            return every
        known = {column.key: column for column in every}
        return (*(known[key] for key in self.columns), *every[len(every) - 2 * self.history :])

    @property
    def extract_day(self) -> date:
        """The last day that can be asked for: the loaded extract's."""
        return self.load.day

    @property
    def is_past(self) -> bool:
        """Whether D is before the extract day, so that later facts are not told."""
        return self.day < self.extract_day

    @property
    def inputs(self) -> tuple[Input, ...]:
        """The inputs that exist for this viewer."""
        return self.report.inputs_for(self.viewer)

    def literal(self, sql: str) -> str:
        """Fill `{day}`, `{known}`, `{party_from}`, `{organisation}` and `{implementation}` in: of a whole statement.

        Of its sources, only the columns that it names are read (`naming`).
        Only dates and an integer go in: nothing that a person typed.
        """
        known = f"DATE '{self.day.isoformat()}'" if self.is_past else "'infinity'::date"
        told = sql if self.is_past else WHEN_KNOWN.sub("", sql)
        filled = (
            told.replace("{day}", f"DATE '{self.day.isoformat()}'")
            .replace("{known}", known)
            .replace("{party_from}", "p.run_from" if self.viewer.role is Role.MAP else "'-infinity'::date")
            .replace("{organisation}", str(int(self.viewer.organisation_id)))
            .replace("{implementation}", f"DATE '{settings.SMI_IMPLEMENTATION_DATE.isoformat()}'")
        )
        return only_named(filled)

    def with_sort(self, sort: tuple[str, ...]) -> Ask:
        """The same question in another order."""
        return replace(self, sort=sort)


def parse(
    report: Report, viewer: Viewer, data: MultiValueDict[str, str], load: ExtractLoad | None = None
) -> Ask:
    """Check a question given as keys and values (a query string, or the command line's inputs).

    Refused, all problems at once: a role that may not run the report; an unknown key (one of a column that is
    not released is unknown); a day that is no day, or after the extract; history where there is none; an order
    by a column that is not there, or such a column to show. Raises AskRefused. Values of inputs are checked with the filters.
    `load`: the current extract, where the caller has read it already.
    """
    if viewer.role not in report.roles:
        raise AskRefused(
            {"report": [f"{report.code} is not available to your role ({viewer.role.words})."]}, 403
        )
    load = load or ExtractLoad.current()
    if load is None:
        raise AskRefused({"as_at": ["No extract has been loaded yet: there is nothing to report on."]})
    errors: dict[str, list[str]] = {key: list(found) for key, found in report.not_ready().items()}
    inputs = report.inputs_for(viewer)
    known = {key for item in inputs for key in item.keys}
    repeatable = {item.column for item in inputs if isinstance(item, Choice)} | {"sort", "columns"}
    for key in data:
        if key not in known | RESERVED:
            errors[key] = [_unknown(key, report, known)]
        elif key not in repeatable and len([value for value in data.getlist(key) if value]) > 1:
            errors[key] = [f"“{key}” was given more than once: give it one value."]
    day = _day(data, load.day, errors)
    history = _history(data, report, errors)
    sort = _sort(data, report, viewer, history, errors)
    columns = _columns(data, report, viewer, errors)
    if errors:
        raise AskRefused(errors)
    given = MultiValueDict({key: data.getlist(key) for key in data if key in known})
    return Ask(report, viewer, load, day, history, sort, given, columns)


def _unknown(key: str, report: Report, known: set[str]) -> str:
    return f"“{key}” is not an input of {report.code}. Its inputs are: {', '.join(sorted(known))}."


def _day(data: MultiValueDict[str, str], extract_day: date, errors: dict[str, list[str]]) -> date:
    text = (data.get("as_at") or "").strip()
    if not text:
        return extract_day
    try:
        day = date.fromisoformat(text) if ISO_DAY.fullmatch(text) else None
    except ValueError:
        day = None
    if day is None:
        errors["as_at"] = [
            f"“{text}” is not a day. Write it as YYYY-MM-DD, such as {extract_day.isoformat()}."
        ]
        return extract_day
    if day > extract_day:
        errors["as_at"] = [
            f"{day.isoformat()} is after the loaded extract. The latest day is {extract_day.isoformat()}."
        ]
        return extract_day
    return day


def _history(data: MultiValueDict[str, str], report: Report, errors: dict[str, list[str]]) -> bool:
    text = (data.get("history") or "").strip().lower()
    if text in {"", "false", "0", "off", "no"}:
        return False
    if text not in {"true", "1", "on", "yes"}:
        errors["history"] = ["Write true or false."]
    elif not report.has_history:
        errors["history"] = [f"{report.code} has no history."]
    return True


def _sort(
    data: MultiValueDict[str, str],
    report: Report,
    viewer: Viewer,
    history: bool,
    errors: dict[str, list[str]],
) -> tuple[str, ...]:
    names = [name for value in data.getlist("sort") for name in value.split(",") if name.strip()]
    shown = {column.key for column in report.columns_for(viewer, history)}
    for name in names:
        if name.removeprefix("-") not in shown:
            errors["sort"] = [f"{report.code} has no column “{name.removeprefix('-')}” to sort by."]
    return tuple(names)


def _columns(
    data: MultiValueDict[str, str], report: Report, viewer: Viewer, errors: dict[str, list[str]]
) -> tuple[str, ...]:
    names = [name for value in data.getlist("columns") for name in value.split(",") if name.strip()]
    known = [column.key for column in report.columns_for(viewer)]
    for name in names:
        if name in {VALID_FROM.key, VALID_TO.key}:
            errors["columns"] = [f"“{name}” comes by itself with history: leave it out of the columns."]
        elif name not in known:
            errors["columns"] = [f"{report.code} has no column “{name}” to show. It has: {', '.join(known)}."]
        elif names.count(name) > 1:
            errors["columns"] = [f"The column “{name}” was given more than once: name it once."]
    return tuple(names)
