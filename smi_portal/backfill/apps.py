"""The backfill as a Django app."""

from importlib import import_module
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error, register


class BackfillConfig(AppConfig):
    """Declarations, allowances, publications and reminders."""

    name = "smi_portal.backfill"
    label = "backfill"

    def ready(self) -> None:
        """Refuse to start with a calendar that nobody knows: deadlines would be wrong, or pages would break."""
        register(calendar_is_known)
        import_module("smi_portal.backfill.tiles")


def calendar_is_known(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """SMI_WORKING_DAY_CALENDAR must be a calendar of the holidays package."""
    from smi_portal.backfill.programme import working_calendar
    from smi_portal.backfill.working_days import UnknownCalendar

    try:
        working_calendar()
    except UnknownCalendar as error:
        return [Error(f"SMI_WORKING_DAY_CALENDAR: {error}", id="smi.E003")]
    return []
