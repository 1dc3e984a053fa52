"""A real server over the tests' own database, and what its people send with a request."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connections
from pytest_django import DjangoDbBlocker

from tests.browser.serving import _environment, _served
from tests.support.people import signed_in


def environment(state: Path) -> dict[str, str]:
    """Ours for another process: the tests' database, and a state directory of its own, with the files in it."""
    found = _environment(str(connections.settings["default"]["NAME"]), "smi_portal.settings.test")
    return found | {"SMI_STATE_DIR": str(state)}


@contextmanager
def served(blocker: DjangoDbBlocker, state: Path, **more: str) -> Iterator[str]:
    """gunicorn, one process; its address. `more`: settings by their environment variables."""
    with blocker.unblock():
        ours = environment(state)
    with _served(ours | more) as address:
        yield address


def cookies_of(organisation: str) -> dict[str, str]:
    """The cookies of a browser in which the organisation's person has signed in."""
    return {key: one.value for key, one in signed_in(organisation).cookies.items()}
