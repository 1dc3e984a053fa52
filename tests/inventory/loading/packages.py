"""Small extracts for the tests: invented parties, one home with a meter and its hub."""

from __future__ import annotations

import copy
import csv
import gzip
import io
import json
import zipfile
from pathlib import Path
from typing import Any

from smi_portal.inventory.loading.schema import SCHEMA_FILE, TABLES

Row = dict[str, str]
Tables = dict[str, list[Row]]

HUB = "00-DB-00-00-00-00-00-C1"
ESME = "00-DB-00-00-00-00-00-E1"
GSME = "00-DB-00-00-00-00-00-61"
GPF = "00-DB-00-00-00-00-00-F1"
MPAN = "1000000000012"
MPRN = "1234567810"
AS_AT = "2019-02-28T23:00:00Z"


def row(table: str, *values: str) -> Row:
    """A row from its values in the schema's order; what is left out is empty."""
    names = TABLES[table].column_names
    return dict(zip(names, [*values, *[""] * (len(names) - len(values))], strict=True))


def device(device_id: str, kind: str, **values: str) -> Row:
    """A device row."""
    found = row("devices", device_id, kind, "Northfell Meters", "NM-1", "S1", "2")
    return found | {"pre_notified_by": "SUP-A", "pre_notified_on": "2017-01-01"} | values


def small() -> Tables:
    """A sound extract with a row in every table."""
    tables = {
        "organisations": [
            row("organisations", "DCC", "DCC operator", "DCC", "true"),
            row("organisations", "MAP-A", "Ashlock Assets", "MAP", "true"),
            row("organisations", "SUP-A", "Brightwater Energy", "SUPPLIER", "true"),
        ],
        "participants": [
            row("participants", "MAPA", "E", "MAP", "Ashlock Assets", "MAP-A", "2010-04-01"),
            row("participants", "MGA", "G", "MAP", "Ashlock Gas", "MAP-A", "2010-04-01"),
            row("participants", "SUPA", "E", "SUPPLIER", "Brightwater Energy", "SUP-A", "2010-04-01"),
        ],
        "cpl": [
            row(
                *("cpl", "ESME", "A", "Northfell Meters", "NM-1", "01000001", "2", "Active", "Active"),
                "2016-01-01",
            ),
            row("cpl", "CHF", "", "Northfell Meters", "NM-H", "02000001", "", "Active", "Active", "2016-01-01"),
        ],
        "devices": [device(HUB, "CHF"), device(ESME, "ESME", esme_variant="A"), device(GPF, "GPF"),
                    device(GSME, "GSME", gpf_device_id=GPF)],
        "device_statuses": [
            row("device_statuses", ESME, "Pending", "2017-01-01", "2017-02-01"),
            row("device_statuses", ESME, "Commissioned", "2017-02-01"),
            row("device_statuses", GSME, "Commissioned", "2017-02-01"),
        ],
        "device_firmwares": [row("device_firmwares", ESME, "01000001", "2017-01-01")],
        "device_mpxns": [
            row("device_mpxns", ESME, MPAN, "IMPORT", "2017-02-01"),
            row("device_mpxns", GSME, MPRN, "IMPORT", "2017-02-01"),
        ],
        "hub_links": [row("hub_links", ESME, HUB, "2017-02-01"), row("hub_links", GSME, HUB, "2017-02-01")],
        "registrations": [row("registrations", MPAN, "SUPA", "2016-01-01")],
        "map_assignments": [
            row("map_assignments", ESME, "MAPA", "2017-01-01", "", "PRE_NOTIFICATION"),
            row("map_assignments", GSME, "MGA", "2017-01-01", "", "BACKFILL"),
        ],
        "certificates": [
            row("certificates", ESME, "C1", "DIGITAL_SIGNATURE", "2017-01-01", "2027-01-01"),
        ],
        "schedules": [row("schedules", "SCH1", ESME, "SUP-A", "4.8.1", "Daily", "2017-03-01", "2017-03-01")],
        "service_requests": [
            row("service_requests", "R1", "SUP-A", "8.4", ESME, "MAPA", "2018-12-01T10:00:00Z", "I0"),
        ],
    }  # fmt: skip
    return copy.deepcopy(tables)


def empty() -> Tables:
    """All tables, without a row."""
    return {name: [] for name in TABLES}


def csv_text(columns: tuple[str, ...], rows: list[Row]) -> str:
    """Rows as RFC 4180 text with LF."""
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([[found[name] for name in columns] for found in rows])
    return target.getvalue()


class Extract:
    """A package in the making: change `files` and `descriptor` at will, then write it."""

    def __init__(
        self, tables: Tables | None = None, sequence: int = 1, kind: str = "full", **properties: Any
    ) -> None:
        tables = small() if tables is None else tables
        published = json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))
        self.descriptor: dict[str, Any] = published | {
            "extract_id": f"test-{sequence}",
            "sequence": sequence,
            "kind": kind,
            "as_at": AS_AT,
            "resources": [item for item in published["resources"] if item["name"] in tables],
            **properties,
        }
        self.files = {
            f"{name}.csv": csv_text(TABLES[name].column_names, rows).encode() for name, rows in tables.items()
        }

    def delete(self, *deletions: tuple[str, dict[str, str | None]]) -> Extract:
        """Add deletions.csv."""
        rows = [{"table": table, "key_json": json.dumps(key)} for table, key in deletions]
        self.files["deletions.csv"] = csv_text(("table", "key_json"), rows).encode()
        return self

    def _all(self) -> dict[str, bytes]:
        return {"datapackage.json": json.dumps(self.descriptor).encode(), **self.files}

    def write(self, directory: Path) -> Path:
        """As a directory."""
        directory.mkdir()
        for name, data in self._all().items():
            (directory / name).write_bytes(data)
        return directory

    def zip(self, path: Path, folder: str = "") -> Path:
        """As a .zip, its files in `folder`."""
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in self._all().items():
                archive.writestr(folder + name, data)
        return path

    def gzipped(self) -> Extract:
        """With .csv.gz files."""
        self.files = {f"{name}.gz": gzip.compress(data) for name, data in self.files.items()}
        for resource in self.descriptor["resources"]:
            resource["path"] += ".gz"
        return self


def delta(sequence: int, tables: Tables | None = None, *deletions: tuple[str, dict[str, Any]]) -> Extract:
    """A delta that brings only these tables."""
    extract = Extract(tables or {"organisations": []}, sequence, "delta")
    return extract.delete(*deletions) if deletions else extract
