"""Entries written as the site writes them, committed, and taken away again by the owner after each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connections
from pytest_django import DjangoDbBlocker

from smi_portal.audit import chains, note, witness
from smi_portal.audit.models import AuditEntry
from smi_portal.audit.verify import Findings, verify

Owner = Callable[..., list[tuple[Any, ...]]]


@pytest.fixture
def real(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """An empty audit, real commits."""
    with django_db_blocker.unblock():
        _empty()
        yield
        _empty()


def _empty() -> None:
    AuditEntry.objects.using("owner").all().delete()
    witness.forget()
    chains._forget_all()


@pytest.fixture
def owner(real: None) -> Owner:
    """The database's owner at work: a statement, and its rows if it has any."""

    def run(statement: str, *params: Any) -> list[tuple[Any, ...]]:
        with connections["owner"].cursor() as cursor:
            cursor.execute(statement, params)
            return cursor.fetchall() if cursor.description else []

    return run


def write(number: int = 5) -> None:
    """That many entries."""
    for i in range(1, number + 1):
        note("thing", number=i, word=f"w{i}")


def findings() -> Findings:
    """What `verify_audit` finds."""
    return verify("owner", witness.heads())


def kinds() -> list[str]:
    """Every entry's kind, in the order of writing."""
    return list(AuditEntry.objects.using("owner").order_by("at").values_list("kind", flat=True))
