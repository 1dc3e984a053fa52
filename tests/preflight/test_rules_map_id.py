"""A test for every row of the MAP ID's table and of a 12.2's; and that the rules are total."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smi_portal.preflight.facts import DeviceFacts
from smi_portal.preflight.requests import Change, MpxnKind, Outcome, Product, Request, Verdict
from smi_portal.preflight.rules import DEVICE_TYPES, KNOWN_STATUSES, METERS, STATUSES, judge

from .cases import (
    ESME,
    MAPS,
    MINE,
    NEW,
    code,
    details,
    device,
    facts,
    pre,
    request,
)

MAP_CASES = [
    ("GOOD", "ESME", None),
    ("TODAY", "ESME", None),
    ("GASM", "GSME", None),
    ("NONE", "ESME", "MAP_ID_UNKNOWN"),
    ("DEAD", "ESME", "MAP_ID_ENDED"),
    ("LATE", "ESME", "MAP_ID_NOT_YET_EFFECTIVE"),
    ("GAP", "ESME", "MAP_ID_NOT_YET_EFFECTIVE"),
    ("GASM", "ESME", "MAP_ID_WRONG_FUEL"),
    ("GOOD", "GSME", "MAP_ID_WRONG_FUEL"),
    ("BOTH", "ESME", "MAP_ID_ENDED"),
    ("BOTH", "GSME", None),
]


@pytest.mark.parametrize(("map_id", "kind", "expected"), MAP_CASES)
def test_the_map_id_against_mdd(map_id: str, kind: str, expected: str | None) -> None:
    assert code(pre(kind, map_id), None) == expected
    known = replace(MINE, product=replace(ESME, device_type=kind))
    assert code(details(map_id), known) == expected


def test_the_map_id_is_required_on_a_meters_12_2_and_on_nothing_else() -> None:
    for kind in METERS:
        assert code(pre(kind, None), None) == "MAP_ID_MISSING"
    assert code(pre("PPMID", None), None) is None
    assert code(pre("PPMID", "GOOD"), None) == "MAP_ID_NOT_FOR_TYPE"
    assert code(details("GOOD"), replace(MINE, product=Product("PPMID"))) == "MAP_ID_NOT_FOR_TYPE"


def test_a_12_2_is_on_the_cpl_and_new() -> None:
    assert code(pre(model="T9"), None) == "E080409"
    assert code(replace(pre(), product=replace(ESME, firmware_version=None)), None) is None
    assert code(pre(), MINE) == "DEVICE_EXISTS"


@given(
    asked=st.builds(
        lambda change, to, which, map_id, model: replace(
            request(change, status=to, mpxn_kind=which, mpxn=NEW, map_id=map_id), product=Product(model=model)
        ),
        st.sampled_from(list(Change)),
        st.sampled_from(sorted(KNOWN_STATUSES)),
        st.sampled_from(MpxnKind),
        st.sampled_from([None, *MAPS]),
        st.sampled_from([None, "T1", "T9"]),
    ),
    known=st.builds(
        lambda kind, now, added: device(product=Product(kind), status=now, added_by_sender=added),
        st.sampled_from(DEVICE_TYPES),
        st.sampled_from([None, *sorted(KNOWN_STATUSES)]),
        st.booleans(),
    ),
    supplier=st.booleans(),
)
def test_the_rules_are_total_and_an_acceptance_meets_every_condition(
    asked: Request, known: DeviceFacts, supplier: bool
) -> None:
    """Whatever is asked there is a verdict, and what is accepted satisfies the table as it is written."""
    found: Verdict = judge(asked, facts(known, supplier=supplier))
    if found.outcome is Outcome.ACCEPTED:
        kind = known.product.device_type
        if asked.change in STATUSES:
            assert supplier
            assert kind not in {"IHD", "CAD"}
            assert (kind == "CHF") == (asked.change is Change.HUB_STATUS)
        elif asked.change is Change.MPXN:
            assert supplier
            assert known.status in {"Whitelisted", "InstalledNotCommissioned", "Commissioned"}
            assert kind == "ESME" or (kind == "GSME" and asked.mpxn_kind is MpxnKind.IMPORT)
        else:
            assert known.added_by_sender
            assert known.status == "Pending" or asked.map_id_alone
