"""Values as people read them, the same on every page of the backfill."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django import template

register = template.Library()


@register.filter
def said(value: Any) -> str:
    """Yes and No, days as 1 Nov 2018, whole numbers with separators, one decimal as it is, a dash for nothing."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, date):
        return f"{value.day} {value:%b %Y}"
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:,.1f}" if isinstance(value, Decimal) else str(value)
