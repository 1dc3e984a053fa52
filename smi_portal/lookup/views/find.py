"""Read Inventory: one box and a form, and the devices as SRV 8.2 would list them."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils.datastructures import MultiValueDict
from django.views.decorators.http import require_safe

from reports.catalogue.srv_8_2 import ANSWERED
from reports.engine.ask import AskRefused
from reports.engine.table import cell
from smi_portal.access.entered import viewer_of
from smi_portal.fair_use import OverCap
from smi_portal.lookup.ask import question, read_inventory
from smi_portal.lookup.criteria import FindForm
from smi_portal.lookup.views.common import load_of, refused_page, sees_devices

#: Columns whose digits stand below each other.
MPXNS = frozenset({"mpxn", "secondary_import_mpan", "export_mpan"})


@require_safe
@sees_devices
def find_page(request: HttpRequest) -> HttpResponseBase:
    """The form, and what it finds; what is wrong with a question is said at its field (400)."""
    viewer = viewer_of(request)
    given = MultiValueDict(
        {key: values for key, values in request.GET.lists() if any(map(str.strip, values))}
    )
    form = FindForm(viewer, given or None)
    if not given:
        return render(request, "lookup/find.html", {"form": form})
    context: dict[str, Any] = {"form": form}
    if form.is_valid():
        try:
            context |= _answer(request, form)
        except OverCap as over:
            return refused_page(request, [str(over)], over.status)
        except AskRefused as refused:
            for key, sentences in refused.errors.items():
                form.add_error(key if key in form.fields else None, sentences)
    status = 400 if form.errors else 200
    return render(request, "lookup/find.html", context, status=status)


def _answer(request: HttpRequest, form: FindForm) -> dict[str, Any]:
    load = load_of(request)
    if not form.is_asked:
        return {"ask": question(form, load)}
    answer = read_inventory(request.user, form, "page", load)
    ask, named, rows = answer.ask, answer.named, answer.rows
    columns = [column for column in ANSWERED if form.viewer.sees(column.group)]
    ordered = sorted(rows, key=lambda row: (row["device_id"] not in named, row["device_id"]))
    return {
        "ask": ask,
        "asked": True,
        "columns": columns[1:],
        "devices": [
            {
                "device_id": row["device_id"],
                "named": row["device_id"] in named,
                "cells": [(cell(row[column.key]), column.key in MPXNS) for column in columns[1:]],
            }
            for row in ordered
        ],
        "named": len(named),
    }
