"""What an answer tells, without what differs by itself: what was asked, what was made anew, tokens of forms."""

from __future__ import annotations

import io
import re
from typing import Any
from urllib.parse import quote, quote_plus

import openpyxl
from django.utils.html import escape

#: What is new each time: tokens of forms, references and numbers of what was made, the time of day, ETags of all that.
NEW = (
    (r'(name="(csrfmiddlewaretoken|form_key|token)" value=")[^"]*"', r'\1"'),
    (r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b", "NEW"),
    (r"\bL-[0-9A-Z]{6,}\b", "NEW"),
    (r"(Submission |/submissions/)(?:GIVEN|[0-9A-Z]{10})\b", r"\1NEW"),
    (r"(api, token )\d+", r"\1NEW"),
    (r"('submission': ')[0-9A-Z]{10}", r"\1NEW"),
    (r"\bsmi_(?:\w{46}|…\w{4})", "NEW"),
    (r"('token': )\d+", r"\1NEW"),
    (r"/account/tokens/\d+/", "/account/tokens/NEW/"),
    (r"/people/invitations/\d+/", "/people/invitations/NEW/"),
    (r"(/(?:lists|data-issues/submissions|data-issues/lines)/)[0-9A-Z]{10}", r"\1NEW"),
    (r"(submissions/|lines/|>|\")[0-9A-HJKMNP-TV-Z]{10}\b", r"\1NEW"),
    (r"(count=)[0-9a-f]{32}", r"\1NEW"),
    (r"\b\d\d:\d\d(:\d\d(\.\d+)?)?Z?\b", "TIME"),
)
#: How much one may still ask, which goes down with each question; and the length and fingerprint of a masked body.
COUNTING = {"content-length", "ratelimit", "etag", "set-cookie"}


def told(answer: Any, given: str) -> tuple[int, dict[str, str], str]:
    """Status, headers and words of an answer to a question about `given`, and of those that led to it."""
    steps = [(place, status) for place, status in getattr(answer, "redirect_chain", ())]
    headers = {
        name.lower(): without(value, given) for name, value in answer.items() if name.lower() not in COUNTING
    }
    return answer.status_code, headers, without(f"{steps}\n{_body(answer)}", given)


def without(text: str, given: str) -> str:
    """The text without the identifier, however it is written, and without what is new each time."""
    if given.isdigit() and len(given) < 10:  # the database's own number: it is one in addresses alone
        text = re.sub(rf"(/|[?;&]view=|name=\"view\" value=\"){given}(?=[/&\"])", r"\1GIVEN", text)
        spellings = set()
    else:
        spellings = {
            given,
            given.lower(),
            given.replace("-", ""),
            escape(given),
            quote(given),
            quote_plus(given),
        }
    for spelling in sorted(spellings, key=len, reverse=True):
        text = re.sub(rf"(?<![0-9A-Za-z]){re.escape(spelling)}(?![0-9A-Za-z])", "GIVEN", text)
    for pattern, instead in NEW:
        text = re.sub(pattern, instead, text)
    return text


def _body(answer: Any) -> str:
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if body.startswith(b"PK"):
        book = openpyxl.load_workbook(io.BytesIO(body))
        return "\n".join(
            f"{sheet.title}: {[cell.value for cell in row]}" for sheet in book for row in sheet.iter_rows()
        )
    return str(body.decode())
