"""The pre-flight's inventory, and data issues that are really committed: the post and the site are two connections."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.test import Client
from pytest_django import DjangoDbBlocker

from smi_portal.access.scope import Viewer, scope
from smi_portal.data_issues import standing
from smi_portal.data_issues.models import Event, Line, Submission
from tests.preflight import conftest as w
from tests.support.loads import forget, load_tables
from tests.support.people import make_people, signed_in

__all__ = ["Viewer", "w"]


def forget_issues() -> None:
    """As before anything was raised."""
    for model in (Event, Line, Submission):
        model.objects.using("owner").all().delete()
    cache.clear()


@pytest.fixture(scope="package")
def issue_world(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """Load the world once."""
    home = w.world()
    with django_db_blocker.unblock():
        forget_issues()
        forget()
        load_tables(tmp_path_factory.mktemp("issues"), home.tables, home.as_at)
        make_people()
    yield
    with django_db_blocker.unblock():
        forget_issues()
        forget()


@pytest.fixture
def real(issue_world: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Transactions that really begin and end; whatever was raised is taken back."""
    with django_db_blocker.unblock():
        yield
        forget_issues()


def raise_as(organisation: str, lines: str, **more: str) -> str:
    """Raise these lines on the page; the reference of the submission."""
    answer = signed_in(organisation).post("/data-issues/raise/", {"lines": lines, "raise": "1", **more})
    assert answer.status_code == 302, answer.content.decode()[-3000:]
    return str(answer["Location"].rstrip("/").rsplit("/", 1)[1])


def lines_of(organisation: str) -> list[standing.Standing]:
    """Every line that the organisation is shown, in order."""
    who = w.viewer(organisation)
    with scope(who):
        return list(standing.shown(who, standing.lines(who).order_by("id")))


def page(organisation: str, address: str, status: int = 200) -> str:
    """A page as that organisation's person sees it."""
    answer = signed_in(organisation).get(address)
    assert answer.status_code == status, answer.content.decode()[:2000]
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", answer.content.decode())


def act(organisation: str, reference: str, do: str, words: str = "", status: int = 302) -> str:
    """Press a button on a line's page."""
    client: Client = signed_in(organisation)
    answer = client.post(f"/data-issues/lines/{reference}/act/", {"do": do, "words": words})
    assert answer.status_code == status, answer.content.decode()[:3000]
    return str(answer.content.decode())
