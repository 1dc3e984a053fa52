"""The data issues as a Django app."""

from importlib import import_module

from django.apps import AppConfig


class DataIssuesConfig(AppConfig):
    """Inventory errors: raised, routed, tracked, verified."""

    name = "smi_portal.data_issues"
    label = "data_issues"

    def ready(self) -> None:
        """After each load: hold the lines against it, and send the post round. The home page's tiles."""
        from smi_portal.data_issues.post import deliver_with
        from smi_portal.data_issues.verify import verify
        from smi_portal.inventory.loading import after

        def follow(loaded: after.Loaded) -> None:
            if not loaded.again:
                verify(loaded.cursor, loaded.load.day, loaded.load.sequence)
                deliver_with(loaded.cursor, loaded.load.day, loaded.load.sequence)

        after.register("data issues", follow)
        import_module("smi_portal.data_issues.tiles")
