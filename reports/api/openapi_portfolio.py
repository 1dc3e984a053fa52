"""The description of the portfolio's lists: rental days, and ledgers that are reconciled."""

from __future__ import annotations

from reports.api.question import MOST_ROWS, USUAL_ROWS
from reports.api.reconciliations import KINDS
from reports.api.schemas import (
    DAY,
    IDENTITY,
    MAYBE_NUMBER,
    MAYBE_TEXT,
    MOMENT,
    TEXT,
    Json,
    cell,
    get_of,
    object_of,
    parameter,
    ref,
    refusals,
    tags,
)
from reports.engine.run import CONTENT_TYPES
from smi_portal.portfolio.ledger_models import LedgerState
from smi_portal.portfolio.reconcile.mapping import FIELDS
from smi_portal.portfolio.rental import days
from smi_portal.tokens.covering import RECONCILE, RENTAL

RECONCILIATION = object_of(
    {
        "id": IDENTITY,
        "file": TEXT,
        "file_sha256": TEXT,
        "from": DAY,
        "to": DAY,
        "state": {"type": "string", "enum": list(LedgerState.values)},
        "reason": TEXT,
        "lines_done": {"type": "integer"},
        "lines_total": MAYBE_NUMBER,
        "requested_at": MOMENT,
        "finished_at": MOMENT,
        "extract_sequence": MAYBE_NUMBER,
        "sha256": MAYBE_TEXT,
        "totals": {"type": ["array", "null"], "items": {"type": "object"}},
        "links": {"type": "object"},
    }
)


def rental_days() -> Json:
    """Rental days: pages and one file."""
    row = object_of({c.key: cell(c) for c in days.COLUMNS}, [c.key for c in days.COLUMNS if c.group is None])
    page = object_of(
        {
            "organisation": TEXT,
            "extract": ref("schemas", "Extract"),
            "from": DAY,
            "to": {**DAY, "description": "The day after the last; not counted itself."},
            "rows": {"type": "array", "items": row},
            "next": {"type": ["string", "null"], "format": "uri", "description": "The next page's address."},
        }
    )
    pages = get_of("rental_days", "Rental days: who had each asset on how many days of a period", page)
    limit = {"type": "integer", "minimum": 1, "maximum": MOST_ROWS, "default": USUAL_ROWS}
    pages["get"]["parameters"] = [
        *_period(),
        {"name": "limit", "in": "query", "schema": limit},
        parameter("cursor"),
        parameter("if_none_match"),
    ]
    whole = get_of("rental_days_csv", "Rental days: all rows as CSV", {})
    whole["get"]["parameters"] = [*_period(), parameter("if_none_match")]
    whole["get"]["responses"]["200"]["content"] = {CONTENT_TYPES["csv"].split(";")[0]: {}}
    unchanged = {"description": "Nothing has changed since the ETag that was sent.", "headers": tags()}
    for item in (pages, whole):
        item["get"]["responses"] |= {"304": unchanged, **refusals(("bad-question", "not-for-your-role"))}
        item["x-roles"] = sorted(role.value for role in RENTAL.roles)
    pages["get"]["responses"] |= refusals(("extract-changed",))
    return {"/api/v1/rental-days": pages, "/api/v1/rental-days.csv": whole}


def reconciliations() -> Json:
    """Ledgers: hand in, look, cancel, fetch."""
    roles = {"x-roles": sorted(role.value for role in RECONCILE.roles)}
    address = "/api/v1/reconciliations/{job}"
    shared = {"parameters": [{"name": "job", "in": "path", "required": True, "schema": IDENTITY}]}
    many = object_of({"reconciliations": {"type": "array", "items": ref("schemas", "Reconciliation")}})
    listed = get_of("reconciliations", "The ledgers that you handed in, newest first", many)
    one = get_of("reconciliation", "How far a ledger is, and its totals", ref("schemas", "Reconciliation"))
    cancel = get_of("cancel_reconciliation", "Cancel it", {})["get"]
    cancel["responses"]["204"] = {"description": "It is cancelled, or had ended."}
    del cancel["responses"]["200"]
    fetched = get_of("reconciliation_workbook", "Every line, with a sheet for each answer", {})
    fetched["get"]["responses"]["200"]["content"] = {CONTENT_TYPES["xlsx"]: {}}
    fetched["get"]["responses"] |= refusals(("job-not-ready", "no-longer-yours"))
    return {
        "/api/v1/reconciliations": listed | {"post": _hand_in()} | roles,
        address: one | {"delete": cancel} | shared | roles,
        f"{address}/workbook.xlsx": fetched | shared | roles,
    }


def _hand_in() -> Json:
    asked: Json = get_of("reconcile", "Hand a ledger in: its lines are compared with the inventory", {})[
        "get"
    ]
    texts = {
        "rate": "Pounds a day, for lines without a rate.",
        "mapping": "The name under which your organisation keeps how its columns are called.",
        "name": "The ledger's name, for you to know it by.",
        **{f"map.{field}": f"The heading of: {meaning}." for field, meaning in FIELDS.items()},
    }
    asked["parameters"] = [
        *_period(),
        *(
            {"name": name, "in": "query", "description": words, "schema": TEXT}
            for name, words in texts.items()
        ),
    ]
    asked["requestBody"] = {"required": True, "content": {kind: {} for kind in KINDS}}
    del asked["responses"]["200"]
    asked["responses"] |= {
        "202": {
            "description": "It waits for a worker; Location is its address.",
            "content": {"application/json": {"schema": ref("schemas", "Reconciliation")}},
        },
        **refusals(("bad-body", "not-for-your-role", "fair-use")),
    }
    return asked


def _period() -> list[Json]:
    words = {"from": "The first day.", "to": "The day after the last. Default: the last calendar month."}
    return [{"name": name, "in": "query", "description": told, "schema": DAY} for name, told in words.items()]
