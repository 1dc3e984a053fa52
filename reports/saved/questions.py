"""What a saved view asks: a tidy query string, checked when it is saved and again whenever it is used."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.http import QueryDict

from reports.engine.ask import AskRefused, parse
from reports.engine.filters import filter_rows
from reports.engine.report import Report, report_for
from reports.links import Links
from smi_portal.access.scope import Viewer

#: Keys that belong to one visit and not to the question.
VISIT = frozenset({"after", "before", "count", "view", "move", "dialect"})
MOST_CHARACTERS = 8000
#: `view=none`: the report as it is, although this person has a view that it opens with.
PLAIN = "none"


@dataclass(frozen=True)
class Checked:
    """A view's question as it stands today: in words, or why it cannot be asked (any more)."""

    words: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    #: The query without the keys that are refused, where that leaves a question.
    rest: str | None = None


def tidy(query: QueryDict) -> str:
    """The query string that is kept: no place in the pages, no empty value."""
    kept = query.copy()
    for key in [key for key, values in kept.lists() if key in VISIT or not any(values)]:
        kept.pop(key)
    for key, values in kept.lists():
        kept.setlist(key, [value for value in values if value])
    return kept.urlencode(safe=",")


def merged(present: QueryDict, view: str) -> str:
    """The present question with the view's put into it: where both say something, the view's word holds."""
    query = QueryDict(tidy(present), mutable=True)
    for key, values in QueryDict(view).lists():
        query.setlist(key, values)
    return query.urlencode(safe=",")


def check(report_code: str, viewer: Viewer, query: str) -> Checked:
    """Whether this viewer may ask this now, and in which words. Reads no row."""
    report = report_for(report_code)
    if report is None or viewer.role not in report.roles:
        return Checked(problems=[f"{report_code} is not a report that you may run."])
    data = QueryDict(query)
    try:
        ask = parse(report, viewer, data)
        filter_rows(ask)
    except AskRefused as refused:
        problems = [_said(report, viewer, key, found) for key, found in refused.errors.items()]
        return Checked(problems=problems, rest=_without(report, viewer, data, refused.errors))
    chips = [f"{chip['label']}: {chip['value']}" for chip in Links(ask, data).chips()]
    words = [
        *([f"As at {ask.day:%Y-%m-%d}"] if data.get("as_at") else []),
        *(["With history"] if ask.history else []),
        *chips,
        *([f"Columns: {', '.join(report.column(key).title for key in ask.columns)}"] if ask.columns else []),
        *([f"Sorted by {', '.join(_order(report, name) for name in ask.sort)}"] if ask.sort else []),
    ]
    return Checked(words=words or ["Every row, every column"])


def _order(report: Report, name: str) -> str:
    title = report.column(name.removeprefix("-")).title
    return f"{title}, highest first" if name.startswith("-") else title


def _said(report: Report, viewer: Viewer, key: str, found: Iterable[str]) -> str:
    """The engine's sentence; for what was released once, that it is not now."""
    hidden = {c.key: c.title for c in (*report.columns, *report.unshown) if not viewer.sees(c.group)}
    titles = [title for column, title in hidden.items() if _names(key, column, found)]
    if titles:
        return f"It uses {' and '.join(titles)}, which is not released to your organisation now."
    return " ".join(found)


def _names(key: str, column: str, found: Iterable[str]) -> bool:
    inputs = {column, f"{column}_from", f"{column}_to", f"{column}_min"}
    return key in inputs or (key in {"columns", "sort"} and any(f"“{column}”" in words for words in found))


def _without(report: Report, viewer: Viewer, data: QueryDict, wrong: Iterable[str]) -> str | None:
    rest = data.copy()
    for key in wrong:
        rest.pop(key, None)
    try:
        filter_rows(parse(report, viewer, rest))
    except AskRefused:
        return None
    # A bare address would lead back to the view that the report opens with, which may be this very one.
    return rest.urlencode(safe=",") or f"view={PLAIN}"
