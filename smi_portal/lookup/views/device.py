"""A device's page: what it is, where it stands, with whom it shares a hub, and what became of it over time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from reports.engine.ask import Ask, AskRefused
from reports.engine.columns import Column
from reports.engine.devices import homes, rows_of
from reports.engine.report import REGISTRY
from reports.engine.table import cell
from reports.engine.timeline import timeline
from smi_portal import audit, fair_use
from smi_portal.access.entered import viewer_of
from smi_portal.access.scope import Viewer, scope
from smi_portal.fair_use import OverCap
from smi_portal.inventory.identifiers import normalise_device_id
from smi_portal.lookup.history import lanes
from smi_portal.lookup.views.common import load_of, question, raise_url, refused_page, sees_devices

#: Sections: report → heading, the columns shown, what is said when there is none.
SECTIONS = {
    "DQ_001": (
        "Findings",
        ("finding", "finding_title", "value"),
        "Nothing about this device looks wrong on this day.",
    ),
    "RSMI_006": (
        "MPxN associations",
        ("kind", "mpxn", "mpxn_effective_from", "mpxn_effective_to", "supplier_id", "finding"),
        "No association that you may see is in force on this day.",
    ),
    "RSMI_007": (
        "Certificates",
        ("certificate_serial", "key_usage", "certificate_status", "issued_on", "expires_on", "revoked_on"),
        "No certificate that you may see.",
    ),
    "RSMI_005": (
        "Schedules",
        (
            "schedule_id",
            "service_reference_variant",
            "service_request_name",
            "frequency",
            "next_run_on",
            "end_date",
        ),
        "No schedule of yours, or on your asset, is in force on this day.",
    ),
}
NEIGHBOUR = ("device_type", "device_status", "manufacturer", "device_model", "mpxn", "map_id")


@require_safe
@sees_devices
def device_page(request: HttpRequest, device_id: str) -> HttpResponseBase:
    """One device. Malformed, absent or another party's: the same 404."""
    viewer, day = viewer_of(request), request.GET.get("as_at", "")
    try:
        ask = question("SRV_8_2", viewer, load_of(request), as_at=day, history="true")
        fair_use.spend(request.user, "lookups")
    except OverCap as over:
        return refused_page(request, [str(over)], over.status)
    except AskRefused as refused:
        sentences = [sentence for found in refused.errors.values() for sentence in found]
        return refused_page(request, sentences, refused.status)
    with scope(viewer):
        history = rows_of(ask, [normalise_device_id(device_id) or ""])
        context = _context(viewer, ask, history) if history else {}
    audit.note(
        "device page", request.user, viewer, device_id=device_id, as_at=ask.day, found=len(history) > 0
    )
    if not history:
        raise Http404
    return render(request, "lookup/device.html", context)


def _context(viewer: Viewer, ask: Ask, history: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Everything about a device that the viewer sees, or saw. Call inside its scope."""
    now = history[0]
    device, day = now["device_id"], ask.day.isoformat()
    in_sight = now["valid_to"] is None or now["valid_to"] > ask.day
    at = question("SRV_8_2", viewer, ask.load, as_at=day)
    current = rows_of(at, [device])
    neighbours = (
        [row for row in rows_of(at, homes(at, [device])) if row["device_id"] != device] if current else []
    )
    columns = REGISTRY["SRV_8_2"].columns_for(viewer)
    spans = lanes(history)
    words = f"When each value of {device} held, within the days on which you could see it."
    return {
        "ask": ask,
        "device": now,
        "in_sight": in_sight and bool(current),
        "facts": [_fact(column, (current or history)[0]) for column in columns],
        "neighbours": [
            {"device_id": row["device_id"], "cells": [cell(row[key]) for key in NEIGHBOUR]}
            for row in neighbours
        ],
        "neighbour_titles": [REGISTRY["SRV_8_2"].column(key).title for key in NEIGHBOUR],
        "chart": timeline("Timeline", words, {name: held for name, held in spans.items() if held}, ask.day),
        "spans": [{"name": name, "span": span} for name, held in spans.items() for span in reversed(held)],
        "sections": [_section(code, ask, device) for code in SECTIONS],
        "raise_url": raise_url(device=device),
    }


def _fact(column: Column, row: Mapping[str, Any]) -> dict[str, str]:
    return {"title": column.title, "value": cell(row[column.key]), "help": column.help, "key": column.key}


def _section(code: str, shown: Ask, device: str) -> dict[str, Any]:
    heading, keys, none = SECTIONS[code]
    viewer = shown.viewer
    ask = question(code, viewer, shown.load, as_at=shown.day.isoformat())
    columns = [column for column in ask.report.columns_for(viewer) if column.key in keys]
    rows = rows_of(ask, [device])
    return {
        "heading": heading,
        "titles": [column.title for column in columns],
        "rows": [
            {
                "cells": [cell(row[column.key]) for column in columns],
                "raise_url": raise_url(device=device, cause=row["finding"]) if code == "DQ_001" else "",
            }
            for row in rows
        ],
        "none": none,
        "code": code,
    }
