"""Look-up of devices, and lists of identifiers."""

from django.apps import AppConfig


class LookupConfig(AppConfig):
    """Read Inventory, device pages and lists."""

    name = "smi_portal.lookup"
