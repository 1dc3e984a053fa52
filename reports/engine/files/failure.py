"""A failure in words that a reader of the file can use, without SQL, values or names from the database."""

from __future__ import annotations

import psycopg


def plain_reason(error: BaseException) -> str:
    """Say why a file stopped. The error's own text is left out: it may quote SQL or another party's data."""
    cause = error if isinstance(error, psycopg.Error) else error.__cause__ or error
    match cause:
        case psycopg.errors.QueryCanceled():
            return "the query was cancelled or ran out of time"
        case psycopg.OperationalError():
            return "the connection to the database was lost"
        case psycopg.Error():
            return "the database refused the query"
        case OSError():
            return "the server could not read or write"
        case _:
            return f"an unexpected error ({type(cause).__name__})"
