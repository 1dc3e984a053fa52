"""Downloads and pages as a browser has them: first byte, the web process's memory, and pages beside exports."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from html import unescape
from statistics import median

from django.http import QueryDict
from django.urls import reverse

from reports.bench.pairs import percentile95
from reports.bench.site import Site, served
from reports.engine.ask import Ask, parse
from reports.engine.filters import filter_rows
from reports.engine.report import Report
from reports.engine.run import capped_count
from smi_portal.access.scope import Viewer, scope
from smi_portal.database.state import PROJECT_ROOT

#: Formats of direct downloads that are measured.
FORMS = ("csv", "xlsx")
#: Lengths in days of the time of installation that a small download is narrowed to, longest first.
REACHES = (7300, 3650, 1825, 730, 365, 180, 90, 30, 14, 7, 2)
EVERYTHING = str(10**9)


def lines(report: Report, viewer: Viewer, everybody: Viewer, runs: int) -> Iterator[str]:
    """First byte of what comes at once; memory of the web process for all rows at once; a page beside two exports.

    `viewer` has pages and small downloads; `everybody`, who sees all rows, the large ones and the exports.
    """
    with served(viewer) as site:
        if site is None:
            yield f"Nobody of {viewer.organisation} is signed up: downloads and pages beside exports not measured."
            return
        question = _small(report, viewer)
        for form in FORMS:
            yield _first_byte(site, report, form, question, runs)
        yield _beside_exports(site, report, everybody, runs)
    with served(everybody, SMI_DIRECT_ROWS=EVERYTHING, SMI_DIRECT_SECONDS="600") as large:
        if large is not None:
            for form in FORMS:
                yield _memory(large, report, form)


def _first_byte(site: Site, report: Report, form: str, question: str, runs: int) -> str:
    """As a person clicks it on the page of these rows, which has counted them."""
    page = site.read(f"{reverse('reports:report', args=[report.code])}?{question}")
    link = re.search(rf'href="({re.escape(_download(report, form))}\?[^"]*)"', page)
    if link is None:
        raise RuntimeError(f"The page of {report.code} has no link to its {form}.")
    found = [site.fetch(unescape(link[1])) for _ in range(runs + 1)][1:]
    first = [one.first for one in found]
    return (
        f"{report.code} {form}, direct, {question}, {found[0].size / 1024:,.0f} KB: first byte median "
        f"{median(first) * 1000:.0f} ms, most {max(first) * 1000:.0f} ms (target 500); whole "
        f"{median([one.whole for one in found]):.2f} s"
    )


def _small(report: Report, viewer: Viewer) -> str:
    """The question of the longest time of installation whose rows a page counts to their end. Raises RuntimeError."""
    day = _ask(report, viewer, "").day
    for reach in REACHES:
        question = f"installation_date_from={day - timedelta(days=reach)}"
        with scope(viewer):
            _, more = capped_count(filter_rows(_ask(report, viewer, question)).rows)
        if not more:
            return question
    raise RuntimeError(f"{report.code} has too many rows even for {REACHES[-1]} days.")


def _download(report: Report, form: str) -> str:
    return reverse("reports:download", args=[report.code, form])


def _ask(report: Report, viewer: Viewer, query: str) -> Ask:
    return parse(report, viewer, QueryDict(query))


def _memory(site: Site, report: Report, form: str) -> str:
    """All rows as one direct download, after pages and empty ones have warmed the processes up."""
    for _ in range(8):
        site.page(reverse("reports:catalogue"))
        site.fetch(f"{_download(report, form)}?device_status=Recovery")
    with site.watched() as most:
        found = site.fetch(_download(report, form))
    return (
        f"{report.code} {form}, direct, all rows: {found.size / 1024 / 1024:.0f} MB in {found.whole:.1f} s; web process "
        f"+{most[0]:.0f} MB above idle (target 150)"
    )


def _beside_exports(site: Site, report: Report, viewer: Viewer, runs: int) -> str:
    """A page of the site while two files of the same rows are being made, against the page when nothing else runs."""
    path = reverse("reports:report", args=[report.code])
    for _ in range(8):
        site.page(path)  # each of the processes has answered before
    idle = [site.page(path) for _ in range(runs)]
    busy: list[float] = []
    with _two_exports(report, viewer) as running:
        while running() and len(busy) < 200:
            busy.append(site.page(path))
            time.sleep(0.05)
    if not busy:
        return "A page beside two exports: they ended before a page could be measured; load a larger extract."
    middle, quiet = median(busy), median(idle)
    return (
        f"{report.code} page beside two exports: median {middle * 1000:.0f} ms, "
        f"p95 {percentile95(busy) * 1000:.0f} ms over {len(busy)}; idle {quiet * 1000:.0f} ms; "
        f"{middle / quiet:.2f} × (target 1.5)"
    )


@contextmanager
def _two_exports(report: Report, viewer: Viewer) -> Iterator[Callable[[], bool]]:
    """Two files being made, from their first moment to their last, as a worker makes them."""
    command = [sys.executable, "-m", "reports.bench.two_exports", report.code, viewer.organisation]
    with subprocess.Popen(command, cwd=PROJECT_ROOT, stdout=subprocess.PIPE) as made:  # noqa: S603 - our own command
        try:
            if made.stdout is not None:
                made.stdout.readline()
            yield lambda: made.poll() is None
        finally:
            made.kill()
