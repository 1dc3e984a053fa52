"""Values as the API's JSON writes them: as the JSON files do."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

from django.http import HttpResponse


def told(body: dict[str, Any], status: int = 200) -> HttpResponse:
    """A JSON answer."""
    text = json.dumps(body, ensure_ascii=False, default=_plain)
    return HttpResponse(text, status=status, content_type="application/json")


def _plain(value: Any) -> Any:
    """Days as ISO text and decimals as numbers: one decimal place is exact as a float."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no form in JSON.")
