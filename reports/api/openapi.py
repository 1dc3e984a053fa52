"""The API's description as an OpenAPI 3.1 document, made from the reports' declarations and the problems' list."""

from __future__ import annotations

from reports.api import describe
from reports.api.schemas import (
    DAY,
    EXTRACT,
    HEADERS,
    IDENTITY,
    JOB,
    PARAMETERS,
    REPORT,
    TEXT,
    Json,
    object_of,
    parameter,
    problem_schema,
    ref,
    refusal,
    refusals,
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
                **_rows(),
            },
            "parameters": PARAMETERS,
            "headers": HEADERS,
            "responses": {kind: refusal(kind) for kind in problems.KINDS},
        },
    }


def _fixed() -> Json:
    return {
        "/api/v1/": _get("index", "Who asks, which data is shown, and where to go", {"type": "object"}),
        "/api/v1/openapi.json": _get("description", "This document", {"type": "object"}),
        "/api/v1/reports": _get(
            "reports",
            "The reports that this token may run",
            object_of({"reports": {"type": "array", "items": ref("schemas", "Report")}}),
        ),
        **_jobs(),
    }


def _jobs() -> Json:
    address = "/api/v1/jobs/{job}"
    shared = {"parameters": [{"name": "job", "in": "path", "required": True, "schema": IDENTITY}]}
    one = _get("job", "How far a job is", ref("schemas", "Job")) | shared
    cancel = _get("cancel_job", "Cancel a job", {})["get"]
    cancel["responses"]["204"] = {"description": "It is cancelled, or had ended."}
    del cancel["responses"]["200"]
    fetched = _get("job_file", "The finished file", {}) | shared
    fetched["get"]["responses"] |= {
        "200": {
            "description": "The file.",
            "content": {kind.split(";")[0]: {} for kind in CONTENT_TYPES.values()},
        },
        **refusals(("job-not-ready", "file-gone", "no-longer-yours")),
    }
    many = object_of({"jobs": {"type": "array", "items": ref("schemas", "Job")}})
    return {
        "/api/v1/jobs": _get("jobs", "Your newest jobs", many),
        address: one | {"delete": cancel},
        f"{address}/file": fetched,
    }


def _job_of(report: Report) -> Json:
    asked = _get(f"{report.code}_job", f"{report.code} {report.title}: ask for a large file", {})["get"]
    values = {item["name"]: item["schema"] for item in _inputs(report)}
    values |= {"as_at": DAY, "sort": TEXT, **({"history": {"type": "boolean"}} if report.has_history else {})}
    body = object_of(
        {
            "format": {"type": "string", "enum": list(CONTENT_TYPES)},
            "question": {**object_of(values, []), "additionalProperties": False},
        },
        ["format"],
    )
    asked["requestBody"] = {"required": True, "content": {"application/json": {"schema": body}}}
    del asked["responses"]["200"]
    asked["responses"] |= {
        "202": {
            "description": "The job; Location is its address.",
            "content": {"application/json": {"schema": ref("schemas", "Job")}},
        },
        **refusals(("bad-body", "not-for-your-role")),
    }
    return {"post": asked}


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
        item = _get(name, words, {"type": "object"})
        item["get"]["parameters"] = criteria
        item["get"]["responses"]["200"]["content"] = {kind: {}}
        item["get"]["responses"] |= refusals(("bad-question", "not-for-your-role", "token-does-not-cover"))
        operations[address] = item
    return operations


def _report(report: Report) -> Json:
    address, title = f"/api/v1/reports/{report.code}", f"{report.code} {report.title}"
    roles = {"x-roles": sorted(role.value for role in report.roles)}
    asked = [*_inputs(report), _sort(report), parameter("as_at")]
    asked += [parameter("history")] if report.has_history else []
    place = [parameter(name) for name in ("limit", "cursor", "count")]
    kinds = ("bad-question", "not-for-your-role", "extract-changed")
    pages = _get(f"{report.code}_rows", f"{title}: a page of rows", ref("schemas", f"{report.code}_page"))
    return {
        address: _get(report.code, f"{title}: inputs, columns, help", ref("schemas", "Report")) | roles,
        f"{address}/rows": _asked(pages, report, [*asked, *place], kinds) | roles,
        **{
            f"{address}/rows.{form}": _asked(_file(report, form), report, asked, kinds[:2]) | roles
            for form in CONTENT_TYPES
        },
        f"{address}/jobs": _job_of(report) | roles,
    }


def _asked(item: Json, report: Report, parameters: list[Json], kinds: tuple[str, ...]) -> Json:
    operation = item["get"]
    operation["description"] = " ".join([report.answers, *(report.__doc__ or "").split(), *report.notes])
    operation["parameters"] = [*parameters, parameter("if_none_match")]
    operation["responses"] |= {
        "304": {"description": "Nothing has changed since the ETag that was sent.", "headers": _tags()},
        **refusals(kinds),
    }
    operation["responses"]["200"]["headers"] = {**_tags(), **_paced()}
    return item


def _get(name: str, words: str, schema: Json) -> Json:
    answered = {"description": "Answered.", "content": {"application/json": {"schema": schema}}}
    return {
        "get": {
            "operationId": name,
            "summary": words,
            "responses": {
                "200": {**answered, "headers": _paced()},
                **refusals(
                    ("token-not-valid", "no-role", "not-found", "too-many-requests", "server-error", "busy")
                ),
            },
        }
    }


def _file(report: Report, form: str) -> Json:
    item = _get(f"{report.code}_{form}", f"{report.code} {report.title}: all rows as {form.upper()}", {})
    item["get"]["responses"]["200"]["content"] = {CONTENT_TYPES[form].split(";")[0]: {}}
    return item


def _inputs(report: Report) -> list[Json]:
    released = {i.column: report.column(i.column).group for i in report.every_input}
    return [
        {
            "name": found["key"],
            "in": "query",
            "description": found["help"],
            **({"x-released-as": group.value} if (group := released[found["column"]]) else {}),
            "schema": _input_schema(found),
            **({"explode": True} if found["repeatable"] else {}),
        }
        for found in describe.inputs(report, report.every_input)
    ]


def _input_schema(found: Json) -> Json:
    schemas: dict[str, Json] = {"date": DAY, "integer": {"type": "integer", "minimum": 0}}
    schema = schemas.get(found["type"], TEXT)
    return {"type": "array", "items": schema} if found["repeatable"] else schema


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
        row = object_of({c.key: _cell(c) for c in columns}, always)
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


def _cell(column: Column) -> Json:
    schema = describe.SCHEMAS[column.kind]
    return {
        **schema,
        "type": [schema["type"], "null"],
        "title": column.title,
        "description": f"{column.help} ({column.source})",
        **({"x-released-as": column.group.value} if column.group else {}),
    }


def _tags() -> Json:
    return {name: ref("headers", name) for name in ("ETag", "SMI-Extract-Sequence", "SMI-Data-As-At")}


def _paced() -> Json:
    return {name: ref("headers", name) for name in ("RateLimit", "RateLimit-Policy")}
