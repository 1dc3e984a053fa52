"""Context of every page: whether this is the demo."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def demo(request: HttpRequest) -> dict[str, Any]:
    """Whether mail goes to the demo's inbox page, so that pages that send mail can say so."""
    return {"show_demo_inbox": settings.SHOW_DEMO_PEOPLE}
