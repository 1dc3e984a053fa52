"""Loads in other processes, which can be watched and killed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connections

PROJECT = Path(__file__).resolve().parents[3]


@contextmanager
def started(module: str, *arguments: object) -> Iterator[subprocess.Popen[str]]:
    """`module` of this package over the tests' database, with further arguments; killed at the end."""
    command = [
        sys.executable,
        "-m",
        f"tests.inventory.loading.{module}",
        connections.settings["owner"]["NAME"],
    ]
    process = subprocess.Popen(
        [*command, *map(str, arguments)],
        cwd=PROJECT,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "smi_portal.settings.test"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def wait_for(process: subprocess.Popen[str], text: str) -> None:
    """Read what the process prints until `text` is in it."""
    assert process.stdout is not None
    said = ""
    for line in process.stdout:
        said += line
        if text in line:
            return
    raise AssertionError(f"It ended without {text!r}: {said}")
