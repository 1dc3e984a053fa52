"""The bench asks as people and programs do: it would notice an answer that is not the one that it measures."""

from __future__ import annotations

import pytest

from reports.bench import lookups
from smi_portal.accounts.models import Person
from smi_portal.inventory.models import ExtractLoad
from smi_portal.lookup.models import DeviceList
from smi_portal.tokens.models import ApiToken
from tests.support.asking import viewer_of

pytestmark = [pytest.mark.usefixtures("loaded"), pytest.mark.django_db(databases=["default", "owner"])]


def lines(organisation: str) -> list[str]:
    viewer, load = viewer_of(organisation), ExtractLoad.current()
    assert viewer is not None
    assert load is not None
    return list(lookups.lines(viewer, load, 2))


def test_each_kind_of_identifier_a_list_and_a_submission() -> None:
    """But for addresses: this world has none."""
    found = lines("S1")
    assert [line.split(" by ")[1].split(":")[0] for line in found if "look-up by" in line] == [
        "device_id",
        "mpxn",
        "serial_number",
        "uprn",
        "the box",
    ]
    assert "a device's page" in found[-3]
    assert "pasted and annotated" in found[-2]
    assert "pre-checked in" in found[-1]
    assert not DeviceList.objects.using("owner").exists()
    assert {token.state for token in ApiToken.objects.all()} == {"revoked"}


def test_premises_are_not_asked_by_without_the_release() -> None:
    assert not [line for line in lines("M2") if "uprn" in line or "address" in line]


def test_where_nobody_signs_in_it_says_so() -> None:
    Person.objects.update(is_active=False)
    assert "nobody of DCC can sign in" in lines("DCC")[0]
