"""`bench`: how fast the loaded extract is served, as ratios to the floor."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from django.core.cache import cache
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections
from django.utils.datastructures import MultiValueDict

from reports.bench import downloads, files, lookups, portfolio
from reports.bench.floor import hand_written
from reports.bench.pairs import paired, peak_megabytes, percentile95, seconds
from reports.engine.ask import Ask, parse
from reports.engine.filters import filter_rows
from reports.engine.paging import page
from reports.engine.report import Report, report_for, reports_for
from reports.engine.run import FORMS, capped_count
from reports.engine.summaries import summaries
from smi_portal.access.scope import Viewer, scope
from smi_portal.accounts.models import viewer_for
from smi_portal.inventory.models import AssetPeriod, ExtractLoad, Organisation

#: What is measured, in this order.
PARTS = ("pages", "lookups", "files", "portfolio", "downloads")
#: One filter for each report that its users would set; those without inputs run as they are.
FILTERS = {
    "MAP_001": {"device_status": "Commissioned"},
    "RSMI_001": {"device_status": "Commissioned", "device_type": "GSME"},
    "RSMI_002": {"firmware_version_status": "Active"},
    "RSMI_003": {"cpl_status": "Active", "device_status": "Commissioned"},
    "RSMI_004": {"csp_region": "North"},
    "RSMI_005": {"frequency": "Monthly"},
    "RSMI_006": {"finding": "CHECK_DIGIT"},
    "RSMI_007": {"certificate_status": "Expired"},
}


class Command(BaseCommand):
    """Measure pages, summaries and files for the largest MAP, the largest supplier and DCC."""

    help = "Measure pages and files of the loaded extract against the same SQL by hand and psql \\copy."

    def add_arguments(self, parser: CommandParser) -> None:
        """How often; and whether to leave the slow part out."""
        parser.add_argument("--runs", type=int, default=5, help="counted runs of each pair (5)")
        parser.add_argument(
            "--only", action="append", choices=PARTS, help="measure this part; repeat for more (all)"
        )
        parser.add_argument(
            "--files-of",
            action="append",
            metavar="ROLE/REPORT",
            help="files of this report as that role has them, such as DCC/MAP_001; repeat for more "
            "(all of the MAP's reports, and DCC/MAP_001)",
        )
        parser.add_argument(
            "--rows",
            type=int,
            default=1_000_000,
            help="rows after which a file and its floor end (1,000,000, or as many as the day has)",
        )
        parser.add_argument("--format", action="append", choices=[*FORMS], help="repeat for more (all)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print one line a measurement."""
        load = ExtractLoad.current()
        if load is None:
            raise CommandError("No extract is loaded: run make demo, or manage.py load_extract PATH.")
        viewers = _largest()
        meters = AssetPeriod.objects.using("owner").filter(
            lane=0, device_type__in=["ESME", "GSME"], from_day__lte=load.day, to_day__gt=load.day
        )
        self.stdout.write(f"{load}; {meters.count():,} meters; medians, and ratios ours ÷ floor pair by pair")
        parts = options["only"] or PARTS
        if "pages" in parts:
            self._first_page(viewers["MAP"], options["runs"])
            for viewer in viewers.values():
                for report in reports_for(viewer):
                    self._pages(report, viewer, options["runs"])
        if "lookups" in parts:
            for viewer in viewers.values():
                self._tell(lookups.lines(viewer, load, max(options["runs"], 40)))
        if "files" in parts:
            self._files(viewers, options)
        if "portfolio" in parts:
            self._tell(portfolio.lines(viewers["MAP"], options["runs"]))
        if "downloads" in parts:
            self._tell(downloads.lines(_report("MAP_001"), viewers["MAP"], viewers["DCC"], options["runs"]))
        self.stdout.write(f"peak memory of this process {peak_megabytes():.0f} MB")

    def _first_page(self, viewer: Viewer, runs: int) -> None:
        report = _report("MAP_001")
        day = _ask(report, viewer, {}).day
        since = day - timedelta(days=365)
        ask = _ask(
            report, viewer, {"device_status": "Commissioned", "installation_date_from": since.isoformat()}
        )
        found = filter_rows(ask).rows
        statement, params = found.values()[:51].query.sql_with_params()
        with scope(viewer):
            if _fetch(statement, params) != hand_written(ask, since):
                raise CommandError("MAP_001's first page and the one written by hand are not the same rows.")
            measured = paired(
                lambda: _fetch(statement, params), lambda: hand_written(ask, since), max(runs, 20)
            )
        self.stdout.write(
            f"MAP_001 first page, filtered: {measured.ours * 1000:.1f} ms, by hand {measured.floor * 1000:.1f} ms, "
            f"ratio {measured.ratio:.2f} (target 1.2)"
        )

    def _files(self, viewers: dict[str, Viewer], options: dict[str, Any]) -> None:
        usual = [*(f"MAP/{report.code}" for report in reports_for(viewers["MAP"])), "DCC/MAP_001"]
        for chosen in options["files_of"] or usual:
            role, _, code = chosen.partition("/")
            if role not in viewers:
                raise CommandError(f"“{chosen}” begins with no role: write {', '.join(viewers)}.")
            found = filter_rows(_ask(_report(code), viewers[role], {})).rows
            self._tell(files.lines(found, options["runs"], options["rows"], options["format"] or ()))

    def _tell(self, lines: Iterable[str]) -> None:
        """Each line as soon as it is measured: a whole run takes minutes."""
        for line in lines:
            self.stdout.write(line)
            self.stdout.flush()

    def _pages(self, report: Report, viewer: Viewer, runs: int) -> None:
        found = filter_rows(_ask(report, viewer, FILTERS.get(report.code, {}))).rows
        with scope(viewer):
            first = [seconds(lambda: page(found, None, None, 50)) for _ in range(max(runs, 20))]
            counting = seconds(lambda: capped_count(found))
            cache.clear()  # what is kept is no measurement
            counted = seconds(lambda: summaries(found))
        self.stdout.write(
            f"{viewer.role:<8} {report.code}: first page p95 {percentile95(first) * 1000:.0f} ms (target 300), "
            f"capped count {counting * 1000:.0f} ms, summaries {counted:.2f} s (target 1)"
        )


