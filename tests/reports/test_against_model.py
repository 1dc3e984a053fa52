"""Every report, compared exactly with the naive model (tests/oracle) over small random inventories.

The model was written from the reports' specification alone. Each example loads an extract by the real loader
and asks each report for each organisation, release and several days, with and without history; then some random
questions with inputs. `HYPOTHESIS_PROFILE=deep` looks longer.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from random import Random

import pytest
from django.test import override_settings
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import DjangoDbBlocker

from reports.engine.ask import AskRefused
from tests.oracle.inventory import Inventory
from tests.oracle.model import REPORTS, Refused
from tests.oracle.questions import Question, random_question
from tests.oracle.strategies import Extract, extracts, random_delta, rngs
from tests.support.asking import table, viewer_of
from tests.support.loads import forget, load_tables
from tests.support.periods import assert_as_if_rebuilt
from tests.support.profiles import examples

RELEASES = (
    frozenset[str](),
    frozenset({"supplier"}),
    frozenset({"premises"}),
    frozenset({"supplier", "premises"}),
)
REFUSED = "refused"
LOOK = {
    "deadline": None,
    "suppress_health_check": [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
    "print_blob": True,
}


@pytest.fixture(scope="module", autouse=True)
def _real_transactions(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Loads commit, and each question has its own transaction, as on the site."""
    with django_db_blocker.unblock():
        try:
            yield
        finally:
            forget()


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where packages are written."""
    return tmp_path_factory.mktemp("packages")


@contextmanager
def loaded(extract: Extract, implementation: date, directory: Path) -> Iterator[Inventory]:
    """The extract in the product, and in the model."""
    with override_settings(SMI_IMPLEMENTATION_DATE=implementation):
        forget()
        load_tables(directory, extract.tables, extract.as_at)
        yield extract.inventory()


def runs_backwards(question: Question) -> bool:
    """Whether a range ends before it begins: to the model no row matches, the product says so at the field."""
    return any(
        name.endswith("_from") and max(values) > min(end)
        for name, values in question.inputs.items()
        if (end := list(filter(None, question.inputs.get(f"{name.removesuffix('_from')}_to", []))))
    )


def compare(question: Question, inventory: Inventory) -> None:
    """Product and model give the same header and rows in the same order, or both refuse."""
    want: list[list[str]] | str
    got: list[list[str]] | str
    try:
        rows = question.answer(inventory)
        want = [list(row.values()) for row in rows]
        header = list(rows[0]) if rows else None
        if runs_backwards(question):
            want = REFUSED
    except Refused:
        want, header = REFUSED, None
    try:
        heading, *got = table(
            viewer_of(question.organisation, question.released),
            question.report,
            as_at=question.day.isoformat() if question.day else None,
            history="true" if question.history else None,
            **question.inputs,
        )
    except AskRefused:
        got, heading = REFUSED, []
    assert got == want, question
    assert header is None or heading == header, question


def every_question(rng: Random, extract: Extract, implementation: date) -> Iterator[Question]:
    """Each report × organisation (MAPs: with a release, too) × the extract's day and an earlier one × history."""
    last = extract.as_at.date()
    for report, declared in REPORTS.items():
        days = [None, last - timedelta(days=rng.randint(1, 13))]
        for row in extract.tables["organisations"]:
            releases = [RELEASES[0]]
            if row["kind"] == "MAP" and "MAP" in declared.roles:
                releases.append(RELEASES[rng.randint(1, 3)])
            for released in releases:
                for day in days:
                    question = Question(
                        str(row["organisation"]), report, day, False, {}, released, implementation
                    )
                    yield question
                    if declared.has_history:
                        yield replace(question, history=True)


def an_implementation(rng: Random, extract: Extract) -> date:
    """The programme's day, mostly; else any of the days on which things happen."""
    return date(2018, 11, 1) if rng.random() < 0.6 else extract.calendar.any_day(rng)


@settings(max_examples=examples(10, deep=3000), **LOOK)
@given(extract=extracts(), rng=rngs())
def test_every_report_for_everyone(extract: Extract, rng: Random, directory: Path) -> None:
    """Rows, order, columns and refusals, without inputs."""
    implementation = an_implementation(rng, extract)
    with loaded(extract, implementation, directory) as inventory:
        for question in every_question(rng, extract, implementation):
            compare(question, inventory)


@settings(max_examples=examples(10, deep=2000), **LOOK)
@given(extract=extracts(), rng=rngs())
def test_random_questions(extract: Extract, rng: Random, directory: Path) -> None:
    """Inputs of every kind: values that are shown, that are others', that are nonsense; ranges; combinations."""
    implementation = an_implementation(rng, extract)
    with loaded(extract, implementation, directory) as inventory:
        for report in REPORTS:
            for _ in range(5):
                question = random_question(rng, extract, report)
                compare(replace(question, implementation_date=implementation), inventory)


@settings(max_examples=examples(5, deep=1500), **LOOK)
@given(extract=extracts(), rng=rngs(), successor=st.one_of(st.none(), extracts()))
def test_deltas_step_by_step(
    extract: Extract, rng: Random, successor: Extract | None, directory: Path
) -> None:
    """After each delta, and each further full extract, the periods are those of a complete rebuild."""
    implementation = an_implementation(rng, extract)
    with loaded(extract, implementation, directory) as inventory:
        for _ in range(rng.randint(1, 4)):
            upserts, deletions = random_delta(inventory.text, rng, extract.calendar)
            inventory = inventory.changed(upserts, deletions, extract.as_at)
            load_tables(directory, upserts, extract.as_at, "delta", deletions, incremental=True)
            assert_as_if_rebuilt(implementation)
            _compare_some(rng, replace(extract, tables=inventory.text), implementation)
        if successor is not None:
            load_tables(directory, successor.tables, successor.as_at, incremental=True)
            assert_as_if_rebuilt(implementation)
            _compare_some(rng, successor, implementation)


def _compare_some(rng: Random, extract: Extract, implementation: date) -> None:
    inventory = extract.inventory()
    for report in REPORTS:
        question = random_question(rng, extract, report)
        compare(replace(question, implementation_date=implementation), inventory)
        compare(Question("DCC", report, None, implementation_date=implementation), inventory)
