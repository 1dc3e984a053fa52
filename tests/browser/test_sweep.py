"""Every page × role of `pages.PAGES`, found by following links from home: axe, contrast, reflow, titles, ids.

Once a page and role, at 1440 px in the light scheme, axe: every rule but contrast, which costs as much as all others and
is measured by the page itself (`faults.js`) in both schemes. So are what another width can change, at 1440, 1024, 375
and 320 px: width, text cut off, what is too small to press, what scrolls out of the keyboard's reach. axe's own
measure of contrast, in both schemes, is in test_axe.py and test_states.py. A page that no link leads to is opened by its
address (`crawling.ALSO`), which is a decision.
"""

from __future__ import annotations

import pytest

from .axe import SOURCE
from .conftest import Visit
from .crawling import ALSO, ROLES, crawl
from .faults import faults
from .pages import PAGES
from .people import MAP

pytestmark = pytest.mark.browser

MORE = "document.querySelector('main').insertAdjacentHTML('beforeend', '{}')"
DARK = "@media (prefers-color-scheme: dark) "
#: What is broken on purpose: a script and a style that do it, and what is then said.
BROKEN = {
    "a second h1": (MORE.format("<h1>More</h1>"), "", "1440 px, light: 2 first headings"),
    "a title": ("document.title = 'Untitled'", "", "1440 px, light: title Untitled"),
    "an id twice": (MORE.format("<p id=main>More</p>"), "", "two elements have the id main"),
    "a field without label": ("document.querySelector('label[for=id_name]').remove()", "", "axe: label: "),
    "pale text": (
        "",
        ".lead { color: #999 !important }",
        "1440 px, light: contrast 2.85 where 4.5 is asked: <p",
    ),
    "pale dark text": ("", DARK + "{ .lead { color: #444 !important } }", "1024 px, dark: contrast 1."),
    "too wide": ("", "@media (max-width: 320px) { h1 { min-width: 400px } }", "px wider than the window"),
    "cut off": ("", "main h1 { height: 8px; overflow: hidden }", "375 px, dark: text is cut off: <h1"),
    "hard to press": (
        MORE.format("<p class=s><button>a</button><button>b</button></p>"),
        ".s button { all: unset; display: inline-block; width: 9px; height: 9px; overflow: hidden }",
        "375 px, dark: hard to press (9 × 9)",
    ),
    "out of reach": (
        MORE.format("<div class=s><p>More</p></div>"),
        ".s { overflow: auto; width: 50px } .s p { width: 90px }",
        "375 px, dark: scrolls, out of reach: <div",
    ),
}


@pytest.mark.parametrize("what", BROKEN)
def test_what_is_broken_is_seen(visit: Visit, what: str) -> None:
    script, style, said = BROKEN[what]
    page = visit(MAP, "/schedules/new/MAP_001/", bypass_csp=True)
    if script:
        page.evaluate(script)
    if style:
        page.add_style_tag(content=style)
    found = faults(page)
    assert any(said in line for line in found), found


@pytest.mark.parametrize("person", ROLES)
def test_every_page_of_a_role(visit: Visit, person: str | None) -> None:
    page = visit(person, "about:blank")
    page.context.add_init_script(SOURCE)  # sooner there than if sent to each page
    names, looked, wrong = set(), [], []
    for kind, path, status in crawl(page, person):
        names.add(kind.split()[0])
        looked.append(path)
        if status != 200 and path not in ALSO[None]:
            wrong.append(f"{path}: linked to, and answers {status}")
        wrong += [f"{path}: {fault}" for fault in faults(page)]
    print(f"{person}: {len(looked)} pages: {', '.join(looked)}")
    assert wrong == []
    mine = {name for name, roles in PAGES.items() if ROLES[person] in roles}
    assert mine - names == set(), "not reached by links from home"
    # A link back to an entrance is no fault, nor is a stranger's to home: it leads to one.
    entrances = {name for name, roles in PAGES.items() if "n" in roles} | {"home"}
    assert names - mine - entrances == set(), "reached by links: enter this role in pages.py"
