"""A limit on what a request may send, asked before a byte of it is read."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import Resolver404, resolve

from smi_portal.problems import Problem, answer

FORM = 100_000  # bytes of a form beside its file
#: Where programs ask, who get problem details and never a page.
PROGRAMS = "/api/v1/"


class LimitBody:
    """Refuses a request whose announced length is beyond what its address takes, in a sentence (413).

    That is `DATA_UPLOAD_MAX_MEMORY_SIZE`, and `SMI_MAX_LEDGER` where ledgers are handed in: by people who have signed
    in, since a form is read before its view is asked; a program's body is read by its operation alone.
    Django would write an upload of any length to disk first. A body without an announced length is never read.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        most = _most(request)
        if announced(request) <= most:
            return self.get_response(request)
        refused = _refused(request, most)
        refused["Connection"] = "close"  # what is still on its way is not waited for
        return refused


def _refused(request: HttpRequest, most: int) -> HttpResponseBase:
    if request.path.startswith(PROGRAMS):
        words = f"At most {most // 1_000_000} MB are read."
        return answer(request, Problem("body-too-long", words))
    return render(request, "413.html", {"most": most // 1_000_000}, status=413)


def _most(request: HttpRequest) -> int:
    try:
        name = resolve(request.path_info).view_name
    except Resolver404:
        name = ""
    by_person = name == "reconcile:start" and request.user.is_authenticated
    if by_person or name == "api:reconciliations":
        return int(settings.SMI_MAX_LEDGER) + FORM
    return int(settings.DATA_UPLOAD_MAX_MEMORY_SIZE)


def announced(request: HttpRequest) -> int:
    """How many bytes the request says that it sends; 0 when it does not say, or says nonsense."""
    text = request.META.get("CONTENT_LENGTH") or "0"
    return int(text) if text.isdecimal() else 0
