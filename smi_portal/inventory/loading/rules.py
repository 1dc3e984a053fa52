"""What the published Table Schema cannot say, as data: one place, read by the checks and by the load itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from smi_portal.inventory.loading.schema import TABLES, Table

#: Which model of the inventory app holds each table.
MODELS: Final = {
    "organisations": "Organisation",
    "participants": "Participant",
    "cpl": "CplEntry",
    "devices": "Device",
    "device_statuses": "DeviceStatus",
    "device_firmwares": "DeviceFirmware",
    "device_mpxns": "DeviceMpxn",
    "hub_links": "HubLink",
    "registrations": "Registration",
    "map_assignments": "MapAssignment",
    "certificates": "Certificate",
    "schedules": "Schedule",
    "service_requests": "ServiceRequest",
}

#: Columns that hold a Device ID: stored in upper case with dashes; a malformed one is refused …
DEVICE_ID_COLUMNS: Final = frozenset({"device_id", "chf_device_id", "gpf_device_id"})
#: … save here: a refused request may name anything. Normalised where it can be, else kept as given (a finding).
LENIENT_DEVICE_IDS: Final = frozenset({("service_requests", "device_id")})

MAX_CELL: Final = 1_000_000  # bytes of one cell
MAX_KEY: Final = 2_000  # bytes of a row's key in all: what a PostgreSQL index can hold, with room to spare
#: Columns outside a key that are indexed as well, and so are bound like one.
INDEXED_COLUMNS: Final = frozenset({("service_requests", "device_id")})


@dataclass(frozen=True)
class Period:
    """Two date columns. `inclusive`: the last day counts, so a period of one day may have equal ends."""

    start: str
    end: str
    inclusive: bool = False


def period_of(table: Table) -> Period | None:
    """The table's period: half-open everywhere, but schedules run to the end of their last day."""
    if "effective_to" in table.column_names:
        return Period("effective_from", "effective_to")
    if table.name == "schedules":
        return Period("start_date", "end_date", inclusive=True)
    return None


def overlap_key(table: Table) -> tuple[str, ...]:
    """The key within which periods may not share a day: the primary key less `effective_from`; () = no rule."""
    if "effective_from" not in table.key:
        return ()
    return tuple(name for name in table.key if name != "effective_from")


#: Rows of a changed table that the period rebuild must know of: the temporary table, and the columns it takes.
TOUCHED_TABLES: Final = {
    "touched_device": ("device_id",),
    "touched_mpxn": ("mpxn",),
    "touched_mpid": ("mpid",),
    "touched_cpl": ("device_type", "manufacturer", "model"),
    "touched_request": ("organisation",),
    "touched_organisation": ("organisation",),
}
TOUCHES: Final = {
    "organisations": "touched_organisation",
    "participants": "touched_mpid",
    "cpl": "touched_cpl",
    "registrations": "touched_mpxn",
    "service_requests": "touched_request",
    **{name: "touched_device" for name, table in TABLES.items() if table.column_names[0] == "device_id"},
    "schedules": "touched_device",
}

