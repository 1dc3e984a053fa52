"""Text, dates, instants and Device IDs as SQL expressions, for any PostgreSQL from release 15 on."""

from __future__ import annotations

from typing import Final

from smi_portal.inventory.loading.schema import Column, Table

DATE: Final = "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
TIME: Final = "T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{1,6})?Z$"
STORED_DEVICE_ID: Final = "^[0-9A-F]{2}(-[0-9A-F]{2}){7}$"
DEVICE_ID: Final = (
    "^[ \\t]*([0-9A-Fa-f]{2}(-[0-9A-Fa-f]{2}){7}|[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){7}|[0-9A-Fa-f]{16})[ \\t]*$"
)


def text(value: str) -> str:
    """A string as an SQL literal (our own constants; what comes from files travels by COPY)."""
    return "'" + value.replace("'", "''") + "'"


def is_date(column: str) -> str:
    """A real day as YYYY-MM-DD, decided without ever raising an error (any PostgreSQL release)."""
    return f"(octet_length({column}) = 10 AND {_begins_with_date(column)})"


def _begins_with_date(column: str) -> str:
    first = f"make_date(substr({column}, 1, 4)::int, substr({column}, 6, 2)::int, 1)"
    last_day = f"extract(day FROM {first} + interval '1 month' - interval '1 day')"
    return (
        f"CASE WHEN {column} ~ {text(DATE)} AND {column} !~ '^0000'"
        f" THEN substr({column}, 9, 2)::int <= {last_day} ELSE false END"
    )


def is_instant(column: str) -> str:
    """A real instant as YYYY-MM-DDThh:mm:ss[.ffffff]Z, decided without ever raising an error."""
    return f"({_begins_with_date(column)} AND substr({column}, 11) ~ {text('^' + TIME)})"


def device_id(column: str) -> str:
    """A sound Device ID as stored: upper case, with dashes. Anything else stays as it is."""
    pairs = (
        f"regexp_replace(upper(regexp_replace({column}, '[^0-9A-Fa-f]', '', 'g')), '(..)(?=.)', '\\1-', 'g')"
    )
    return f"CASE WHEN {column} ~ {text(DEVICE_ID)} THEN {pairs} ELSE {column} END"


def is_stored_device_id(column: str) -> str:
    """Whether a Device ID is in its stored form; may raise an error on one that is not (half a regexp's cost)."""
    return (
        f"({column} LIKE '__-__-__-__-__-__-__-__' AND upper({column}) = {column}"
        f" AND octet_length(decode(replace({column}, '-', ''), 'hex')) = 8)"
    )


MPAN_WEIGHTS: Final = (3, 5, 7, 13, 17, 19, 23, 29, 31, 37, 41, 43)


def is_mpan(column: str) -> str:
    """Whether a text is an MPAN whose check digit is right (`inventory.identifiers.is_valid_mpan`, set-wise)."""
    # Code points less 48 are digits: this takes a tenth of what casts of single characters take.
    terms = " + ".join(f"{w} * ascii(substr({column}, {at}, 1))" for at, w in enumerate(MPAN_WEIGHTS, 1))
    total = f"({terms} - {48 * sum(MPAN_WEIGHTS)})"
    return (
        f"CASE WHEN octet_length({column}) = 13 AND {column} ~ '^[0-9]+$'"
        f" THEN {total} % 11 % 10 = ascii(substr({column}, 13, 1)) - 48 ELSE false END"
    )


def is_mprn(column: str) -> str:
    """Whether a text is an MPRN whose check digits are right (`inventory.identifiers.is_valid_mprn`, set-wise)."""
    # Weights count from the body's end, so that the length plays no part.
    number = f"({column})::bigint"
    total = " + ".join(f"{weight} * ({number} / {10 ** (weight + 1)} % 10)" for weight in range(1, 9))
    return (
        f"CASE WHEN octet_length({column}) BETWEEN 3 AND 10 AND {column} ~ '^[0-9]+$'"
        f" THEN ({total}) % 11 = {number} % 100 ELSE false END"
    )


def typed(table: Table, column: Column) -> str:
    """The expression that turns a right cell into its stored value."""
    if column.type == "string":
        # A part of a key cannot be NULL in the database: empty is stored as ''.
        may_be_empty = column.name in table.key and not column.required
        return f"coalesce({column.sql}, '')" if may_be_empty else column.sql
    return f"{column.sql}::{'timestamptz' if column.type == 'datetime' else column.type}"
