"""Values as the API's JSON writes them: as the JSON files do."""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar

from django.http import HttpResponse, HttpResponseBase

from smi_portal.inventory.models import ExtractLoad

Response = TypeVar("Response", bound=HttpResponseBase)


def told(body: dict[str, Any], status: int = 200) -> HttpResponse:
    """A JSON answer."""
    text = json.dumps(body, ensure_ascii=False, default=_plain)
    return HttpResponse(text, status=status, content_type="application/json")


def moment(value: datetime | None) -> str | None:
    """A moment, in UTC to the second."""
    return f"{value:%Y-%m-%dT%H:%M:%SZ}" if value else None


def labelled(response: Response, load: ExtractLoad, etag: str) -> Response:
    """Say of which extract the answer is, as the site's own files do, and what to ask with next time."""
    response["ETag"] = etag
    response["SMI-Extract-Sequence"] = str(load.sequence)
    response["SMI-Data-As-At"] = str(moment(load.as_at))
    response["Vary"] = "Authorization"
    return response


def _plain(value: Any) -> Any:
    """Days as ISO text and decimals as numbers: one decimal place is exact as a float."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no form in JSON.")
