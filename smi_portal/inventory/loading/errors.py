"""What a load tells people when it cannot load something."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

SHOWN_VALUE = 200  # characters of a bad value that are shown; a cell may hold a megabyte


@dataclass(frozen=True)
class Reject:
    """One defect. `line` is the physical line, from 1, on which the record starts; None = the whole file.

    `rule` is a short code (`rules.MENDING` lists them all) and `mend` says in a sentence how to put it right.
    """

    file: str
    line: int | None
    column: str
    value: str
    rule: str
    mend: str

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}, line {self.line}"
        column = f", column {self.column}" if self.column else ""
        return f"{place}{column}: {self.rule}: {self.value!r}. {self.mend}"


class LoadRefused(Exception):
    """The package was not loaded and the old data still serves. The message is for people.

    `rejects` lists the defects up to the operator's limit; `rejected` counts all rows that have one;
    `rejects_file` is where the list was written, if it was.
    """

    def __init__(
        self,
        message: str,
        rejects: Sequence[Reject] = (),
        rejected: int | None = None,
        rejects_file: Path | None = None,
    ) -> None:
        super().__init__(message)
        self.rejects = tuple(rejects)
        self.rejected = len(self.rejects) if rejected is None else rejected
        self.rejects_file = rejects_file


def shown(value: object) -> str:
    """A bad value as people see it: text, cut to a readable length."""
    text = value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else str(value)
    return text if len(text) <= SHOWN_VALUE else text[:SHOWN_VALUE] + "…"
