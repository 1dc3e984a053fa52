"""Whose eyes: a viewer, and the transaction in which the database shows that viewer's rows and no others."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connection, transaction

from smi_portal.access.readers import FieldGroup, Reader, Role, reader_for
from smi_portal.access.signing import sign


@dataclass(frozen=True)
class Viewer:
    """Someone acting for an organisation: its role, and what has been released to it."""

    role: Role
    organisation_id: int
    organisation: str
    organisation_name: str
    released: frozenset[FieldGroup] = frozenset()
    #: The person who asks; None for a command that acts for the organisation. It decides no row, but what is theirs to keep.
    person_id: int | None = None

    @property
    def reader(self) -> Reader:
        """The database role that reads for this viewer."""
        return reader_for(self.role, self.released)

    def sees(self, group: FieldGroup | None) -> bool:
        """Whether fields of `group` are released to this viewer; None = a field of no group."""
        return group is None or group in self.reader.released


@contextmanager
def scope(viewer: Viewer) -> Iterator[None]:
    """A transaction on the site's connection in which only `viewer`'s rows exist.

    Both settings are transaction-local: they end with the block, also after an error, so the next user of the
    connection (or of a pooled server connection) starts with none. Whatever streams must open this inside its
    generator. Nesting is refused: the inner block's end would not give the outer its role back.
    """
    if connection.in_atomic_block and _reader_is_set():
        raise RuntimeError("scope() cannot be nested: end the other viewer's block first.")
    with transaction.atomic():
        with connection.cursor() as cursor:
            # set_config('role', …, true) is SET LOCAL ROLE, in the same statement.
            cursor.execute(
                "SELECT set_config('smi.context', %s, true), set_config('role', %s, true)",
                [sign(viewer.reader, viewer.organisation_id), viewer.reader.value],
            )
        yield
        with connection.cursor() as cursor:
            # Not only for an outer transaction (tests): RESET also undoes a SET ROLE, not LOCAL, made meanwhile.
            cursor.execute("RESET ROLE; SELECT set_config('smi.context', '', true)")


@contextmanager
def scope_if_needed(viewer: Viewer) -> Iterator[None]:
    """The scope that is open already, if it is this viewer's role's; else one of its own. For what both pages (inside
    their scope) and files (which open theirs late) ask. Raises RuntimeError inside another role's."""
    if not (connection.in_atomic_block and _reader_is_set()):
        with scope(viewer):
            yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user::text, smi_context_org(%s)", [viewer.reader.value])
        if cursor.fetchone() != (viewer.reader.value, viewer.organisation_id):
            raise RuntimeError("Another viewer's scope is open: end it first.")
    yield


def _reader_is_set() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user <> session_user")
        return bool(cursor.fetchone()[0])
