"""The table of pages is whole: every address is in it, and every role that may enter a page is looked at there."""

from __future__ import annotations

from django.urls import resolve

from tests.access.test_entry import ADDRESSES
from tests.access.test_table import TABLE

from .pages import NO_PAGES, PAGES

#: Columns of rights.txt → roles of `PAGES`. The demo's SECAS person administers nothing; the others do.
ACTORS = {"MAP+": "M", "SUP+": "S", "SECAS": "C", "DCC+": "D"}
#: Pages of a report: who may open them depends on the report, and rights.txt has one that is not for SECAS.
OF_A_REPORT = {"reports:report", "exports:new", "schedules:new", "saved:new"}
PUBLIC = {"accessibility", "glossary", "statistics:index", "statistics:month"}
MEND = "Enter it in tests/browser/pages.py: as a page with its roles, or as none with the reason."


def names() -> dict[str, str]:
    """Name of each address → an example of it."""
    return {resolve(address).view_name: address for address, pattern in ADDRESSES if pattern.name}


def test_every_address_is_in_the_table() -> None:
    named = {name for name in names() if not name.startswith("api:")} | {"api:help"}
    assert named - PAGES.keys() - NO_PAGES.keys() == set(), MEND
    assert PAGES.keys() - named == set(), "These are no addresses (any more)."
    assert PAGES.keys() & NO_PAGES.keys() == set()


def test_whoever_may_enter_a_page_is_looked_at_there() -> None:
    """Where rights.txt lets a role in, the sweep opens the page as that role; where it refuses, it does not."""
    wrong = {}
    for name, roles in PAGES.items():
        rights = TABLE[names()[name]]
        may = {role for actor, role in ACTORS.items() if rights[actor] == "Y"}
        refused = {role for actor, role in ACTORS.items() if rights[actor] == "n"}
        refused -= set("C") if name in OF_A_REPORT else set()
        if "n" in roles and name not in PUBLIC:
            continue  # an entrance: whoever has signed in has no business there
        if may - set(roles) or refused & set(roles):
            wrong[name] = f"{roles}: let in {sorted(may)}, refused {sorted(refused)}"
    assert wrong == {}
