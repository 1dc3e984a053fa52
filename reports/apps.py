"""The reports: one declaration each, everything else derived from it."""

from importlib import import_module

from django.apps import AppConfig


class ReportsConfig(AppConfig):
    """Loads the catalogue, so that each report is registered and validated at start-up."""

    name = "reports"

    def ready(self) -> None:
        """Import every declaration, and what the home page says of them."""
        from reports import catalogue

        catalogue.load()
        import_module("reports.tiles")
