"""Links on a report page: each is the question as it stands, with one thing changed. None holds any data."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.urls import reverse

from reports.engine.ask import Ask
from reports.engine.inputs import DateRange, Minimum

#: What belongs to a place in the pages, not to the question.
PLACE = ("after", "before")
#: What belongs to the page, and means nothing to a file.
SHOWN = ("rows", "count", "summary", "density", "view")


@dataclass(frozen=True)
class Links:
    """Makes the links of one page from its query string."""

    ask: Ask
    query: QueryDict

    def to(self, drop: Iterable[str] = (), **changes: str | None) -> str:
        """This page with some keys dropped and others set (None drops)."""
        return "?" + self._query([*drop, *PLACE], changes)

    def place(self, **changes: str | None) -> str:
        """Another page of the same rows."""
        return "?" + self._query(PLACE, changes)

    def again(self, **changes: str | None) -> str:
        """The very same page, shown otherwise."""
        return "?" + self._query((), changes)

    def download(self, extension: str, **changes: str | None) -> str:
        """A file of the same rows."""
        address = reverse("reports:download", args=[self.ask.report.code, extension])
        query = self._query([*PLACE, *SHOWN], changes)
        return f"{address}?{query}" if query else address

    def as_schedule(self) -> str:
        """The page that has the same question asked regularly."""
        address = reverse("schedules:new", args=[self.ask.report.code])
        query = self._query([*PLACE, "rows", "count", "summary"], {})
        return f"{address}?{query}" if query else address

    def as_job(self, form: str = "", why: str = "large") -> str:
        """The page that has the same rows made as a file in the background.

        `form` has been tried and cannot come at once, `why`: it is `large`, `slow` to be found, or the site is
        `busy` with others.
        """
        address = reverse("exports:new", args=[self.ask.report.code])
        changes = {"format": form, why: "true"} if form else {}
        query = self._query([*PLACE, *SHOWN], dict(changes))
        return f"{address}?{query}" if query else address

    def _query(self, drop: Iterable[str], changes: dict[str, str | None]) -> str:
        query = self.query.copy()
        for key in drop:
            query.pop(key, None)
        for key, value in changes.items():
            query.pop(key, None)
            if value is not None:
                query[key] = value
        for key in [key for key, values in query.lists() if not any(values)]:
            query.pop(key)
        return query.urlencode(safe=",")

    def without(self, key: str, value: str) -> str:
        """This page without one value of one input."""
        query = self.query.copy()
        query.setlist(key, [given for given in query.getlist(key) if given != value])
        return Links(self.ask, query).to()

    def chips(self) -> list[dict[str, Any]]:
        """What is applied, in words, each with the link that takes it away."""
        chips = []
        for item in self.ask.inputs:
            title = item.label or self.ask.report.column(item.column).title
            for key in item.keys:
                for value in filter(None, self.ask.given.getlist(key)):
                    words = value
                    if isinstance(item, DateRange):
                        words = f"{'from' if key.endswith('_from') else 'to'} {value}"
                    elif isinstance(item, Minimum):
                        words = f"at least {value}"
                    chips.append(
                        {"label": title, "value": words, "remove_url": self.without(key, value), "key": key}
                    )
        return chips

    def clear(self) -> str:
        """This page without any input; day, order and page size stay."""
        return self.to(drop=[key for item in self.ask.inputs for key in item.keys])
