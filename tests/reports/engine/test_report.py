"""A report that contradicts itself is refused when it is declared, and is then in no list."""

from __future__ import annotations

from typing import Any

import pytest

from reports.engine.columns import Column
from reports.engine.inputs import Choice
from reports.engine.report import REGISTRY, Report
from smi_portal.access.readers import Role

TYPE = Column("device_type", "Device type", "p.device_type", help="Its type.")


def declare(**other: Any) -> None:
    """A report of nothing but a type, with what is given in place of what is right. None: it is not there."""
    parts = {
        "__doc__": "One row for each device type.",
        "code": "NEW_001",
        "title": "Types",
        "answers": "Which types are mine?",
        "roles": frozenset({Role.MAP}),
        "key": ("device_type",),
        "inputs": (Choice("device_type"),),
        "columns": (TYPE,),
        "source": lambda self, ask: "inventory_assetperiod p",
    } | other
    type("New", (Report,), {name: value for name, value in parts.items() if value is not None})


def test_what_is_right_is_registered() -> None:
    declare()
    assert REGISTRY.pop("NEW_001").title == "Types"


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"columns": (TYPE, TYPE)}, "two columns have one key"),
        ({"key": ("device_id",)}, "a key column is not shown"),
        ({"inputs": (Choice("map_id"),)}, "an input has no column"),
        ({"columns": (Column("device_type", "Device type", "p.device_type"),)}, "a column has no definition"),
        ({"code": "MAP_001"}, "the code is taken"),
        ({"__doc__": None}, "the docstring must say what a row is"),
        ({"source": None}, "it does not say where its rows come from"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_wrong_is_refused(wrong: dict[str, Any], why: str) -> None:
    before = dict(REGISTRY)
    with pytest.raises(TypeError, match=why):
        declare(**wrong)
    assert before == REGISTRY
