"""The Smart Metering Inventory: models, loading, periods, identifiers."""

from django.apps import AppConfig


class InventoryConfig(AppConfig):
    """The inventory's Django app."""

    name = "smi_portal.inventory"
