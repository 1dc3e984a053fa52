"""Every address of the site."""

from django.urls import URLPattern, URLResolver, include, path, re_path

from smi_portal import pages
from smi_portal.portfolio import urls as portfolio

handler403 = "smi_portal.pages.refused"
handler404 = "smi_portal.pages.not_found"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", pages.home, name="home"),
    path("", include("smi_portal.accounts.urls")),
    path("", include("smi_portal.lookup.urls")),
    path("quality/", include("smi_portal.quality.urls")),
    path("accessibility/", pages.accessibility, name="accessibility"),
    path("glossary/", pages.glossary, name="glossary"),
    path("reports/", include("reports.urls")),
    path("api/", include("reports.api.urls")),
    path("account/tokens/", include("smi_portal.tokens.urls")),
    path("views/", include("reports.saved.urls")),
    path("", include("smi_portal.oversight.urls")),
    path("statistics/", include("smi_portal.statistics.urls")),
    path("files/", include("reports.exports.urls")),
    path("schedules/", include("reports.exports.schedule_urls")),
    path("backfill/", include("smi_portal.backfill.urls")),
    path("preflight/", include("smi_portal.preflight.urls")),
    path("data-issues/", include("smi_portal.data_issues.urls")),
    path("changes/", include((portfolio.CHANGES, portfolio.APP), namespace="changes")),
    path("rental-days/", include((portfolio.RENTAL, portfolio.APP), namespace="rental")),
    path("reconcile/", include((portfolio.RECONCILE, portfolio.APP), namespace="reconcile")),
    re_path(r".*", pages.not_found),
]
