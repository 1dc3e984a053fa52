"""Two files being made in one niced process, as the worker makes them, thrown away as they come.

Run as `python -m reports.bench.two_exports REPORT ORGANISATION`; says "begun" when both have.
"""

from __future__ import annotations

import os
import sys
import threading

import django


def main(code: str, organisation: str) -> None:
    """Make both, and end."""
    django.setup()
    from django.db import connection
    from django.http import QueryDict

    from reports.engine.ask import parse
    from reports.engine.filters import filter_rows
    from reports.engine.report import report_for
    from reports.engine.run import stream
    from reports.exports.management.commands.worker import NICE
    from smi_portal.accounts.models import viewer_for
    from smi_portal.inventory.models import Organisation

    os.nice(NICE)
    viewer, report = viewer_for(Organisation.objects.get(organisation=organisation)), report_for(code)
    if viewer is None or report is None:
        raise SystemExit(f"{organisation} cannot run {code}.")
    found = filter_rows(parse(report, viewer, QueryDict())).rows

    def make() -> None:
        for _ in stream(found, "xlsx", gentle=True).chunks:
            pass
        connection.close()

    both = [threading.Thread(target=make) for _ in range(2)]
    for one in both:
        one.start()
    sys.stdout.write("begun\n")
    sys.stdout.flush()
    for one in both:
        one.join()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
