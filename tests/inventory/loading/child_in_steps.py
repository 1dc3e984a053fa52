"""A load in steps in a process of its own: `child_in_steps.py DATABASE PACKAGE SIZE [LINE]`.

Parts are of SIZE devices. Once it has said what begins with LINE, it rests for a moment: long enough to be killed there.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import django


def main(database: str, package: str, size: str, line: str = "") -> None:
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

    class Out:
        def write(self, text: str) -> None:
            print(text, end="", flush=True)
            if line and text.startswith(line):
                time.sleep(2)

        def flush(self) -> None:
            pass

    report = load(Path(package), LoadOptions(vacuum=False), Out())
    print("already loaded" if report.already_loaded else "loaded")


if __name__ == "__main__":
    main(*sys.argv[1:])
