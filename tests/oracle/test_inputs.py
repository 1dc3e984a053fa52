"""The model's inputs, the order of rows, and the fields that are released to MAPs or not."""

from typing import Any

import pytest

from .home import Home, column, ids, iso
from .model import Refused

IMPORT = "1000000000012"


@pytest.fixture
def home() -> Home:
    """Loaded on 20 November 2018, with one good meter, of nobody's."""
    home = Home()
    home.meter("E1", IMPORT)
    return home


# --- fields released to MAPs ---------------------------------------------------------------------------

SUPPLIER_COLUMNS = ["supplier_id", "supplier_effective_from", "supplier_effective_to"]
PREMISES_COLUMNS = ["property_post_code", "uprn"]


def test_unreleased_columns_are_absent_for_a_map(home: Home) -> None:
    home.map("E1", "MAPA")
    for released, absent in (
        ("", SUPPLIER_COLUMNS + PREMISES_COLUMNS),
        ("supplier", PREMISES_COLUMNS),
        ("premises", SUPPLIER_COLUMNS),
        ("supplier premises", []),
    ):
        columns = list(home.one("M1", "MAP_001", released=released))
        assert columns == [name for name in home.one("DCC", "MAP_001") if name not in absent]


@pytest.mark.parametrize("report", ["MAP_001", *(f"RSMI_00{number}" for number in range(1, 8))])
def test_the_supplier_input_is_unknown_to_a_map_without_the_release(home: Home, report: str) -> None:
    with pytest.raises(Refused):
        home.ask("M1", report, supplier_id="SUPA")
    home.ask("M1", report, supplier_id="SUPA", released="supplier")


# --- inputs and order ----------------------------------------------------------------------------------


def test_choices_are_exact_any_of_and_never_match_a_blank(home: Home) -> None:
    home.device("E2", csp_region="North")
    home.device("E3", csp_region="South")
    assert ids(home.ask("DCC", "RSMI_001", csp_region="North|South")) == ["E2", "E3"]
    assert ids(home.ask("DCC", "RSMI_001", csp_region="north")) == []
    assert ids(home.ask("DCC", "RSMI_001", csp_region="")) == ["E1", "E2", "E3"]
    assert ids(home.ask("DCC", "RSMI_001", csp_region="South", device_type="ESME")) == ["E3"]


def test_ranges_are_inclusive_and_look_at_what_is_shown(home: Home) -> None:
    home.tables["devices"][0]["installed_on"] = iso(8)
    for report in ("RSMI_001", "RSMI_002"):  # which has the input, not the column
        assert ids(home.ask("DCC", report, installation_date_from=iso(8))) == ["E1"]
        assert ids(home.ask("DCC", report, installation_date_to=iso(8))) == ["E1"]
        assert ids(home.ask("DCC", report, installation_date_from=iso(9))) == []
        assert ids(home.ask("DCC", report, installation_date_to=iso(7))) == []
        assert ids(home.ask("DCC", report, 7, installation_date_from=iso(1))) == []  # blank by then


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Device_Status", "Pending"),
        ("manufacturer", "Tarn"),
        ("installation_date", "2018-11-01"),
        ("installation_date_from", "01/11/2018"),
        ("installation_date_to", "2018-02-30"),
        ("device_id", "E1"),
    ],
)
def test_unknown_inputs_and_bad_values_are_refused(home: Home, name: str, value: str) -> None:
    inputs: dict[str, Any] = {name: value}
    with pytest.raises(Refused):
        home.ask("DCC", "RSMI_001", **inputs)


def test_rows_come_in_the_order_of_code_points(home: Home) -> None:
    home.tables["schedules"] = []
    for identifier in ("b", "B", "a-1", "a1"):
        home.add(
            "schedules",
            schedule_id=identifier,
            device_id="E1",
            organisation="S1",
            service_reference_variant="4.2",
            frequency="Daily",
            start_date=iso(1),
        )
    assert column(home.ask("DCC", "RSMI_005"), "schedule_id") == ["B", "a-1", "a1", "b"]
