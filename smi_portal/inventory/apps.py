"""The Smart Metering Inventory: models, loading, periods, identifiers."""

from importlib import import_module

from django.apps import AppConfig


class InventoryConfig(AppConfig):
    """The inventory's Django app."""

    name = "smi_portal.inventory"

    def ready(self) -> None:
        """Register what the home page says of the inventory."""
        import_module("smi_portal.inventory.tiles")
