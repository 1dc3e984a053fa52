"""Every defect of a cell or a row, as data: the rows that have it and what must be said of the last of them."""

from __future__ import annotations

from dataclasses import dataclass

from smi_portal.inventory.loading.schema import TABLES

from .packages import ESME, GSME, HUB, Row, device, row

OTHER = "00-DB-00-00-00-00-00-E2"


@dataclass(frozen=True)
class Defect:
    """Rows added to a sound extract, and what must be said of the last of them."""

    table: str
    rows: tuple[Row, ...]
    column: str
    value: str
    rule: str
    mend: str = ""


def defect(
    table: str, cells: str, column: str, value: str, rule: str, mend: str = "", *before: str
) -> Defect:
    """A defect in a row written as cells parted by commas; `before`: sound rows that go before it."""
    return Defect(
        table, tuple(row(table, *line.split(",")) for line in [*before, cells]), column, value, rule, mend
    )


def of_device(rule: str, column: str, value: str, **values: str) -> Defect:
    """A device with one bad cell."""
    return Defect("devices", (device(OTHER, "ESME") | {column: value} | values,), column, value, rule)


S, A, F = "device_statuses", "map_assignments", "2018-01-01"
DEFECTS = [
    # a value is required
    defect("organisations", ",Nameless,MAP,true", "organisation", "", "required"),
    of_device("required", "device_type", ""),
    of_device("required", "pre_notified_on", ""),
    # types
    *(
        of_device("date", "installed_on", value)
        for value in (
            *(
                "2019-02-29",
                "2019-13-01",
                "2019-00-10",
                "2019-01-32",
                "0000-01-01",
                "20190101",
                "2019-1-1",
                "01/02/2019",
            ),
            *(
                "today",
                "infinity",
                "10000-01-01",
                "2019-01-01 ",
                " 2019-01-01",
                "2019-01-01T00:00:00Z",
                "٢٠١٩-٠١-٠١",
                "x",
            ),
        )
    ),
    *(
        defect("service_requests", f"R9,SUP-A,8.4,{ESME},,{value},I0", "received_at", value, "datetime")
        for value in (
            *(
                "2019-01-01",
                "2019-01-01T10:00:00",
                "2019-01-01T10:00:00+01:00",
                "2019-02-30T10:00:00Z",
                "now",
            ),
            *("2019-01-01T24:00:00Z", "2019-01-01T10:60:00Z", "2019-01-01T10:00:60Z", "2019-01-01 10:00:00Z"),
        )
    ),
    *(
        defect("organisations", f"X,X,MAP,{value}", "is_user", value, "boolean")
        for value in ("yes", "1", "TRUE", "t")
    ),
    # closed enumerations
    defect("organisations", "X,X,BROKER,true", "kind", "BROKER", "enum", "MAP, SUPPLIER, SECAS, DCC, OTHER"),
    defect("participants", f"X,W,MAP,X,,{F}", "fuel", "W", "enum", "E, G"),
    defect("device_mpxns", f"{ESME},1,import,{F}", "kind", "import", "enum"),
    # Device IDs
    *(
        of_device("device_id", "device_id", value)
        for value in (
            "00-DB-00-00-00-00-00-E",
            "00-DB-00-00-00-00-00-EG",
            "00DB00000000-00E2",
            "0",
            "00-DB:00-00-00-00-00-E2",
        )
    ),
    of_device("device_id", "gpf_device_id", "GPF"),
    defect("hub_links", f"{ESME},{HUB}x,2016-01-01,2016-02-01", "chf_device_id", f"{HUB}x", "device_id"),
    # periods
    defect(S, f"{GSME},Pending,2016-02-01,2016-01-01", "effective_to", "2016-01-01", "period"),
    defect(S, f"{GSME},Pending,2016-02-01,2016-02-01", "effective_to", "2016-02-01", "period"),
    defect("cpl", "CHF,,M,M,1,,Active,Active,2016-02-01,2016-02-01", "effective_to", "2016-02-01", "period"),
    defect(
        "schedules", f"S9,{ESME},SUP-A,4.2,Daily,{F},2017-12-31", "end_date", "2017-12-31", "period_inclusive"
    ),
    # keys
    Defect(
        "devices",
        (device(OTHER, "ESME"), device(OTHER.lower(), "GSME")),
        "device_id",
        OTHER,
        "duplicate",
        "line 6",
    ),
    defect(
        "cpl",
        f"CHF,,M,M,1,,Active,Active,{F}",
        ", ".join(TABLES["cpl"].key),
        "CHF, , M, M, 1",
        "duplicate",
        "line 4",
        f"CHF,,M,M,1,,Active,Active,{F}",
    ),
    defect(
        "certificates",
        f"{ESME},C9,X,{F},{F}",
        "device_id, certificate_serial",
        f"{ESME}, C9",
        "duplicate",
        "line 3",
        f"{ESME},C9,Y,{F},{F}",
    ),
    defect("cpl", f"CHF,,{'m' * 2001},M,1,,Active,Active,{F}", "device_type", "CHF", "key_length"),
    # periods of one key
    defect(
        S,
        f"{GSME},Pending,2016-06-01,2017-02-02",
        "effective_from",
        f"{GSME}, 2017-02-01 to (open)",
        "overlap",
        "line 5",
    ),
    defect(
        S,
        f"{HUB},B,2016-05-31,",
        "effective_from",
        f"{HUB}, 2016-05-31 to (open)",
        "overlap",
        "line 5",
        f"{HUB},A,2016-01-01,2016-06-01",
    ),
    defect(
        "participants",
        f"MAPA,E,MAP,Twice,,{F}",
        "effective_from",
        f"MAPA, E, MAP, {F} to (open)",
        "overlap",
        "line 2",
    ),
    defect(
        "device_mpxns",
        f"{ESME},1000000000012,IMPORT,{F}",
        "effective_from",
        f"{ESME}, 1000000000012, IMPORT, {F} to (open)",
        "overlap",
        "line 2",
    ),
    # references
    of_device("reference", "gpf_device_id", "00-DB-00-00-00-00-00-99"),
    of_device("reference", "pre_notified_by", "SUP-NONE"),
    defect(S, f"{OTHER},Pending,{F}", "device_id", OTHER, "reference", "devices"),
    defect("hub_links", f"{HUB},{OTHER},{F}", "chf_device_id", OTHER, "reference", "devices"),
    defect(
        "participants", f"X,E,MAP,X,MAP-NONE,{F}", "organisation", "MAP-NONE", "reference", "organisations"
    ),
    defect("schedules", f"S9,{ESME},SUP-NONE,4.2,Daily,{F}", "organisation", "SUP-NONE", "reference"),
    defect(
        "service_requests",
        f"R9,SUP-NONE,8.4,{ESME},,2019-01-01T10:00:00Z,I0",
        "organisation",
        "SUP-NONE",
        "reference",
    ),
]

#: Rules that one row alone can break.
OF_CELLS = {
    "required",
    "date",
    "datetime",
    "boolean",
    "enum",
    "device_id",
    "period",
    "period_inclusive",
    "key_length",
}
