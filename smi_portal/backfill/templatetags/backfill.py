"""Values as people read them, the same on every page of the backfill."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django import template

register = template.Library()

MONTH = re.compile(r"\d{4}-\d{2}", re.ASCII)
DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z", re.ASCII)


@register.filter
def said(value: Any) -> str:
    """Yes and No, days as 1 Nov 2018, whole numbers with separators, one decimal as it is, a dash for nothing.

    A day that was kept as text, as the evidence of a file keeps it, is told as any other day.
    """
    value = _day_of(value)
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, datetime):
        return f"{value.day} {value:%b %Y, %H:%M} UTC"
    if isinstance(value, date):
        return f"{value.day} {value:%b %Y}"
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:,.1f}" if isinstance(value, Decimal) else str(value)


@register.filter
def one_word(value: Any) -> bool:
    """Whether it is a day or a month such as 2019-01: read as one word, so it does not break at the end of a line."""
    return isinstance(_day_of(value), date) or (isinstance(value, str) and bool(MONTH.fullmatch(value)))


def _day_of(value: Any) -> Any:
    """The day, or the moment of UTC, that a text in ISO 8601 names; anything else as it is."""
    if not isinstance(value, str):
        return value
    with suppress(ValueError):
        if DAY.fullmatch(value):
            return date.fromisoformat(value)
        if MOMENT.fullmatch(value):
            return datetime.fromisoformat(value)
    return value
