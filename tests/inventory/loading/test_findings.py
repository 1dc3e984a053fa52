"""Soft findings: rows that look odd load, and are counted with examples; identifiers in SQL are those in Python."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connections
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from smi_portal.inventory import identifiers
from smi_portal.inventory.loading.expressions import (
    STORED_DEVICE_ID,
    device_id,
    is_date,
    is_instant,
    is_mpan,
    is_mprn,
    is_stored_device_id,
    text,
)
from smi_portal.inventory.models import ExtractLoad, ServiceRequest

from .conftest import Loader
from .packages import ESME, GSME, HUB, MPAN, MPRN, Extract, Tables, device, row, small

A = "map_assignments"


def odd() -> Tables:
    """One row at least of each oddity."""
    tables = small()
    tables["participants"] += [
        row("participants", "OLD", "E", "MAP", "Past", "", "2010-01-01", "2018-06-01"),
        row("participants", "NEW", "E", "MAP", "Coming", "", "2019-03-01"),
        row("participants", "=X", "E", "MAP", "+1", "", "2010-01-01"),
    ]
    tables["cpl"].append(row("cpl", "GADGET", "", "M", "M", "1", "", "Pending", "Odd", "2016-01-01"))
    tables["devices"] += [
        device(f"00-DB-00-00-00-00-00-0{n}", kind, **values)
        for n, (kind, values) in enumerate(
            [
                ("GADGET", {}),
                ("ESME", {"esme_variant": "Z", "csp_region": "East", "model": "=cmd", "postcode": "@A1"}),
                ("ESME", {}),
                ("ESME", {}),
                ("ESME", {}),
                ("GSME", {}),
                ("ESME", {}),
            ]
        )
    ]
    d = [f"00-DB-00-00-00-00-00-0{n}" for n in range(7)]
    tables["device_statuses"].append(row("device_statuses", d[0], "Lost", "2018-01-01"))
    tables[A] += [
        row(A, d[1], "NONE", "2018-01-01", "", "BACKFILL"),
        row(A, d[2], "OLD", "2018-01-01", "", "LETTER"),  # had ended by the extract day
        row(A, d[3], "OLD", "2018-01-01", "2018-06-01", "BACKFILL"),  # ended with the entry
        row(A, d[4], "NEW", "2018-01-01", "", "BACKFILL"),
        row(A, d[5], "MAPA", "2018-01-01", "", "BACKFILL"),  # gas meter, electricity MAP ID
        row(A, d[6], "MGA", "2018-01-01", "", "BACKFILL"),  # the other way round
    ]
    tables["device_mpxns"] += [
        row("device_mpxns", ESME, MPRN, "EXPORT", "2018-01-01"),  # an MPRN is no export
        row("device_mpxns", d[5], MPAN, "IMPORT", "2018-01-01"),  # an MPAN is no gas meter's
        row("device_mpxns", HUB, MPRN, "IMPORT", "2018-01-01"),  # either will do on what is no meter
        row("device_mpxns", d[1], "1000000000013", "IMPORT", "2018-01-01"),
        row("device_mpxns", d[2], MPRN, "IMPORT", "2018-01-01"),  # an MPRN is no electricity meter's
    ]
    tables["registrations"] += [
        row("registrations", "1200000000030", "SUPX", "2018-01-01"),
        row("registrations", "12", "SUPA", "2018-01-01"),
    ]
    tables["certificates"].append(row("certificates", d[0], "-1", "SIGNING", "2018-01-01", "2019-01-01"))
    tables["schedules"].append(row("schedules", "S2", d[0], "SUP-A", "9.9", "Hourly", "2018-01-01"))
    tables["service_requests"] += [
        row("service_requests", "R2", "SUP-A", "8.1", "unknown", "NONE", "2018-07-01T00:00:00Z", "E1"),
        row(
            "service_requests", "R3", "SUP-A", "8.4", "00DB0000000000AA", "OLD", "2018-05-31T23:59:59Z", "E1"
        ),
    ]
    return tables


EXPECTED = {
    ("check_digit", "device_mpxns", "mpxn"): [4, 5, 7, 8],
    ("check_digit", "registrations", "mpxn"): [4],
    ("map_unknown", A, "map_id"): [4],
    ("map_ended", A, "map_id"): [5],
    ("map_not_begun", A, "map_id"): [7],
    ("gas_map_electricity", A, "map_id"): [8],
    ("electricity_map_gas", A, "map_id"): [9],
    ("map_unknown", "service_requests", "map_id"): [3],
    ("mpxn_without_device", "registrations", "mpxn"): [3, 4],
    ("supplier_unknown", "registrations", "supplier_mpid"): [3],
    ("device_unknown", "service_requests", "device_id"): [3, 4],
    ("device_malformed", "service_requests", "device_id"): [3],
    ("unknown_value", "cpl", "device_type"): [4],
    ("unknown_value", "cpl", "cpl_status"): [4],
    ("unknown_value", "cpl", "firmware_status"): [4],
    ("unknown_value", "devices", "device_type"): [6],
    ("unknown_value", "devices", "esme_variant"): [7],
    ("unknown_value", "devices", "csp_region"): [7],
    ("unknown_value", "device_statuses", "status"): [5],
    ("unknown_value", A, "source"): [5],
    ("unknown_value", "certificates", "key_usage"): [3],
    ("unknown_value", "schedules", "service_reference_variant"): [3],
    ("unknown_value", "schedules", "frequency"): [3],
    ("unknown_value", "service_requests", "service_reference_variant"): [3],
    ("formula_like", "participants", "mpid"): [7],
    ("formula_like", "participants", "name"): [7],
    ("formula_like", "devices", "model"): [7],
    ("formula_like", "devices", "postcode"): [7],
    ("formula_like", "certificates", "certificate_serial"): [3],
}


def test_each_oddity_is_found_and_nothing_else(load_it: Loader) -> None:
    report = load_it(Extract(odd()))
    found = {(f.kind, f.table, f.column): [e.line for e in f.examples] for f in report.findings}
    assert found == EXPECTED
    assert {(f.kind, f.table, f.column): f.count for f in report.findings} == {
        k: len(v) for k, v in EXPECTED.items()
    }
    ids = set(ServiceRequest.objects.using("owner").values_list("device_id", flat=True))
    assert ids == {ESME, "unknown", "00-DB-00-00-00-00-00-AA"}
    said = report.as_text()
    assert "line 3 '1200000000030'" in said
    kept = ExtractLoad.objects.using("owner").get().report["findings"]
    assert len(kept) == len(EXPECTED)
    assert "1200000000030" not in str(kept)  # what concerns homes and devices is not for every reader
    assert next(f["examples"] for f in kept if f["kind"] == "map_unknown") == [{"line": 4, "value": "NONE"}]


def test_a_sound_extract_has_no_finding(load_it: Loader) -> None:
    tables = small()
    tables["registrations"].append(row("registrations", MPRN, "SUPA", "2016-01-01"))
    assert load_it(Extract(tables)).findings == []


def test_a_delta_is_looked_at_against_what_is_loaded(load_it: Loader) -> None:
    load_it(Extract())
    upserts = {
        A: [row(A, GSME, "MAPA", "2017-01-01", "", "BACKFILL")],
        "registrations": [row("registrations", MPRN, "SUPA", "2017-01-01")],
    }
    (finding,) = load_it(Extract(upserts, 2, "delta")).findings
    assert (finding.kind, finding.count) == ("gas_map_electricity", 1)


def test_examples_stop_at_twenty(load_it: Loader) -> None:
    tables = small()
    tables["registrations"] += [row("registrations", f"x{n}", "SUPA", "2016-01-01") for n in range(30)]
    found = {f.kind: f for f in load_it(Extract(tables)).findings}
    assert (found["check_digit"].count, len(found["check_digit"].examples)) == (30, 20)


digits = st.text("0123456789", max_size=14)
near_ids = st.text("0123456789ABCDEFabcdefgG-: ", max_size=24)
dates = st.one_of(
    st.text("0123456789-", min_size=10, max_size=10),
    st.builds(
        "{:04d}-{:02d}-{:02d}".format,
        st.sampled_from([0, 1, 1900, 2000, 2019, 2020, 9999]),
        st.integers(0, 13),
        st.integers(0, 32),
    ),
    st.text(max_size=12).filter(lambda value: "\0" not in value),
)


def ask(expression: str, value: str) -> Any:
    """What PostgreSQL says of an expression on `v`."""
    with connections["owner"].cursor() as cursor:
        expression = expression.replace("%", "%%")
        cursor.execute(f'SELECT {expression} FROM (SELECT %s::text COLLATE "C" AS v) q', [value])
        return cursor.fetchone()[0]


def real(value: str) -> bool:
    from datetime import date

    try:
        return len(value) == 10 and value.isascii() and date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


CHECKS: list[tuple[st.SearchStrategy[str], str, Callable[[str], Any]]] = [
    (digits | st.sampled_from([MPAN, "2012345678906"]), is_mpan("v"), identifiers.is_valid_mpan),
    (digits | st.sampled_from([MPRN, "123409", "100"]), is_mprn("v"), identifiers.is_valid_mprn),
    (dates, is_date("v"), real),
    (dates, is_instant("v || 'T23:59:59.5Z'"), real),
]


@pytest.mark.usefixtures("inventory")
@pytest.mark.parametrize(("values", "expression", "python"), CHECKS, ids=["mpan", "mprn", "date", "instant"])
def test_sql_says_what_python_says(values: Any, expression: str, python: Callable[[str], Any]) -> None:
    @settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
    @given(values)
    def check(value: str) -> None:
        assert bool(ask(expression, value)) == python(value)

    check()


@pytest.mark.usefixtures("inventory")
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(near_ids | st.from_regex(r"[0-9A-Fa-f]{2}([-:]?)([0-9A-Fa-f]{2}\1){6}[0-9A-Fa-f]{2}", fullmatch=True))
def test_device_ids_in_sql_are_those_in_python(value: str) -> None:
    stored = ask(device_id("v"), value)
    assert stored == (identifiers.normalise_device_id(value) or value)
    pattern = ask(f"v ~ {text(STORED_DEVICE_ID)}", value)
    if pattern:  # elsewhere the quick form may raise an error
        assert ask(is_stored_device_id("v"), value)
    elif len(value) == 23 and all(value[at] == "-" for at in range(2, 23, 3)) and value.count("-") == 7:
        assert value != value.upper() or " " in value or "G" in value or ":" in value
