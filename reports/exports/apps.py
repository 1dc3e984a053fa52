"""Files as jobs, and schedules."""

from importlib import import_module

from django.apps import AppConfig


class ExportsConfig(AppConfig):
    """The exports' Django app."""

    name = "reports.exports"
    label = "exports"

    def ready(self) -> None:
        """Register what the home page says of files."""
        import_module("reports.exports.tiles")
