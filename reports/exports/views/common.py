"""What the pages share: who asks, words for states, times and questions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.http import QueryDict
from django.utils import timezone

from reports.engine.inputs import DateRange, Minimum
from reports.engine.report import report_for
from reports.engine.run import FORMS
from reports.exports.jobs import Told
from reports.exports.models import State

#: Seconds without a sign of life after which the page says so.
SILENT = 15


def question_words(code: str, question: str) -> list[tuple[str, str]]:
    """A stored question in words: label and value of the day, of each input, of the order."""
    data, report = QueryDict(question), report_for(code)
    words = [("As at", data.get("as_at") or "the latest day of the data")]
    titles: dict[str, str] = {}
    for item in report.inputs if report else ():
        title = report.column(item.column).title if report else item.column
        for key in item.keys:
            titles[key] = title
            if isinstance(item, DateRange):
                titles[key] = f"{title} {'from' if key.endswith('_from') else 'to'}"
            elif isinstance(item, Minimum):
                titles[key] = f"{title}, at least"
    for key in data:
        if key not in {"as_at", "dialect", "sort", "history"}:
            words.append((titles.get(key, key), ", ".join(data.getlist(key))))
    if data.get("history"):
        words.append(("History", "one row for each period"))
    if data.get("sort"):
        words.append(("Order", ", ".join(data.getlist("sort"))))
    return words


@dataclass(frozen=True)
class Shown:
    """An export as pages show it."""

    told: Told
    mine: bool

    @property
    def title(self) -> str:
        """The report's code and title."""
        report = report_for(self.told.export.report)
        return f"{self.told.export.report} {report.title}" if report else self.told.export.report

    @property
    def form(self) -> str:
        """The format, and the dialect where it is the machines'."""
        form = FORMS.get(self.told.export.form)
        machine = QueryDict(self.told.content.question).get("dialect") == "machine"
        return (form.words if form else self.told.export.form) + (" for machines" if machine else "")

    @property
    def state(self) -> str:
        """The state; a file whose time is over is expired even before it is deleted."""
        export = self.told.export
        if export.state == State.READY and export.expires_at and export.expires_at <= timezone.now():
            return State.EXPIRED
        return export.state

    @property
    def state_words(self) -> str:
        """The state in words."""
        return str(State(self.state).label)

    @property
    def percent(self) -> int | None:
        """Whole percents of the rows written; None before they are counted."""
        content = self.told.content
        if content.total is None:
            return None
        return 100 if not content.total else min(100, 100 * content.done // content.total)

    @property
    def time_left(self) -> str:
        """How long it still takes, at the pace so far; empty while nobody can say."""
        export, content = self.told.export, self.told.content
        if self.state != State.RUNNING or not content.total or not content.done or not export.started_at:
            return ""
        taken = (timezone.now() - export.started_at).total_seconds()
        return about(timedelta(seconds=taken * (content.total - content.done) / content.done))

    @property
    def silent(self) -> bool:
        """Whether the worker has said nothing for a while."""
        beat = self.told.export.beat_at
        return (
            self.state == State.RUNNING
            and beat is not None
            and timezone.now() - beat > timedelta(seconds=SILENT)
        )

    def context(self) -> dict[str, Any]:
        """What the templates use."""
        export, content = self.told.export, self.told.content
        return {
            "shown": self,
            "export": export,
            "content": content,
            "question": question_words(export.report, content.question),
            "state": self.state,
            "unfinished": export.unfinished,
        }


def about(left: timedelta) -> str:
    """A time left, rounded as people say it."""
    seconds = max(0.0, left.total_seconds())
    if seconds < 5:
        return "a few seconds"
    if seconds < 55:
        return f"about {5 * round(seconds / 5)} seconds"
    minutes = max(1, round(seconds / 60))
    if minutes < 60:
        return f"about {minutes} minute{'' if minutes == 1 else 's'}"
    hours = round(minutes / 60)
    return f"about {hours} hour{'' if hours == 1 else 's'}"
