"""Where a line goes: the pre-check's codes and the causes, each once; nothing of the database."""

from __future__ import annotations

import pytest

from smi_portal.data_issues.kinds import Cause, Route
from smi_portal.data_issues.routing import Seen, route
from smi_portal.data_issues.verify import Found, agrees
from smi_portal.inventory.quality.rules import RULES
from smi_portal.preflight.requests import Outcome, Place, Verdict

IN_SIGHT = Seen(True, "Commissioned")


def verdict(outcome: Outcome, code: str | None = None) -> Verdict:
    return Verdict(Place("f"), None, "8.4", "x", outcome, code, "why", "what")


@pytest.mark.parametrize(
    ("code", "supplier", "status", "expected"),
    [
        (None, True, "Commissioned", Route.SELF),
        ("E080405", True, "Commissioned", Route.RETURN),
        ("E080406", False, "Pending", Route.PARTY),
        ("E080407", True, "Commissioned", Route.DCC),
        ("E080408", True, "Commissioned", Route.RETURN),
        ("E080409", True, "Pending", Route.RETURN),
        ("E080410", True, "Commissioned", Route.PARTY),
        ("E080413", True, "Commissioned", Route.RETURN),
        ("E080414", True, "Pending", Route.SELF),
        ("E080414", False, "Pending", Route.PARTY),
        ("E080414", True, "Suspended", Route.DCC),
        ("E080415", True, "Commissioned", Route.DCC),
        ("E080415", False, "Commissioned", Route.PARTY),
        ("MAP_ID_ENDED", True, "Commissioned", Route.RETURN),
    ],
)
def test_the_pre_check_decides(code: str | None, supplier: bool, status: str, expected: Route) -> None:
    told = verdict(Outcome.REFUSED if code else Outcome.ACCEPTED, code)
    found = route(Cause.OTHER, told, Seen(True, status), supplier)
    assert (found.route, found.code) == (expected, code)
    assert found.reason
    assert found.resolution


def test_what_cannot_be_read_is_returned() -> None:
    assert route(Cause.OTHER, verdict(Outcome.MALFORMED), Seen(), True).route is Route.RETURN


@pytest.mark.parametrize("cause", list(Cause))
@pytest.mark.parametrize("supplier", [True, False])
def test_every_cause_has_a_way_without_a_correction(cause: Cause, supplier: bool) -> None:
    assert route(cause, None, IN_SIGHT, supplier).route in {Route.SELF, Route.PARTY, Route.DCC}
    out_of_sight = route(cause, None, Seen(), supplier)
    assert out_of_sight.route is Route.DCC


FOUND = Found(
    {"status": "Commissioned", "map_id": "MAPA", "model": "T1"},
    frozenset({"IMPORT 12"}),
    frozenset({"DUPLICATE"}),
)


@pytest.mark.parametrize(
    ("cause", "change", "found", "expected"),
    [  # found None: out of the raiser's sight
        ("OTHER", {"import_mpxn": "12"}, FOUND, True),
        ("OTHER", {"export_mpan": "12"}, FOUND, False),
        ("OTHER", {"status": "Commissioned"}, FOUND, True),
        ("OTHER", {"hub_status": "Withdrawn"}, FOUND, False),
        ("OTHER", {"map_id": "MAPA", "model": "T1"}, FOUND, True),
        ("OTHER", {"map_id": "MAPA", "model": "T2"}, FOUND, False),
        ("OTHER", {"map_id": "MAPA"}, None, None),
        ("OTHER", {"delete": "yes"}, FOUND, False),
        ("OTHER", {"delete": "yes"}, None, None),
        ("OTHER", {}, FOUND, None),
        ("DUPLICATE", {}, FOUND, False),
        ("CHECK_DIGIT", {}, FOUND, True),
        ("MAP_BLANK", {}, FOUND, True),
        *((rule.code, {}, Found(findings=frozenset({rule.code})), False) for rule in RULES),
        *((rule.code, {}, Found(findings=frozenset({"OTHER"})), True) for rule in RULES),
        ("MAP_ENDED", {}, None, None),
        ("NOT_THERE", {}, None, None),
        ("NOT_THERE", {}, FOUND, True),
        ("SHOULD_NOT_BE_THERE", {}, FOUND, False),
        ("SHOULD_NOT_BE_THERE", {}, None, None),
        ("DUPLICATE", {}, None, None),
        ("A_LATER_RELEASES", {}, FOUND, None),
    ],
)
def test_whether_an_extract_agrees(
    cause: str, change: dict[str, str], found: Found | None, expected: bool | None
) -> None:
    assert agrees(cause, change, found, gone=False) is expected


def test_what_its_raiser_once_saw_and_the_inventory_has_no_more_is_gone() -> None:
    assert agrees("OTHER", {"delete": "yes"}, None, gone=True)
    assert agrees("SHOULD_NOT_BE_THERE", {}, None, gone=True)
    assert agrees("DUPLICATE", {}, None, gone=True) is None
