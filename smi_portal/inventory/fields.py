"""Columns of the inventory: text that sorts by code point."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models

if TYPE_CHECKING:
    Text = models.TextField[Any, Any]
else:
    Text = models.TextField  # Django's fields take type arguments only in their stubs


class CodeField(Text):
    """Identifiers and coded values as text, compared and sorted by code point on every server.

    A cluster's default collation differs between machines; a report's order must not (our design).
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("db_collation", "C")
        super().__init__(*args, **kwargs)
