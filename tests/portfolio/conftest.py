"""Packages that are really loaded, one after the other, and the portfolio asked as its commands ask it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoDbBlocker

from smi_portal.portfolio import models
from tests.portfolio.worlds import first, second
from tests.support.loads import forget, load_tables
from tests.support.people import make_people, signed_in


@pytest.fixture
def real(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Loads commit, and each question has its own transaction, as on the site."""
    with django_db_blocker.unblock():
        forget()
        try:
            yield
        finally:
            forget()


@pytest.fixture(scope="session")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where packages are written."""
    return tmp_path_factory.mktemp("packages")


def forget_kept() -> None:
    """All that the portfolio's pages keep."""
    for model in (
        models.LedgerPart,
        models.Ledger,
        models.LedgerJob,
        models.StatementPart,
        models.Statement,
        models.ReconciliationPart,
        models.Reconciliation,
        models.ColumnMapping,
        models.Digest,
        models.Webhook,
    ):
        model.objects.using("owner").all().delete()


@pytest.fixture(scope="module")
def two_extracts(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, directory: Path
) -> Iterator[None]:
    """Both extracts, loaded; M1 has the supplier release, M2 has not."""
    with django_db_blocker.unblock():
        forget_kept()
        forget()
        load_tables(directory, first().tables, first().as_at)
        load_tables(directory, second().tables, second().as_at)
        make_people()
        yield
        forget_kept()
        forget()


def page(organisation: str, path: str, **given: Any) -> str:
    """A page that must be answered."""
    answer = signed_in(organisation).get(path, given)
    assert answer.status_code == 200, answer.content[-2000:]
    return str(answer.content.decode())


def kept_statement(client: Client, start: str, end: str) -> str:
    """Keep a statement; where it is."""
    answer = client.post("/rental-days/keep/", {"from": start, "to": end})
    assert answer.status_code == 302
    return str(answer["Location"])
