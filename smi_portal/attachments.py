"""Small files that a page hands out at once: a CSV for people, or bytes that are ready. Reports' files are the engine's."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.text import slugify

from reports.engine.files.csv import guard_text
from smi_portal.access.scope import Viewer


def csv_file(
    name: str, viewer: Viewer, headings: Sequence[str], rows: Iterable[Sequence[Any]]
) -> HttpResponseBase:
    """A CSV for people (UTF-8 with BOM), streamed; `rows` must open its own scope when it is first read."""
    response = StreamingHttpResponse(csv_lines(headings, rows), content_type="text/csv; charset=utf-8")
    return as_attachment(response, f"{name}_{slugify(viewer.organisation)}.csv")


def as_attachment(response: HttpResponseBase, filename: str) -> HttpResponseBase:
    """Let the browser save the response, and nobody cache it."""
    response["Content-Disposition"] = f'attachment; filename="{filename}"'
    response["Cache-Control"] = "private, no-store"
    return response


def file_answer(body: bytes, content_type: str, filename: str) -> HttpResponseBase:
    """A finished file."""
    return as_attachment(HttpResponse(body, content_type=content_type), filename)


def csv_lines(headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    """Lines of a CSV for people, texts that a spreadsheet would run guarded as in every report's file."""
    yield "\ufeff".encode()
    yield _line(headings)
    for row in rows:
        yield _line(row)


def _line(cells: Sequence[Any]) -> bytes:
    buffer = io.StringIO()
    safe = [guard_text(cell) if isinstance(cell, str) else cell for cell in cells]
    csv.writer(buffer, lineterminator="\r\n").writerow(safe)
    return buffer.getvalue().encode()
