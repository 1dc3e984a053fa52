"""The API's description as an OpenAPI 3.1 document, made from the reports' declarations and the problems' list."""

from __future__ import annotations

from reports.api.openapi_lists import changes, checked, job_of, jobs, preflight
from reports.api.openapi_portfolio import RECONCILIATION, reconciliations, rental_days
from reports.api.schemas import (
    EXTRACT,
    HEADERS,
    JOB,
    PARAMETERS,
    REPORT,
    TEXT,
    Json,
    cell,
    get_of,
    inputs_of,
    object_of,
    paced,
    parameter,
    problem_schema,
    ref,
    refusal,
    refusals,
    tags,
)
from reports.engine.columns import VALID_FROM, VALID_TO, Column
from reports.engine.report import Report, catalogue
from reports.engine.run import CONTENT_TYPES
from smi_portal import problems
from smi_portal.lookup.criteria import FindForm

VERSION = "1.0.0"
ABOUT = """Every report of the SMI Portal for programs: the same rows, order and values as on its pages.

Each answer holds only what the token's person may see at that moment. Inputs that are not known are refused by
name. Reports and columns here are those of the declarations: a column with `x-released-as` does not exist for a
Meter Asset Provider to which DCC has not released that group. Synthetic data only."""


def document(site: str) -> Json:
    """The whole description, for the site at this address."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "SMI Portal", "version": VERSION, "description": ABOUT},
        "servers": [{"url": site.rstrip("/")}],
        "security": [{"token": []}],
        "paths": {
            **_fixed(),
            **_inventory(),
            **{path: item for report in catalogue() for path, item in _report(report).items()},
        },
        "components": {
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "description": "A token of one's own."}
            },
            "schemas": {
                "Problem": problem_schema(),
                "Extract": EXTRACT,
                "Report": REPORT,
                "Job": JOB,
                "Checked": checked(),
                "Reconciliation": RECONCILIATION,
                **_rows(),
            },
            "parameters": PARAMETERS,
            "headers": HEADERS,
            "responses": {kind: refusal(kind) for kind in problems.KINDS},
        },
    }


def _fixed() -> Json:
    return {
        "/api/v1/": get_of("index", "Who asks, which data is shown, and where to go", {"type": "object"}),
        "/api/v1/openapi.json": get_of("description", "This document", {"type": "object"}),
        "/api/v1/reports": get_of(
            "reports",
            "The reports that this token may run",
            object_of({"reports": {"type": "array", "items": ref("schemas", "Report")}}),
        ),
        "/api/v1/changes": changes(),
        "/api/v1/preflight": preflight(),
        **rental_days(),
        **reconciliations(),
        **jobs(),
    }


def _inventory() -> Json:
    """Read Inventory: one criterion, JSON or the 8.2 response's elements."""
    words = "Read Inventory (SRV 8.2): the devices that one criterion names, with those of their homes"
    criteria = [
        {"name": name, "in": "query", "description": str(field.help_text or field.label), "schema": TEXT}
        for name, field in FindForm.base_fields.items()
    ]
    operations = {}
    for address, name, kind in (
        ("/api/v1/inventory", "inventory", "application/json"),
        ("/api/v1/inventory.xml", "inventory_xml", "application/xml"),
    ):
        item = get_of(name, words, {"type": "object"})
        item["get"]["parameters"] = criteria
        item["get"]["responses"]["200"]["content"] = {kind: {}}
        item["get"]["responses"] |= refusals(("bad-question", "not-for-your-role", "token-does-not-cover"))
        operations[address] = item
    return operations


def _report(report: Report) -> Json:
    address, title = f"/api/v1/reports/{report.code}", f"{report.code} {report.title}"
    roles = {"x-roles": sorted(role.value for role in report.roles)}
    asked = [*inputs_of(report), _sort(report), parameter("as_at")]
    asked += [parameter("history")] if report.has_history else []
    place = [parameter(name) for name in ("limit", "cursor", "count")]
    kinds = ("bad-question", "not-for-your-role", "extract-changed")
    pages = get_of(f"{report.code}_rows", f"{title}: a page of rows", ref("schemas", f"{report.code}_page"))
    return {
        address: get_of(report.code, f"{title}: inputs, columns, help", ref("schemas", "Report")) | roles,
        f"{address}/rows": _asked(pages, report, [*asked, *place], kinds) | roles,
        **{
            f"{address}/rows.{form}": _asked(_file(report, form), report, asked, kinds[:2]) | roles
            for form in CONTENT_TYPES
        },
        f"{address}/jobs": job_of(report) | roles,
    }


def _asked(item: Json, report: Report, parameters: list[Json], kinds: tuple[str, ...]) -> Json:
    operation = item["get"]
    operation["description"] = " ".join([report.answers, *(report.__doc__ or "").split(), *report.notes])
    operation["parameters"] = [*parameters, parameter("if_none_match")]
    operation["responses"] |= {
        "304": {"description": "Nothing has changed since the ETag that was sent.", "headers": tags()},
        **refusals(kinds),
    }
    operation["responses"]["200"]["headers"] = {**tags(), **paced()}
    return item


def _file(report: Report, form: str) -> Json:
    item = get_of(f"{report.code}_{form}", f"{report.code} {report.title}: all rows as {form.upper()}", {})
    item["get"]["responses"]["200"]["content"] = {CONTENT_TYPES[form].split(";")[0]: {}}
    return item


def _sort(report: Report) -> Json:
    keys = [column.key for column in _columns(report)]
    offered = [f"{sign}{key}" for key in keys for sign in ("", "-")]
    return {
        "name": "sort",
        "in": "query",
        "description": "Columns in order of importance, “-” before one for descending; ties follow the row's key.",
        "schema": {"type": "array", "items": {"type": "string", "enum": offered}},
        "explode": False,
    }


def _columns(report: Report) -> tuple[Column, ...]:
    return (*report.columns, *((VALID_FROM, VALID_TO) if report.has_history else ()))


def _rows() -> Json:
    schemas: Json = {}
    for report in catalogue():
        columns = _columns(report)
        always = [c.key for c in report.columns if c.group is None]
        row = object_of({c.key: cell(c) for c in columns}, always)
        schemas[f"{report.code}_row"] = {**row, "description": " ".join((report.__doc__ or "").split())}
        schemas[f"{report.code}_page"] = object_of(
            {
                "report": {"const": report.code},
                "organisation": {"type": "string"},
                "as_at": {"type": "string", "format": "date"},
                "history": {"type": "boolean"},
                "inputs": {"type": "object", "additionalProperties": {"type": "array"}},
                "extract": ref("schemas", "Extract"),
                "rows": {"type": "array", "items": ref("schemas", f"{report.code}_row")},
                "total": {"type": "integer", "description": "All matching rows; with count=exact only."},
                "next": {
                    "type": ["string", "null"],
                    "format": "uri",
                    "description": "The next page's address.",
                },
            },
            ["report", "organisation", "as_at", "history", "inputs", "extract", "rows", "next"],
        )
    return schemas
