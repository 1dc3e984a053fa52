"""Every address, form and key that takes an identifier is in the tables: a new one fails until it is entered."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django import forms
from django.apps import apps
from django.conf import settings
from django.urls import URLPattern, URLResolver, get_resolver

from reports.api.openapi import document
from reports.engine.inputs import Choice, OfList
from reports.engine.report import REGISTRY
from smi_portal.portfolio.reconcile.mapping import FIELDS as LEDGER_FIELDS
from tests.same_answer.addresses import ADDRESSES, NO_IDENTIFIER, OPEN
from tests.same_answer.fields import FIELDS, NAMES_NOTHING
from tests.same_answer.inputs import NOT_FOREIGN, TEXTS

MEND = (
    "Say in tests/same_answer (addresses, fields, names_nothing.txt) what is foreign there and what is absent, "
    "or that it names nothing."
)
OURS = ("smi_portal", "reports")
#: `request.GET["key"]`, `.get("key")`, `.getlist("key")`, `"key" in request.POST`.
READ = re.compile(
    r"""request\.(?:GET|POST|FILES)(?:\.get|\.getlist)?[\[(]\s*["'](\w+)["']|["'](\w+)["'] in request\.(?:GET|POST|FILES)"""
)


def routes(resolver: URLResolver | None = None, before: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every address as the URLconf has it."""
    for found in (resolver or get_resolver()).url_patterns:
        if isinstance(found, URLResolver):
            yield from routes(found, before + str(found.pattern))
        else:
            yield before + str(found.pattern), found


def test_every_address_with_a_part_of_its_own() -> None:
    named = {
        route for route, _ in routes() if set(re.findall(r"<(?:\w+:)?(\w+)>", route)) - NO_IDENTIFIER.keys()
    }
    assert named - ADDRESSES.keys() - OPEN.keys() == set(), MEND
    assert (ADDRESSES.keys() | OPEN.keys()) - named == set(), "These are no addresses (any more)."


def fields() -> set[str]:
    """Every field of every form of ours; the form's name with it, since a name alone may mean anything."""
    for app in apps.get_app_configs():
        if app.name.startswith(OURS):
            for file in Path(app.path).rglob("*.py"):
                if re.search(r"^class \w+\(.*Form\b", file.read_text(), re.MULTILINE):
                    __import__(".".join(file.relative_to(settings.BASE_DIR).with_suffix("").parts))
    every, todo = set(), [forms.Form]
    while todo:
        todo += (found := todo.pop()).__subclasses__()
        if found.__module__.startswith(OURS):
            every |= {f"{found.__name__}.{name}" for name in found.base_fields}
    return every


def keys() -> set[str]:
    """Every key that a view reads for itself from a query or a form."""
    texts = [file.read_text() for top in OURS for file in (Path(settings.BASE_DIR) / top).rglob("*.py")]
    return {one or other for text in texts for one, other in READ.findall(text)}


def test_every_field_and_key() -> None:
    found = fields() | keys()
    assert len(found) > 60
    assert found - FIELDS.keys() - NAMES_NOTHING == set(), MEND
    assert NAMES_NOTHING - found == set(), "These are no fields or keys (any more)."
    assert FIELDS.keys() & NAMES_NOTHING == set()


def test_every_input_of_every_report() -> None:
    """`test_inputs` asks by each input with a value of its own list; here: none is of a kind that it does not know."""
    for report in REGISTRY.values():
        for item in report.every_input:
            values = isinstance(item, Choice | OfList)
            known = item.column in TEXTS or item.column in NOT_FOREIGN or "devices" in item.keys
            assert known or not values, f"{report.code}: {item.column}. {MEND}"


def test_every_parameter_of_the_api() -> None:
    """Each is an input of a report, a field of the look-up, a filter of the feed, or names nothing."""
    names = {
        (address, found["name"])
        for address, item in document("http://testserver")["paths"].items()
        for operation in item.values()
        if isinstance(operation, dict)
        for found in operation.get("parameters", ())
        if "name" in found
    }
    inputs = {key for report in REGISTRY.values() for item in report.every_input for key in item.keys}
    look_up = {name.partition(".")[2] for name in FIELDS if name.startswith("FindForm.")}
    nothing = {"sort", "as_at", "history", "limit", "cursor", "count", "If-None-Match", "after", "kind"}
    nothing |= {"effective_from", "effective_to", "extract", "columns", "id", "job"}
    # A period, a rate, one's own name of a ledger or a mapping; `map.…` are headings of the file that is sent.
    nothing |= {"from", "to", "rate", "name", "mapping", *(f"map.{field}" for field in LEDGER_FIELDS)}
    unknown = {(place, name) for place, name in names if name not in inputs | look_up | nothing}
    assert unknown - {("/api/v1/changes", "device_id")} == set(), MEND


@pytest.mark.parametrize("name", ["DataIssueForm.device_id", "mpxn"])
def test_a_new_field_would_be_missed_by_nobody(name: str) -> None:
    """The lists are closed: what is in neither is not taken for harmless."""
    assert name not in FIELDS
    assert name not in NAMES_NOTHING
