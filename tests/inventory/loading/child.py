"""A load in a process of its own: `child.py DATABASE PACKAGE [GATE]`.

With GATE, it says "rebuilding" when all rows are written but not committed, and goes on once that file exists.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django


def main(database: str, package: str, gate: str = "") -> None:
    """Load the package into that database."""
    django.setup()
    from django.db import connections

    from smi_portal.database import locate
    from smi_portal.inventory.loading.errors import LoadRefused
    from smi_portal.inventory.loading.loader import LoadOptions, load

    locate.refresh()
    for alias in ("default", "owner"):
        connections.settings[alias]["NAME"] = database

    def rebuild(_cursor: Any, _everything: bool, progress: Callable[[str], None]) -> None:
        if gate:
            progress("rebuilding")
            while not Path(gate).exists():
                time.sleep(0.02)

    try:
        report = load(Path(package), LoadOptions(rebuild=rebuild, vacuum=False), sys.stdout)
    except LoadRefused as refused:
        sys.exit(f"refused: {refused}")
    print("already loaded" if report.already_loaded else "loaded")


if __name__ == "__main__":
    main(*sys.argv[1:])
