"""Read Inventory for programs: the pages' devices, for those who see devices and whose token covers it."""

from __future__ import annotations

import json
import re
from xml.etree import ElementTree

import pytest
from django.test import Client

from smi_portal.lookup.answers import NAMESPACE
from tests.support.people import signed_in
from tests.support.tokens import problem_of, program
from tests.support.world import device_id, mpan

pytestmark = pytest.mark.django_db
ADDRESSES = ("/api/v1/inventory", "/api/v1/inventory.xml")
NOBODYS = "00-DB-FF-FF-FF-FF-FF-FF"


def reader(organisation: str) -> Client:
    return program(organisation, ["SRV_8_2"])


@pytest.mark.parametrize("organisation", ["M1", "M2", "S1", "DCC"])
def test_it_answers_as_the_page_does_in_both_forms(organisation: str) -> None:
    listed = 0
    for home in range(1, 8):
        given = {"device_id": device_id(home, 1).lower()}
        told = json.loads(reader(organisation).get(ADDRESSES[0], given).content)
        devices = [device["device_id"] for device in told["devices"]]
        page = signed_in(organisation).get("/find/", given).content.decode()
        assert sorted(devices) == sorted(set(re.findall(r"/devices/([^/]+)/", page)))
        assert told["count"] == len(devices)
        root = ElementTree.fromstring(reader(organisation).get(ADDRESSES[1], given).content)
        assert [node.findtext(f"{{{NAMESPACE}}}DeviceID") for node in root] == devices
        assert all(("supplier_id" in device) != (organisation == "M2") for device in told["devices"])
        assert all(("uprn" in device) != (organisation == "M2") for device in told["devices"])
        listed += len(devices)
    assert listed > 3


@pytest.mark.parametrize("address", ADDRESSES)
def test_who_may_not_is_refused(address: str) -> None:
    given = {"device_id": device_id(1, 1)}
    assert Client().get(address, given).status_code == 401
    assert signed_in("DCC").get(address, given).status_code == 401
    assert problem_of(program("DCC").get(address, given))["kind"] == "token-does-not-cover"
    for organisation, kind in (("SECAS", "not-for-your-role"), ("M0", "no-role"), ("OTHER", "no-role")):
        response = reader(organisation).get(address, given)
        assert (response.status_code, problem_of(response)["kind"]) == (403, kind)
    assert reader("DCC").post(address, given).status_code == 405


@pytest.mark.parametrize("address", ADDRESSES)
def test_foreign_and_absent_are_the_same_bytes(address: str) -> None:
    """Home 3 is S2's now."""
    client = reader("S1")
    assert client.get(address, {"device_id": device_id(3, 1)}).content == (
        client.get(address, {"device_id": NOBODYS}).content
    )


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({}, "criterion"),
        ({"as_at": "2018-11-09"}, "criterion"),
        ({"device_id": "00-DB"}, "device_id"),
        ({"mpxn": "1.2E+12"}, "mpxn"),
        ({"device_id": NOBODYS, "mpxn": mpan(1)}, "criterion"),
        ({"colour": "red"}, "criterion"),
        ({"device_id": NOBODYS, "as_at": "2999-01-01"}, "as_at"),
    ],
)
def test_bad_questions_are_refused_by_name(given: dict[str, str], named: str) -> None:
    for address in ADDRESSES:
        response = reader("M1").get(address, given)
        assert response.status_code == 400
        assert [error["name"] for error in problem_of(response)["errors"]] == [named]
    if "device_id" in given and len(given) == 1:
        assert reader("M2").get(ADDRESSES[0], {"uprn": "1"}).status_code == 400
