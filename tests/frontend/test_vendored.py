"""What is served under static/ is exactly what frontend/ built, from the versions that the lock file pins."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MANIFEST = json.loads((ROOT / "static/VENDORED.json").read_text())
LOCK = json.loads((ROOT / "frontend/package-lock.json").read_text())
REBUILD = "run npm run build in frontend/"


def sha256(path: str) -> str:
    return hashlib.sha256((ROOT / path).read_bytes()).hexdigest()


@pytest.mark.parametrize("path", MANIFEST["files"])
def test_each_served_file_is_the_one_recorded(path: str) -> None:
    assert sha256(path) == MANIFEST["files"][path]["sha256"], f"{path} was changed by hand: {REBUILD}"


@pytest.mark.parametrize("path", MANIFEST["sources"])
def test_the_stylesheet_was_built_from_the_present_sources(path: str) -> None:
    assert sha256(path) == MANIFEST["sources"][path], f"{path} was changed after the build: {REBUILD}"


def test_no_file_is_left_out_of_the_manifest() -> None:
    served = {str(p.relative_to(ROOT)) for p in (ROOT / "static").rglob("*") if p.is_file()}
    sources = {str(p.relative_to(ROOT)) for p in (ROOT / "frontend/scss").iterdir()}
    assert served - {"static/VENDORED.json"} == set(MANIFEST["files"])
    assert sources == set(MANIFEST["sources"])


def test_the_versions_are_those_of_the_lock_file() -> None:
    source = MANIFEST["files"]["static/css/portal.css"]["source"]
    for name in ("govuk-frontend", "sass"):
        assert f"{name} {LOCK['packages'][f'node_modules/{name}']['version']}" in source


def test_the_lock_file_pins_by_hash_and_names_no_host() -> None:
    packages = [package for path, package in LOCK["packages"].items() if path]
    assert packages
    assert all("integrity" in package and "resolved" not in package for package in packages)


def test_nothing_of_the_govuk_brand_is_served() -> None:
    for path in MANIFEST["files"]:
        if not path.endswith(".txt"):
            text = (ROOT / path).read_text()
            assert not re.search(r"GDS Transport|crown-|@font-face|@import|url\((?!#)", text), path


def test_the_first_view_is_light() -> None:
    """Styles and script together stay far below the 100 KB that a first view may take."""
    parts = ("css/portal.css", "js/portal.js", "images/favicon.svg")
    sizes = {name: len((ROOT / "static" / name).read_bytes()) for name in parts}
    assert sizes["css/portal.css"] <= 70_000
    assert len(gzip.compress((ROOT / "static/css/portal.css").read_bytes())) <= 14_000
    assert sum(sizes.values()) <= 85_000
