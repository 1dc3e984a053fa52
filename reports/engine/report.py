"""One report is one class: subclassing `Report` registers and validates it (our design).

Page, files, API, command line, help, data dictionary and contract tests all come from the declaration, through
one path to rows (`rows`).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from reports.engine.columns import VALID_FROM, VALID_TO, Column
from reports.engine.inputs import DEVICES, Input
from smi_portal.access.readers import Role
from smi_portal.access.scope import Viewer

if TYPE_CHECKING:
    from reports.engine.ask import Ask
    from reports.engine.summaries import RowCount, Summary

REGISTRY: dict[str, Report] = {}


class Report(ABC):
    """A report's declaration. The docstring of a subclass says what one row is."""

    code: ClassVar[str]
    title: ClassVar[str]
    #: The question that this report answers, in one sentence for people.
    answers: ClassVar[str]
    roles: ClassVar[frozenset[Role]]
    #: The columns that identify a row; every order ends with them.
    key: ClassVar[tuple[str, ...]]
    inputs: ClassVar[tuple[Input, ...]]
    columns: ClassVar[tuple[Column, ...]]
    #: Columns that only inputs and summaries look at.
    unshown: ClassVar[tuple[Column, ...]] = ()
    has_history: ClassVar[bool] = False
    #: Whether the catalogue lists it. What is not listed has a page of its own (look-up, data quality) and the same files.
    listed: ClassVar[bool] = True
    #: Charts with their tables, as counts over the report's own rows.
    counts: ClassVar[tuple[RowCount, ...]] = ()
    #: Sentences that page, About sheet and dictionary show: what is our design, what is not known publicly.
    notes: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls, **kwargs: object) -> None:
        super().__init_subclass__(**kwargs)
        if "code" in cls.__dict__:
            report = cls()
            report.validate()
            REGISTRY[report.code] = report

    def validate(self) -> None:
        """Refuse a declaration that contradicts itself, when the module is imported."""
        keys = [column.key for column in (*self.columns, *self.unshown)]
        problems = [
            (len(set(keys)) != len(keys), "two columns have one key"),
            (not set(self.key) <= {column.key for column in self.columns}, "a key column is not shown"),
            (any(i.column not in keys for i in self.inputs), "an input has no column"),
            (any(not column.help for column in self.columns), "a column has no definition"),
            (self.code in REGISTRY, "the code is taken"),
            (not self.__doc__, "the docstring must say what a row is"),
            # (Python itself would say so at the first instance, but a class is abstract only once it is made.)
            (type(self).source is Report.source, "it does not say where its rows come from"),
        ]
        for wrong, why in problems:
            if wrong:
                raise TypeError(f"Report {self.code}: {why}.")

    @abstractmethod
    def source(self, ask: Ask) -> str:
        """The FROM clause (and WHERE, if any) over which the columns' SQL is written. The database scopes it."""

    def not_ready(self) -> Mapping[str, Sequence[str]]:
        """Why the report cannot be run on this site at all now, as AskRefused's errors; empty when it can."""
        return {}

    def revision(self) -> str:
        """A text that changes whenever rows may change without a new extract. Call inside the viewer's scope.

        Reports that read what people record on the site must say so here: the API's ETag rests on it.
        """
        return ""

    def summaries(self, ask: Ask) -> Sequence[Summary]:
        """Charts with their tables that are not counts of the report's own rows. `revision` must cover them."""
        return ()

    def columns_for(self, viewer: Viewer, history: bool = False) -> tuple[Column, ...]:
        """The columns that exist for this viewer, in order."""
        extra = (VALID_FROM, VALID_TO) if history else ()
        return tuple(column for column in (*self.columns, *extra) if viewer.sees(column.group))

    def inputs_for(self, viewer: Viewer) -> tuple[Input, ...]:
        """The inputs that exist for this viewer."""
        return tuple(i for i in self.every_input if viewer.sees(self.column(i.column).group))

    @property
    def every_input(self) -> tuple[Input, ...]:
        """The declared inputs, and for a report of devices the list of devices that all such reports share."""
        lists = (DEVICES,) if any(column.key == DEVICES.column for column in self.columns) else ()
        return (*self.inputs, *lists)

    def column(self, key: str) -> Column:
        """The column with this key, shown or not. KeyError when there is none."""
        for column in (*self.columns, *self.unshown, VALID_FROM, VALID_TO):
            if column.key == key:
                return column
        raise KeyError(key)


def report_for(code: str) -> Report | None:
    """The registered report with this code, in any case; None when there is none."""
    return REGISTRY.get(code.upper())


def reports_for(viewer: Viewer) -> list[Report]:
    """The reports that this viewer may run, in the order of the catalogue."""
    return [report for report in catalogue() if viewer.role in report.roles]


def every_report() -> list[Report]:
    """The catalogue, and after it the reports that have pages of their own (look-up, lists, data quality)."""
    unlisted = (report for report in REGISTRY.values() if not report.listed)
    return [*catalogue(), *sorted(unlisted, key=lambda report: report.code)]


def catalogue() -> list[Report]:
    """Every report that is listed, MAP_001 first: it is what MAPs come for."""
    order = {"MAP": 0, "RSMI": 1, "BKF": 2}
    return sorted(
        (report for report in REGISTRY.values() if report.listed),
        key=lambda report: (order.get(report.code.split("_")[0], 9), report.code),
    )
