"""A CSV of intended changes: one line is one request. Also what a spreadsheet's cells are when they are pasted.

Columns are found by name, in any order and with DUIS's names or ours; `HELP` is what the page says about them.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from smi_portal.inventory.identifiers import normalise_device_id
from smi_portal.preflight.readers.checked import (
    Unreadable,
    device_type_of,
    mpxn_of,
    refuse_mangled,
    status_of,
)
from smi_portal.preflight.readers.limits import FileRefused, Limits
from smi_portal.preflight.requests import (
    CHECKED,
    PRE_NOTIFICATION,
    UPDATE,
    Change,
    MpxnKind,
    Place,
    Product,
    Request,
    Verdict,
    malformed,
    not_checked,
)

#: Column → what it holds. A column's name may also be written as in DUIS (DeviceID, UpdateDeviceStatusCH …).
HELP = {
    "device_id": "the device, in any case, with dashes or without (required)",
    "service_reference_variant": "8.4 or 12.2; 8.4 where it is empty",
    "request_id": "your own reference, shown with the verdict",
    "status": "new status of a device that is no Communications Hub",
    "hub_status": "new status of a Communications Hub",
    "delete": "yes, to delete the device",
    "import_mpxn": "new import MPAN or MPRN",
    "secondary_import_mpan": "new secondary import MPAN",
    "export_mpan": "new export MPAN",
    "manufacturer": "new (or, in 12.2, the) manufacturer",
    "model": "model",
    "smets_chts_version": "SMETS or CHTS version",
    "firmware_version": "firmware version",
    "esme_variant": "ESME variant",
    "map_id": "MAP ID",
    "device_type": "device type (12.2)",
    "gpf_device_id": "the GPF that goes with a GSME (12.2)",
}
#: Other spellings, without anything but letters.
_ALSO = {
    "srv": "service_reference_variant",
    "servicereference": "service_reference_variant",
    "devicestatus": "status",
    "newstatus": "status",
    "updatedevicestatusexceptch": "status",
    "updatedevicestatusch": "hub_status",
    "deletedevice": "delete",
    "importmpan": "import_mpxn",
    "importmprn": "import_mpxn",
    "mpxn": "import_mpxn",
    "secondaryimportmpxn": "secondary_import_mpan",
    "exportmpxn": "export_mpan",
    "devicemanufacturer": "manufacturer",
    "devicemodel": "model",
    "devicefirmwareversion": "firmware_version",
    "variant": "esme_variant",
    "associatedgpfdeviceid": "gpf_device_id",
}
_NAMES = {re.sub("[^a-z]", "", name): name for name in HELP} | _ALSO
_MPXNS = {
    "import_mpxn": MpxnKind.IMPORT,
    "secondary_import_mpan": MpxnKind.SECONDARY_IMPORT,
    "export_mpan": MpxnKind.EXPORT,
}
_DETAILS = ("manufacturer", "model", "smets_chts_version", "firmware_version", "esme_variant", "map_id")
#: Lines below the first in which the names of the columns are looked for, to say where they stand.
MOST_ABOVE = 10
_YES, _NO = frozenset({"yes", "y", "true", "1", "x"}), frozenset({"", "no", "n", "false", "0"})


def read(content: bytes, place: Place, limits: Limits) -> Iterator[Request | Verdict]:
    """Each line's request, or why it is none. Raises FileRefused when the whole of it cannot be read."""
    for at, cells, surplus in lines(content, place, limits):
        yield request_of(cells, at, surplus)


def lines(
    content: bytes, place: Place, limits: Limits, extra: Mapping[str, str] | None = None
) -> Iterator[tuple[Place, dict[str, str], bool]]:
    """Each line's place, its cells by column, and whether it has more cells than the header.

    `extra`: further columns that a caller knows, by their spelling. Raises FileRefused.
    """
    text = _decoded(content)
    csv.field_size_limit(max(limits.cell * 10, 10_000))
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=False)
    found = 0
    try:
        columns = _columns(rows, _NAMES | dict(extra or {}))
        for row in rows:
            if not any(cell.strip() for cell in row):
                continue
            found += 1
            if found > limits.requests:
                raise FileRefused(
                    f"The file has more than {limits.requests:,} lines.", "Split it into several files."
                )
            cells = {name: cell.strip() for name, cell in zip(columns, row, strict=False) if name}
            surplus = any(cell.strip() for cell in row[len(columns) :])
            yield Place(place.file, rows.line_num), cells, surplus
    except csv.Error as error:
        raise FileRefused(
            f"Line {rows.line_num} is not CSV: {error}.", "Save the file as CSV (UTF-8) and send it again."
        ) from error
    if not found:
        raise FileRefused(
            "The file has a header but no lines.", "Add a line for each change, and send it again."
        )


def _decoded(content: bytes) -> str:
    wide = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    if b"\0" in content and not wide:
        raise FileRefused(
            "The file is neither XML, nor a zip of XML, nor text.",
            "Send DUIS requests as XML, a zip of them, or a CSV file.",
        )
    try:
        return content.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError:
        # What Excel in Britain writes when it is not asked for UTF-8.
        return content.decode("cp1252", errors="replace")


def _delimiter(text: str) -> str:
    head = text.lstrip("\r\n").split("\n", 1)[0]
    return max(",\t;", key=head.count)


