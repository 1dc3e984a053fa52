"""Files as jobs, and schedules."""

from django.apps import AppConfig


class ExportsConfig(AppConfig):
    """The exports' Django app."""

    name = "reports.exports"
    label = "exports"
