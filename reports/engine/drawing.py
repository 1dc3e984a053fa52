"""What every drawing of the site is made of: a canvas with its title and description, text, shapes, numbers.

Drawn through ElementTree, so that text is escaped and the result well-formed by construction. No script and no
inline style: every look is a class of `static/css/portal.css`. The same facts give the same bytes.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from xml.etree import ElementTree

from django.utils.safestring import SafeString

# All lengths are user units of the viewBox, about a CSS pixel at full width.
WIDTH = 760
#: Left free at the right edge.
RIGHT = 16
#: Mean advance of a 12-unit sans-serif character.
CHAR = 6.6
#: Characters of a name that are drawn; longer names are cut here, and stand whole in the table beside the drawing.
MAX_LABEL = 28

# Characters that XML 1.0 cannot hold even when escaped.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

Node = ElementTree.Element


def identity_of(*parts: object) -> str:
    """A prefix for the drawing's ids: different ones on one page differ, the same one is the same bytes."""
    return "c" + hashlib.sha256(repr(parts).encode(errors="backslashreplace")).hexdigest()[:10]


def canvas(identity: str, title: str, description: str, height: float) -> Node:
    """An empty drawing of the full width, named and described for those who do not see it."""
    svg = ElementTree.Element(
        "svg",
        {
            "class": "chart",
            "xmlns": "http://www.w3.org/2000/svg",
            "viewBox": f"0 0 {WIDTH} {number(height)}",
            "role": "img",
            "aria-labelledby": f"{identity}-t {identity}-d",
        },
    )
    add(svg, "title", {"id": f"{identity}-t"}, title)
    add(svg, "desc", {"id": f"{identity}-d"}, description)
    return svg


def add(parent: Node, tag: str, attributes: Mapping[str, str], text: str = "") -> Node:
    """A new element at the end of `parent`; what XML cannot hold of its text is replaced."""
    node = ElementTree.SubElement(parent, tag, dict(attributes))
    if text:
        node.text = _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)
    return node


def add_text(parent: Node, x: float, y: float, text: str, anchor: str, quiet: bool = False) -> Node:
    """Text whose `anchor` (start, middle or end) is at x, and whose foot is at y."""
    look = "chart-text chart-quiet" if quiet else "chart-text"
    return add(parent, "text", {"class": look, "text-anchor": anchor, "x": number(x), "y": number(y)}, text)


def number(value: float) -> str:
    """Coordinates to a tenth of a unit, without a needless ".0"."""
    return f"{value:.1f}".removesuffix(".0")


def short(text: str) -> str:
    """A name as it is drawn: its first characters."""
    return text if len(text) <= MAX_LABEL else text[: MAX_LABEL - 1] + "…"


def length(text: str) -> float:
    """About how wide a name is drawn."""
    return len(short(text)) * CHAR


def finished(svg: Node) -> SafeString:
    """The drawing as markup for a template."""
    return SafeString(ElementTree.tostring(svg, encoding="unicode"))
