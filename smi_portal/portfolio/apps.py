"""The portfolio: change feed, rental days, reconciliation, dispute pack."""

from importlib import import_module

from django.apps import AppConfig


class PortfolioConfig(AppConfig):
    """The portfolio's Django app."""

    name = "smi_portal.portfolio"

    def ready(self) -> None:
        """Bring the home page's tile."""
        import_module("smi_portal.portfolio.tiles")
