"""axe, put into a page once and run as often as wanted: its rules of WCAG 2.2 A and AA, and its best practices."""

from __future__ import annotations

from pathlib import Path

import axe_playwright_python
from playwright.sync_api import Page

SOURCE = Path(axe_playwright_python.__file__).with_name("axe.min.js").read_text()
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
#: Nothing is fetched for it: the rules that would want the style sheets' source are none of these.
OPTIONS = {
    "runOnly": {"type": "tag", "values": TAGS},
    "resultTypes": ["violations"],
    "preload": False,
}
#: All but the rule that costs as much as the others together.
BUT_CONTRAST = {**OPTIONS, "rules": {"color-contrast": {"enabled": False}}}
ALIKE = {
    "exclude": [[".grid tbody tr:nth-child(n+4)"], [".figure tbody tr:nth-child(n+4)"]]
}  # rows after the third are as those before


def violations(page: Page, options: dict[str, object] = OPTIONS) -> list[str]:
    """What axe finds on the page as it stands: rule, help and the elements, one a line."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(SOURCE)
    found = page.evaluate("([context, options]) => axe.run(context, options)", [ALIKE, options])["violations"]
    return [
        f"{rule['id']}: {rule['help']}: {node['html'][:160]}" for rule in found for node in rule["nodes"][:3]
    ]
