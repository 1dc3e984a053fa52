"""Addresses of the reports."""

from django.urls import path

from reports import views

app_name = "reports"
urlpatterns = [
    path("", views.catalogue_page, name="catalogue"),
    path("<str:code>/", views.report_page, name="report"),
    path("<str:code>/download.<str:extension>", views.download, name="download"),
]
