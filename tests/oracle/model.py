"""`run` recomputes any report from an inventory: its rows, columns, values and order, as machine CSV text."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date

from .inventory import Inventory
from .reports import REPORTS, Cells, Report
from .sight import Ask, Viewer

SUPPLIER_FIELDS = {"supplier_id", "supplier_effective_from", "supplier_effective_to", "owner"}
PREMISES_FIELDS = {"property_post_code", "uprn", "address_identifier"}
IMPLEMENTATION_DATE = date(2018, 11, 1)


class Refused(Exception):
    """The question is not answered at all: not this viewer's, or not well put."""


def run(
    inventory: Inventory,
    organisation_code: str,
    report_code: str,
    day: date | None = None,
    history: bool = False,
    inputs: Mapping[str, Sequence[str]] | None = None,
    released: set[str] | frozenset[str] = frozenset(),
    implementation_date: date = IMPLEMENTATION_DATE,
) -> list[dict[str, str]]:
    """The report's rows as that organisation gets them for day D (by default the extract day).

    Raises Refused when the organisation may not run the report, or D, history or an input is not allowed.
    """
    viewer = _viewer(inventory, organisation_code, frozenset(released))
    report = REPORTS.get(report_code)
    if report is None or viewer.kind not in report.roles:
        raise Refused(f"{report_code} is not for {organisation_code}")
    if history and not report.has_history:
        raise Refused(f"{report_code} has no history")
    day = day or inventory.extract_day
    if day > inventory.extract_day:
        raise Refused(f"{day} is later than the extract")
    ask = Ask(inventory, viewer, day, history, implementation_date)
    tests = _tests(report, viewer, inputs or {})
    rows = [row for row in report.rows(ask) if all(test(row) for test in tests)]
    columns = [column for column in report.columns if _is_shown(viewer, column)]
    rows.sort(key=lambda row: _order(report, row))
    if history:
        columns += ["valid_from", "valid_to"]
    return [{column: _text(row.get(column)) for column in columns} for row in rows]


def _viewer(inventory: Inventory, organisation_code: str, released: frozenset[str]) -> Viewer:
    found = inventory.where("organisations", "organisation", organisation_code)
    if not found or found[0]["kind"] not in {"MAP", "SUPPLIER", "DCC", "SECAS"}:
        raise Refused(f"{organisation_code} sees nothing")
    if found[0]["kind"] in {"MAP", "SUPPLIER"} and not found[0]["is_user"]:
        raise Refused(f"{organisation_code} is not a User")
    return Viewer(organisation_code, found[0]["kind"], released)


def _is_shown(viewer: Viewer, name: str) -> bool:
    """Whether a column, or the input of that name, exists for the viewer."""
    if name in SUPPLIER_FIELDS:
        return viewer.is_shown("supplier")
    return viewer.is_shown("premises") if name in PREMISES_FIELDS else True


def _order(report: Report, row: Cells) -> tuple[object, ...]:
    """By key, as text; rows of one key newest first."""
    begun = row.get("valid_from")
    newest_first = -begun.toordinal() if isinstance(begun, date) else 0
    return (*(_text(row[column]) for column in report.key), newest_first)


def _text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return str(cell)  # date.__str__ is ISO 8601


def _tests(
    report: Report, viewer: Viewer, inputs: Mapping[str, Sequence[str]]
) -> list[Callable[[Cells], bool]]:
    """One test a used input. A blank cell passes none; an empty value is no filter."""
    tests: list[Callable[[Cells], bool]] = []
    make: Callable[[str, list[str]], Callable[[Cells], bool]]
    for name, given in inputs.items():
        column, _, suffix = name.rpartition("_")
        if name in report.choices and _is_shown(viewer, name):
            make = _any_of
        elif column in report.ranges and suffix in {"from", "to"}:
            make = _bound
        elif column in report.minima and suffix == "min":
            make = _minimum
        else:
            raise Refused(f"unknown input {name}")
        values = [value for value in given if value != ""]
        if values:
            tests.append(make(name, values))
    return tests


def _any_of(column: str, values: list[str]) -> Callable[[Cells], bool]:
    """Exact and case-sensitive, any of the values; a finding matches rows that contain it."""
    if column == "finding":
        return lambda row: any(value in _text(row[column]).split(";") for value in values)
    return lambda row: _text(row[column]) in values


def _bound(name: str, values: list[str]) -> Callable[[Cells], bool]:
    """One inclusive end of a range of days."""
    column, _, suffix = name.rpartition("_")
    bound = _date(name, _one(name, values))

    def within(row: Cells) -> bool:
        cell = row[column]
        if not isinstance(cell, date):
            return False
        return bound <= cell if suffix == "from" else cell <= bound

    return within


def _minimum(name: str, values: list[str]) -> Callable[[Cells], bool]:
    column = name.removesuffix("_min")
    text = _one(name, values)
    if not re.fullmatch(r"[0-9]+", text):
        raise Refused(f"{name}: {text!r} is not a whole number")

    def enough(row: Cells) -> bool:
        cell = row[column]
        return isinstance(cell, int) and cell >= int(text)

    return enough


def _one(name: str, values: list[str]) -> str:
    if len(values) > 1:
        raise Refused(f"{name}: one value only")
    return values[0]


def _date(name: str, text: str) -> date:
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        raise Refused(f"{name}: {text!r} is not a day")
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Refused(f"{name}: {text!r} is not a day") from error
