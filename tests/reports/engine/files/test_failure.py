"""The words for a failure: of use to the reader, and without anything from the database."""

import psycopg
import pytest
from django.db import DatabaseError

from reports.engine.files.failure import plain_reason


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (psycopg.errors.QueryCanceled("SELECT 1"), "the query was cancelled or ran out of time"),
        (psycopg.errors.AdminShutdown("SELECT 1"), "the connection to the database was lost"),
        (psycopg.errors.DivisionByZero("SELECT 1"), "the database refused the query"),
        (OSError(28, "No space left on device"), "the server could not read or write"),
        (KeyError("MPAN 1012345678901"), "an unexpected error (KeyError)"),
    ],
)
def test_a_reason_says_what_happened_and_quotes_nothing(error: Exception, words: str) -> None:
    assert plain_reason(error) == words


def test_django_errors_are_read_through_to_their_cause() -> None:
    error = DatabaseError("SELECT 1")
    error.__cause__ = psycopg.errors.QueryCanceled("SELECT 1")
    assert plain_reason(error) == "the query was cancelled or ran out of time"
