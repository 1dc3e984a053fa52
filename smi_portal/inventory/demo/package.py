"""Writes the two packages of a demo extract: 0001-full, and the 0002-delta of a month later."""

import json
import multiprocessing
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO, Final

from smi_portal.inventory.demo import cast, mdd
from smi_portal.inventory.demo.blocks import SIZE, BlockBuilder, Texts, csv_lines, deletion, gzip_member
from smi_portal.inventory.demo.catalogue import cpl_rows
from smi_portal.inventory.demo.cut import diff
from smi_portal.inventory.demo.days import month_later
from smi_portal.inventory.demo.home import Row
from smi_portal.inventory.demo.world import World

SCHEMA_PATH: Final = Path(__file__).resolve().parent.parent / "extract_schema.json"
FULL: Final = "0001-full"
DELTA: Final = "0002-delta"
_DELETIONS: Final = {
    "name": "deletions",
    "path": "deletions.csv",
    "profile": "tabular-data-resource",
    "encoding": "utf-8",
    "schema": {
        "fields": [
            {"name": "table", "type": "string", "constraints": {"required": True}},
            {"name": "key_json", "type": "string", "constraints": {"required": True}},
        ],
        "missingValues": [""],
    },
}


class DemoExtractError(Exception):
    """The demo extract cannot be written; the message says why."""


@dataclass(frozen=True, slots=True)
class Options:
    """What to write: number of premises, seed, day of the full extract, with a delta or not, gzip or not.

    `workers` processes share the work; the result is the same for any number of them. `delta_rows` limits the
    delta: no further block of premises enters it once it has that many rows (None = all changes).
    """

    premises: int
    seed: int
    as_at: date = date(2019, 1, 31)
    delta: bool = True
    gzip: bool = False
    workers: int = 1
    delta_rows: int | None = None


def write_demo_extract(
    out: Path, options: Options, progress: Callable[[int], None] = lambda done: None
) -> None:
    """Write `out`/0001-full and `out`/0002-delta; an earlier demo extract there is replaced at the end.

    `progress` is told the number of premises done. Raises DemoExtractError when `out` holds anything else.
    """
    out = out.resolve()
    check_replaceable(out)
    out.parent.mkdir(parents=True, exist_ok=True)
    staging = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    try:
        built = staging / "new"
        _write(built, options, progress)
        _replace(out, built, staging / "old")
    finally:
        shutil.rmtree(staging)


def _replace(out: Path, built: Path, aside: Path) -> None:
    """Put `built` in the place of `out`; what was there moves `aside`, and back again if that fails."""
    had_earlier = out.exists()
    if had_earlier:
        out.rename(aside)
    try:
        built.rename(out)
    except OSError:
        if had_earlier:
            aside.rename(out)
        raise


def check_replaceable(out: Path) -> None:
    """Raise DemoExtractError unless `out` is absent, an empty directory, or an earlier demo extract."""
    if not out.exists():
        return
    if not out.is_dir():
        raise DemoExtractError(f"{out} is a file; name a directory to write the demo extract to.")
    for child in out.iterdir():
        if child.name not in (FULL, DELTA) or not _is_demo(child):
            raise DemoExtractError(
                f"{out} is not empty, and {child.name} in it is no demo extract. Name another directory."
            )


