"""Who may see what."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AccessConfig(AppConfig):
    """Roles, scope, policies, and the checks that refuse to start without them."""

    name = "smi_portal.access"

    def ready(self) -> None:
        """Re-derive grants and policies after each migration, and register the system checks."""
        from smi_portal.access import checks, policies

        post_migrate.connect(policies.after_migrate, sender=self)
        checks.register_all()
