"""The description of what is no report: jobs, the change feed, and the pre-flight."""

from __future__ import annotations

from reports.api.preflight import CONTENT_TYPES as PREFLIGHT_TYPES
from reports.api.question import MOST_ROWS, USUAL_ROWS
from reports.api.schemas import (
    DAY,
    IDENTITY,
    MAYBE_TEXT,
    TEXT,
    Json,
    cell,
    get_of,
    inputs_of,
    object_of,
    parameter,
    ref,
    refusals,
    tags,
)
from reports.engine.report import Report
from reports.engine.run import CONTENT_TYPES
from smi_portal.portfolio.feed import KINDS
from smi_portal.portfolio.feed import rows as feed
from smi_portal.preflight.requests import Outcome
from smi_portal.tokens.covering import CHANGES, PREFLIGHT


def changes() -> Json:
    """The change feed."""
    event = object_of(
        {c.key: cell(c) for c in feed.COLUMNS}, [c.key for c in feed.COLUMNS if c.group is None]
    )
    page = object_of(
        {
            "organisation": TEXT,
            "extract": ref("schemas", "Extract"),
            "events": {"type": "array", "items": event},
            "cursor": {"type": "integer", "description": "The last event's; ask after it."},
            "more": {"type": "boolean", "description": "Whether there are more now."},
            "next": {
                "type": "string",
                "format": "uri",
                "description": "Where to go on, now or after the next load.",
            },
        }
    )
    item = get_of("changes", "The change feed: what each load changed, oldest first", page)
    whole = {"type": "integer", "minimum": 0}
    schemas: dict[str, Json] = {
        "after": whole,
        "limit": {**whole, "maximum": MOST_ROWS, "default": USUAL_ROWS},
        "kind": {"type": "array", "items": {"type": "string", "enum": list(KINDS)}},
        "device_id": TEXT,
        "effective_from": DAY,
        "effective_to": DAY,
        "extract": whole,
    }
    item["get"]["parameters"] = [{"name": n, "in": "query", "schema": s} for n, s in schemas.items()]
    item["get"]["parameters"].append(parameter("if_none_match"))
    item["get"]["responses"] |= {
        "304": {"description": "Nothing new since the ETag that was sent.", "headers": tags()},
        **refusals(("bad-question", "not-for-your-role")),
    }
    return item | {"x-roles": sorted(role.value for role in CHANGES.roles)}


def preflight() -> Json:
    """The check of service requests that are yet to be sent."""
    item = get_of("preflight", "Pre-flight: which check would refuse each request", ref("schemas", "Checked"))
    asked = item["get"]
    asked["description"] = (
        "The body is DUIS XML (one sr:Request), a zip of such files, or a CSV of intended changes. A body that cannot "
        "be read as one of these is one request that is malformed, with the reason; so is each part of it. Nothing is "
        "stored or sent anywhere. Each device counts as one look-up towards fair use."
    )
    asked["requestBody"] = {"required": True, "content": {kind: {} for kind in PREFLIGHT_TYPES}}
    asked["responses"] |= refusals(
        (
            *("bad-body", "not-for-your-role", "token-does-not-cover", "body-too-long"),
            *("wrong-content-type", "fair-use"),
        )
    )
    return {"post": asked, "x-roles": sorted(role.value for role in PREFLIGHT.roles)}


def checked() -> Json:
    """The answer of the pre-flight: the fields that the command prints."""
    texts = dict.fromkeys(("request_id", "service_reference_variant", "device_id"), MAYBE_TEXT)
    verdict = {"verdict": {"type": "string", "enum": [outcome.value for outcome in Outcome]}}
    sentences = dict.fromkeys(("code", "reason", "resolution"), MAYBE_TEXT)
    line = {"line": {"type": "integer", "description": "In a CSV only."}}
    required = {"file": TEXT, **texts, **verdict, **sentences}
    one = object_of({**required, **line}, list(required))
    return object_of(
        {
            "organisation": TEXT,
            "extract": ref("schemas", "Extract"),
            "count": {"type": "integer"},
            "requests": {"type": "array", "items": one},
        }
    )


def jobs() -> Json:
    """Addresses of a person's jobs."""
    address = "/api/v1/jobs/{job}"
    shared = {"parameters": [{"name": "job", "in": "path", "required": True, "schema": IDENTITY}]}
    one = get_of("job", "How far a job is", ref("schemas", "Job")) | shared
    cancel = get_of("cancel_job", "Cancel a job", {})["get"]
    cancel["responses"]["204"] = {"description": "It is cancelled, or had ended."}
    del cancel["responses"]["200"]
    fetched = get_of("job_file", "The finished file", {}) | shared
    fetched["get"]["responses"] |= {
        "200": {
            "description": "The file.",
            "content": {kind.split(";")[0]: {} for kind in CONTENT_TYPES.values()},
        },
        **refusals(("job-not-ready", "file-gone", "no-longer-yours")),
    }
    many = object_of({"jobs": {"type": "array", "items": ref("schemas", "Job")}})
    return {
        "/api/v1/jobs": get_of("jobs", "Your newest jobs", many),
        address: one | {"delete": cancel},
        f"{address}/file": fetched,
    }


def job_of(report: Report) -> Json:
    """How to ask for a file of this report."""
    asked = get_of(f"{report.code}_job", f"{report.code} {report.title}: ask for a large file", {})["get"]
    values = {item["name"]: item["schema"] for item in inputs_of(report)}
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
