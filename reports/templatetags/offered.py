"""How many rows have an offered value, for templates."""

from __future__ import annotations

from collections.abc import Mapping

from django import template

register = template.Library()


@register.filter
def rows_of(counts: Mapping[str, int], value: object) -> int | None:
    """The number of the viewer's rows with this value; None when it was not counted (given, but not offered)."""
    return counts.get(str(value)) if isinstance(counts, Mapping) else None
