"""The parts of which the API's description is made: schemas, parameters, headers and refusals that many share."""

from __future__ import annotations

from typing import Any

from reports.api import describe
from reports.api.question import MOST_ROWS, USUAL_ROWS
from reports.engine.columns import Column
from reports.engine.report import Report
from reports.engine.run import CONTENT_TYPES
from smi_portal import problems

Json = dict[str, Any]


def problem_schema() -> Json:
    """A problem's body."""
    error = object_of({"name": {"type": "string"}, "detail": {"type": "string"}})
    return object_of(
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


def refusals(kinds: tuple[str, ...]) -> Json:
    """Responses by status; kinds of one status share a place, as OpenAPI has no other."""
    return {str(problems.KINDS[kind][0]): ref("responses", kind) for kind in kinds}


def refusal(kind: str) -> Json:
    """One kind of problem as a response."""
    status, title, advice = problems.KINDS[kind]
    headers = {"Retry-After": ref("headers", "Retry-After")} if status in {429, 503} else {}
    return {
        "description": f"{title}. {advice}",
        "content": {problems.CONTENT_TYPE: {"schema": ref("schemas", "Problem")}},
        **({"headers": headers} if headers else {}),
    }


def object_of(properties: Json, required: list[str] | None = None) -> Json:
    """An object; all its properties are required unless said otherwise."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties) if required is None else required,
    }


def ref(part: str, name: str) -> Json:
    """A reference to a shared part."""
    return {"$ref": f"#/components/{part}/{name}"}


def parameter(name: str) -> Json:
    """A reference to a shared parameter."""
    return ref("parameters", name)


def get_of(name: str, words: str, schema: Json) -> Json:
    """An operation that gives JSON, with the refusals that every one has."""
    answered = {"description": "Answered.", "content": {"application/json": {"schema": schema}}}
    return {
        "get": {
            "operationId": name,
            "summary": words,
            "responses": {
                "200": {**answered, "headers": paced()},
                **refusals(
                    ("token-not-valid", "no-role", "not-found", "too-many-requests", "server-error", "busy")
                ),
            },
        }
    }


def cell(column: Column) -> Json:
    """A column's value."""
    schema = describe.SCHEMAS[column.kind]
    return {
        **schema,
        "type": [schema["type"], "null"],
        "title": column.title,
        "description": f"{column.help} ({column.source})",
        **({"x-released-as": column.group.value} if column.group else {}),
    }


def tags() -> Json:
    """Headers by which an answer is recognised."""
    return {name: ref("headers", name) for name in ("ETag", "SMI-Extract-Sequence", "SMI-Data-As-At")}


def paced() -> Json:
    """Headers that tell the pace."""
    return {name: ref("headers", name) for name in ("RateLimit", "RateLimit-Policy")}


def inputs_of(report: Report) -> list[Json]:
    """A report's inputs as parameters."""
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


def _query(name: str, words: str, schema: Json) -> Json:
    return {"name": name, "in": "query", "description": words, "schema": schema}


TEXT: Json = {"type": "string"}
DAY: Json = {"type": "string", "format": "date"}
IDENTITY: Json = {"type": "string", "format": "uuid"}
EXTRACT = object_of({"extract_id": TEXT, "sequence": {"type": "integer"}, "as_at": {"type": "string"}})
FACTS: Json = {"type": "array", "items": {"type": "object"}}
REPORT = object_of(
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
MAYBE_TEXT: Json = {"type": ["string", "null"]}
MAYBE_NUMBER: Json = {"type": ["integer", "null"]}
MOMENT: Json = {"type": ["string", "null"], "format": "date-time"}
JOB = object_of(
    {
        "id": IDENTITY,
        "report": TEXT,
        "format": {"type": "string", "enum": list(CONTENT_TYPES)},
        "question": TEXT,
        "state": {"type": "string", "enum": ["queued", "running", "ready", "failed", "cancelled", "expired"]},
        "reason": TEXT,
        "rows_done": {"type": "integer"},
        "rows_total": MAYBE_NUMBER,
        "requested_at": MOMENT,
        "finished_at": MOMENT,
        "expires_at": MOMENT,
        "extract_sequence": MAYBE_NUMBER,
        "size": MAYBE_NUMBER,
        "sha256": MAYBE_TEXT,
        "links": {"type": "object"},
    }
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
