"""The data dictionary: every report and column in words, from the declarations, so that it cannot drift."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from reports.engine.inputs import Input
from reports.engine.report import Report, every_report

HEADING = """# Data dictionary

Made by `manage.py data_dictionary` from the reports' own declarations; `make check` fails when it differs.
The same text stands on the catalogue page, in Excel's About sheet and beside each column on screen.

Columns marked *WG2 Table 1* are those of the working group's minutes of 20 June 2016. Every other column is
*our design*: DCC's own lists are not public. Keys are the names in CSV headers, JSON and addresses.
"""


def path() -> Path:
    """Where the dictionary is kept."""
    return Path(settings.BASE_DIR) / "docs" / "data-dictionary.md"


def text() -> str:
    """The dictionary as Markdown."""
    return "\n".join([HEADING, *(line for report in every_report() for line in _report(report))])


def _report(report: Report) -> Iterator[str]:
    yield f"## {report.code} {report.title}\n"
    yield f"{report.answers}\n"
    yield f"- {(report.__doc__ or '').strip()}"
    if not report.listed:
        yield "- Not in the catalogue: it has pages of its own."
    yield f"- For: {', '.join(role.words for role in sorted(report.roles))}."
    yield f"- Key: {', '.join(f'`{key}`' for key in report.key)}. History: {'yes' if report.has_history else 'no'}."
    yield from (f"- {note}" for note in report.notes)
    yield ""
    if report.every_input:
        yield "| Input | Keys | Meaning |\n|---|---|---|"
        yield from (_input(report, item) for item in report.every_input)
        yield ""
    yield "| Column | Key | Type | Meaning | Defined by | Released as |\n|---|---|---|---|---|---|"
    for column in report.columns:
        group = f"`{column.group}`" if column.group else ""
        yield f"| {column.title} | `{column.key}` | {column.kind} | {column.help} | {column.source} | {group} |"
    yield ""


def _input(report: Report, item: Input) -> str:
    hint = f". {item.hint}" if item.hint else ""
    keys = ", ".join(f"`{key}`" for key in item.keys)
    return f"| {item.label or report.column(item.column).title} | {keys} | {item.meaning}{hint} |"
