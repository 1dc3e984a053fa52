"""The audit as a Django app."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """The record of what was done."""

    name = "smi_portal.audit"
    label = "audit"

    def ready(self) -> None:
        """Listen to sign-ins."""
        from smi_portal.audit import sign_ins

        sign_ins.listen()
