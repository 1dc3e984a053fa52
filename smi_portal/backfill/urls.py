"""The backfill's addresses. The first leads each role to its own page."""

from __future__ import annotations

from datetime import date

from django.http import HttpRequest, HttpResponseBase
from django.urls import path, register_converter
from django.views.decorators.http import require_safe

from smi_portal.access.entered import viewer_of
from smi_portal.access.readers import Role
from smi_portal.backfill.views import dcc, panel, planning, supplier
from smi_portal.backfill.views.common import for_roles
from smi_portal.days import Days


class MonthConverter:
    """A calendar month, YYYY-MM, as its first day."""

    regex = r"[0-9]{4}-(?:0[1-9]|1[0-2])"

    def to_python(self, value: str) -> date:
        """The first day of the month; ValueError (so 404) for the year 0000."""
        return date.fromisoformat(f"{value}-01")

    def to_url(self, value: date) -> str:
        """YYYY-MM."""
        return f"{value:%Y-%m}"


register_converter(MonthConverter, "month")


@require_safe
@for_roles(Role.SUPPLIER, Role.DCC, Role.SECAS)
def overview(request: HttpRequest, days: Days) -> HttpResponseBase:
    """The role's own first page."""
    pages = {Role.SUPPLIER: supplier.overview, Role.DCC: dcc.overview, Role.SECAS: panel.index}
    return pages[viewer_of(request).role](request)


app_name = "backfill"
urlpatterns = [
    path("", overview, name="overview"),
    path("declare/", supplier.declare, name="declare"),
    path("plan/", planning.plan_page, name="plan"),
    path("plan.ics", planning.plan_ics, name="plan-ics"),
    path("plan.csv", planning.plan_csv, name="plan-csv"),
    path("outcome/", supplier.outcome, name="outcome"),
    path("resend.csv", supplier.resend_csv, name="resend-csv"),
    path("lost/", supplier.lost, name="lost"),
    path("lost.csv", supplier.lost_csv, name="lost-csv"),
    path("capacity/", dcc.capacity, name="capacity"),
    path("allowances/<str:organisation>/", dcc.allowance, name="allowance"),
    path("demand/", dcc.demand, name="demand"),
    path("panel/", panel.index, name="panel"),
    path("panel/date/", panel.panel_date, name="panel-date"),
    path("panel/<month:month>/", panel.month_page, name="month"),
    path("panel/<month:month>/publish/", panel.publish_month, name="publish"),
    path("panel/<month:month>/pack/", panel.pack_page, name="pack"),
    path("panel/<month:month>/pack.xlsx", panel.pack_xlsx, name="pack-xlsx"),
]
