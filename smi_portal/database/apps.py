"""Django's name for this app."""

from django.apps import AppConfig


class DatabaseConfig(AppConfig):
    """The database server, its roles and the commands about them. No models."""

    name = "smi_portal.database"
    label = "database"
    verbose_name = "Database"
