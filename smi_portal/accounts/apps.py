"""People, sign-in, and what has been released to their organisations."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Accounts' Django app."""

    name = "smi_portal.accounts"

    def ready(self) -> None:
        """Hear of sign-ins, wherever they happen: sessions are stamped, and the audit is told."""
        from smi_portal.accounts.sign_in import middleware, noted

        middleware.listen()
        noted.listen()
