"""Read Inventory for programs: JSON, or XML in the element order of the SRV 8.2 response.

A token must cover SRV_8_2. What is foreign and what does not exist get the same answer.
"""

from __future__ import annotations

import json

from django.http import HttpRequest, HttpResponse

from reports.api.operations import channel, operation, report_of
from reports.engine.ask import AskRefused
from smi_portal.access.entered import viewer_of
from smi_portal.lookup.answers import as_json, as_xml
from smi_portal.lookup.ask import Answer, read_inventory
from smi_portal.lookup.criteria import FindForm


@operation("GET")
def as_document(request: HttpRequest) -> HttpResponse:
    """The devices that one criterion names, and those of their homes that the caller sees."""
    found = _read(request)
    body = json.dumps(as_json(found.ask, found.rows), ensure_ascii=False)
    return HttpResponse(body, content_type="application/json")


@operation("GET")
def as_response(request: HttpRequest) -> HttpResponse:
    """The same as XML."""
    found = _read(request)
    return HttpResponse(as_xml(found.ask, found.rows), content_type="application/xml; charset=utf-8")


def _read(request: HttpRequest) -> Answer:
    """Raises AskRefused for anything but one criterion, naming what is wrong."""
    report_of(request, "SRV_8_2")
    form = FindForm(viewer_of(request), request.GET)
    if not form.is_valid():
        raise AskRefused(
            {
                ("criterion" if key == "__all__" else key): [str(sentence) for sentence in found]
                for key, found in form.errors.items()
            }
        )
    if not form.is_asked:
        raise AskRefused({"criterion": [f"Give one criterion: {', '.join(form.fields)}."]})
    return read_inventory(request.user, form, channel(request))
