"""What is wrong with a page as it stands: axe once, and in four widths and two schemes what the page itself can tell."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from .axe import BUT_CONTRAST, violations

TOLD = Path(__file__).with_suffix(".js").read_text()
#: Width, scheme, and what is looked at there. One change of scheme a page: each costs a new layout.
WINDOWS = (
    (1440, "light", {"whole": True, "colours": True, "layout": True}),
    (1024, "dark", {"colours": True, "layout": True}),
    (375, "dark", {"layout": True, "targets": True}),
    (320, "dark", {"layout": True}),
)
HEIGHT = 900


def faults(page: Page) -> list[str]:
    """What is wrong, a line each. Call on a page 1440 px wide and light; leaves it so."""
    found = [f"axe: {line}" for line in violations(page, BUT_CONTRAST)]
    for width, scheme, parts in WINDOWS:
        _window(page, width, scheme)
        found += [f"{width} px, {scheme}: {line}" for line in page.evaluate(TOLD, parts)]
    _window(page, *WINDOWS[0][:2])
    return found


def _window(page: Page, width: int, scheme: Any) -> None:
    if page.viewport_size != (size := {"width": width, "height": HEIGHT}):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        page.emulate_media(color_scheme=scheme)
