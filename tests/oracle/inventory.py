"""An extract's tables as plain rows in memory, with deltas applied. No rule of any report lives here."""

import csv
import gzip
import io
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

TextRow = dict[str, str | None]
Row = dict[str, Any]
Tables = dict[str, list[TextRow]]
Deletion = tuple[str, dict[str, str | None]]

PRIMARY_KEYS: dict[str, tuple[str, ...]] = {
    "organisations": ("organisation",),
    "participants": ("mpid", "fuel", "role", "effective_from"),
    "cpl": ("device_type", "esme_variant_class", "manufacturer", "model", "firmware_version"),
    "devices": ("device_id",),
    "device_statuses": ("device_id", "effective_from"),
    "device_firmwares": ("device_id", "effective_from"),
    "device_mpxns": ("device_id", "mpxn", "kind", "effective_from"),
    "hub_links": ("device_id", "effective_from"),
    "registrations": ("mpxn", "effective_from"),
    "map_assignments": ("device_id", "effective_from"),
    "certificates": ("device_id", "certificate_serial"),
    "schedules": ("schedule_id",),
    "service_requests": ("request_id",),
}
COLUMNS: dict[str, tuple[str, ...]] = {
    "organisations": ("organisation", "name", "kind", "is_user"),
    "participants": ("mpid", "fuel", "role", "name", "organisation", "effective_from", "effective_to"),
    "cpl": (
        *("device_type", "esme_variant_class", "manufacturer", "model", "firmware_version"),
        *("smets_chts_version", "cpl_status", "firmware_status", "effective_from", "effective_to"),
    ),
    "devices": (
        *("device_id", "device_type", "manufacturer", "model", "serial_number", "smets_chts_version"),
        *("esme_variant", "gpf_device_id", "csp_region", "uprn", "postcode", "address_identifier"),
        *("pre_notified_by", "pre_notified_on", "installed_on", "commissioned_on", "removed_on"),
        "removal_reason",
    ),
    "device_statuses": ("device_id", "status", "effective_from", "effective_to"),
    "device_firmwares": ("device_id", "firmware_version", "effective_from", "effective_to"),
    "device_mpxns": ("device_id", "mpxn", "kind", "effective_from", "effective_to"),
    "hub_links": ("device_id", "chf_device_id", "effective_from", "effective_to"),
    "registrations": ("mpxn", "supplier_mpid", "effective_from", "effective_to"),
    "map_assignments": ("device_id", "map_id", "effective_from", "effective_to", "source"),
    "certificates": (
        *("device_id", "certificate_serial", "key_usage", "issued_on", "expires_on", "revoked_on"),
    ),
    "schedules": (
        *("schedule_id", "device_id", "organisation", "service_reference_variant", "frequency"),
        *("start_date", "end_date"),
    ),
    "service_requests": (
        *("request_id", "organisation", "service_reference_variant", "device_id", "map_id"),
        *("received_at", "response_code"),
    ),
}
DEVICE_IDS = {"device_id", "chf_device_id", "gpf_device_id"}
DATES = {
    *("effective_from", "effective_to", "pre_notified_on", "installed_on", "commissioned_on", "removed_on"),
    *("issued_on", "expires_on", "revoked_on", "start_date", "end_date"),
}


