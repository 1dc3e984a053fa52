"""What the backfill's pages share: who enters, the programme on every page, and tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import wraps
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render

from reports.engine.backfill import counted_for_another_date
from smi_portal.access.declare import with_role
from smi_portal.access.entered import viewer_of
from smi_portal.access.readers import Role
from smi_portal.backfill import programme
from smi_portal.backfill.records import arithmetic
from smi_portal.backfill.rules import Problem
from smi_portal.days import Days
from smi_portal.inventory.models import ExtractLoad

View = Callable[..., HttpResponseBase]


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
                names = Role.listed(roles)
                raise PermissionDenied(f"This part of the backfill is for another role: {names}.")
            load = ExtractLoad.current()
            reasons = [sentence for found in counted_for_another_date().values() for sentence in found]
            if load is None or reasons:
                why = reasons or ["No extract has been loaded yet, so there is nothing to count."]
                return render(
                    request, "backfill/not_ready.html", {"reasons": why}, status=503 if reasons else 200
                )
            return view(request, Days.of(load), *args, **kwargs)

        return with_role(entered)

    return declare


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
