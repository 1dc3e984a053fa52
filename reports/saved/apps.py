"""Saved views as a Django app."""

from django.apps import AppConfig


class SavedConfig(AppConfig):
    """Views by name, a person's own or its organisation's."""

    name = "reports.saved"
    label = "saved"
