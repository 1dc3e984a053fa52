"""The reports: one declaration each, everything else derived from it."""

from django.apps import AppConfig


class ReportsConfig(AppConfig):
    """Loads the catalogue, so that each report is registered and validated at start-up."""

    name = "reports"

    def ready(self) -> None:
        """Import every declaration."""
        from reports import catalogue

        catalogue.load()
