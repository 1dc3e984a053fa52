"""Which column of a table holds the identifiers, recognised by its content; headings are left out and told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from smi_portal.lookup.lists import MOST_LINES
from smi_portal.lookup.reading.errors import CannotRead
from smi_portal.lookup.reading.tables import Cells
from smi_portal.lookup.recognise import MANGLED, Kind, clean, recognise

SAMPLE: Final = 1_000  # rows looked at to choose the column
MOST_HEADINGS: Final = 10
#: What a cell says for its column: identifiers that check themselves weigh most, digits less, mere words hardly.
WEIGHTS: Final = {Kind.DEVICE: 10.0, Kind.MPXN: 4.0, Kind.UPRN: 2.0, Kind.SERIAL: 0.2, Kind.NOTHING: 0.0}
DOUBTFUL: Final = 1.5
#: Words in a heading that say what digits cannot.
HEADINGS: Final = {
    "serial": Kind.SERIAL, "msn": Kind.SERIAL, "uprn": Kind.UPRN, "mpan": Kind.MPXN, "mprn": Kind.MPXN,
    "mpxn": Kind.MPXN, "device": Kind.DEVICE, "eui": Kind.DEVICE, "guid": Kind.DEVICE,
}  # fmt: skip


@dataclass
class Reading:
    """The identifiers that were read, in order; as what, when a heading says so; and what was left out."""

    texts: list[str] = field(default_factory=list)
    wanted: Kind | None = None
    notes: list[str] = field(default_factory=list)


def read_cells(cells: Cells, wanted: Kind | None = None) -> Reading:
    """The identifiers of a table. Blank rows are left out. Raises CannotRead when there are none, or too many.

    `wanted`: what the person says that they are; otherwise content decides, and a heading where content cannot.
    """
    rows = iter(cells)
    sample = [row for row in islice(rows, SAMPLE) if any(map(str.strip, row))]
    if not sample:
        raise CannotRead("There is no identifier in it.")
    place = _column(sample, wanted)
    headings = _headings(sample, place, wanted)
    reading = Reading(wanted=wanted or _said(sample[:headings], place))
    if headings:
        said = "; ".join(clean(_cell(row, place))[:40] or "(blank)" for row in sample[:headings])
        reading.notes.append(f"{headings} heading row{'s' if headings > 1 else ''} left out: {said}.")
    if max(map(len, sample)) > 1:
        reading.notes.append(f"Column {place + 1} was read.")
    for group in (sample[headings:], rows):
        for row in group:
            text = clean(_cell(row, place))
            if text:
                reading.texts.append(text)
                if len(reading.texts) > MOST_LINES:
                    raise CannotRead(f"It holds more than {MOST_LINES:,} identifiers: split it.")
    if not reading.texts:
        raise CannotRead("There is no identifier in it, only headings.")
    return reading


def _cell(row: Sequence[str], place: int) -> str:
    return row[place] if place < len(row) else ""


def _column(sample: Sequence[Sequence[str]], wanted: Kind | None) -> int:
    """The column whose cells weigh most; the first of equals."""
    width = max(map(len, sample))
    if width == 1:
        return 0
    weights = [sum(_weight(_cell(row, place), wanted) for row in sample) for place in range(width)]
    if wanted is not None:
        named = [place for place in range(width) if _said(sample[:MOST_HEADINGS], place) is wanted]
        if named:
            return named[0]
    return max(range(width), key=lambda place: weights[place])


def _weight(text: str, wanted: Kind | None) -> float:
    found = recognise(text, wanted if wanted is not Kind.SERIAL else None)
    if found.why and found.kind is not Kind.NOTHING:
        return DOUBTFUL
    if found.why == MANGLED:
        return WEIGHTS[Kind.MPXN]
    return WEIGHTS[found.kind]


def _headings(sample: Sequence[Sequence[str]], place: int, wanted: Kind | None) -> int:
    """How many rows at the top are headings: words, above cells of another nature."""
    cells = [clean(_cell(row, place)) for row in sample]
    kinds = [_nature(cell, wanted) for cell in cells]
    usual = Counter(kind for kind in kinds if kind).most_common(1)
    if not usual:
        return 0
    count = 0
    while (
        count < min(MOST_HEADINGS, len(cells) - 1) and kinds[count] != usual[0][0] and _is_words(cells[count])
    ):
        count += 1
    return count


def _nature(text: str, wanted: Kind | None) -> str:
    """What a cell is, for telling headings from content."""
    if any(word in text.lower() for word in HEADINGS) and not any(map(str.isdigit, text)):
        return ""
    found = recognise(text, wanted)
    return "" if found.kind is Kind.NOTHING and found.why != MANGLED else found.kind.value


def _is_words(text: str) -> bool:
    """A heading has a letter beyond F or is blank; a mistyped identifier is mostly digits and stays in the list."""
    letters = sum(character.isalpha() for character in text)
    digits = sum(character.isdigit() for character in text)
    return not text or (
        letters > digits and any(character.lower() not in "0123456789abcdef-: " for character in text)
    )


def _said(rows: Sequence[Sequence[str]], place: int) -> Kind | None:
    """What the headings call the column."""
    for row in rows:
        text = _cell(row, place).lower()
        if any(map(str.isdigit, text)):
            continue
        for word, kind in HEADINGS.items():
            if word in text:
                return kind
    return None
