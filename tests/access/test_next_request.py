"""What is taken away is gone with the next request of a session that goes on: releases, User status, the account."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.management import call_command
from django.test import Client

from smi_portal.accounts.models import Person
from smi_portal.inventory.models import Organisation
from tests.support.people import address, signed_in


@pytest.fixture
def client_of_m1(real: None) -> Iterator[Client]:
    """A session of M1 whose changes are committed, and taken back."""
    client = signed_in("M1")
    yield client
    client.logout()
    Organisation.objects.using("owner").filter(organisation="M1").update(
        is_user=True, kind="MAP", in_extract=True
    )
    Person.objects.using("owner").filter(email=address("M1")).update(is_active=True)
    for group in ("supplier", "premises"):
        call_command("release_field", "M1", group, verbosity=0)


def header(client: Client) -> list[str]:
    file = client.get("/reports/MAP_001/download.csv?dialect=machine")
    return b"".join(file.streaming_content).decode().splitlines()[0].split(",")


def test_a_revoked_release(client_of_m1: Client) -> None:
    assert {"supplier_id", "uprn"} <= set(header(client_of_m1))
    call_command("release_field", "M1", "supplier", "--revoke", verbosity=0)
    assert "supplier_id" not in header(client_of_m1)
    assert "uprn" in header(client_of_m1)
    assert client_of_m1.get("/reports/MAP_001/?supplier_id=SUPA").status_code == 400
    assert "SUPA" not in client_of_m1.get("/reports/MAP_001/").content.decode()
    call_command("release_field", "M1", "supplier", verbosity=0)
    assert client_of_m1.get("/reports/MAP_001/?supplier_id=SUPA").status_code == 200


@pytest.mark.parametrize("change", [{"is_user": False}, {"kind": "OTHER"}, {"in_extract": False}])
def test_lost_user_status(client_of_m1: Client, change: dict[str, object]) -> None:
    assert client_of_m1.get("/reports/MAP_001/").status_code == 200
    Organisation.objects.using("owner").filter(organisation="M1").update(**change)
    assert client_of_m1.get("/reports/MAP_001/").status_code == 403
    assert client_of_m1.get("/reports/MAP_001/download.csv").status_code == 403


def test_a_closed_account(client_of_m1: Client) -> None:
    Person.objects.using("owner").filter(email=address("M1")).update(is_active=False)
    assert client_of_m1.get("/reports/MAP_001/").status_code == 302
