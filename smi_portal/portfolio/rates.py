"""A rate: pounds that an asset costs a day, as pages, programs and the command take it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from smi_portal.portfolio.asking import Refused


class RateField(forms.DecimalField):
    """Pounds a day: 0 or more, to eight places, below 10,000."""

    def __init__(self, **kwargs: Any) -> None:
        said = {"invalid": "Write pounds a day as a number, such as 0.0345."}
        super().__init__(
            min_value=Decimal(0),
            max_digits=12,
            decimal_places=8,
            required=False,
            error_messages=said,
            **kwargs,
        )


def read_rate(text: str | None) -> Decimal | None:
    """A rate as it was written; None for none. Raises Refused."""
    try:
        rate: Decimal | None = RateField().clean(text)
    except ValidationError as error:
        raise Refused({"rate": [f"“{text}” is no rate. {' '.join(error.messages)}"]}) from None
    return rate
