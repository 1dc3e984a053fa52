"""A plan as a calendar file (RFC 5545): one all-day event a day of sending."""

from __future__ import annotations

from datetime import UTC, datetime

from smi_portal.backfill.plan import Plan
from smi_portal.backfill.working_days import ONE_DAY

#: RFC 5545 wants lines of at most 75 octets, longer ones folded.
LINE = 75


def calendar_file(plan: Plan, organisation: str, made: datetime) -> bytes:
    """The plan's days as events. Identifiers stay the same from file to file, so that a new one replaces the old."""
    stamp = made.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//SMI Portal//Backfill plan//EN",
        "CALSCALE:GREGORIAN",
    ]
    for planned in plan.days:
        lines += [
            "BEGIN:VEVENT",
            f"UID:backfill-{planned.day:%Y%m%d}-{_text(organisation).lower()}@smi-portal",
            f"DTSTAMP:{stamp}",
            f"DTSTART;VALUE=DATE:{planned.day:%Y%m%d}",
            f"DTEND;VALUE=DATE:{planned.day + ONE_DAY:%Y%m%d}",
            f"SUMMARY:{_text(_summary(planned.number))}",
            f"DESCRIPTION:{_text(f'Daily allowance {plan.limits.allowance:,}. Device IDs: see the plan’s CSV.')}",
            "TRANSP:TRANSPARENT",
            "END:VEVENT",
        ]
    lines.append("END:VCALENDAR")
    return "".join(f"{folded}\r\n" for line in lines for folded in _fold(line)).encode()


def _text(value: str) -> str:
    """Escape what separates values in the format."""
    escaped = value.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return escaped.replace("\r", "").replace("\n", "\\n")


def _fold(line: str) -> list[str]:
    """Cut a line into pieces of at most 75 octets, without cutting a character in two."""
    pieces, piece = [], ""
    for character in line:
        if len((piece + character).encode()) > LINE:
            pieces.append(piece)
            piece = " "
        piece += character
    return [*pieces, piece]


def _summary(number: int) -> str:
    return f"Send {number:,} MAP ID{'' if number == 1 else 's'} (SRV 8.4)"
