"""What a report shows: its columns, each with the SQL that makes it, and the phrases that decide what may be told."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from smi_portal.access.readers import FieldGroup

WG2 = "WG2 Table 1"
OUR_DESIGN = "our design"


class Kind(StrEnum):
    """A column's type, the same in the database, on the page and in every file."""

    TEXT = "text"
    DATE = "date"
    INTEGER = "integer"
    DECIMAL = "decimal"
    BOOLEAN = "boolean"
    MONTH = "month"


@dataclass(frozen=True)
class Column:
    """One column of a report.

    `key` is its name in CSV headers, the API and the URL; `title` is what screens and Excel show; `sql` is an
    expression over the report's source; `source` says whose definition it is. A column with a `group` does not
    exist for a MAP to which that group is not released: it is not selected, sorted, filtered or offered.
    """

    key: str
    title: str
    sql: str
    kind: Kind = Kind.TEXT
    help: str = ""
    source: str = OUR_DESIGN
    group: FieldGroup | None = None


def event(day: str) -> str:
    """A thing that happened: told when it is known at D, and only if it happened within the visible period.

    `{known}` is D for a past day, else infinity; `p.run_to` ends the visible period (exclusive).
    """
    return f"CASE WHEN {day} <= {{known}} AND {day} < p.run_to THEN {day} END"


def with_event(day: str, value: str) -> str:
    """A value that belongs to an event (the reason of a removal): told when the event is."""
    return f"CASE WHEN {day} <= {{known}} AND {day} < p.run_to THEN {value} END"


def until(day: str) -> str:
    """The end of a period: told when it is known at D and not after the end of the visible period."""
    return f"CASE WHEN {day} <= {{known}} AND {day} <= p.run_to AND {day} < 'infinity' THEN {day} END"


def party_since(day: str) -> str:
    """Since when another party has been there: not told from before the viewer's own period.

    `{party_from}` is the start of a MAP's visible period; a supplier's registration is no other party to itself.
    """
    return f"CASE WHEN {day} >= {{party_from}} THEN {day} END"


DEVICE_ID = Column(
    "device_id", "Device ID", "p.device_id", help="EUI-64 identifier of the device, upper case."
)
DEVICE_TYPE = Column(
    "device_type", "Device type", "p.device_type", help="DUIS device type, such as ESME or GSME."
)
MANUFACTURER = Column(
    "manufacturer", "Manufacturer", "p.manufacturer", help="Manufacturer recorded for the device."
)
DEVICE_MODEL = Column("device_model", "Device model", "p.model", help="Model recorded for the device.")
SERIAL = Column(
    "meter_serial_number",
    "Meter serial number",
    "p.serial_number",
    help="Serial number of the meter.",
)
STATUS = Column(
    "device_status", "Device status", "p.status", help="SMI status of the device at the as-at day."
)
STATUS_FROM = Column(
    "status_effective_from",
    "Status effective from",
    "p.status_from",
    Kind.DATE,
    help="First day of the device's present status.",
)
FIRMWARE = Column(
    "firmware_version", "Firmware version", "p.firmware_version", help="Firmware in force at the as-at day."
)
FIRMWARE_STATUS = Column(
    "firmware_version_status",
    "Firmware version status",
    "cpl.firmware_status",
    help="Status of that firmware on the Certified Products List; blank when the list has no such entry.",
)
INSTALLED = Column(
    "installation_date",
    "Installation date",
    event("p.installed_on"),
    Kind.DATE,
    help="Day the device was installed.",
)
MPXN = Column(
    "mpxn",
    "MPxN",
    "p.mpxn",
    help="MPAN or MPRN with which the meter is associated for import at the as-at day; blank for other devices.",
)
CSP_REGION = Column(
    "csp_region", "CSP region", "p.csp_region", help="Communications Service Provider region."
)
MAP_ID = Column("map_id", "MAP ID", "p.map_id", help="Meter Asset Provider ID recorded for the meter.")
SUPPLIER_ID = Column(
    "supplier_id",
    "Supplier ID",
    "p.supplier_id",
    help="MPID of the supplier registered for the meter's import MPxN at the as-at day.",
    group=FieldGroup.SUPPLIER,
)
POST_CODE = Column(
    "property_post_code",
    "Property post code",
    "p.postcode",
    help="Postcode of the premises: personal data, shown to a MAP only after release.",
    group=FieldGroup.PREMISES,
)
UPRN = Column(
    "uprn",
    "UPRN",
    "p.uprn",
    help="Unique Property Reference Number: personal data, shown to a MAP only after release.",
    group=FieldGroup.PREMISES,
)
MAP_FROM = Column(
    "map_effective_from",
    "MAP effective from",
    "p.map_from",
    Kind.DATE,
    help="First day on which this MAP ID is recorded.",
)
SUPPLIER_FROM = Column(
    "supplier_effective_from",
    "Supplier effective from",
    party_since("p.supplier_from"),
    Kind.DATE,
    help="First day of the supplier's registration; blank when that was before your own period.",
    group=FieldGroup.SUPPLIER,
)
VALID_FROM = Column(
    "valid_from",
    "Valid from",
    "p.valid_from",
    Kind.DATE,
    help="First day on which the values of this history row held, within your own period.",
)
VALID_TO = Column(
    "valid_to",
    "Valid to",
    until("p.valid_to"),
    Kind.DATE,
    help="First day on which they no longer held; blank while they hold.",
)
