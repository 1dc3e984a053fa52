"""The two days that pages with deadlines know: what day it is for people, and the day of the data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from django import forms
from django.conf import settings

from smi_portal.inventory.models import ExtractLoad


@dataclass(frozen=True)
class Days:
    """`today` for deadlines and records, `data` (D) for figures, and the extract shown."""

    today: date
    data: date
    load: ExtractLoad

    @classmethod
    def of(cls, load: ExtractLoad) -> Days:
        """The days of a page that shows this extract."""
        now = today()
        return cls(now, min(load.day, now), load)


def month_in_words(month: str) -> str:
    """ "Nov 2018" for "2018-11", never broken over two lines."""
    return f"{date.fromisoformat(f'{month}-01'):%b\u00a0%Y}"


def today() -> date:
    """The site's day: what is said now is said on this day, and deadlines are counted from it.

    The UTC day of the clock; or, where SMI_TODAY is "extract" (the demo, whose data stays in 2019), the extract
    day, so that its deadlines are days and not years away.
    """
    if settings.SMI_TODAY == "extract":
        load = ExtractLoad.current()
        if load is not None:
            return load.day
    return datetime.now(UTC).date()


def day_field(label: str, whole: str, **kwargs: Any) -> forms.DateField:
    """A day, sent as YYYY-MM-DD."""
    wrong = f"Enter {whole} as year, month and day, such as 2019-04-30."
    messages = {"required": f"Enter {whole}.", "invalid": wrong}
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    return forms.DateField(
        label=label, input_formats=["%Y-%m-%d"], error_messages=messages, widget=widget, **kwargs
    )
