"""One line of a file as a claim: this asset, on these days, at this rate; or why it cannot be read."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import NamedTuple

from smi_portal.inventory.identifiers import is_valid_mpan, is_valid_mprn, normalise_device_id
from smi_portal.portfolio.asking import Period
from smi_portal.portfolio.reconcile.mapping import FIELDS

_DIGITS = re.compile(r"[0-9]{3,13}")
_MONEY = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,8})?")
_DAYS = re.compile(r"[0-9]{1,5}")
REMEMBERED = 20_000  # windows of days of one file


class Malformed(ValueError):
    """A line that cannot be compared: which cell, and how to mend it."""


class Claim(NamedTuple):
    """What a line says. Days are ordinals, half-open, inside the period; `days` None = the line names none.

    `outside`: days of the line that the period does not reach.
    """

    device_id: str
    mpxn: str
    map_id: str
    supplier_id: str
    start: int
    stop: int
    days: int | None
    rate: Decimal | None
    amount: Decimal | None
    outside: int


class Window(NamedTuple):
    """A line's days inside the period, half-open ordinals; how many it names (None: none), and how many lie outside."""

    start: int
    stop: int
    days: int | None
    outside: int


class ClaimReader:
    """Reads the lines of one file. `rate` (pounds a day) stands in where a line has none."""

    def __init__(self, places: Mapping[str, int], period: Period, rate: Decimal | None) -> None:
        self._period, self._rate = period, rate
        self._places = [places.get(field, -1) for field in FIELDS]
        self._padding = [""] * (max(self._places) + 2)  # for short lines; the last stands for absent columns
        self._windows: dict[tuple[str, str, str], Window] = {}

    def read(self, cells: Sequence[str]) -> Claim:
        """The claim of one line. Raises Malformed."""
        padded = [*cells, *self._padding]
        texts = [padded[at].strip() for at in self._places]
        device, meter_point, first, after, last, days, supplier_id, map_id, rate, amount = texts
        device_id, mpxn = _device_id(device), _mpxn(meter_point)
        if not device_id and not mpxn:
            raise Malformed("The line has neither a Device ID nor an MPxN: add one.")
        named = first, after, last
        window = self._windows.get(named) or self._window(named)
        return Claim(
            device_id,
            mpxn,
            map_id,
            supplier_id,
            window.start,
            window.stop,
            _whole(days) if days else window.days,
            _money("rate", rate) if rate else self._rate,
            _money("amount", amount) if amount else None,
            window.outside,
        )

    def _window(self, named: tuple[str, str, str]) -> Window:
        """The line's own days inside the period. Most lines of a file name the same, so they are remembered."""
        start, stop, dated = _named_days(*named, self._period)
        inside = (
            max(start, self._period.start.toordinal()),
            min(stop, self._period.end.toordinal()),
        )
        length = max(inside[1] - inside[0], 0)
        found = Window(inside[0], max(inside), length if dated else None, (stop - start) - length)
        if len(self._windows) >= REMEMBERED:
            self._windows.clear()
        self._windows[named] = found
        return found


def _device_id(text: str) -> str:
    if not text:
        return ""
    found = normalise_device_id(text)
    if found is None:
        raise Malformed(
            f"{text[:40]!r} is no Device ID: it has 16 hexadecimal digits, such as 00-DB-12-34-56-78-90-A0."
        )
    return found


def _mpxn(text: str) -> str:
    if text and not _DIGITS.fullmatch(text):
        raise Malformed(f"{text[:40]!r} is no MPxN: an MPAN has 13 digits, an MPRN up to 10.")
    return text


def check_digit_note(mpxn: str) -> str:
    """What an MPxN's check digit says of it, for a line whose asset is not found; "" when it is right."""
    if not mpxn or is_valid_mpan(mpxn) or is_valid_mprn(mpxn):
        return ""
    return f"The check digit of {mpxn} is wrong: is it mistyped?"


def _named_days(first: str, after: str, last: str, period: Period) -> tuple[int, int, bool]:
    """The line's own days, half-open; the whole period where the line names none."""
    start = _day("from", first) if first else period.start.toordinal()
    if after:
        stop = _day("to", after)
    elif last:
        stop = _day("last_day", last) + 1
    else:
        stop = period.end.toordinal()
    if stop < start or (stop == start and (after or last)):
        raise Malformed(
            f"The line ends on {date.fromordinal(stop)} (not included), not after its start "
            f"{date.fromordinal(start)}."
        )
    return start, stop, bool(first or after or last)


@lru_cache(maxsize=4096)
def _day(field: str, text: str) -> int:
    try:
        return date.fromisoformat(text[:10]).toordinal()
    except ValueError:
        pass
    for form in ("%d/%m/%Y", "%d-%m-%Y", "%d %b %Y", "%d-%b-%Y"):
        try:
            return datetime.strptime(text, form).replace(tzinfo=UTC).date().toordinal()
        except ValueError:
            continue
    raise Malformed(f"{text[:40]!r} in {field} is no day: write 2018-11-01 or 01/11/2018.")


def _whole(text: str) -> int:
    if not _DAYS.fullmatch(text.removesuffix(".0")):
        raise Malformed(f"{text[:40]!r} is no number of days: write a whole number, 0 or more.")
    return int(text.removesuffix(".0"))


@lru_cache(maxsize=4096)
def _money(field: str, text: str) -> Decimal:
    plain = text.replace(",", "").removeprefix("£").strip()
    try:
        if not _MONEY.fullmatch(plain):
            raise InvalidOperation
        return Decimal(plain)
    except InvalidOperation:
        raise Malformed(f"{text[:40]!r} in {field} is no amount in pounds: write it like 0.0345.") from None
