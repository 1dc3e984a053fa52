"""API tokens, and how fast they may ask."""

from django.apps import AppConfig


class TokensConfig(AppConfig):
    """The tokens' Django app."""

    name = "smi_portal.tokens"
