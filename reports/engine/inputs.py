"""What a report asks: its inputs, each one or two keys of the URL, the API and the command line.

Inputs look at what the viewer is shown: they filter the report's own columns, so a value that was blanked for
this viewer never matches, and a column that does not exist for the viewer is no input either.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Input:
    """An input on the column `column`. `hint` is shown under the field."""

    column: str
    hint: str = ""
    #: What the field is called, where that is not the column's title.
    label: str = ""

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys under which values are given."""
        return (self.column,)

    @property
    def meaning(self) -> str:
        """What the values do, in words: the dictionary's and the API's."""
        return "any of the given values, exact"


@dataclass(frozen=True)
class Choice(Input):
    """Any of the given values, exact and case-sensitive; offered: the values that the viewer may see.

    `implies`: value → lookup of a column against D that is true of every row with that value (Expired means
    `expires_on__lte`). It changes no answer: it lets the database use an index where the value itself is worked out.
    """

    implies: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class Contains(Choice):
    """Rows whose `;`-joined list contains any of the given values."""

    @property
    def meaning(self) -> str:
        """A list, not one value."""
        return "the list contains any of the given values"


@dataclass(frozen=True)
class DateRange(Input):
    """Days between `<column>_from` and `<column>_to`, both inclusive; either may be left out."""

    @property
    def keys(self) -> tuple[str, ...]:
        """Two keys: from and to."""
        return (f"{self.column}_from", f"{self.column}_to")

    @property
    def meaning(self) -> str:
        """Both ends count."""
        return "days from … to, both inclusive"


@dataclass(frozen=True)
class Minimum(Input):
    """A whole number that the column must reach: `<column>_min`."""

    @property
    def keys(self) -> tuple[str, ...]:
        """One key, with the suffix."""
        return (f"{self.column}_min",)

    @property
    def meaning(self) -> str:
        """The number itself counts."""
        return "at least"


@dataclass(frozen=True)
class OfList(Input):
    """The devices that a list of identifiers names, by the list's reference: `devices=L-7F3K9Q`."""

    @property
    def keys(self) -> tuple[str, ...]:
        """One key, the same in every report."""
        return ("devices",)

    @property
    def meaning(self) -> str:
        """Whose list it is depends on who asks."""
        return "the devices that the list names"


#: Every report of devices has it; see `Report.every_input`.
DEVICES = OfList("device_id", "Reference of one of your lists, such as L-7F3K9Q.", "Device list")
