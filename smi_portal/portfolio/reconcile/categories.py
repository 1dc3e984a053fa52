"""The six answers that a line can get, and how one is found."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from smi_portal.portfolio.feed.kinds import KINDS
from smi_portal.portfolio.reconcile.books import Event, Known, Span
from smi_portal.portfolio.reconcile.claims import Claim, check_digit_note

#: Category → the name of its sheet, and what it means.
CATEGORIES: Final = {
    "agrees": ("Agrees", "The days in the file are those in the inventory."),
    "days_differ": ("Days differ", "The asset is yours on some of these days, but not on as many as billed."),
    "not_in_portfolio": ("Not in portfolio", "The asset is not in your portfolio on these days."),
    "not_billed": ("Not billed", "In your portfolio on days that no line of the file names."),
    "removed_before": ("Removed before", "The meter had been removed before these days."),
    "malformed": ("Malformed", "The line cannot be read: its identifier, a day or an amount is malformed."),
}
PENNY: Final = Decimal("0.01")


@dataclass(slots=True)
class Result:
    """What is said of one line (or, without a line, of days that nobody billed)."""

    line: int | None
    category: str
    device_id: str = ""
    mpxn: str = ""
    map_id: str = ""
    supplier_id: str = ""
    start: int | None = None
    stop: int | None = None
    your_days: int | None = None
    smi_days: int | None = None
    rate: Decimal | None = None
    your_amount: Decimal | None = None
    smi_amount: Decimal | None = None
    explanation: str = ""
    event: int | None = None


def judge(
    line: int,
    claim: Claim,
    spans: Sequence[Span],
    earlier: Sequence[tuple[int, int, int]],
    known: Known | None,
    events: Callable[[str], list[Event]],
) -> Result:
    """Compare one line. `spans`: the asset's runs of days that touch the line's; `known`: when there are none.

    `events` gives an asset's events, newest first: asked only when there is something to explain.
    """
    matching = [span for span in spans if _matches(span, claim)]
    pieces = [(max(span.start, claim.start), min(span.stop, claim.stop)) for span in matching]
    if earlier:
        pieces = subtract(pieces, [(start, stop) for start, stop, _ in earlier])
    days = sum(stop - start for start, stop in pieces)
    result = _result(line, claim, days, spans[0] if spans else None)
    if not spans:
        result.category, result.explanation = _absent(claim, known)
        if claim.days == 0 and result.category == "not_in_portfolio" and not claim.outside:
            result.category, result.explanation = "agrees", ""
    elif (days > 0 if claim.days is None else claim.days == days) and not claim.outside:
        result.category = "agrees"
    else:
        result.category = "days_differ"
        result.explanation = " ".join(_why(claim, spans, matching, earlier, pieces))
    if result.category != "agrees":
        _explain(result, events(result.device_id), pieces)
    return result


def pounds(rate: Decimal | None, days: int | None) -> Decimal | None:
    """A rate (pounds a day) times days, to the penny, half up."""
    return None if rate is None or days is None else (rate * days).quantize(PENNY, ROUND_HALF_UP)


def subtract(pieces: Sequence[tuple[int, int]], taken: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Half-open runs without those taken, in order; empty ones left out."""
    left = [piece for piece in sorted(pieces) if piece[0] < piece[1]]
    for start, stop in taken:
        left = [
            part
            for first, last in left
            for part in ((first, min(last, start)), (max(first, stop), last))
            if part[0] < part[1]
        ]
    return sorted(left)


def _result(line: int, claim: Claim, days: int, span: Span | None) -> Result:
    return Result(
        line,
        "",
        claim.device_id or (span.device_id if span else ""),
        claim.mpxn or (span.mpxn if span else ""),
        claim.map_id or (span.map_id if span else ""),
        claim.supplier_id or (span.supplier_id if span else ""),
        claim.start,
        claim.stop,
        claim.days,
        days,
        claim.rate,
        claim.amount if claim.amount is not None else pounds(claim.rate, claim.days),
        pounds(claim.rate, days),
    )


def _matches(span: Span, claim: Claim) -> bool:
    return (
        claim.mpxn in {"", span.mpxn}
        and claim.map_id in {"", span.map_id}
        and claim.supplier_id in {"", span.supplier_id}
    )


def _absent(claim: Claim, known: Known | None) -> tuple[str, str]:
    """Why an asset has no days: the same words for one that is not there and for one that is somebody else's."""
    if known is None:
        return "not_in_portfolio", " ".join(
            filter(None, ["Not in your portfolio on these days.", check_digit_note(claim.mpxn)])
        )
    if known.removed_on is not None and known.removed_on.toordinal() <= claim.start:
        reason = f" ({known.reason})" if known.reason else ""
        return "removed_before", f"Removed on {known.removed_on}{reason}."
    if known.installed_on is None:
        return (
            "not_in_portfolio",
            "In your portfolio, but without an installation date: it has no rental days.",
        )
    if known.installed_on.toordinal() >= claim.stop:
        return "not_in_portfolio", f"Installed only on {known.installed_on}."
    return "not_in_portfolio", "In your portfolio on other days only."


def _why(
    claim: Claim,
    spans: Sequence[Span],
    matching: Sequence[Span],
    earlier: Sequence[tuple[int, int, int]],
    pieces: Sequence[tuple[int, int]],
) -> list[str]:
    found = []
    if claim.outside:
        found.append(f"{claim.outside} of the line's days lie outside the period and are not compared.")
    if earlier:
        found.append(f"Line {earlier[0][2]} has claimed the same days of this asset.")
    for word, mine, theirs in (
        ("MPxN", claim.mpxn, {span.mpxn for span in spans}),
        ("MAP ID", claim.map_id, {span.map_id for span in spans}),
        ("supplier", claim.supplier_id, {span.supplier_id for span in spans}),
    ):
        if mine and theirs != {mine}:
            found.append(
                f"On these days the {word} is {', '.join(name or 'none' for name in sorted(theirs))}."
            )
    if matching and claim.start < matching[0].start:
        word = "Installed on" if matching[0].why_start else "Yours only from"
        found.append(f"{word} {_day(matching[0].start)}.")
    if matching and max(span.stop for span in matching) < claim.stop:
        last = max(matching, key=lambda span: span.stop)
        word = "Removed on" if last.why_stop else "Yours only until the day before"
        found.append(f"{word} {_day(last.stop)}.")
    if not found and pieces:
        found.append(f"Between {_day(claim.start)} and {_day(claim.stop)} (not included) the count differs.")
    return found


def _explain(result: Result, events: Sequence[Event], pieces: Sequence[tuple[int, int]]) -> None:
    """The newest event on a day on which the inventory's days begin or end; else the newest of all."""
    edges = {day for piece in pieces for day in piece} - {result.start, result.stop}
    found = next((event for event in events if event.day in edges), None) or next(iter(events), None)
    if found is None:
        return
    result.event = found.position
    result.explanation += (
        f" Event {found.position}: {KINDS[found.kind][0].lower()}, effective {_day(found.day)}, "
        f"told by extract {found.extract}."
    )
    result.explanation = result.explanation.strip()


def _day(ordinal: int) -> str:
    return date.fromordinal(ordinal).isoformat()
