"""What the portfolio's pages share: who enters, refusals in words, files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from typing import Any, cast

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render

from reports.engine.ahead import Busy, Handed, send
from reports.engine.run import Dialect
from smi_portal import audit
from smi_portal.access.declare import for_roles
from smi_portal.access.entered import viewer_of
from smi_portal.access.readers import Role
from smi_portal.fair_use import OverCap
from smi_portal.inventory.models import ExtractLoad
from smi_portal.portfolio.accounting import accounted, begin_file
from smi_portal.portfolio.asking import PARTIES, ROLES, Refused
from smi_portal.portfolio.listing import FORMATS, Listing
from smi_portal.reader import reader_of

__all__ = [
    "PARTIES",
    "as_file",
    "download",
    "for_portfolio",
    "in_plain_text",
    "note",
    "refuse_unknown",
]

View = Callable[..., HttpResponseBase]


def for_portfolio(roles: frozenset[Role] = ROLES) -> Callable[[View], View]:
    """Let people of these roles in, with viewer and load as the view's next arguments; 403 for anyone else.

    Before the first extract the page says so instead.
    """

    def declare(view: View) -> View:
        @wraps(view)
        def entered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            load = ExtractLoad.current()
            if load is None:
                return render(request, "portfolio/not_ready.html")
            return view(request, viewer_of(request), load, *args, **kwargs)

        return for_roles(*roles)(entered)

    return declare


def refuse_unknown(given: Mapping[str, Any], known: Iterable[str]) -> None:
    """Raise Refused for keys of an address that mean nothing, so that no filter is ignored silently."""
    known = set(known)
    if unknown := sorted(set(given) - known):
        raise Refused({key: ["There is no such filter: take it out of the address."] for key in unknown})


def in_plain_text(refused: Refused) -> HttpResponse:
    """A refused download, as scripts and download managers can show it."""
    lines = [f"{key}: {sentence}" for key, sentences in refused.errors.items() for sentence in sentences]
    return HttpResponse("\n".join(lines), status=refused.status, content_type="text/plain; charset=utf-8")


def download(request: HttpRequest, listing: Listing, extension: str) -> HttpResponseBase:
    """The list as a file, streamed and accounted for. Raises Refused, or Http404 for a format that there is not."""
    dialect = request.GET.get("dialect") or "people"
    if extension not in FORMATS:
        raise Http404
    if dialect not in {"people", "machine"}:
        raise Refused({"dialect": ["Write people or machine."]})
    try:
        made = send(listing.stream(extension, cast(Dialect, dialect)), reader_of(request))
        taken = begin_file(request.user, listing, extension, "page")
    except Busy as busy:
        raise Refused({"file": [str(busy)]}, 503) from None
    except OverCap as over:
        raise Refused({"file": [str(over)]}, over.status) from None
    chunks = accounted(made, request.user, listing, extension, "page", taken)
    return as_file(
        StreamingHttpResponse(Handed(chunks, made), content_type=made.content_type),
        made.filename,
        listing.load,
    )


def as_file(response: HttpResponseBase, filename: str, load: ExtractLoad | None = None) -> HttpResponseBase:
    """Let the browser save the response, and nobody cache it; a file says which extract it is from."""
    response["Content-Disposition"] = f'attachment; filename="{filename}"'
    response["Cache-Control"] = "private, no-store"
    if load is not None:
        response["SMI-Extract-Sequence"] = str(load.sequence)
        response["SMI-Data-As-At"] = f"{load.as_at:%Y-%m-%dT%H:%M:%SZ}"
    return response


def note(request: HttpRequest, kind: str, **details: Any) -> None:
    """Record in the audit what the person did. Call outside any scope."""
    audit.note(kind, request.user, viewer_of(request), **details)
