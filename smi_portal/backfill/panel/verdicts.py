"""What follows from a row of BKF_002: why a User is on track or not, and when it could be done. Pure, our design."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

Row = Mapping[str, Any]


def reasons(row: Row) -> list[str]:
    """Why the row's `on_track` is what it is."""
    if not row["outstanding"]:
        return ["Nothing is outstanding."]
    if row["panel_date"] is None:
        return ["The Panel had set no date."]
    finish = row["projected_finish"]
    if finish is None:
        return ["No request was accepted in the last 28 days, so no finish can be projected."]
    apart = (finish - row["panel_date"]).days
    if apart > 0:
        return [f"At the pace of the last 28 days it finishes {_days(apart)} after the Panel date."]
    if apart == 0:
        return ["At the pace of the last 28 days it finishes on the Panel date."]
    return [f"At the pace of the last 28 days it finishes {_days(-apart)} before the Panel date."]


def remarks(row: Row) -> list[str]:
    """What else the Panel should know of the month."""
    said = []
    if row["declared"] is None:
        said.append("It has not declared.")
    elif row["declared_late"]:
        said.append(f"It declared late, on {row['declared_on'].day} {row['declared_on']:%B %Y}.")
    if row["declared"] and row["daily_allowance"] is None:
        said.append("Its allowance was not confirmed.")
    if row["lost"]:
        one = row["lost"] == 1
        said.append(
            f"{row['lost']:,} MAP ID{' that was' if one else 's that were'} there {'is' if one else 'are'} gone."
        )
    if row["days_over_allowance"]:
        said.append(f"It was over its allowance on {_days(row['days_over_allowance'])}.")
    if row["sent"] and 5 * row["refused"] >= row["sent"]:
        share = 100 * row["refused"] // row["sent"]
        said.append(f"{share}% of its requests were refused, most often with {row['top_refusal_code']}.")
    return said


def finish_range(row: Row, before: Row | None, day: date) -> tuple[date, date | None] | None:
    """When it could be done: at the pace of the last 28 days, of this month, and of this month and the last.

    `before` is the row of the month before, `day` the D of `row`. None when nothing is outstanding or no pace is
    known; the latest is None when one of the paces is nought, so that no end is in sight.
    """
    if not row["outstanding"]:
        return None
    since = date.fromisoformat(f"{row['month']}-01")
    paces = [(row["accepted"], (day - since).days + 1)]
    if before is not None:
        earlier = (since - date.fromisoformat(f"{before['month']}-01")).days
        paces.append((row["accepted"] + before["accepted"], paces[0][1] + earlier))
    ends = [row["projected_finish"], *(_end(day, row["outstanding"], *pace) for pace in paces)]
    known = [end for end in ends if end is not None]
    if not known:
        return None
    return min(known), None if None in ends else max(known)


def _end(day: date, outstanding: int, accepted: int, days: int) -> date | None:
    """`outstanding` at `accepted` in `days`, counted from `day`; None at no pace."""
    return day + timedelta(days=-(-outstanding * days // accepted)) if accepted else None


def _days(number: int) -> str:
    return f"{number:,} day{'' if number == 1 else 's'}"
