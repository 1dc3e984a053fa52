"""A class that no style sheet and no script knows is a part of the page that nobody has drawn."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
#: Said for the reader of the template alone, or by the framework's own rules of inheritance.
KNOWN = {"chooser", "density", "qr", "message--info"}
TAG = re.compile(r"\{%.*?%\}|\{\{.*?\}\}")
FRAME = re.compile(r"govuk-table__(body|head|row|caption--s)")


def test_every_class_of_a_template_is_drawn() -> None:
    drawn = set(re.findall(r"\.([a-zA-Z][\w-]*)", (ROOT / "static/css/portal.css").read_text()))
    undrawn = {}
    for template in (ROOT / "templates").rglob("*.html"):
        for value in re.findall(r'class="((?:\{[%{].*?[%}]\}|[^"])*)"', template.read_text()):
            for word in set(TAG.sub("%", value).split()) - drawn - KNOWN:
                # What stands beside a tag of the template language is only part of a word.
                if "%" not in word and not FRAME.fullmatch(word):
                    undrawn.setdefault(word, str(template.relative_to(ROOT)))
    assert undrawn == {}
