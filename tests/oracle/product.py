"""Answers the questions of hand-made cases with the product: loads the home, asks as the site does."""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from django.test import override_settings

from reports.engine.ask import AskRefused
from tests.support.asking import table, viewer_of
from tests.support.loads import forget, load_tables

from .inventory import Inventory, Tables
from .model import IMPLEMENTATION_DATE, Refused

#: Hand-made cases call devices E1, H1 …: a letter and a number, which an extract may not.
SHORT = re.compile(r"([A-Z])([0-9]+)")
LONG = re.compile(r"00-DB-00-00-00-00-([0-9A-F]{2})-([0-9A-F]{2})")
NAMING = ("device_id", "chf_device_id", "gpf_device_id")


class Product:
    """What stands in for `model.run`. Call with the database unblocked."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._loaded = ""

    def answer(
        self,
        inventory: Inventory,
        organisation: str,
        report: str,
        *,
        day: date | None = None,
        history: bool = False,
        inputs: Mapping[str, Sequence[str]],
        released: frozenset[str] = frozenset(),
        implementation_date: date = IMPLEMENTATION_DATE,
    ) -> list[dict[str, str]]:
        """The report's rows. Raises Refused."""
        with override_settings(SMI_IMPLEMENTATION_DATE=implementation_date):
            self._load(inventory, implementation_date)
            given: dict[str, Any] = dict(inputs)
            given |= {"as_at": day.isoformat() if day else None, "history": "true" if history else None}
            try:
                header, *rows = table(viewer_of(organisation, released), report, **given)
            except AskRefused as refusal:
                raise Refused(str(refusal)) from refusal
        return [dict(zip(header, map(_short, row), strict=True)) for row in rows]

    def _load(self, inventory: Inventory, implementation: date) -> None:
        """Load it, unless it is what the last question was about."""
        wanted = json.dumps([inventory.text, inventory.as_at.isoformat(), implementation.isoformat()])
        if wanted != self._loaded:
            self._loaded = ""
            forget()
            load_tables(self._directory, _long(inventory.text), inventory.as_at)
            self._loaded = wanted


def _long(tables: Tables) -> Tables:
    """The tables with real Device IDs, in the same order."""
    return {
        name: [
            {key: _identifier(text) if key in NAMING and text else text for key, text in row.items()}
            for row in rows
        ]
        for name, rows in tables.items()
    }


def _identifier(short: str) -> str:
    found = SHORT.fullmatch(short.upper())
    return f"00-DB-00-00-00-00-{ord(found[1]):02X}-{int(found[2]):02X}" if found else short


def _short(cell: str) -> str:
    return LONG.sub(lambda found: chr(int(found[1], 16)) + str(int(found[2], 16)), cell)
