"""The tiles of the home page: each app registers small functions, each says what a role should know this morning.

A tile is made inside the viewer's own scope, so it cannot say what its reader may not see; one that reads the
site's tables, or opens the scope itself, says `scoped=False`. An app names its tiles' module in its AppConfig
(`ready`), as with signals; nothing here knows any app.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from smi_portal.access.readers import Role
from smi_portal.access.scope import Viewer, scope
from smi_portal.inventory.kept import kept

Value = TypeVar("Value")


@dataclass(frozen=True)
class Looking:
    """Whose home page: the viewer and the person, the day of the data, and the load that it comes from."""

    viewer: Viewer
    person: Any
    day: date
    load: Any

    def kept(self, name: str, make: Callable[[], Value]) -> Value:
        """`make()`, or what it gave before for the same eyes and the same extract. Not for what people record."""
        return kept(f"tile:{name}", self.viewer, self.load, self.day, make)


@dataclass(frozen=True)
class Figure:
    """One number, or a few words, and what it is; `url`: the rows behind it."""

    label: str
    value: int | str
    url: str = ""
    note: str = ""
    alarm: bool = False

    @property
    def said(self) -> str:
        """The value for people: whole numbers in groups of three."""
        return f"{self.value:,}" if isinstance(self.value, int) else self.value


@dataclass(frozen=True)
class Tile:
    """A heading, its figures, where to go on; `empty`: what to say when there is none."""

    title: str
    figures: tuple[Figure, ...] = ()
    empty: str = ""
    link: str = ""
    url: str = ""
    note: str = ""


Make = Callable[[Looking], Tile | None]


@dataclass(frozen=True)
class _Registered:
    place: int
    roles: frozenset[Role]
    make: Make
    scoped: bool

    @property
    def order(self) -> tuple[int, str, str]:
        return self.place, self.make.__module__, self.make.__name__


_REGISTERED: list[_Registered] = []


def tile(*roles: Role, place: int, scoped: bool = True) -> Callable[[Make], Make]:
    """Register a tile for these roles; smaller places come first. The function returns None to leave it out."""

    def register(make: Make) -> Make:
        _REGISTERED.append(_Registered(place, frozenset(roles), make, scoped))
        return make

    return register


def tiles_for(looking: Looking) -> list[Tile]:
    """The tiles of this viewer's home page, in order. Opens the viewer's scope; call outside of one."""
    wanted = sorted(
        (one for one in _REGISTERED if looking.viewer.role in one.roles), key=lambda one: one.order
    )
    with scope(looking.viewer):
        made = {one: one.make(looking) for one in wanted if one.scoped}
    made |= {one: one.make(looking) for one in wanted if not one.scoped}
    return [found for one in wanted if (found := made[one]) is not None]
