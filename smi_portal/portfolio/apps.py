"""The portfolio: change feed, rental days, reconciliation, dispute pack."""

from django.apps import AppConfig


class PortfolioConfig(AppConfig):
    """The portfolio's Django app."""

    name = "smi_portal.portfolio"
