"""Addresses of the API: none ends with a slash but its first."""

from django.urls import path

from reports.api import feed, inventory, jobs, pages, preflight, reconciliations, rental, views

app_name = "api"
urlpatterns = [
    path("", pages.help_page, name="help"),
    path("openapi.json", pages.openapi_file, name="openapi-file"),
    path("v1/", views.index, name="index"),
    path("v1/openapi.json", views.openapi, name="openapi"),
    path("v1/reports", views.reports, name="reports"),
    path("v1/reports/<str:code>", views.report, name="report"),
    path("v1/reports/<str:code>/rows", views.rows, name="rows"),
    path("v1/reports/<str:code>/rows.<str:form>", views.file, name="file"),
    path("v1/reports/<str:code>/jobs", jobs.ask, name="jobs"),
    path("v1/changes", feed.changes, name="changes"),
    path("v1/rental-days", rental.days, name="rental-days"),
    path("v1/rental-days.csv", rental.file, name="rental-days-file"),
    path("v1/reconciliations", reconciliations.reconciliations, name="reconciliations"),
    path("v1/reconciliations/<uuid:job>", reconciliations.reconciliation, name="reconciliation"),
    path(
        "v1/reconciliations/<uuid:job>/workbook.xlsx",
        reconciliations.workbook,
        name="reconciliation-workbook",
    ),
    path("v1/jobs", jobs.listed, name="jobs-listed"),
    path("v1/jobs/<uuid:job>", jobs.job, name="job"),
    path("v1/jobs/<uuid:job>/file", jobs.file, name="job-file"),
    path("v1/inventory", inventory.as_document, name="inventory"),
    path("v1/inventory.xml", inventory.as_response, name="inventory-xml"),
    path("v1/preflight", preflight.check, name="preflight"),
    path("v1/<path:rest>", views.nowhere, name="nowhere"),
]
