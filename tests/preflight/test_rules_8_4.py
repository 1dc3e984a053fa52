"""A test for every row of DP213's table: facts in, verdict out, no database."""

from __future__ import annotations

from dataclasses import replace

import pytest

from smi_portal.preflight.facts import DeviceFacts
from smi_portal.preflight.requests import Change, MpxnKind, Product, Request
from smi_portal.preflight.rules import KNOWN_STATUSES, judge

from .cases import (
    ESME,
    ID,
    MINE,
    MPXN,
    NEW,
    PENDING,
    code,
    details,
    device,
    facts,
    mpxn,
    request,
    status,
)


@pytest.mark.parametrize(
    ("kind", "element", "to", "expected"),
    [
        ("ESME", Change.STATUS, "InstalledNotCommissioned", None),
        ("ESME", Change.STATUS, "Pending", None),
        ("ESME", Change.STATUS, "Commissioned", "E080405"),
        ("ESME", Change.HUB_STATUS, "InstalledNotCommissioned", "E080405"),
        ("CHF", Change.HUB_STATUS, "Withdrawn", None),
        ("CHF", Change.HUB_STATUS, "Commissioned", None),
        ("CHF", Change.HUB_STATUS, "Pending", "E080405"),
        ("CHF", Change.STATUS, "Pending", "E080405"),
        ("CHF", Change.STATUS, "InstalledNotCommissioned", "E080405"),
        ("IHD", Change.STATUS, "Pending", "E080405"),
        ("CAD", Change.HUB_STATUS, "Commissioned", "E080405"),
        ("GSME", Change.STATUS, "Pending", None),
        ("PPMID", Change.STATUS, "InstalledNotCommissioned", None),
    ],
)
def test_e080405_the_status_applies_to_the_type(
    kind: str, element: Change, to: str, expected: str | None
) -> None:
    assert code(status(to, element), device(product=Product(kind))) == expected


def test_e080405_says_what_would_apply() -> None:
    told = judge(status("Commissioned"), facts(device())).resolution or ""
    assert "Pending, InstalledNotCommissioned" in told
    assert "Type 2" in (judge(status("Pending"), facts(device(product=Product("IHD")))).resolution or "")


def test_e080406_a_pending_device_is_the_installing_suppliers() -> None:
    asked = status("InstalledNotCommissioned")
    assert code(asked, PENDING, supplier=False) == "E080406"
    assert code(asked, PENDING) is None
    assert code(asked, device(status="Whitelisted"), supplier=False) == "E080410"


def test_e080406_who_added_it_is_told_to_that_user_alone() -> None:
    asked = status("InstalledNotCommissioned")
    assert "pre-notified" in (judge(asked, facts(MINE, supplier=False)).resolution or "")
    assert "pre-notified" not in (judge(asked, facts(PENDING, supplier=False)).resolution or "")


@pytest.mark.parametrize("asked", [details(model="T1"), request(Change.DELETE), details("GOOD", model="T1")])
def test_e080407_details_and_deletion_only_while_pending(asked: Request) -> None:
    assert code(asked, replace(MINE, status="Commissioned")) == "E080407"
    assert code(asked, replace(MINE, status=None)) == "E080407"
    assert code(asked, MINE) is None


@pytest.mark.parametrize(
    "asked", [status("Pending"), details("GOOD"), details(model="T1"), request(Change.DELETE), mpxn()]
)
def test_e080407_a_device_that_is_not_there(asked: Request) -> None:
    assert code(asked, None) == "E080407"
    out_of_sight = device(in_sight=False, status=None)  # the sender did not even add it
    assert code(asked, replace(out_of_sight, added_by_sender=False)) in {"E080407", "E080410"}


def test_e080407_what_left_the_adders_sight_is_as_if_it_were_not_there() -> None:
    """Unless DCC would tell: while it is Pending, and for a MAP ID alone."""
    gone = DeviceFacts(ID, Product("ESME"), None, added_by_sender=True, in_sight=False)
    for asked in (status("Pending"), mpxn(), details(model="T1"), request(Change.DELETE)):
        assert judge(asked, facts(gone)) == judge(asked, facts(None))
    assert code(details("GOOD"), gone) is None
    assert code(request(Change.DELETE), replace(gone, status="Pending")) is None


