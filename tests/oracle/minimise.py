"""Make a failing extract small by leaving rows out: quicker than shrinking draws when each try is a load."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from .inventory import Tables, TextRow
from .strategies import Extract
from .world import OF_A_DEVICE

Fails = Callable[[Extract], bool]


def minimise(extract: Extract, fails: Fails, tries: int = 300) -> Extract:
    """A smaller valid extract that still fails, by at most so many tries. `extract` itself must fail."""
    left = tries
    shrunk = True
    while shrunk and left > 0:
        shrunk = False
        for candidate in _smaller(extract):
            left -= 1
            if fails(candidate):
                extract, shrunk = candidate, True
                break
            if left <= 0:
                break
    return extract


def _smaller(extract: Extract) -> Iterator[Extract]:
    """Without a device and all that refers to it, a table's half or one row: the boldest first."""
    tables = extract.tables
    for device in tables["devices"]:
        yield replace(extract, tables=_without_device(tables, str(device["device_id"]).upper()))
    names = [name for name in tables if name not in {"devices", "organisations"}]
    for count in (0, 2, 1):  # whole tables, halves, single rows
        for name in names:
            rows = tables[name]
            size = max(1, len(rows) // count) if count == 2 else (len(rows) if count == 0 else 1)
            for start in range(0, len(rows), size or 1):
                yield replace(extract, tables=tables | {name: rows[:start] + rows[start + size :]})


def _without_device(tables: Tables, gone: str) -> Tables:
    def names_it(row: TextRow, column: str) -> bool:
        return str(row.get(column) or "").upper() == gone

    kept = {name: list(rows) for name, rows in tables.items()}
    for name in ("devices", "schedules", *OF_A_DEVICE):
        kept[name] = [
            row
            for row in kept[name]
            if not names_it(row, "device_id") and not (name == "hub_links" and names_it(row, "chf_device_id"))
        ]
    kept["devices"] = [
        row | {"gpf_device_id": None} if names_it(row, "gpf_device_id") else row for row in kept["devices"]
    ]
    return kept
