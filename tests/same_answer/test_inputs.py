"""Every input of every report: a value of somebody else's rows and one of nobody's get the same answer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from urllib.parse import quote

import pytest

from reports.engine.inputs import Choice, OfList
from reports.engine.report import Report, reports_for
from smi_portal.access.scope import Viewer
from tests.same_answer import theirs
from tests.same_answer.asking import NO_LIST
from tests.same_answer.inputs import TEXTS
from tests.same_answer.telling import told
from tests.support.asking import table, viewer_of
from tests.support.people import RELEASED, signed_in
from tests.support.tokens import API, program

pytestmark = pytest.mark.django_db

#: Values of the private home, which stand in no other column: or masking them would mask what is one's own too.
PLAIN = re.compile(r"Theirs?\b.*|MAPB|SUPB|7\.7")
ROADS = (
    "/reports/{code}/?{key}={value}",
    "/reports/{code}/download.csv?{key}={value}",
    API + "reports/{code}/rows?{key}={value}",
)


def viewer(organisation: str) -> Viewer:
    """With its releases."""
    found = viewer_of(organisation, RELEASED.get(organisation, ()))
    assert found is not None
    return found


@cache
def values(organisation: str, code: str, column: str) -> frozenset[str]:
    """What stands in a column for an organisation, over all days."""
    head, *rows = table(viewer(organisation), code, dialect=None)
    return frozenset(row[head.index(column)] for row in rows) - {""} if column in head else frozenset()


def asked(organisation: str) -> Iterator[tuple[Report, Choice]]:
    """Reports and inputs by value of an organisation."""
    for report in reports_for(viewer(organisation)):
        for item in report.inputs_for(viewer(organisation)):
            if isinstance(item, Choice) and item.column in TEXTS:
                yield report, item


@pytest.mark.parametrize("organisation", ["M2", "S2"])
def test_values_of_others_match_nothing_as_nobodys_do(organisation: str) -> None:
    tried: set[tuple[str, str]] = set()
    page, token = signed_in(organisation), program(organisation)
    for report, item in asked(organisation):
        foreign = values("DCC", report.code, item.column) - values(organisation, report.code, item.column)
        for value in sorted(filter(PLAIN.fullmatch, foreign))[:1]:
            tried.add((report.code, item.column))
            for road in ROADS:
                client = token if road.startswith(API) else page
                one, other = (
                    told(
                        client.get(road.format(code=report.code, key=item.keys[0], value=quote(given))), given
                    )
                    for given in (value, TEXTS[item.column])
                )
                assert one[0] == 200
                assert one == other, (report.code, item.column, road)
    assert len(tried) >= 8, tried
    assert {column for _, column in tried} >= {"map_id", "manufacturer", "device_model", "firmware_version"}


@pytest.mark.parametrize("organisation", ["M2", "S2"])
def test_lists_of_others_are_lists_of_nobodys(organisation: str) -> None:
    foreign = theirs.a_list()
    page, token = signed_in(organisation), program(organisation)
    for report in reports_for(viewer(organisation)):
        if any(isinstance(item, OfList) for item in report.inputs_for(viewer(organisation))):
            for road in ROADS:
                client = token if road.startswith(API) else page
                one, other = (
                    told(client.get(road.format(code=report.code, key="devices", value=quote(given))), given)
                    for given in (foreign, NO_LIST)
                )
                assert one == other, (report.code, road)