def _largest() -> dict[str, Viewer]:
    """The MAP and the supplier with the most rows now, and DCC."""
    with connections["owner"].cursor() as cursor:
        chosen = {}
        for kind, column in (("MAP", "map_org_id"), ("SUPPLIER", "supplier_org_id")):
            cursor.execute(
                f"SELECT o.id FROM inventory_assetperiod a JOIN inventory_organisation o ON o.id = a.{column} "
                "WHERE o.kind = %s AND o.is_user GROUP BY o.id ORDER BY count(*) DESC LIMIT 1",
                [kind],
            )
            chosen[kind] = cursor.fetchone()
    organisations = [
        *(Organisation.objects.get(pk=found[0]) for found in chosen.values() if found),
        *Organisation.objects.filter(kind="DCC")[:1],
    ]
    viewers = {o.kind: viewer for o in organisations if (viewer := viewer_for(o))}
    if set(viewers) != {"MAP", "SUPPLIER", "DCC"}:
        raise CommandError("The loaded extract has no MAP, no supplier or no DCC organisation to measure as.")
    return viewers


def _report(code: str) -> Report:
    report = report_for(code)
    if report is None:
        raise CommandError(f"There is no report {code}.")
    return report


def _ask(report: Report, viewer: Viewer, inputs: dict[str, str]) -> Ask:
    return parse(report, viewer, MultiValueDict({key: [value] for key, value in inputs.items()}))


def _fetch(statement: str, params: Sequence[Any]) -> list[Any]:
    with connections["default"].cursor() as cursor:
        cursor.execute(statement, params)
        return list(cursor.fetchall())
