"""The one error that people see when there is no database to work with."""


class DatabaseUnavailable(Exception):
    """No usable database. The message says what happened and what to do, in plain sentences."""
