"""The data issues' addresses."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase
from django.urls import path
from django.views.decorators.http import require_safe

from smi_portal.access.entered import viewer_of
from smi_portal.access.readers import Role
from smi_portal.data_issues.views import figures, lines, raising
from smi_portal.data_issues.views.common import for_roles
from smi_portal.days import Days

app_name = "data-issues"


@require_safe
@for_roles(*Role)
def index(request: HttpRequest, days: Days) -> HttpResponseBase:
    """The role's own first page."""
    page = figures.metrics if viewer_of(request).role is Role.SECAS else lines.overview
    return page(request)


urlpatterns = [
    path("", index, name="overview"),
    path("raise/", raising.raise_lines, name="raise"),
    path("figures/", figures.metrics, name="figures"),
    path("submissions/<str:reference>/", lines.submission, name="submission"),
    path("submissions/<str:reference>.csv", lines.submission_csv, name="submission-csv"),
    path("lines/<str:reference>/", lines.line, name="line"),
    path("lines/<str:reference>/act/", lines.act, name="act"),
    path("lines/<str:reference>/request.xml", lines.request_xml, name="request"),
]
