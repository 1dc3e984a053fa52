"""Oversight as a Django app: pages only."""

from django.apps import AppConfig


class OversightConfig(AppConfig):
    """Audit and usage pages."""

    name = "smi_portal.oversight"
    label = "oversight"
