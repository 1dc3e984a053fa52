"""A view that uses a field which is released no more: it says so, and what is left of it can be opened."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django.core.management import call_command
from django.test import Client
from pytest_django import DjangoDbBlocker

from reports.saved.models import SavedView
from tests.saved.test_pages import save, text_of
from tests.support.html import Page
from tests.support.people import signed_in


@pytest.fixture
def client_of_m1(saved_world: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Client]:
    """A session whose changes are committed, as a release and its end must be seen by all; taken back after."""
    with django_db_blocker.unblock():
        client = signed_in("M1")
        yield client
        client.logout()
        call_command("release_field", "M1", "supplier", verbosity=0)
        SavedView.objects.using("owner").all().delete()


def test_it_says_so_and_the_rest_can_be_opened(client_of_m1: Client) -> None:
    client = client_of_m1
    query = "supplier_id=SUPA&device_status=Commissioned&columns=device_id,uprn"
    save(client, "By supplier", query, default="true")
    save(client, "Sorted", "sort=-supplier_id")
    address = client.get("/reports/MAP_001/")["Location"]
    call_command("release_field", "M1", "supplier", "--revoke", verbosity=0)
    shown = text_of(client, "/views/")
    assert shown.count("It uses Supplier ID, which is not released to your organisation now.") == 2
    answer = client.get(f"/reports/MAP_001/{address}")
    assert answer.status_code == 400
    text = answer.content.decode()
    assert "The view “By supplier” cannot be shown as it was saved." in text
    rest = re.search(r'href="(\?[^"]*)">Open what is left of it', text)
    assert rest is not None
    left = text_of(client, f"/reports/MAP_001/{rest.group(1).replace('&amp;', '&')}")
    assert Page(left).rows
    assert not [cell for row in Page(left).rows for cell in row if "SUPA" in cell]
    assert 'name="supplier_id"' not in left
    call_command("release_field", "M1", "supplier", verbosity=0)
    assert "It uses Supplier ID" not in text_of(client, "/views/")
    assert client.get(f"/reports/MAP_001/{address}").status_code == 200
