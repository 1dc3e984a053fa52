"""What a filter offers: the values that the viewer may see at D, and no other party's."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.cache import cache
from django.db.models import Count

from reports.engine.ask import Ask
from reports.engine.inputs import Choice, Contains
from reports.engine.rows import rows

#: Seconds that offered values are kept for one organisation, extract and day; they cannot change in between.
KEPT = 3600


def options_for(ask: Ask) -> dict[str, Sequence[str]]:
    """Column key → values offered, sorted. Call inside the viewer's scope."""
    key = ":".join(
        ["options", ask.report.code, ask.viewer.reader, str(ask.viewer.organisation_id),
         str(ask.load.pk), ask.day.isoformat(), str(ask.history)]
    )  # fmt: skip
    found: dict[str, Sequence[str]] | None = cache.get(key)
    if found is None:
        found = {item.column: _values(ask, item) for item in ask.inputs if isinstance(item, Choice)}
        cache.set(key, found, KEPT)
    return found


def _values(ask: Ask, item: Choice) -> Sequence[str]:
    counted = (
        rows(ask).query.filter(**{f"{item.column}__isnull": False}).values(item.column).annotate(n=Count("*"))
    )
    values = {row[item.column] for row in counted.order_by()}
    if isinstance(item, Contains):
        values = {part for value in values for part in value.split(";")}
    return sorted(values)
