"""A person's lists: made, found by reference, named, forgotten. Knows neither reports nor pages.

Every function runs inside the scope of the viewer concerned; the person's share of the organisation's lists is
decided here, the organisation's by the database.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.db import IntegrityError, connection, transaction
from django.db.models import Func, IntegerField, QuerySet

from smi_portal.access.scope import Viewer
from smi_portal.lookup.models import DeviceList
from smi_portal.lookup.recognise import Kind, recognise

MOST_LINES: Final = 100_000
MOST_LISTS: Final = 200  # of one person
UNNAMED_DAYS: Final = 7
#: No vowels, and nothing that is misread over the telephone.
_LETTERS: Final = "23456789BCDFGHJKMNPQRSTVWXZ"
_REFERENCE: Final = re.compile(f"L-[{_LETTERS}]{{6}}")


#: The arrays go as JSON, which the database unpacks: element by element the driver takes five times as long.
_ARRAY: Final = "ARRAY(SELECT json_array_elements_text(%s::json)"
INSERT: Final = f"""
INSERT INTO lookup_devicelist (reference, organisation_ref, person_ref, name, source, made_at,
                               given, kinds, identifiers, why, repeats)
VALUES (%s, %s, %s, %s, %s, %s, {_ARRAY}), {_ARRAY}), {_ARRAY}), {_ARRAY}), {_ARRAY}::integer))
"""


class TooMany(Exception):
    """More lists than one person may keep."""


@dataclass(frozen=True)
class Held:
    """A list that the viewer may use: its key, and as SQL the kinds and values that it wants."""

    pk: int
    reference: str
    name: str
    kinds: frozenset[Kind]

    @property
    def lines(self) -> str:
        """A SELECT of line, given, kind, value, repeat_of and why, one row a line, in order."""
        return (
            "SELECT u.line::int AS line, u.given, u.kind, u.value, u.repeat_of, u.why "
            "FROM lookup_devicelist l CROSS JOIN LATERAL "
            "unnest(l.given, l.kinds, l.identifiers, l.repeats, l.why) WITH ORDINALITY "
            f"u (given, kind, value, repeat_of, why, line) WHERE l.id = {self.pk:d} ORDER BY 1"
        )

    @property
    def wanted(self) -> str:
        """A SELECT of kind and value, each once."""
        return (
            "SELECT u.kind, u.value FROM lookup_devicelist l CROSS JOIN LATERAL "
            "unnest(l.kinds, l.identifiers, l.repeats) u (kind, value, repeat_of) "
            f"WHERE l.id = {self.pk:d} AND u.repeat_of = 0 AND u.kind <> '{Kind.NOTHING.value}'"
        )


@dataclass
class Lines:
    """Identifiers that were read and recognised, ready to be kept: one item a line in each."""

    given: list[str] = field(default_factory=list)
    kinds: list[Kind] = field(default_factory=list)
    identifiers: list[str] = field(default_factory=list)
    why: list[str] = field(default_factory=list)
    repeats: list[int] = field(default_factory=list)


def recognised(texts: Iterable[str], wanted: Kind | None = None) -> Lines:
    """Each text as an identifier; of those that name the same, all but the first are repeats of it."""
    lines = Lines()
    first: dict[Kind, dict[str, int]] = {kind: {} for kind in Kind}
    for number, text in enumerate(texts, start=1):
        kind, value, why = recognise(text, wanted)
        lines.given.append(text.replace("\x00", "\ufffd")[:500])
        lines.kinds.append(kind)
        lines.identifiers.append(value)
        lines.why.append(why)
        known = number if kind is Kind.NOTHING else first[kind].setdefault(value, number)
        lines.repeats.append(known if known != number else 0)
    return lines


def mine(viewer: Viewer) -> QuerySet[DeviceList]:
    """The person's own lists; for a command that acts for an organisation, all of its lists."""
    lists = DeviceList.objects.filter(organisation_ref=viewer.organisation_id)
    return lists if viewer.person_id is None else lists.filter(person_ref=viewer.person_id)


def held_by(viewer: Viewer, reference: str) -> Held | None:
    """The list of this reference (in any case), or None: also where it is another person's."""
    text = reference.strip().upper()
    if not _REFERENCE.fullmatch(text):
        return None
    found = mine(viewer).filter(reference=text).values_list("pk", "reference", "name", "kinds").first()
    if found is None:
        return None
    pk, known, name, kinds = found
    return Held(pk, known, name, frozenset(map(Kind, set(kinds) - {Kind.NOTHING.value})))


def listed(viewer: Viewer) -> Sequence[DeviceList]:
    """The person's lists without their lines but with their `length`, named ones first, latest first."""
    length = Func("kinds", function="cardinality", output_field=IntegerField())
    found = mine(viewer).annotate(length=length).defer("given", "kinds", "identifiers", "repeats", "why")
    return sorted(found, key=lambda one: (not one.name, -one.made_at.timestamp()))


def make(viewer: Viewer, lines: Lines, name: str = "", source: str = "") -> str:
    """Keep the lines as a list of the viewer's person; its reference. Unnamed lists that are old enough are forgotten.

    Raises TooMany; ValueError for a viewer without a person.
    """
    if viewer.person_id is None:
        raise ValueError("A list belongs to a person.")
    old = datetime.now(UTC) - timedelta(days=UNNAMED_DAYS)
    mine(viewer).filter(name="", made_at__lt=old).delete()
    if mine(viewer).count() >= MOST_LISTS:
        raise TooMany
    parts = (lines.given, lines.kinds, lines.identifiers, lines.why, lines.repeats)
    columns = [json.dumps(part, ensure_ascii=False) for part in parts]
    while True:
        reference = "L-" + "".join(secrets.choice(_LETTERS) for _ in range(6))
        try:
            with transaction.atomic():
                _insert(viewer, reference, name, source, columns)
        except IntegrityError:
            continue  # a colleague's list has that reference: take another
        return reference


def _insert(viewer: Viewer, reference: str, name: str, source: str, columns: Sequence[str]) -> None:
    head: list[Any] = [reference, viewer.organisation_id, viewer.person_id, name, source, datetime.now(UTC)]
    with connection.cursor() as cursor:
        cursor.execute(INSERT, [*head, *columns])


def rename(viewer: Viewer, held: Held, name: str) -> None:
    """Give the list a name, which keeps it; or take the name away."""
    mine(viewer).filter(pk=held.pk).update(name=name)


def forget(viewer: Viewer, held: Held) -> None:
    """Delete the list for good."""
    mine(viewer).filter(pk=held.pk).delete()
