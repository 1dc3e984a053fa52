"""The rules worked out by hand are asked twice: of the model, and of the product with the same inventory loaded.

So the hand-made cases hold the product to the specification by themselves, each time the same, where the random
inventories of `tests/reports/test_against_model.py` meet a coincidence in some examples only.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytest_django import DjangoDbBlocker

from tests.oracle.home import Home
from tests.oracle.product import Product
from tests.support.loads import forget

#: Modules whose questions are rules of reports, worked out by hand.
BY_HAND = ("test_model", "test_blanking", "test_reports", "test_associations", "test_backfill", "test_inputs")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Both, for every test of those modules that describes a home."""
    by_hand = metafunc.module.__name__.split(".")[-1] in BY_HAND
    asks = "home" in metafunc.fixturenames or "Home" in metafunc.function.__code__.co_names
    if by_hand and asks:
        metafunc.parametrize("answered_by", ["model", "product"], indirect=True)


@pytest.fixture(scope="package")
def product(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Product]:
    """The product without an inventory; it gets each test's own."""
    with django_db_blocker.unblock():
        forget()
    yield Product(tmp_path_factory.mktemp("by-hand"))
    with django_db_blocker.unblock():
        forget()


@pytest.fixture(autouse=True)
def answered_by(
    request: pytest.FixtureRequest, django_db_blocker: DjangoDbBlocker, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """The model, or the product in its place."""
    if getattr(request, "param", "model") == "model":
        yield
        return
    asked: Product = request.getfixturevalue("product")
    monkeypatch.setattr(Home, "answer", staticmethod(asked.answer))
    with django_db_blocker.unblock():
        yield