class Inventory:
    """What the extracts loaded so far say, as at one instant (UTC)."""

    def __init__(self, tables: Mapping[str, Iterable[Mapping[str, str | None]]], as_at: datetime) -> None:
        self.as_at = as_at.astimezone(UTC)
        self.extract_day = self.as_at.date()
        self.text: Tables = {name: [_clean(name, row) for row in tables.get(name, [])] for name in COLUMNS}
        self.tables = {name: [_parse(row) for row in rows] for name, rows in self.text.items()}
        self.days = self._change_days()
        self._indexes: dict[tuple[str, str], dict[Any, list[Row]]] = {}

    def __getitem__(self, table: str) -> list[Row]:
        return self.tables[table]

    def where(self, table: str, column: str, value: Any) -> list[Row]:
        """The rows of a table with that value in that column."""
        if (table, column) not in self._indexes:
            index: dict[Any, list[Row]] = defaultdict(list)
            for row in self.tables[table]:
                index[row[column]].append(row)
            self._indexes[(table, column)] = index
        return self._indexes[(table, column)].get(value, [])

    def device(self, device_id: str) -> Row:
        return self.where("devices", "device_id", device_id)[0]

    def _change_days(self) -> list[date]:
        """The days on which anything begins or ends: between two of them nothing changes."""
        found = {device["pre_notified_on"] for device in self["devices"]}
        for rows in self.tables.values():
            for row in rows:
                found |= {row[column] for column in ("effective_from", "effective_to") if row.get(column)}
        return sorted(found)

    def changed(
        self,
        upserts: Mapping[str, Iterable[Mapping[str, str | None]]],
        deletions: Iterable[Deletion],
        as_at: datetime,
    ) -> "Inventory":
        """The inventory after a delta: its deletions first, then its rows, each replacing its own key's."""
        keyed = {name: {_key(name, row): row for row in rows} for name, rows in self.text.items()}
        for name, key in deletions:
            keyed[name].pop(_key(name, _clean(name, key)), None)
        for name, rows in upserts.items():
            for row in rows:
                clean = _clean(name, row)
                keyed[name][_key(name, clean)] = clean
        return Inventory({name: list(rows.values()) for name, rows in keyed.items()}, as_at)

    @classmethod
    def load(cls, directories: Sequence[Path]) -> "Inventory":
        """The inventory after loading these package directories in order: a full one, then any deltas."""
        inventory = cls({}, datetime(1970, 1, 1, tzinfo=UTC))
        for directory in directories:
            package = json.loads((directory / "datapackage.json").read_text("utf-8"))
            as_at = instant(package["as_at"])
            tables = {name: _read(directory, name) for name in COLUMNS}
            if package["kind"] == "full":
                inventory = cls(tables, as_at)
            else:
                gone = [
                    (str(row["table"]), json.loads(str(row["key_json"])))
                    for row in _read(directory, "deletions")
                ]
                inventory = inventory.changed(tables, gone, as_at)
        return inventory


def instant(text: str) -> datetime:
    """An ISO 8601 instant such as 2018-11-01T09:30:00Z, in UTC."""
    return datetime.fromisoformat(text).astimezone(UTC)


def _clean(table: str, row: Mapping[str, str | None]) -> TextRow:
    """The row with every column of its table, empty as None, Device IDs in upper case."""
    columns = COLUMNS[table]
    clean: TextRow = {column: row.get(column) or None for column in columns}
    for column in DEVICE_IDS & set(columns):
        clean[column] = str(clean[column]).upper() if clean[column] else None
    return clean


def _key(table: str, row: TextRow) -> tuple[str | None, ...]:
    return tuple(row[column] for column in PRIMARY_KEYS[table])


def _parse(row: TextRow) -> Row:
    parsed: Row = dict(row)
    for column in DATES & set(row):
        parsed[column] = date.fromisoformat(str(row[column])) if row[column] else None
    if row.get("received_at"):
        parsed["received_at"] = instant(str(row["received_at"]))
    if "is_user" in row:
        parsed["is_user"] = str(row["is_user"]).lower() in {"true", "1"}
    return parsed


def _read(directory: Path, name: str) -> list[TextRow]:
    """The rows of one file of a package, plain or gzip-compressed; none when the file is not there."""
    plain, packed = directory / f"{name}.csv", directory / f"{name}.csv.gz"
    if packed.exists():
        content = gzip.decompress(packed.read_bytes())
    elif plain.exists():
        content = plain.read_bytes()
    else:
        return []
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))
