"""People, sign-in, and what has been released to their organisations."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Accounts' Django app."""

    name = "smi_portal.accounts"
