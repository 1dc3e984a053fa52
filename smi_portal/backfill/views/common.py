"""What the backfill's pages share: who enters, the programme on every page, tables, and files."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import wraps
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.utils.text import slugify

from reports.engine.backfill import counted_for_another_date
from smi_portal.access.declare import with_role
from smi_portal.access.entered import viewer_of
from smi_portal.access.readers import Role
from smi_portal.access.scope import Viewer
from smi_portal.backfill import programme
from smi_portal.backfill.records import arithmetic
from smi_portal.backfill.rules import Problem
from smi_portal.inventory.models import ExtractLoad

View = Callable[..., HttpResponseBase]
#: What a spreadsheet would take for the start of a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Days:
    """The two days of every page: `today` for deadlines and records, `data` (D) for figures."""

    today: date
    data: date
    load: ExtractLoad


@dataclass(frozen=True)
class Table:
    """A table for people: headings, which of them head numbers, and rows whose first cell names the row."""

    caption: str
    headings: Sequence[str]
    rows: Sequence[Sequence[Any]]
    numeric: frozenset[int] = field(default_factory=frozenset)

    @property
    def columns(self) -> list[dict[str, Any]]:
        """Headings with their looks."""
        return [
            {"title": title, "numeric": place in self.numeric} for place, title in enumerate(self.headings)
        ]

    @property
    def lines(self) -> list[list[dict[str, Any]]]:
        """Cells with their looks."""
        return [
            [{"value": cell, "numeric": place in self.numeric} for place, cell in enumerate(row)]
            for row in self.rows
        ]


def for_roles(*roles: Role) -> Callable[[View], View]:
    """Let people of these roles in, with `days` as the view's second argument; 403 for anyone else.

    Before the first extract, or when the counts are for another implementation date, the page says so instead.
    """

    def declare(view: View) -> View:
        @wraps(view)
        def entered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if viewer_of(request).role not in roles:
                names = " and ".join(role.words for role in roles)
                raise PermissionDenied(f"This part of the backfill is for another role: {names}.")
            load = ExtractLoad.current()
            reasons = [sentence for found in counted_for_another_date().values() for sentence in found]
            if load is None or reasons:
                why = reasons or ["No extract has been loaded yet, so there is nothing to count."]
                return render(
                    request, "backfill/not_ready.html", {"reasons": why}, status=503 if reasons else 200
                )
            today = programme.today()
            return view(request, Days(today, min(load.day, today), load), *args, **kwargs)

        return with_role(entered)

    return declare


def person_of(request: HttpRequest) -> str:
    """Who records something: the address of the person signed in."""
    return str(request.user)


def programme_facts(days: Days) -> dict[str, Any]:
    """The programme as every page shows it. Call inside a scope."""
    deadline = programme.declaration_deadline()
    panel = programme.panel_date(days.today)
    return {
        "days": days,
        "implementation": programme.implementation(),
        "declare_by": deadline.due,
        "declare_steps": arithmetic(deadline),
        "calendar": programme.working_calendar(),
        "panel_date": panel,
        "panel_days": programme.working_calendar().between(days.today, panel) if panel else None,
    }


def put_problems(form: forms.Form, problems: Iterable[Problem]) -> None:
    """Show what the rules found beside the fields concerned."""
    for problem in problems:
        form.add_error(problem.field if problem.field in form.fields else None, problem.sentence)


def csv_file(
    name: str, viewer: Viewer, headings: Sequence[str], rows: Iterable[Sequence[Any]]
) -> HttpResponseBase:
    """A CSV for people (UTF-8 with BOM), streamed; `rows` must open its own scope when it is first read."""
    response = StreamingHttpResponse(csv_lines(headings, rows), content_type="text/csv; charset=utf-8")
    return as_attachment(response, f"{name}_{slugify(viewer.organisation)}.csv")


def as_attachment(response: HttpResponseBase, filename: str) -> HttpResponseBase:
    """Let the browser save the response, and nobody cache it."""
    response["Content-Disposition"] = f'attachment; filename="{filename}"'
    response["Cache-Control"] = "private, no-store"
    return response


def file_answer(body: bytes, content_type: str, filename: str) -> HttpResponseBase:
    """A finished file."""
    return as_attachment(HttpResponse(body, content_type=content_type), filename)


def csv_lines(headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    """Lines of a CSV for people, formulas guarded."""
    yield "\ufeff".encode()
    yield _line(headings)
    for row in rows:
        yield _line(row)


def _line(cells: Sequence[Any]) -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\r\n").writerow([_safe(cell) for cell in cells])
    return buffer.getvalue().encode()


def _safe(cell: Any) -> Any:
    """Text that a spreadsheet would run is quoted with an apostrophe."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell
