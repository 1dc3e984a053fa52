"""The pre-flight for programs: what would refuse each request of a body, by the page's and the command's own rules."""

from __future__ import annotations

from io import BytesIO
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.http.request import UnreadablePostError

from reports.api import describe
from reports.api.operations import FILE_COST, channel, covered, operation
from reports.api.telling import told
from reports.engine.ask import AskRefused
from smi_portal.access.entered import viewer_of
from smi_portal.inventory.models import ExtractLoad
from smi_portal.preflight.readers.limits import PAGE, sized
from smi_portal.preflight.visit import judged, read_body
from smi_portal.problems import Problem
from smi_portal.tokens.covering import PREFLIGHT
from smi_portal.uploads import announced

#: What a body may call itself. Which of the three it is, its content decides, as for files.
CONTENT_TYPES: Final = ("application/xml", "text/xml", "application/zip", "text/csv")


@operation("POST", cost=FILE_COST)
def check(request: HttpRequest) -> HttpResponse:
    """One object for each request of the body, in its order, with the fields that the command prints."""
    covered(request, PREFLIGHT)
    viewer, load = viewer_of(request), ExtractLoad.current()
    if load is None:
        raise AskRefused({"extract": ["No extract has been loaded yet: there is nothing to check against."]})
    checked = judged(request.user, viewer, read_body(_body(request)), channel=channel(request))
    return told(
        {
            "organisation": viewer.organisation,
            "extract": describe.extract(load),
            "count": len(checked.verdicts),
            "requests": [verdict.as_json() for verdict in checked.verdicts],
        }
    )


def _body(request: HttpRequest) -> BytesIO:
    """The body, once its kind and length are such as are read. Raises Problem."""
    if request.content_type not in CONTENT_TYPES:
        given = f"“{request.content_type[:60]}” is not." if request.content_type else "None was given."
        raise Problem("wrong-content-type", f"{', '.join(CONTENT_TYPES)} are read. {given}")
    if announced(request) > PAGE.file:
        raise Problem("body-too-long", f"At most {sized(PAGE.file)} are read: send it in several parts.")
    try:
        body = request.read(PAGE.file + 1)
    except UnreadablePostError as error:
        raise Problem("bad-body", "The body broke off: send it again.") from error
    if not body:
        raise Problem(
            "bad-body",
            "The body is empty, or its length was not announced: send DUIS XML, a zip of it or a CSV, with Content-Length.",
        )
    return BytesIO(body)
