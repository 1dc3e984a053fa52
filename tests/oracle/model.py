"""`run` recomputes any report from an inventory: its rows, columns, values and order, as machine CSV text."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from . import assets, associations, backfill, hubs, schedules
from .inventory import Inventory
from .sight import Ask, Viewer

Cells = dict[str, object]
PARTIES = ("MAP", "SUPPLIER", "DCC")
SUPPLIER_FIELDS = {"supplier_id", "supplier_effective_from", "supplier_effective_to", "owner"}
PREMISES_FIELDS = {"property_post_code", "uprn"}
IMPLEMENTATION_DATE = date(2018, 11, 1)


class Refused(Exception):
    """The question is not answered at all: not this viewer's, or not well put."""


@dataclass(frozen=True)
class Report:
    """A report as its specification lists it. Inputs name cells, which need not be columns."""

    roles: tuple[str, ...]
    rows: Callable[[Ask], Iterator[Cells]]
    key: tuple[str, ...]
    columns: tuple[str, ...]
    choices: tuple[str, ...] = ()
    ranges: tuple[str, ...] = ()
    minima: tuple[str, ...] = ()
    has_history: bool = False


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split())


REPORTS: dict[str, Report] = {
    "MAP_001": Report(
        roles=("MAP", "DCC"),
        rows=assets.map_001,
        key=("device_id",),
        columns=_names(
            "device_id device_model manufacturer meter_serial_number device_type dcc_compliant dcc_approved"
            " device_status installation_date removal_date removal_reason firmware_version"
            " firmware_version_status mpxn csp_region property_post_code uprn map_id map_effective_from"
            " map_effective_to supplier_id supplier_effective_from supplier_effective_to"
        ),
        choices=_names("map_id manufacturer device_status supplier_id"),
        ranges=_names("installation_date removal_date"),
        has_history=True,
    ),
    "RSMI_001": Report(
        roles=PARTIES,
        rows=assets.rsmi_001,
        key=("device_id",),
        columns=_names(
            "device_id device_type meter_serial_number mpxn device_status status_effective_from"
            " days_in_status pre_notified_on installation_date commissioned_date csp_region"
            " communications_hub_id map_id supplier_id"
        ),
        choices=_names("device_status device_type csp_region supplier_id map_id"),
        ranges=("installation_date",),
        has_history=True,
    ),
    "RSMI_002": Report(
        roles=PARTIES,
        rows=assets.rsmi_002,
        key=("device_id",),
        columns=_names(
            "device_id device_type manufacturer device_model firmware_version firmware_effective_from"
            " firmware_version_status device_status status_effective_from mpxn map_id supplier_id"
        ),
        choices=_names(
            "device_type device_status manufacturer firmware_version firmware_version_status"
            " supplier_id map_id"
        ),
        ranges=("installation_date",),
    ),
    "RSMI_003": Report(
        roles=PARTIES,
        rows=assets.rsmi_003,
        key=("device_id",),
        columns=_names(
            "device_id device_type manufacturer device_model smets_chts_version esme_variant cpl_status"
            " device_status status_effective_from installation_date mpxn map_id supplier_id"
        ),
        choices=_names("device_type device_status manufacturer device_model cpl_status supplier_id map_id"),
        ranges=("installation_date",),
    ),
    "RSMI_004": Report(
        roles=PARTIES,
        rows=hubs.rsmi_004,
        key=("device_id",),
        columns=_names(
            "device_id device_model manufacturer device_status csp_region installation_date"
            " days_without_devices last_attached_device_id last_attached_on map_id supplier_id"
        ),
        choices=_names("device_status csp_region supplier_id map_id"),
        minima=("days_without_devices",),
    ),
    "RSMI_005": Report(
        roles=PARTIES,
        rows=schedules.rsmi_005,
        key=("schedule_id",),
        columns=_names(
            "schedule_id device_id device_type mpxn service_reference_variant service_request_name frequency"
            " start_date end_date next_run_on owner device_status map_id"
        ),
        choices=_names("service_reference_variant frequency device_status supplier_id map_id"),
        ranges=("start_date",),
    ),
    "RSMI_006": Report(
        roles=PARTIES,
        rows=associations.rsmi_006,
        key=("device_id", "kind", "mpxn"),
        columns=_names(
            "device_id device_type esme_variant device_status kind mpxn mpxn_effective_from"
            " mpxn_effective_to supplier_id supplier_effective_from map_id finding"
        ),
        choices=_names("kind device_type device_status finding supplier_id map_id"),
        has_history=True,
    ),
    "RSMI_007": Report(
        roles=PARTIES,
        rows=assets.rsmi_007,
        key=("device_id", "certificate_serial"),
        columns=_names(
            "device_id device_type device_status key_usage certificate_serial certificate_status issued_on"
            " expires_on revoked_on days_to_expiry mpxn map_id"
        ),
        choices=_names("key_usage certificate_status device_type supplier_id map_id"),
        ranges=("expires_on",),
    ),
    "BKF_001": Report(
        roles=("SUPPLIER", "DCC"),
        rows=backfill.bkf_001,
        key=("device_id",),
        columns=_names(
            "organisation device_id device_type device_status mpxn pre_notified_on registered_supplier"
            " last_refusal_code last_sent_on"
        ),
    ),
    "BKF_002": Report(
        roles=("SUPPLIER", "SECAS", "DCC"),
        rows=backfill.bkf_002,
        key=("organisation", "month"),
        columns=_names(
            "organisation month declared declared_on declared_late daily_allowance window_from window_to"
            " in_scope populated outstanding lost sent accepted refused top_refusal_code busiest_day_sent"
            " days_over_allowance percent_complete projected_finish panel_date on_track"
        ),
    ),
}


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