#: How to put each defect right, by its rule; `{}` takes what is particular to it.
MENDING: Final = {
    "file_empty": "A file without rows still has its header row; this one has no byte.",
    "unknown_column": "The column is not in the published schema: remove it or correct its name.",
    "missing_column": "Every column of the published schema must be there, in any order.",
    "duplicate_column": "Name each column once.",
    "short_row": "The row has fewer cells than the header ({}): each column needs one, empty where there is no value.",
    "long_row": "The row has more cells than the header ({}): quote a value that holds a comma.",
    "encoding": "The bytes are not UTF-8: write the file as UTF-8.",
    "nul": "Remove the NUL character: no value may hold one.",
    "line_ending": "A carriage return stands outside quotes: end lines with LF or CRLF.",
    "quoting": "A quote opens only at a cell's start and closes at its end; inside, write it twice (RFC 4180).",
    "unclosed_quote": "The quote that opens here is never closed before the file ends or the limit is reached.",
    "too_long": f"A cell may hold {MAX_CELL:,} bytes at most.",
    "required": "A value is required here.",
    "date": "Write a real day as YYYY-MM-DD.",
    "datetime": "Write a real instant in UTC as YYYY-MM-DDThh:mm:ssZ.",
    "boolean": "Write true or false.",
    "enum": "Use one of: {}.",
    "device_id": "A Device ID has 16 hexadecimal digits, as 00-DB-12-34-56-78-90-A0.",
    "key_length": f"The values that identify a row may hold {MAX_KEY:,} bytes together at most.",
    "period": "The period must end after it starts: from ≤ day < to, so equal days would be no day at all.",
    "period_inclusive": "The last day must not be before the first.",
    "duplicate": "Another row of this file has the same key{}: keep one.",
    "overlap": "Periods of one key may not share a day: this one overlaps {}.",
    "reference": "No row of {} has this value: add it, or correct the value.",
    "rejected_reference": "It names a row of {} that was itself rejected: mend that one.",
    "deletion_table": "Name a table of the extract, without .csv.",
    "deletion_key": "Write a JSON object with the key columns and no others, each as text: {}.",
    "deletion_unknown": "There is no such row to delete.",
    "deletion_dangling": "Rows of {} still name it: delete or change those too (deletions do not cascade).",
}


def _words(values: str) -> tuple[str, ...]:
    return tuple(values.split())


#: Values that the field's documents name (DUIS). Any other loads, is shown as it is, and is a finding.
_DEVICE_TYPES = ("ESME", "GSME", "GPF", "CHF", "HCALCS", "PPMID", "IHD", "CAD")
_CPL_STATUSES = ("Active", "Cancelled", "Expired", "Withdrawn")
KNOWN_VALUES: Final = {
    ("cpl", "device_type"): _DEVICE_TYPES,
    ("cpl", "cpl_status"): _CPL_STATUSES,
    ("cpl", "firmware_status"): _CPL_STATUSES,
    ("devices", "device_type"): _DEVICE_TYPES,
    ("devices", "esme_variant"): _words(
        "A B C AD BD CD ADE BDE CDE ADF BDF CDF ADEF BDEF CDEF ADG ADEG AF BF CF AEF BEF CEF AG AEG"
    ),
    ("devices", "csp_region"): (
        *("North", "Central", "South", "4G North", "4G Central", "4G South", "Unknown", "SMETS1"),
    ),
    ("device_statuses", "status"): (
        *("Pending", "Whitelisted", "InstalledNotCommissioned", "Commissioned", "Decommissioned"),
        *("Withdrawn", "Suspended", "Recovery", "Recovered"),
    ),
    ("map_assignments", "source"): ("PRE_NOTIFICATION", "UPDATE_INVENTORY", "BACKFILL"),
    ("certificates", "key_usage"): ("DIGITAL_SIGNATURE", "KEY_AGREEMENT"),
    ("schedules", "service_reference_variant"): _words(
        "4.2 4.6.1 4.6.2 4.8.1 4.8.2 4.8.3 4.10 4.12.1 4.12.2 4.14 4.15 4.16 4.17 14.1"
    ),
    ("schedules", "frequency"): ("Daily", "Weekly", "Monthly", "Quarterly", "Half-Yearly", "Yearly"),
    ("service_requests", "service_reference_variant"): ("8.4", "12.2"),
}

#: Columns that hold free text, where a spreadsheet could take a value for a formula.
FREE_TEXT: Final = {
    "organisations": ("organisation", "name"),
    "participants": ("mpid", "name"),
    "cpl": ("manufacturer", "model", "firmware_version", "smets_chts_version"),
    "devices": (
        *("manufacturer", "model", "serial_number", "smets_chts_version", "uprn", "postcode"),
        *("address_identifier", "removal_reason"),
    ),
    "device_firmwares": ("firmware_version",),
    "certificates": ("certificate_serial",),
    "service_requests": ("response_code",),
}
