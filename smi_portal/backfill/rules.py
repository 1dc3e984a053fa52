"""What may be recorded and what may not, in sentences for people. Pure: no database, no clock (our design)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from smi_portal.backfill.allowances import Grant, peak


@dataclass(frozen=True)
class Problem:
    """What is wrong with one field of what someone sent, and how to mend it. No field = the whole of it."""

    field: str | None
    sentence: str


@dataclass(frozen=True)
class Count:
    """A User's meters as BKF_001 counts them."""

    in_scope: int
    outstanding: int


def declaration_problems(
    figure: int, count: Count, shown: int | None, reason: str, standing: int | None
) -> list[Problem]:
    """Why a User may not declare `figure`. `shown`: the count on the page that was sent; `standing`: its
    declaration in force. Zero is a figure like any other; so is one after the deadline, which is recorded as late.
    """
    problems = []
    if shown is not None and shown != count.outstanding:
        problems.append(
            Problem(
                None,
                f"The count has changed since you opened this page: it was {shown:,} and is now "
                f"{count.outstanding:,}. Nothing has been recorded. Look at it again, then declare.",
            )
        )
    if figure > count.in_scope:
        problems.append(
            Problem(
                "declared",
                f"You pre-notified {count.in_scope:,} meters that are in scope, so you cannot have "
                f"{figure:,} MAP IDs to put in. Declare {count.in_scope:,} or fewer. If meters are missing from "
                "the inventory, raise a data issue first.",
            )
        )
    if standing is not None and figure == standing:
        problems.append(
            Problem("declared", f"You have already declared {standing:,}: there is nothing to correct.")
        )
    elif not reason and standing is not None:
        problems.append(Problem("reason", f"You have declared {standing:,} before. Say why it changes."))
    elif not reason and figure != count.outstanding:
        problems.append(
            Problem("reason", f"{figure:,} is not the count of {count.outstanding:,}. Say why it differs.")
        )
    return problems


def allowance_problems(
    grant: Grant, others: Sequence[Grant], capacity: int | None, implementation: date
) -> list[Problem]:
    """Why DCC may not confirm `grant` beside the allowances of the `others`."""
    problems = []
    if grant.per_day < 1:
        problems.append(
            Problem(
                "daily_allowance",
                "An allowance of zero lets the User send nothing, so it could never finish. Give at least 1.",
            )
        )
    if capacity is None:
        problems.append(
            Problem(None, "DCC's daily capacity has not been set. Set it first, then confirm allowances.")
        )
    elif grant.per_day > capacity:
        problems.append(
            Problem(
                "daily_allowance",
                f"{grant.per_day:,} a day is above the whole daily capacity of {capacity:,}.",
            )
        )
    if grant.last < grant.first:
        problems.append(
            Problem(
                "window_to", f"The window ends before it starts: choose {grant.first:%-d %B %Y} or later."
            )
        )
    elif grant.first < implementation:
        problems.append(
            Problem(
                "window_from", f"The window cannot start before implementation, {implementation:%-d %B %Y}."
            )
        )
    return problems or _over_capacity(grant, others, capacity)


def _over_capacity(grant: Grant, others: Sequence[Grant], capacity: int | None) -> list[Problem]:
    """The sum of all allowances, on the worst day of this grant's window."""
    within = [
        Grant(other.user, other.per_day, max(other.first, grant.first), min(other.last, grant.last))
        for other in others
        if other.first <= grant.last and other.last >= grant.first
    ]
    most, when = peak([*within, grant])
    if capacity is None or most <= capacity or when is None:
        return []
    return [
        Problem(
            "daily_allowance",
            f"With it, all Users together could send {most:,} on {when:%-d %B %Y}, {most - capacity:,} above the "
            f"daily capacity of {capacity:,}. Give at most {max(grant.per_day - (most - capacity), 0):,}, or "
            "another window.",
        )
    ]
