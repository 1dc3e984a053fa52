"""The states of pages that following links does not lead to: who, and where."""

from __future__ import annotations

from playwright.sync_api import Page

from .acting import follow
from .people import DCC, MAP, OTHER_MAP, SECAS, SUPPLIER

LONG = "Un" + "believably" * 9 + "long"
#: Who has made nothing, or asks for what is not there.
NOTHING = [
    *(
        (OTHER_MAP, f"/{path}/")
        for path in ("views", "files", "schedules", "lists", "data-issues", "reconcile")
    ),
    (OTHER_MAP, "/account/tokens/"),
    (OTHER_MAP, "/changes/?effective_from=2001-01-01&effective_to=2001-01-31"),
    (OTHER_MAP, "/find/?q=00-DB-00-00-00-00-FF-FF"),
    (MAP, f"/find/?q={LONG}"),
    (OTHER_MAP, "/devices/00-DB-00-00-00-00-FF-FF/"),
    (OTHER_MAP, "/changes/asset/00-DB-00-00-00-00-FF-FF/"),
    (DCC, f"/reports/MAP_001/?supplier_id={LONG}&manufacturer={LONG}"),
    (DCC, "/usage/?day=2018-01-01"),
]
#: Questions that cannot be answered.
WRONG = [
    (MAP, "/changes/?nope=1&effective_from=soon&kind=lots"),
    (MAP, "/rental-days/?from=soon&to=later"),
    (MAP, f"/reports/MAP_001/?installation_date_from={LONG}&{LONG}=1"),
    (MAP, "/files/new/MAP_001/?nope=1"),
    (MAP, "/schedules/new/MAP_001/?nope=1"),
    (MAP, "/views/new/MAP_001/?nope=1"),
    (DCC, "/usage/?day=soon&nope=1"),
    (DCC, "/audit/?nope=1"),
]
#: Forms that are sent with nothing in them.
FORMS = [
    *((MAP, f"/{page}/new/MAP_001/") for page in ("files", "schedules", "views")),
    *((MAP, path) for path in ("/lists/", "/reconcile/", "/data-issues/raise/", "/account/tokens/")),
    *((MAP, path) for path in ("/schedules/dump/", "/account/password/")),
    *((SUPPLIER, path) for path in ("/preflight/",)),
    *((DCC, path) for path in ("/backfill/allowances/SUP-WILLOWBROOK/", "/backfill/")),
    *((None, path) for path in ("/sign-in/", "/account/forgotten/")),
]
#: Pages that the role has no right to.
REFUSED = [
    (MAP, "/backfill/"),
    (OTHER_MAP, "/people/"),
    (SUPPLIER, "/organisations/"),
    (SECAS, "/find/"),
    (DCC, "/preflight/"),
]


def send_empty(page: Page) -> None:
    """Send the page's first form with nothing in it."""
    form = page.locator("main form[method=post]").first
    for field in form.locator("input:not([type=hidden]):visible, textarea:visible").all():
        if field.get_attribute("type") in {"checkbox", "radio"}:
            field.evaluate("field => { field.checked = false }")
        elif field.get_attribute("type") != "file":
            field.fill("")
    follow(page, form.locator("button[type=submit], button:not([type])").first)
