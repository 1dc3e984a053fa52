"""A few lines to describe a small inventory by hand, for the model's own tests."""

from datetime import UTC, date, datetime
from typing import Any

from .inventory import Inventory, Tables, TextRow
from .model import IMPLEMENTATION_DATE, run

ORGANISATIONS = [
    ("M1", "MAP", "true"),
    ("M2", "MAP", "true"),
    ("S1", "SUPPLIER", "true"),
    ("S2", "SUPPLIER", "true"),
    ("M0", "MAP", "false"),
    ("S0", "SUPPLIER", "false"),
    ("DCC", "DCC", "false"),
    ("SECAS", "SECAS", "false"),
    ("OTHER", "OTHER", "true"),
]
PARTICIPANTS = [
    ("MAPA", "E", "MAP", "M1"),
    ("MAPB", "E", "MAP", "M1"),
    ("MAPZ", "E", "MAP", "M2"),
    ("SUPA", "E", "SUPPLIER", "S1"),
    ("SUPB", "E", "SUPPLIER", "S1"),
    ("SUPZ", "E", "SUPPLIER", "S2"),
]


def nov(number: int) -> date:
    """That day of November 2018; 0 and less run back into October, 31 and more on into December."""
    return date.fromordinal(date(2018, 11, 1).toordinal() + number - 1)


def iso(number: int) -> str:
    return nov(number).isoformat()


class Home:
    """Tables in the making. Periods are pairs of November's day numbers, the second None = still in force."""

    def __init__(self, extract_day: int = 20) -> None:
        self.as_at = datetime.combine(nov(extract_day), datetime.min.time(), UTC)
        self.tables: Tables = {"organisations": [], "participants": []}
        for code, kind, is_user in ORGANISATIONS:
            self.add("organisations", organisation=code, name=code, kind=kind, is_user=is_user)
        for mpid, fuel, role, owner in PARTICIPANTS:
            self.mdd(mpid, role, owner, fuel=fuel)

    #: Who answers: the model, or the product in its place (conftest).
    answer = staticmethod(run)

    def add(self, table: str, **cells: str | None) -> None:
        row: TextRow = dict(cells)
        self.tables.setdefault(table, []).append(row)

    def spanned(self, table: str, start: int, end: int | None, **cells: str | None) -> None:
        ends = iso(end) if end is not None else None
        self.add(table, effective_from=iso(start), effective_to=ends, **cells)

    def mdd(
        self,
        mpid: str,
        role: str,
        owner: str | None,
        start: int = -300,
        end: int | None = None,
        fuel: str = "E",
    ) -> None:
        self.spanned(
            "participants", start, end, mpid=mpid, fuel=fuel, role=role, name=mpid, organisation=owner
        )

    def device(self, device_id: str, device_type: str = "ESME", pre: int = -100, **cells: str | None) -> None:
        self.add("devices", device_id=device_id, device_type=device_type, pre_notified_on=iso(pre), **cells)

    def status(self, device_id: str, status: str, start: int = -90, end: int | None = None) -> None:
        self.spanned("device_statuses", start, end, device_id=device_id, status=status)

    def firmware(self, device_id: str, version: str, start: int = -90, end: int | None = None) -> None:
        self.spanned("device_firmwares", start, end, device_id=device_id, firmware_version=version)

    def mpxn(
        self, device_id: str, mpxn: str, start: int = -90, end: int | None = None, kind: str = "IMPORT"
    ) -> None:
        self.spanned("device_mpxns", start, end, device_id=device_id, mpxn=mpxn, kind=kind)

    def supplier(self, mpxn: str, mpid: str, start: int = -90, end: int | None = None) -> None:
        self.spanned("registrations", start, end, mpxn=mpxn, supplier_mpid=mpid)

    def map(self, device_id: str, map_id: str, start: int = -90, end: int | None = None) -> None:
        self.spanned("map_assignments", start, end, device_id=device_id, map_id=map_id, source="BACKFILL")

    def link(self, device_id: str, hub: str, start: int = -90, end: int | None = None) -> None:
        self.spanned("hub_links", start, end, device_id=device_id, chf_device_id=hub)

    def meter(
        self, device_id: str, mpxn: str, supplier: str | None = None, map_id: str | None = None
    ) -> None:
        """An ESME as it should be: Commissioned, with its MPxN, supplier and MAP, all for long."""
        self.device(device_id)
        self.status(device_id, "Commissioned")
        self.mpxn(device_id, mpxn)
        if supplier:
            self.supplier(mpxn, supplier)
        if map_id:
            self.map(device_id, map_id)

    def ask(
        self,
        organisation: str,
        report: str,
        day: int | None = None,
        history: bool = False,
        released: str = "",
        implementation: date = IMPLEMENTATION_DATE,
        **inputs: str,
    ) -> list[dict[str, str]]:
        """The model's rows; each input's values are separated by `|`."""
        return self.answer(
            Inventory(self.tables, self.as_at),
            organisation,
            report,
            day=nov(day) if day is not None else None,
            history=history,
            inputs={name: values.split("|") for name, values in inputs.items()},
            released=frozenset(released.split()),
            implementation_date=implementation,
        )

    def one(self, organisation: str, report: str, day: int | None = None, **more: Any) -> dict[str, str]:
        (row,) = self.ask(organisation, report, day, **more)
        return row


def ids(rows: list[dict[str, str]]) -> list[str]:
    return [row["device_id"] for row in rows]


def column(rows: list[dict[str, str]], name: str) -> list[str]:
    return [row[name] for row in rows]
