"""The pre-flight as a Django app."""

from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, register


class PreflightConfig(AppConfig):
    """What would refuse a service request, before it is sent."""

    name = "smi_portal.preflight"
    label = "preflight"

    def ready(self) -> None:
        """Collect with every load what the rules need; refuse to start with a schema that cannot be read."""
        from smi_portal.inventory.loading import after
        from smi_portal.preflight.collect import collect

        after.register("what a pre-flight needs", collect)
        register(schema_is_readable)


def schema_is_readable(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """SMI_DUIS_XSD must lead to an XML schema, if it is set."""
    from lxml import etree

    from smi_portal.preflight.readers.duis import schema_at

    if not settings.SMI_DUIS_XSD:
        return []
    try:
        schema_at(settings.SMI_DUIS_XSD)
    except (OSError, etree.LxmlError) as error:
        return [Error(f"SMI_DUIS_XSD: {settings.SMI_DUIS_XSD} is no XML schema: {error}", id="smi.E020")]
    return []
