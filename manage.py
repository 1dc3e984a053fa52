#!/usr/bin/env python3
"""The command line of SMI Portal: `./manage.py help` lists the commands."""

import importlib.util
import os
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parent
NEED_NO_DATABASE = {
    "",
    "help",
    "version",
    "database",
    "collectstatic",
    "findstatic",
    "compilemessages",
    "makemessages",
    "diffsettings",
    "startapp",
    "startproject",
    "make_demo_extract",
}


def use_own_python() -> None:
    """Continue under the project's own Python when this one has no Django."""
    if importlib.util.find_spec("django") is not None:
        return
    python = PROJECT / ".venv" / "bin" / "python"
    if not python.exists() or Path(sys.prefix).resolve() == (PROJECT / ".venv").resolve():
        sys.exit("SMI Portal's packages are not installed: run 'make setup'.")
    os.execv(python, [str(python), *sys.argv])  # noqa: S606 - our own interpreter, by its full path


def needs_database(arguments: list[str]) -> bool:
    """Return whether the command line is of a command that works with the database."""
    command = arguments[1] if len(arguments) > 1 else ""
    if command.startswith("-") or {"--help", "-h"} & set(arguments):
        return False
    if command == "check":
        return "--database" in arguments
    return command not in NEED_NO_DATABASE


def main() -> None:
    """Run a command, with the embedded server started first if the command needs it."""
    use_own_python()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "smi_portal.settings.dev")
    from django.core.management import execute_from_command_line

    from smi_portal.database.errors import DatabaseUnavailable
    from smi_portal.database.locate import ensure_running

    try:
        if needs_database(sys.argv):
            ensure_running()
        execute_from_command_line(sys.argv)
    except DatabaseUnavailable as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
