"""Data quality: findings over the viewer's own assets."""

from importlib import import_module

from django.apps import AppConfig


class QualityConfig(AppConfig):
    """Counts the findings of every party after each load."""

    name = "smi_portal.quality"

    def ready(self) -> None:
        """Have the load call us, since the inventory knows no app above it."""
        from smi_portal.inventory.loading import after
        from smi_portal.inventory.quality.counts import count

        after.register("data quality findings", lambda loaded: count(loaded.cursor, loaded.load))
        import_module("smi_portal.quality.tiles")