@pytest.mark.parametrize("asked", [details(), request(Change.NOTHING), request(Change.MPXN)])
def test_e080408_something_to_update(asked: Request) -> None:
    for known in (MINE, device(), None):
        assert code(asked, known) == "E080408"
    assert code(request(Change.DETAILS, smets_chts_version="2"), MINE) is None


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"firmware_version": "02"}, None),
        ({"firmware_version": "09"}, "E080409"),
        ({"model": "T9"}, "E080409"),
        ({"manufacturer": "Fen"}, "E080409"),
        ({"variant": "AD"}, None),  # the first letter is the class
        ({"variant": "BD"}, "E080409"),
        ({"variant": "BD", "model": "T2"}, None),
    ],
)
def test_e080409_on_the_cpl_as_changed(changed: dict[str, str], expected: str | None) -> None:
    assert code(details(**changed), MINE) == expected


def test_e080409_shows_the_nearest_lines_and_leaves_a_map_id_alone() -> None:
    told = judge(details(firmware_version="09"), facts(MINE)).resolution or ""
    assert told.index("T1 / 01") < told.index("T2 / 01")
    assert "GSME" not in told
    unlisted = replace(MINE, product=replace(ESME, firmware_version="FF"))
    assert code(details("GOOD"), unlisted) is None
    assert code(details(model="X"), replace(MINE, product=Product("IHD"))) is None


@pytest.mark.parametrize("asked", [details("GOOD"), details(model="T1"), request(Change.DELETE)])
def test_e080410_details_by_the_user_that_added_it(asked: Request) -> None:
    assert code(asked, PENDING) == "E080410"
    assert code(asked, MINE) is None
    assert code(asked, MINE, supplier=False) is None


def test_e080410_status_by_an_import_supplier() -> None:
    assert code(status("Pending"), device(), supplier=False) == "E080410"
    assert code(status("Pending"), device()) is None


def test_e080410_mpxn_by_the_supplier_of_the_current_one() -> None:
    assert code(mpxn(), device(), supplied=frozenset({NEW})) == "E080410"
    assert code(mpxn(), device(mpxns={}), supplied=frozenset({NEW})) is None  # no association exists
    assert code(mpxn(), device(), supplier=False) == "E080410"
    others = device(others_mpxns=frozenset({MpxnKind.EXPORT}))
    assert code(mpxn(MpxnKind.EXPORT), others) == "E080410"
    assert code(mpxn(), others) is None  # only that kind


@pytest.mark.parametrize(
    ("kind", "variant", "which", "expected"),
    [
        ("ESME", "A", MpxnKind.IMPORT, None),
        ("GSME", None, MpxnKind.IMPORT, None),
        ("PPMID", None, MpxnKind.IMPORT, "E080413"),
        ("GPF", None, MpxnKind.IMPORT, "E080413"),
        ("ESME", "B", MpxnKind.SECONDARY_IMPORT, None),
        ("ESME", "BDE", MpxnKind.SECONDARY_IMPORT, None),
        ("ESME", "A", MpxnKind.SECONDARY_IMPORT, "E080413"),
        ("ESME", None, MpxnKind.SECONDARY_IMPORT, "E080413"),
        ("GSME", None, MpxnKind.SECONDARY_IMPORT, "E080413"),
        ("ESME", "A", MpxnKind.EXPORT, None),
        ("GSME", None, MpxnKind.EXPORT, "E080413"),
    ],
)
def test_e080413_the_mpxn_fits(kind: str, variant: str | None, which: MpxnKind, expected: str | None) -> None:
    assert code(mpxn(which), device(product=Product(kind, variant))) == expected


@pytest.mark.parametrize("now", [*sorted(KNOWN_STATUSES), None])
def test_e080414_only_while_in_use(now: str | None) -> None:
    in_use = now in {"Whitelisted", "InstalledNotCommissioned", "Commissioned"}
    assert code(mpxn(), device(status=now)) == (None if in_use else "E080414")


def test_e080415_supplier_of_the_new_mpxn() -> None:
    assert code(mpxn(), device(), supplied=frozenset({MPXN})) == "E080415"
    assert code(mpxn(), device(mpxns={}), supplier=False) == "E080415"
