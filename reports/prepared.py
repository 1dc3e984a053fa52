"""What the worker works out after a load, so that the first person of the morning does not wait for it."""

from __future__ import annotations

import logging
import time

from django.db import InterfaceError, OperationalError, connection
from django.utils.datastructures import MultiValueDict

from reports.engine.ask import AskRefused, parse
from reports.engine.filters import filter_rows
from reports.engine.options import options_for
from reports.engine.report import Report, reports_for
from reports.engine.summaries import summaries
from smi_portal.access.scope import Viewer, scope
from smi_portal.accounts.models import viewer_for
from smi_portal.inventory.kept import forget_others, preparing
from smi_portal.inventory.models import ExtractLoad, Organisation
from smi_portal.jobs.attempts import fresh_connection

#: Seconds after which a turn ends, so that other work of the house comes in between; the next minute goes on.
TURN = 30.0

logger = logging.getLogger(__name__)
#: For whom, and from which extract, this process has prepared everything.
_done: set[tuple[object, ...]] = set()


def prepare(turn: float = TURN) -> int:
    """Work out everybody's unfiltered charts and filters of the extract that is served now.

    What is there already is passed over. Returns for how many organisations the turn went through; ends after `turn`
    seconds. Raises OperationalError when the database is away.
    """
    load = ExtractLoad.current()
    if load is None:
        return 0
    end, through = time.monotonic() + turn, 0
    for organisation in Organisation.objects.filter(in_extract=True).order_by("pk"):
        viewer = viewer_for(organisation)
        if viewer is None:
            continue
        mark = (viewer.organisation_id, viewer.reader, load.content_hash)
        if mark in _done:
            continue
        if time.monotonic() > end:
            break
        _prepare_all(viewer, load)
        _done.add(mark)
        through += 1
    return through


def _prepare_all(viewer: Viewer, load: ExtractLoad) -> None:
    with scope(viewer):
        forget_others(load)
    for report in reports_for(viewer):
        try:
            _prepare(report, viewer, load)
        except AskRefused:
            continue  # a report that is not ready says why to whoever opens it
        except (OperationalError, InterfaceError):
            fresh_connection()
            raise  # the database is away, and no other report would fare better: the next minute goes on
        except (
            Exception
        ):  # whatever one report fails by, the others are prepared all the same; it is told in the log
            logger.exception("%s could not be prepared for %s", report.code, viewer.organisation)


def _prepare(report: Report, viewer: Viewer, load: ExtractLoad) -> None:
    ask = parse(report, viewer, MultiValueDict(), load)
    with scope(viewer), preparing():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL max_parallel_workers_per_gather = 0")  # leave the pages their pace
        summaries(filter_rows(ask, options_for(ask)).rows)