def _columns(rows: Iterator[list[str]], spellings: Mapping[str, str]) -> list[str]:
    head = next((row for row in rows if any(cell.strip() for cell in row)), [])
    if not head:
        raise FileRefused("The file is empty.", "Send DUIS requests as XML, a zip of them, or a CSV file.")
    names = [spellings.get(_letters(cell)) if cell.strip() else "" for cell in head]
    known = ", ".join(dict.fromkeys([*HELP, *spellings.values()]))
    if "device_id" not in names:
        below = next((at for at, row in islice(enumerate(rows, start=1), MOST_ABOVE) if _heads(row)), 0)
        if below:
            raise FileRefused(
                f"The names of the columns do not stand in the first line, but {below} below it.",
                "Remove what stands above them, and send it again.",
            )
        raise FileRefused(
            "The file has no column device_id in its first line.", f"Name the columns in one line: {known}."
        )
    for cell, name in zip(head, names, strict=True):
        if name is None:
            raise FileRefused(f"The column {cell.strip()[:60]!r} is not known.", f"Columns are: {known}.")
        if name and names.count(name) > 1:
            raise FileRefused(f"The column {name} is there twice.", "Name each column once.")
    return [name or "" for name in names]


def _heads(row: Sequence[str]) -> bool:
    """Whether the cells are names of columns: they name the one that no file goes without."""
    return any(_NAMES.get(_letters(cell)) == "device_id" for cell in row)


def _letters(cell: str) -> str:
    return re.sub("[^a-z]", "", cell.lower())


def request_of(cells: Mapping[str, str], place: Place, surplus: bool = False) -> Request | Verdict:
    """The request that one line's cells ask for, or why it is none."""
    given = cells.get("device_id", "")
    reference = cells.get("request_id", "")[:200] or None
    variant = cells.get("service_reference_variant", "") or UPDATE
    device_id = normalise_device_id(given)
    try:
        if surplus:
            raise Unreadable("The line has more cells than the header.", "Quote values that hold a comma.")
        if device_id is None and _heads([given]):
            raise Unreadable(
                f"The line holds the names of columns again ({given[:60]!r}), and no device.",
                "Remove this second row of headings; the other lines are read without it.",
            )
        if device_id is None:
            refuse_mangled(given)
            raise Unreadable(
                f"The Device ID {given[:60]!r} is not an EUI-64." if given else "The line has no Device ID.",
                "A Device ID is eight pairs of hexadecimal digits, such as 00-DB-12-34-56-78-90-A0.",
            )
        if variant not in CHECKED:
            return not_checked(place, reference, variant[:20], device_id)
        if variant == PRE_NOTIFICATION:
            return _pre_notification(cells, place, reference, device_id)
        return _update(cells, place, reference, device_id)
    except Unreadable as wrong:
        told = device_id or given[:60] or None
        return malformed(place, wrong.reason, wrong.resolution, reference, variant[:20], told)


def _update(cells: Mapping[str, str], place: Place, reference: str | None, device_id: str) -> Request:
    delete = cells.get("delete", "").lower()
    if delete not in _YES | _NO:
        raise Unreadable(f"delete is {delete[:40]!r}.", "Write yes to delete the device, or leave it empty.")
    asked: list[tuple[str, Change]] = [("delete", Change.DELETE)] if delete in _YES else []
    asked += [("status", Change.STATUS)] if cells.get("status") else []
    asked += [("hub_status", Change.HUB_STATUS)] if cells.get("hub_status") else []
    asked += [(name, Change.MPXN) for name in _MPXNS if cells.get(name)]
    details = [name for name in _DETAILS if cells.get(name)]
    asked += [(details[0], Change.DETAILS)] if details else []
    if len(asked) > 1:
        raise Unreadable(
            f"The line asks for several changes at once ({', '.join(name for name, _ in asked)}).",
            "An SRV 8.4 makes one change: write a line for each.",
        )
    column, change = asked[0] if asked else ("", Change.NOTHING)
    status = status_of(cells[column]) if change in {Change.STATUS, Change.HUB_STATUS} else None
    kind = _MPXNS.get(column)
    return Request(
        place, reference, UPDATE, device_id, change,
        status=status,
        product=_product(cells) if change is Change.DETAILS else Product(),
        smets_chts_version=cells.get("smets_chts_version") or None,
        map_id=cells.get("map_id") or None,
        mpxn_kind=kind,
        mpxn=mpxn_of(cells[column], kind) if kind else None,
    )  # fmt: skip


def _pre_notification(
    cells: Mapping[str, str], place: Place, reference: str | None, device_id: str
) -> Request:
    product = _product(cells, device_type_of(cells.get("device_type", "")))
    for name in ("manufacturer", "model"):
        if not cells.get(name):
            raise Unreadable(f"The pre-notification has no {name}.", f"Fill in the column {name}.")
    return Request(
        place, reference, PRE_NOTIFICATION, device_id,
        product=product,
        smets_chts_version=cells.get("smets_chts_version") or None,
        map_id=cells.get("map_id") or None,
    )  # fmt: skip


def _product(cells: Mapping[str, str], device_type: str | None = None) -> Product:
    return Product(
        device_type,
        cells.get("esme_variant") or None,
        cells.get("manufacturer") or None,
        cells.get("model") or None,
        cells.get("firmware_version") or None,
    )
