"""Fair use as a Django app."""

from django.apps import AppConfig


class FairUseConfig(AppConfig):
    """Daily caps, and who used how much."""

    name = "smi_portal.fair_use"
    label = "fair_use"
