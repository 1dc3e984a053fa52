"""The audit as its readers ask for it: filters, order, pages of fifty, lines for people."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils import timezone

from smi_portal.access.readers import Role
from smi_portal.access.scope import Viewer, scope
from smi_portal.audit.models import AuditEntry
from smi_portal.days import day_field

PAGE = 50
USUAL_DAYS = 31
HEADINGS = ("When (UTC)", "Who", "Organisation", "What", "Details", "From where")
FIRST = ("report", "package", "what", "format", "as_at", "history", "inputs", "sort", "rows", "more")
#: Reads from the table, so that what is shown is what is kept.
COLUMNS = ("chain", "n", "at", "person", "organisation", "kind", "details", "origin")


class EntryFilter(forms.Form):
    """Which entries; everything is optional."""

    first = day_field("From", "the first day", required=False)
    last = day_field("To (inclusive)", "the last day", required=False)
    person = forms.CharField(label="Who (email address)", required=False, max_length=254)
    kind = forms.CharField(label="What (words of it)", required=False, max_length=100)
    organisation = forms.CharField(label="Organisation (code)", required=False, max_length=100)

    def __init__(self, data: Mapping[str, Any], viewer: Viewer) -> None:
        super().__init__(_with_usual_days(data))
        self.given = data
        if viewer.role is not Role.DCC:
            del self.fields["organisation"]

    def clean(self) -> dict[str, Any]:
        """Unknown keys are refused by name; days must be in order."""
        found = super().clean() or {}
        for key in self.given:
            if key not in self.fields and key != "before":
                self.add_error(None, f"“{key}” is not a filter of this page.")
        first, last = found.get("first"), found.get("last")
        if first and last and last < first:
            self.add_error("last", "The last day is before the first.")
        for key in ("person", "kind", "organisation"):
            if "\x00" in str(self.given.get(key, "")):
                self.add_error(key, "This holds a character that no text has.")
        return found

    def entries(self) -> QuerySet[AuditEntry]:
        """The entries, newest first. Evaluate inside the viewer's scope: the database decides whose they are."""
        asked, wanted = self.cleaned_data, Q()
        if asked["first"]:
            wanted &= Q(at__gte=_start(asked["first"]))
        if asked["last"] and asked["last"] < date.max:
            wanted &= Q(at__lt=_start(asked["last"] + timedelta(days=1)))
        if asked["person"]:
            wanted &= Q(person=asked["person"].lower())
        if asked["kind"]:
            wanted &= Q(kind__icontains=asked["kind"])
        if asked.get("organisation"):
            wanted &= Q(organisation=asked["organisation"].upper())
        return AuditEntry.objects.filter(wanted).order_by("-at", "-chain", "-n").only(*COLUMNS)


@dataclass(frozen=True)
class EntryPage:
    """Some entries, and where the next ones begin ("" = there are none)."""

    lines: Sequence[AuditEntry]
    before: str


def page_of(entries: QuerySet[AuditEntry], before: str) -> EntryPage:
    """Fifty entries from a place on; a place that is none is the first."""
    found = list(entries.filter(_before(before))[: PAGE + 1])
    more = len(found) > PAGE
    last = found[PAGE - 1] if more else None
    return EntryPage(found[:PAGE], f"{last.at.isoformat()}/{last.chain}/{last.n}" if last else "")


def lines(viewer: Viewer, entries: QuerySet[AuditEntry]) -> Iterator[list[str]]:
    """Every entry as the file has it; opens the viewer's scope when first read."""
    with scope(viewer):
        for entry in entries.iterator(chunk_size=2000):
            when = entry.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
            yield [when, entry.person, entry.organisation, entry.kind, said(entry.details), entry.origin]


def said(details: Any) -> str:
    """Details in words: `report: MAP_001; rows: 12`."""
    if isinstance(details, dict):
        ordered = sorted(details.items(), key=_importance)
        return "; ".join(
            f"{key.replace('_', ' ')}: {said(value)}" for key, value in ordered if value not in ({}, [])
        )
    if isinstance(details, list):
        return ", ".join(map(said, details))
    if isinstance(details, bool):
        return "yes" if details else "no"
    return "–" if details is None or details == "" else str(details)


def _importance(item: tuple[str, Any]) -> tuple[int, str]:
    """The database keeps no order of keys: what people look for first comes first."""
    return (FIRST.index(item[0]) if item[0] in FIRST else len(FIRST), item[0])


def _with_usual_days(data: Mapping[str, Any]) -> Any:
    """The last month when no day is asked for: the whole record is long, and rarely what is looked for."""
    if "first" in data or "last" in data:
        return data
    usual = timezone.localdate() - timedelta(days=USUAL_DAYS)
    return {**{key: data[key] for key in data}, "first": usual.isoformat()}


def _before(place: str) -> Q:
    try:
        at, chain, n = place.split("/")
        when, link, number = datetime.fromisoformat(at), uuid.UUID(chain), int(n)
    except ValueError:
        return Q()
    if when.tzinfo is None:
        return Q()
    return Q(at__lt=when) | Q(at=when, chain__lt=link) | Q(at=when, chain=link, n__lt=number)


def _start(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
