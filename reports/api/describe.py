"""A report's declaration as the API tells it: inputs, columns and help, for a viewer or as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from reports.engine.columns import Column, Kind
from reports.engine.inputs import Choice, DateRange, Input, Minimum
from reports.engine.report import Report
from reports.engine.run import CONTENT_TYPES
from smi_portal.access.scope import Viewer
from smi_portal.inventory.models import ExtractLoad

#: A column's type as JSON Schema says it; any value may also be null.
SCHEMAS: dict[Kind, dict[str, Any]] = {
    Kind.TEXT: {"type": "string"},
    Kind.DATE: {"type": "string", "format": "date"},
    Kind.INTEGER: {"type": "integer"},
    Kind.DECIMAL: {"type": "number"},
    Kind.BOOLEAN: {"type": "boolean"},
    Kind.MONTH: {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}$"},
}


def summary(request: HttpRequest, report: Report) -> dict[str, Any]:
    """A report as lists show it, with its addresses."""
    address = _at(request, "report", report.code)
    return {
        "code": report.code,
        "title": report.title,
        "answers": report.answers,
        "links": {
            "self": address,
            "rows": f"{address}/rows",
            "files": {form: f"{address}/rows.{form}" for form in CONTENT_TYPES},
        },
    }


def whole(request: HttpRequest, report: Report, viewer: Viewer) -> dict[str, Any]:
    """A report with the inputs and columns that exist for the viewer."""
    return {
        **summary(request, report),
        "row": " ".join((report.__doc__ or "").split()),
        "notes": list(report.notes),
        "key": list(report.key),
        "history": report.has_history,
        "inputs": inputs(report, report.inputs_for(viewer)),
        "columns": [column(found) for found in report.columns_for(viewer)],
    }


def inputs(report: Report, items: Sequence[Input]) -> list[dict[str, Any]]:
    """The keys that are inputs, each with its type and meaning."""
    return [
        {
            "key": key,
            "column": item.column,
            "type": _type(item),
            "repeatable": isinstance(item, Choice),
            "help": ". ".join(
                filter(None, [f"{item.label or report.column(item.column).title}: {item.meaning}", item.hint])
            ),
        }
        for item in items
        for key in item.keys
    ]


def column(found: Column) -> dict[str, Any]:
    """A column and what it means."""
    return {
        "key": found.key,
        "title": found.title,
        "type": found.kind.value,
        "help": found.help,
        "source": found.source,
    }


def extract(load: ExtractLoad | None) -> dict[str, Any] | None:
    """Which data is shown, as every answer says it."""
    if load is None:
        return None
    return {
        "extract_id": load.extract_id,
        "sequence": load.sequence,
        "as_at": f"{load.as_at:%Y-%m-%dT%H:%M:%SZ}",
        "day": load.day.isoformat(),
    }


def _type(item: Input) -> str:
    if isinstance(item, DateRange):
        return Kind.DATE.value
    return Kind.INTEGER.value if isinstance(item, Minimum) else Kind.TEXT.value


def _at(request: HttpRequest, name: str, *parts: str) -> str:
    return request.build_absolute_uri(reverse(f"api:{name}", args=parts))
