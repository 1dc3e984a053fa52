"""The API's description as an OpenAPI 3.1 document, made from the reports' declarations and the problems' list."""

from __future__ import annotations

from typing import Any

from reports.api import describe
from reports.api.question import MOST_ROWS, USUAL_ROWS
from reports.engine.columns import VALID_FROM, VALID_TO, Column
from reports.engine.report import Report, catalogue
from reports.engine.run import CONTENT_TYPES
from smi_portal import problems

Json = dict[str, Any]
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
            **{path: item for report in catalogue() for path, item in _report(report).items()},
        },
        "components": {
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "description": "A token of one's own."}
            },
            "schemas": {"Problem": _problem(), "Extract": EXTRACT, "Report": REPORT, **_rows()},
            "parameters": PARAMETERS,
            "headers": HEADERS,
            "responses": {kind: _refusal(kind) for kind in problems.KINDS},
        },
    }


def _fixed() -> Json:
    return {
        "/api/v1/": _get("index", "Who asks, which data is shown, and where to go", {"type": "object"}),
        "/api/v1/openapi.json": _get("description", "This document", {"type": "object"}),
        "/api/v1/reports": _get(
            "reports",
            "The reports that this token may run",
            _object({"reports": {"type": "array", "items": _ref("schemas", "Report")}}),
        ),
    }


def _report(report: Report) -> Json:
    address, title = f"/api/v1/reports/{report.code}", f"{report.code} {report.title}"
    roles = {"x-roles": sorted(role.value for role in report.roles)}
    asked = [*_inputs(report), _sort(report), _parameter("as_at")]
    asked += [_parameter("history")] if report.has_history else []
    place = [_parameter(name) for name in ("limit", "cursor", "count")]
    refusals = ("bad-question", "not-for-your-role", "extract-changed")
    pages = _get(f"{report.code}_rows", f"{title}: a page of rows", _ref("schemas", f"{report.code}_page"))
    return {
        address: _get(report.code, f"{title}: inputs, columns, help", _ref("schemas", "Report")) | roles,
        f"{address}/rows": _asked(pages, report, [*asked, *place], refusals) | roles,
        **{
            f"{address}/rows.{form}": _asked(_file(report, form), report, asked, refusals[:2]) | roles
            for form in CONTENT_TYPES
        },
    }


def _asked(item: Json, report: Report, parameters: list[Json], refusals: tuple[str, ...]) -> Json:
    operation = item["get"]
    operation["description"] = " ".join([report.answers, *(report.__doc__ or "").split(), *report.notes])
    operation["parameters"] = [*parameters, _parameter("if_none_match")]
    operation["responses"] |= {
        "304": {"description": "Nothing has changed since the ETag that was sent.", "headers": _tags()},
        **_refusals(refusals),
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
                **_refusals(
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
    released = {i.column: report.column(i.column).group for i in report.inputs}
    return [
        {
            "name": found["key"],
            "in": "query",
            "description": found["help"],
            **({"x-released-as": group.value} if (group := released[found["column"]]) else {}),
            "schema": _input_schema(found),
            **({"explode": True} if found["repeatable"] else {}),
        }
        for found in describe.inputs(report, report.inputs)
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
        row = _object({c.key: _cell(c) for c in columns}, always)
        schemas[f"{report.code}_row"] = {**row, "description": " ".join((report.__doc__ or "").split())}
        schemas[f"{report.code}_page"] = _object(
            {
                "report": {"const": report.code},
                "organisation": {"type": "string"},
                "as_at": {"type": "string", "format": "date"},
                "history": {"type": "boolean"},
                "inputs": {"type": "object", "additionalProperties": {"type": "array"}},
                "extract": _ref("schemas", "Extract"),
                "rows": {"type": "array", "items": _ref("schemas", f"{report.code}_row")},
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


def _problem() -> Json:
    error = _object({"name": {"type": "string"}, "detail": {"type": "string"}})
    return _object(
        {
            "type": {"type": "string", "format": "uri"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
            "errors": {"type": "array", "items": error},
            "first": {"type": "string", "format": "uri"},
        },
        ["type", "title", "status", "detail"],
    )


def _refusals(kinds: tuple[str, ...]) -> Json:
    return {str(problems.KINDS[kind][0]): _ref("responses", kind) for kind in kinds}


def _refusal(kind: str) -> Json:
    status, title, advice = problems.KINDS[kind]
    headers = {"Retry-After": _ref("headers", "Retry-After")} if status in {429, 503} else {}
    return {
        "description": f"{title}. {advice}",
        "content": {problems.CONTENT_TYPE: {"schema": _ref("schemas", "Problem")}},
        **({"headers": headers} if headers else {}),
    }


def _object(properties: Json, required: list[str] | None = None) -> Json:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties) if required is None else required,
    }


def _ref(part: str, name: str) -> Json:
    return {"$ref": f"#/components/{part}/{name}"}


def _parameter(name: str) -> Json:
    return _ref("parameters", name)


def _tags() -> Json:
    return {name: _ref("headers", name) for name in ("ETag", "SMI-Extract-Sequence", "SMI-Data-As-At")}


def _paced() -> Json:
    return {name: _ref("headers", name) for name in ("RateLimit", "RateLimit-Policy")}


def _query(name: str, words: str, schema: Json) -> Json:
    return {"name": name, "in": "query", "description": words, "schema": schema}


TEXT: Json = {"type": "string"}
DAY: Json = {"type": "string", "format": "date"}
EXTRACT = _object({"extract_id": TEXT, "sequence": {"type": "integer"}, "as_at": {"type": "string"}})
FACTS: Json = {"type": "array", "items": {"type": "object"}}
REPORT = _object(
    {
        "code": TEXT,
        "title": TEXT,
        "answers": TEXT,
        "links": {"type": "object"},
        "row": TEXT,
        "notes": {"type": "array", "items": TEXT},
        "key": {"type": "array", "items": TEXT},
        "history": {"type": "boolean"},
        "inputs": FACTS,
        "columns": FACTS,
    },
    ["code", "title", "answers", "links"],
)
PARAMETERS: Json = {
    "as_at": _query("as_at", "The day asked for, YYYY-MM-DD; the extract's day when left out.", DAY),
    "history": _query(
        "history", "A row for each period of constant values up to that day.", {"type": "boolean"}
    ),
    "limit": _query(
        "limit",
        "Rows on a page.",
        {"type": "integer", "minimum": 1, "maximum": MOST_ROWS, "default": USUAL_ROWS},
    ),
    "cursor": _query("cursor", "From `next`: send it as it is, with the same question.", TEXT),
    "count": _query("count", "Also count all matching rows.", {"type": "string", "enum": ["exact"]}),
    "if_none_match": {
        "name": "If-None-Match",
        "in": "header",
        "description": "The ETag of an earlier answer: 304 when it still holds.",
        "schema": TEXT,
    },
}
HEADERS: Json = {
    "ETag": {"description": "Changes with the extract, the question and the rights.", "schema": TEXT},
    "SMI-Extract-Sequence": {
        "description": "The extract that the rows are from.",
        "schema": {"type": "integer"},
    },
    "SMI-Data-As-At": {"description": "The instant that the data describes (UTC).", "schema": TEXT},
    "RateLimit": {"description": "Requests left, and seconds until all are back.", "schema": TEXT},
    "RateLimit-Policy": {"description": "Requests a window of seconds.", "schema": TEXT},
    "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}},
}
