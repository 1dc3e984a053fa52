"""`make screenshots`: the pictures of docs/screenshots, each made anew from a demo of its own.

python -m tests.browser.screenshots [NAME …]   those of docs/screenshots, or the ones named
python -m tests.browser.screenshots --every    besides, every page × role × state at 1440, 1024 and 375 px, for
                                               looking at: into test-results/screenshots, which is not kept
"""

from __future__ import annotations

import base64
import os
import re
import struct
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import django
from playwright.sync_api import Browser, Error, Page, StorageState, sync_playwright

from .people import DCC, MAP, SECAS, SUPPLIER

ROOT = Path(__file__).resolve().parents[2]
OUT = ROOT / "docs" / "screenshots"
EVERY = ROOT / "test-results" / "screenshots"
WIDTHS, TALLEST = (1440, 1024, 375), 4000
PREMISES, SEED = 600, 7
LIMIT = 150_000  # bytes a picture
PATIENCE_MS = 180_000  # a machine that does other things too must not break off at the last picture but one
TRIES = 3
SETTINGS = "smi_portal.settings.dev"
FILTERED = "device_status=Commissioned&device_status=Suspended&installation_date_from=2018-01-01"


@dataclass(frozen=True)
class Shot:
    """One picture: who sees it, where, in a window of which size."""

    name: str
    person: str | None
    path: str
    size: tuple[int, int] = (1440, 900)
    options: dict[str, Any] = field(default_factory=dict)
    #: Selectors to click first.
    clicks: tuple[str, ...] = ()


SHOTS = (
    Shot("sign-in", None, "/sign-in/", (1440, 860)),
    Shot("home-map", MAP, "/"),
    Shot("home-map-375", MAP, "/", (375, 812)),
    Shot("home-supplier", SUPPLIER, "/"),
    Shot("home-dcc", DCC, "/"),
    Shot("home-secas", SECAS, "/", (1024, 700)),
    Shot("map_001", MAP, f"/reports/MAP_001/?{FILTERED}"),
    Shot("map_001-1024", MAP, f"/reports/MAP_001/?{FILTERED}", (1024, 768)),
    Shot("map_001-375", MAP, f"/reports/MAP_001/?{FILTERED}", (375, 812)),
    Shot("map_001-dark", MAP, f"/reports/MAP_001/?{FILTERED}", options={"color_scheme": "dark"}),
    Shot("map_001-filter", MAP, "/reports/MAP_001/?rows=25", clicks=("#id_device_status",)),
    Shot("map_001-supplier", MAP, "/reports/MAP_001/?rows=25", clicks=("#id_supplier_id",)),
    Shot("map_001-columns", MAP, "/reports/MAP_001/?rows=25", clicks=("#columns",)),
    Shot("map_001-columns-375", MAP, "/reports/MAP_001/?rows=25", (375, 1200), clicks=("#columns",)),
    Shot("map_001-views", MAP, "/reports/MAP_001/?rows=25", clicks=("#views",)),
    Shot("map_001-compact", MAP, "/reports/MAP_001/?density=compact"),
    Shot("save-a-view", MAP, f"/views/new/MAP_001/?{FILTERED}", (1024, 768)),
    Shot("views", MAP, "/views/", (1024, 600)),
    Shot("glossary", None, "/glossary/", (1024, 768)),
    Shot("home-dcc-1024", DCC, "/", (1024, 900)),
    Shot("home-secas-375", SECAS, "/", (375, 1000)),
    Shot(
        "map_001-dates",
        MAP,
        "/reports/MAP_001/?rows=25",
        clicks=("details:has(#id_removal_date_from) summary",),
    ),
    Shot("map_001-history", MAP, "/reports/MAP_001/?history=true&as_at=2018-12-31&sort=-map_effective_from"),
    Shot("map_001-empty", MAP, "/reports/MAP_001/?device_status=Commissioned&removal_date_from=2018-01-01"),
    Shot("error", MAP, "/reports/MAP_001/?installation_date_from=soon&colour=red"),
    Shot("error-375", MAP, "/reports/MAP_001/?installation_date_from=soon&colour=red", (375, 812)),
    Shot("rsmi_001-summary", SUPPLIER, "/reports/RSMI_001/?summary=show", (1440, 1640)),
    Shot("rsmi_006-dcc", DCC, "/reports/RSMI_006/?finding=DUPLICATE"),
    Shot("bkf_002-secas", SECAS, "/reports/BKF_002/"),
    Shot("catalogue", MAP, "/reports/"),
    Shot("forbidden", SECAS, "/reports/MAP_001/", (1024, 600)),
    Shot("not-found", MAP, "/reports/NONE_001/", (1024, 600)),
)


