"""The tasks of files, by name: a file is queued before its task is imported."""

from __future__ import annotations

from typing import Any

from smi_portal.jobs import queue

MAKE = "exports.make"


def defer_make(export_id: Any, seconds: int = 0) -> None:
    """Queue the making of a file. Its id is all that the job knows."""
    queue.defer(MAKE, seconds, export_id=export_id)
