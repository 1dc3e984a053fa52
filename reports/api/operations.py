"""What every operation of the API shares: who comes in, which methods it has, and refusals as problem details."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone

from reports.engine.ask import AskRefused
from reports.engine.report import Report, report_for
from reports.exports.rights import RightLost
from reports.exports.store import FileIsGone
from smi_portal.access.declare import by_token
from smi_portal.access.entered import viewer_of
from smi_portal.fair_use import OverCap
from smi_portal.portfolio.asking import Refused
from smi_portal.problems import Problem, answer
from smi_portal.tokens.covering import Cover
from smi_portal.tokens.models import ApiToken

View = Callable[..., HttpResponseBase]
log = logging.getLogger(__name__)

#: A file stands for this many ordinary requests.
FILE_COST = 10


def operation(*methods: str, cost: int = 1) -> Callable[[View], View]:
    """Declare a view as an operation of the API with these methods (GET brings HEAD)."""
    allowed = [*methods, *(["HEAD"] if "GET" in methods else []), "OPTIONS"]

    def declare(view: View) -> View:
        @wraps(view)
        def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            try:
                response = _called(view, request, allowed, *args, **kwargs)
            except Exception as error:  # whatever it is, a program gets problem details and never a page
                response = answer(request, _problem(error, request))
            for name, value in request.pace.headers.items():  # type: ignore[attr-defined]  # set by admit
                response.headers.setdefault(name, value)
            response.headers.setdefault("Cache-Control", "private, no-cache")
            return response

        answered.methods = methods  # type: ignore[attr-defined]  # for the API's description and its tests
        return by_token(answered, cost)

    return declare


def _called(
    view: View, request: HttpRequest, allowed: list[str], *args: Any, **kwargs: Any
) -> HttpResponseBase:
    if request.method not in allowed:
        raise Problem(
            "method-not-allowed",
            f"{request.method} is not possible here; {', '.join(allowed)} are.",
            headers={"Allow": ", ".join(allowed)},
        )
    if request.method == "OPTIONS":
        return HttpResponse(status=204, headers={"Allow": ", ".join(allowed)})
    return view(request, *args, **kwargs)


def _problem(error: Exception, request: HttpRequest) -> Problem:
    if isinstance(error, Problem):
        return error
    if isinstance(error, AskRefused) and error.status == 429:
        return Problem(
            "fair-use", str(error), headers={"Retry-After": str(getattr(error, "retry_after", 60))}
        )
    if isinstance(error, Refused):
        kinds = {403: "not-for-your-role", 429: "fair-use", 503: "busy"}
        later = {"Retry-After": "60"} if error.status in {429, 503} else {}
        kind = kinds.get(error.status, "bad-question")
        return Problem(kind, str(error), errors=error.errors, headers=later)
    if isinstance(error, RightLost):
        return Problem("no-longer-yours", str(error))
    if isinstance(error, FileIsGone):
        return Problem("file-gone")
    if isinstance(error, AskRefused):
        kind = "not-for-your-role" if error.status == 403 else "bad-question"
        return Problem(kind, str(error), errors=error.errors)
    if isinstance(error, OverCap):
        tomorrow = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
        wait = math.ceil((tomorrow - timezone.now()).total_seconds())
        return Problem("fair-use", str(error), headers={"Retry-After": str(wait)})
    # The text of an error may quote data: it goes to the log and not to the caller.
    log.exception("%s %s failed", request.method, request.path)
    if isinstance(error, OperationalError):
        return Problem("busy", headers={"Retry-After": "5"})
    return Problem("server-error")


def token_of(request: HttpRequest) -> ApiToken:
    """The token that was sent."""
    token: ApiToken = request.token  # type: ignore[attr-defined]  # set by admit
    return token


def channel(request: HttpRequest) -> str:
    """How the audit calls this way out, so that each token's use can be told apart."""
    return f"api, token {token_of(request).pk}"


def report_of(request: HttpRequest, code: str) -> Report:
    """The report with this code, when the viewer's role may run it and the token covers it. Raises Problem."""
    report, viewer = report_for(code), viewer_of(request)
    if report is None:
        raise Problem("not-found", "There is no report with this code.")
    if viewer.role not in report.roles:
        raise Problem(
            "not-for-your-role", f"{report.code} is not available to your role ({viewer.role.words})."
        )
    _check_cover(request, report.code)
    return report


def covered(request: HttpRequest, cover: Cover) -> None:
    """Whether the viewer's role may read this list and the token covers it. Raises Problem."""
    viewer = viewer_of(request)
    if viewer.role not in cover.roles:
        raise Problem(
            "not-for-your-role", f"{cover.title} is not available to your role ({viewer.role.words})."
        )
    _check_cover(request, cover.code)


def _check_cover(request: HttpRequest, code: str) -> None:
    if code not in token_of(request).covers:
        raise Problem(
            "token-does-not-cover",
            f"This token does not cover {code}.",
            headers={"WWW-Authenticate": 'Bearer realm="SMI Portal", error="insufficient_scope"'},
        )
