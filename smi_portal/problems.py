"""Errors for programs: problem details (RFC 9457), each with a type that has a place on the API's page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest, JsonResponse

CONTENT_TYPE = "application/problem+json"

#: type → (status, title, what it means and what to do): the API's page and its description say the same.
KINDS: dict[str, tuple[int, str, str]] = {
    "bad-question": (
        400,
        "The question cannot be answered",
        "“errors” names each input that is wrong, and how to mend it. An input that is not known, or not yours, is "
        "refused: it never means “everything”.",
    ),
    "bad-body": (400, "The body cannot be read", "Send JSON (application/json) as described."),
    "https-needed": (
        403,
        "Only by HTTPS",
        "The request came unencrypted, so others may have read it: nothing was looked at. Use https://, and if you sent a "
        "token, revoke it and make another.",
    ),
    "no-token": (401, "A token is needed", "Send “Authorization: Bearer” and a token of yours."),
    "token-not-valid": (
        401,
        "The token is not valid",
        "It is unknown, has expired, was revoked, or its person may no longer sign in. Make a new one.",
    ),
    "no-role": (
        403,
        "The organisation sees nothing here",
        "Only organisations that have completed DCC User Entry, and whose kind has a role, see data.",
    ),
    "not-for-your-role": (403, "Not for your role", "Another role's report: no token of yours can run it."),
    "token-does-not-cover": (
        403,
        "The token does not cover this",
        "You may run it, but not with this token. Make one that covers it.",
    ),
    "not-found": (
        404,
        "There is nothing here",
        "The address leads nowhere, or to a thing that is not yours.",
    ),
    "no-longer-yours": (
        403,
        "Not any more",
        "The file holds what may no longer be given to you: another role, or fields that are not released now.",
    ),
    "method-not-allowed": (405, "Not with this method", "“Allow” names the methods that the address has."),
    "job-not-ready": (
        409,
        "The job has no file",
        "While it is queued or running, look again after as many seconds as “Retry-After” says. One that failed or was "
        "cancelled never has one: ask again.",
    ),
    "file-gone": (410, "The file is gone", "It has expired or is no longer in the store: ask for it again."),
    "body-too-long": (
        413,
        "The body is too long",
        "Nothing of it was read. Send it in several parts.",
    ),
    "wrong-content-type": (
        415,
        "The body is of a kind that is not read",
        "“Content-Type” must be one of those that the operation names.",
    ),
    "extract-changed": (
        410,
        "A new extract was loaded since the first page",
        "Pages of two extracts do not fit together. Start again from “first”: the same question, without a cursor.",
    ),
    "too-many-requests": (429, "Too many requests", "Wait as many seconds as “Retry-After” says."),
    "fair-use": (
        429,
        "More rows than one person may take in a day",
        "Nothing was given. Wait until tomorrow (“Retry-After”), or ask an administrator of your organisation to lift "
        "the limit for today.",
    ),
    "server-error": (500, "Something went wrong here", "It was recorded. Try again; nothing was changed."),
    "busy": (
        503,
        "The portal is too busy to answer now",
        "Try again after as many seconds as “Retry-After” says.",
    ),
}


@dataclass
class Problem(Exception):
    """A refusal: raised by an operation, answered as problem details."""

    kind: str
    detail: str = ""
    #: Name of what is wrong → sentences.
    errors: Mapping[str, Sequence[str]] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


def answer(request: HttpRequest, problem: Problem) -> JsonResponse:
    """The problem as a response. Its `type` is an address on this site at which people can read about it."""
    status, title, advice = KINDS[problem.kind]
    body: dict[str, Any] = {
        "type": request.build_absolute_uri(f"/api/#{problem.kind}"),
        "title": title,
        "status": status,
        "detail": problem.detail or advice,
    }
    if problem.errors:
        body["errors"] = [
            {"name": name, "detail": sentence}
            for name, sentences in problem.errors.items()
            for sentence in sentences
        ]
    response = JsonResponse(
        {**body, **problem.extra},
        status=status,
        content_type=CONTENT_TYPE,
        headers=dict(problem.headers),
        json_dumps_params={"ensure_ascii": False},
    )
    response["Cache-Control"] = "private, no-store"
    return response
