"""The portfolio's addresses: three sets, since each begins at the top."""

from __future__ import annotations

from django.urls import URLPattern, path

from smi_portal.portfolio.views import asset, feed, ledgers, notices, reconcile, rental

APP = "portfolio"

CHANGES: list[URLPattern] = [
    path("", feed.page, name="feed"),
    path("download.<str:extension>", feed.feed_file, name="file"),
    path("asset/<str:device_id>/", asset.page, name="asset"),
    path("notices/", notices.page, name="notices"),
    path("notices/digest/", notices.digest, name="digest"),
    path("notices/webhook/", notices.webhook, name="webhook"),
]
RENTAL: list[URLPattern] = [
    path("", rental.page, name="days"),
    path("download.<str:extension>", rental.rental_file, name="file"),
    path("keep/", rental.keep, name="keep"),
    path("statement/<str:kept_id>/", rental.statement_page, name="statement"),
    path("statement/<str:kept_id>/differences.csv", rental.differences_file, name="differences"),
]
RECONCILE: list[URLPattern] = [
    path("", reconcile.start, name="start"),
    path("ledgers/<uuid:job_id>/", ledgers.page, name="ledger"),
    path("ledgers/<uuid:job_id>/progress/", ledgers.progress, name="progress"),
    path("ledgers/<uuid:job_id>/cancel/", ledgers.cancel, name="cancel"),
    path("<str:kept_id>/", reconcile.result, name="result"),
    path("<str:kept_id>/workbook.xlsx", reconcile.result_file, name="file"),
]
