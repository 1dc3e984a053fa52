"""Addresses of the files."""

from django.urls import path

from reports.exports.views import files

app_name = "exports"
urlpatterns = [
    path("", files.history, name="files"),
    path("new/<str:code>/", files.new, name="new"),
    path("<uuid:export_id>/", files.export, name="export"),
    path("<uuid:export_id>/progress/", files.progress, name="progress"),
    path("<uuid:export_id>/cancel/", files.cancel, name="cancel"),
    path("<uuid:export_id>/again/", files.again, name="again"),
    path("<uuid:export_id>/download/", files.download, name="download"),
]
