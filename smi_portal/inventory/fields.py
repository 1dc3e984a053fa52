"""Columns of the inventory: text that sorts by code point, and dates whose open end is `infinity`."""

from __future__ import annotations

from django.db import models


class CodeField(models.TextField):
    """Identifiers and coded values as text, compared and sorted by code point on every server.

    A cluster's default collation differs between machines; a report's order must not (reports.md, our design).
    """

    def __init__(self, *args: object, **kwargs: object) -> None:
        kwargs.setdefault("db_collation", "C")
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # Django's own untyped passthrough