def _is_demo(package: Path) -> bool:
    try:
        descriptor = json.loads((package / "datapackage.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(descriptor, dict) and str(descriptor.get("extract_id", "")).startswith("demo-")


def _write(out: Path, options: Options, progress: Callable[[int], None]) -> None:
    world = World(options.premises, options.seed, options.as_at)
    with ExitStack() as stack:
        full = stack.enter_context(_Package(out / FULL, options))
        delta = stack.enter_context(_Package(out / DELTA, options)) if options.delta else None
        _write_common(world, full, delta)
        written = 0
        for block, (texts, changed, count) in enumerate(_blocks(world, options)):
            full.append(texts, packed=options.gzip)
            if delta and (options.delta_rows is None or written < options.delta_rows):
                delta.append(changed, packed=options.gzip)
                written += count
            progress(min((block + 1) * SIZE, options.premises))
    later = month_later(options.as_at)
    _describe(out / FULL, options, 1, "full", options.as_at)
    if options.delta:
        _describe(out / DELTA, options, 2, "delta", later)


class _Package:
    """The open CSV files of one package directory."""

    def __init__(self, directory: Path, options: Options) -> None:
        self._directory, self._gzip = directory, options.gzip
        self._files: dict[str, BinaryIO] = {}

    def __enter__(self) -> "_Package":
        self._directory.mkdir(parents=True)
        names = [*columns(), "deletions"] if self._directory.name == DELTA else [*columns()]
        for name in names:
            path = self._directory / (f"{name}.csv.gz" if self._gzip else f"{name}.csv")
            self._files[name] = path.open("wb")
        self.append({name: csv_lines([columns().get(name, ("table", "key_json"))]) for name in names})
        return self

    def __exit__(self, *_: object) -> None:
        for file in self._files.values():
            file.close()

    def append(self, texts: Texts, *, packed: bool = False) -> None:
        """Append lines to files; `packed` ones are gzip members already where the package is compressed."""
        for name, text in texts.items():
            self._files[name].write(gzip_member(text) if self._gzip and not packed and text else text)


def _write_common(world: World, full: _Package, delta: _Package | None) -> None:
    """Write the files that do not grow with the premises: organisations, participants, cpl."""
    organisations = [(o.code, o.name, o.kind, "true" if o.is_user else "false") for o in cast.ORGANISATIONS]
    before: dict[str, list[Row]] = {
        "organisations": sorted(organisations),
        "participants": mdd.market_rows(updated=False),
        "cpl": cpl_rows(world.full_day),
    }
    full.append({name: csv_lines(rows) for name, rows in before.items()})
    if delta is None:
        return
    after = {"participants": mdd.market_rows(updated=True), "cpl": cpl_rows(world.delta_day)}
    keys = {"participants": (0, 1, 2, 5), "cpl": (0, 1, 2, 3, 4)}
    for name, key in keys.items():
        changed, gone = diff(key, before[name], after[name])
        delta.append({name: csv_lines(changed)})
        delta.append({"deletions": csv_lines(deletion(name, columns()[name], key, row) for row in gone)})


Built = tuple[Texts, Texts, int]
_builders: dict[str, Callable[[int], Built]] = {}


def _blocks(world: World, options: Options) -> Iterator[Built]:
    """Yield the blocks in order, built here or by worker processes."""
    count = -(-options.premises // SIZE)
    if options.workers < 2 or count < 2:
        _start_worker(world, options.gzip)
        yield from map(_build, range(count))
        return
    context = multiprocessing.get_context("spawn")
    with context.Pool(options.workers, _start_worker, (world, options.gzip)) as pool:
        yield from pool.imap(_build, range(count))


def _start_worker(world: World, packed: bool) -> None:
    builder = BlockBuilder(world, columns())

    def build(block: int) -> Built:
        full, delta, rows = builder.build(block)
        if packed:
            full = {name: gzip_member(text) for name, text in full.items() if text}
            delta = {name: gzip_member(text) for name, text in delta.items() if text}
        return full, delta, rows

    _builders["build"] = build


def _build(block: int) -> Built:
    return _builders["build"](block)


@cache
def _schema() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(SCHEMA_PATH.read_text(encoding="utf-8"))
    return loaded


@cache
def columns() -> dict[str, tuple[str, ...]]:
    """Return the columns of each file of the published schema, in its order."""
    return {
        resource["name"]: tuple(field["name"] for field in resource["schema"]["fields"])
        for resource in _schema()["resources"]
    }


def _describe(directory: Path, options: Options, sequence: int, kind: str, as_at: date) -> None:
    """Write datapackage.json: the published schema with this package's properties."""
    resources = [*_schema()["resources"], _DELETIONS] if kind == "delta" else _schema()["resources"]
    suffix = ".gz" if options.gzip else ""
    descriptor = {
        **_schema(),
        "extract_id": f"demo-{as_at:%Y%m%d}-{options.premises}-{options.seed}-{sequence:04d}",
        "sequence": sequence,
        "kind": kind,
        "as_at": f"{as_at.isoformat()}T23:00:00Z",
        "resources": [{**resource, "path": resource["path"] + suffix} for resource in resources],
    }
    text = json.dumps(descriptor, indent=1) + "\n"
    (directory / "datapackage.json").write_text(text, encoding="utf-8", newline="\n")
