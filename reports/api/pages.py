"""The API for people: a page that explains it, and its description as a file, for who is signed in."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from reports.api import describe
from reports.api.openapi import document
from reports.api.operations import FILE_COST
from reports.api.question import MOST_ROWS, USUAL_ROWS
from reports.engine.report import catalogue
from reports.engine.run import CONTENT_TYPES
from smi_portal.access.declare import signed_in
from smi_portal.access.scope import Viewer
from smi_portal.problems import KINDS
from smi_portal.tokens.forms import LIVES


@dataclass(frozen=True)
class Operation:
    """A line of the page's list of operations."""

    method: str
    path: str
    words: str


OPERATIONS = (
    Operation("GET", "/api/v1/", "Who asks, which extract is shown, links to everything else."),
    Operation("GET", "/api/v1/openapi.json", "The API's description (OpenAPI 3.1)."),
    Operation("GET", "/api/v1/reports", "The reports that the token may run."),
    Operation("GET", "/api/v1/reports/CODE", "A report's inputs and columns, and what they mean."),
    Operation("GET", "/api/v1/reports/CODE/rows", "A page of rows as JSON, with the address of the next."),
    *(
        Operation("GET", f"/api/v1/reports/CODE/rows.{form}", f"All rows as one {form.upper()} file.")
        for form in CONTENT_TYPES
    ),
    Operation("POST", "/api/v1/reports/CODE/jobs", "Ask for a large file: format and question as JSON."),
    Operation("GET", "/api/v1/changes", "The change feed: events after a cursor, and where to go on."),
    Operation("GET", "/api/v1/rental-days", "Rental days of a period: a page, and the next one's address."),
    Operation("GET", "/api/v1/rental-days.csv", "All of them as one CSV file."),
    Operation("GET", "/api/v1/reconciliations", "The ledgers that you handed in."),
    Operation("POST", "/api/v1/reconciliations", "Hand a ledger in: CSV or Excel as the body."),
    Operation("GET", "/api/v1/reconciliations/ID", "How far a ledger is; its totals when it is compared."),
    Operation("DELETE", "/api/v1/reconciliations/ID", "Cancel it."),
    Operation("GET", "/api/v1/reconciliations/ID/workbook.xlsx", "Every line, as Excel."),
    Operation("GET", "/api/v1/jobs", "Your newest jobs."),
    Operation("GET", "/api/v1/jobs/ID", "How far a job is: state, rows done of rows total, checksum."),
    Operation("DELETE", "/api/v1/jobs/ID", "Cancel it."),
    Operation("GET", "/api/v1/jobs/ID/file", "The finished file."),
    Operation(
        "GET", "/api/v1/inventory", "Read Inventory: the devices of one identifier and of its home, as JSON."
    ),
    Operation("GET", "/api/v1/inventory.xml", "The same in the element order of the SRV 8.2 response."),
    Operation(
        "POST", "/api/v1/preflight", "Which check would refuse requests (DUIS XML, zip or CSV as the body)."
    ),
)


@require_safe
@gzip_page
@signed_in
def help_page(request: HttpRequest) -> HttpResponse:
    """How to use the API, with examples that run as they stand once a token is put in."""
    viewer: Viewer | None = getattr(request, "viewer", None)
    context = {
        "operations": OPERATIONS,
        "examples": examples(request.build_absolute_uri("/").rstrip("/")),
        "problems": [
            {"kind": kind, "status": status, "title": title, "advice": advice}
            for kind, (status, title, advice) in KINDS.items()
        ],
        "reports": [
            {
                "code": report.code,
                "title": report.title,
                "inputs": describe.inputs(report, report.inputs_for(viewer)),
                "columns": [describe.column(column) for column in report.columns_for(viewer)],
                "history": report.has_history,
            }
            for report in catalogue()
            if viewer and viewer.role in report.roles
        ],
        "limits": {
            "rows": MOST_ROWS,
            "usual_rows": USUAL_ROWS,
            "requests": settings.SMI_API_REQUESTS_PER_MINUTE,
            "file_cost": FILE_COST,
            "days": max(LIVES),
        },
    }
    return render(request, "api/help.html", context)


@require_safe
@gzip_page
@signed_in
def openapi_file(request: HttpRequest) -> HttpResponse:
    """The description, to give to a generator of clients."""
    return JsonResponse(document(request.build_absolute_uri("/")), json_dumps_params={"indent": 1})


def examples(site: str) -> dict[str, str]:
    """Programs for this site, by name of what they are run with: the tests run these very texts."""
    return {name: render_to_string(f"api/example_{name}.txt", {"site": site}) for name in ("curl", "polars")}
