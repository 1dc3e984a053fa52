"""A load in steps in a process of its own: `child_in_steps.py DATABASE PACKAGE SIZE`, with parts of SIZE devices."""

from __future__ import annotations

import sys
from pathlib import Path

import django


def main(database: str, package: str, size: str) -> None:
    """Load the package into that database, saying what it does."""
    django.setup()
    from django.db import connections

    from smi_portal.database import locate
    from smi_portal.inventory.loading import steps
    from smi_portal.inventory.loading.loader import LoadOptions, load
    from smi_portal.inventory.periods import parts

    locate.refresh()
    for alias in ("default", "owner"):
        connections.settings[alias]["NAME"] = database
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT count(*) FROM inventory_extractload")  # connected, to that database
    steps.FROM_PARTS, parts.SIZE = 1, int(size)
    report = load(Path(package), LoadOptions(vacuum=False), sys.stdout)
    print("already loaded" if report.already_loaded else "loaded")


if __name__ == "__main__":
    main(*sys.argv[1:])
