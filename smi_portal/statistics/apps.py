"""Statistics as a Django app."""

from django.apps import AppConfig


class StatisticsConfig(AppConfig):
    """Fixed monthly tables, disclosure-controlled."""

    name = "smi_portal.statistics"
    label = "statistics"