def main(wanted: list[str]) -> None:
    """Make the pictures named, or all of them. Exit with a message where there is no Chromium."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", SETTINGS)
    os.environ["SMI_DEBUG"] = "false"
    django.setup()
    from .conftest import FLAGS, MISSING, chromium
    from .serving import demo_site

    path = chromium()
    if path is None:
        sys.exit(MISSING)
    OUT.mkdir(parents=True, exist_ok=True)
    with demo_site(PREMISES, SEED, SETTINGS) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=[*FLAGS, "--hide-scrollbars"])
        names = set(wanted) - {"--every"}
        take(browser, address, [shot for shot in SHOTS if not names or shot.name in names])
        if "--every" in wanted:
            take_every(browser, address)
        browser.close()


def take(browser: Browser, address: str, shots: list[Shot]) -> None:
    """Take pictures of a running site."""
    sessions: dict[str | None, StorageState | None] = {None: None}
    workshop = browser.new_page()
    for shot in shots:
        if shot.person not in sessions:
            sessions[shot.person] = signed_in(browser, address, str(shot.person))
        width, height = shot.size
        context = browser.new_context(
            base_url=address,
            storage_state=sessions[shot.person],
            viewport={"width": width, "height": height},
            locale="en-GB",
            **shot.options,
        )
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        page.goto(shot.path)
        for selector in shot.clicks:
            page.locator(selector).click()
        picture = smaller(_take(page, animations="disabled", caret="hide"), workshop)
        context.close()
        if len(picture) > LIMIT:
            sys.exit(f"{shot.name}.png has {len(picture):,} bytes; {LIMIT:,} at most.")
        (OUT / f"{shot.name}.png").write_bytes(picture)
        sys.stdout.write(f"docs/screenshots/{shot.name}.png  {len(picture) // 1000} kB\n")


def take_every(browser: Browser, address: str) -> None:
    """Every page of every role, and every state, at each width; names begin with who looks."""
    from . import crawling, states

    EVERY.mkdir(parents=True, exist_ok=True)
    for person, role in crawling.ROLES.items():
        with _window(browser, address, person) as page:
            for kind, _path, _status in crawling.crawl(page, person):
                _at_each_width(page, f"{role}-{kind}")
    told = {"nothing": states.NOTHING, "wrong": states.WRONG, "refused": states.REFUSED, "form": states.FORMS}
    for state, places in told.items():
        for number, (person, path) in enumerate(places, start=1):
            with _window(browser, address, person) as page:
                page.goto(path)
                if state == "form":
                    states.send_empty(page)
                _at_each_width(page, f"{state}-{number:02}{path.split('?')[0].replace('/', '-')}")


@contextmanager
def _window(browser: Browser, address: str, person: str | None) -> Iterator[Page]:
    state = signed_in(browser, address, person) if person else None
    with browser.new_context(base_url=address, storage_state=state, locale="en-GB") as context:
        context.set_default_timeout(PATIENCE_MS)
        yield context.new_page()


def _at_each_width(page: Page, name: str) -> None:
    safe = re.sub(r"[^\w-]+", "-", name)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        height = min(int(page.evaluate("document.documentElement.scrollHeight")), TALLEST)
        clip = {"x": 0, "y": 0, "width": width, "height": height}
        _take(page, path=EVERY / f"{safe}.{width}.png", full_page=True, clip=clip)
    sys.stdout.write(f"test-results/screenshots/{safe}\n")


def _take(page: Page, **how: Any) -> bytes:
    """A picture. Of a busy machine's Chromium it is asked again: it may have none to give at the first time."""
    for _ in range(TRIES - 1):
        with suppress(Error):
            return page.screenshot(**how)
        page.wait_for_timeout(1000)
    return page.screenshot(**how)


def signed_in(browser: Browser, address: str, email: str) -> StorageState:
    """The cookies of a person who has signed in."""
    from .conftest import sign_in

    with browser.new_context(base_url=address) as context:
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        sign_in(page, email)
        page.wait_for_url(f"{address}/")
        return context.storage_state()


def smaller(png: bytes, page: Page) -> bytes:
    """The same picture in its 256 commonest colours, each pixel one byte: a page has few, and half the weight."""
    source = "data:image/png;base64," + base64.b64encode(png).decode()
    found = page.evaluate(QUANTISE, source)
    width, height, palette = found["width"], found["height"], base64.b64decode(found["palette"])
    pixels = base64.b64decode(found["pixels"])
    lines = b"".join(b"\0" + pixels[row * width : (row + 1) * width] for row in range(height))
    chunks = [
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
        (b"PLTE", palette),
        (b"IDAT", zlib.compress(lines, 9)),
        (b"IEND", b""),
    ]
    parts = [
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in chunks
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


#: Run in Chromium, which has the pixels: colours that are not among the 256 commonest take the nearest of those.
QUANTISE = """async source => {
  const image = await createImageBitmap(await (await fetch(source)).blob())
  const { width, height } = image
  const context = new OffscreenCanvas(width, height).getContext('2d')
  context.drawImage(image, 0, 0)
  const data = new Uint32Array(context.getImageData(0, 0, width, height).data.buffer)
  const counts = new Map()
  for (const colour of data) counts.set(colour, (counts.get(colour) ?? 0) + 1)
  const kept = [...counts].sort((a, b) => b[1] - a[1]).slice(0, 256).map(([colour]) => colour)
  const parts = colour => [colour & 255, (colour >> 8) & 255, (colour >> 16) & 255]
  const palette = kept.map(parts)
  const nearest = colour => {
    const [r, g, b] = parts(colour)
    let best = 0, least = Infinity
    palette.forEach(([x, y, z], index) => {
      const distance = (r - x) ** 2 + (g - y) ** 2 + (b - z) ** 2
      if (distance < least) [best, least] = [index, distance]
    })
    return best
  }
  const index = new Map([...counts.keys()].map(colour => [colour, nearest(colour)]))
  const text = bytes => {
    let out = ''
    for (let i = 0; i < bytes.length; i += 8192) out += String.fromCharCode(...bytes.subarray(i, i + 8192))
    return btoa(out)
  }
  return { width, height, palette: text(new Uint8Array(palette.flat())),
           pixels: text(Uint8Array.from(data, colour => index.get(colour))) }
}"""


if __name__ == "__main__":
    main(sys.argv[1:])
