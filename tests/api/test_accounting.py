"""What programs take is accounted for like what people take: in the audit, and against the person's daily cap."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import connections

from smi_portal import fair_use
from smi_portal.accounts.models import Person
from smi_portal.audit.models import AuditEntry
from smi_portal.tokens.models import ApiToken, Pace
from tests.api.test_moments import real
from tests.support.people import address
from tests.support.tokens import body_of, problem_of, program

__all__ = ["real"]
pytestmark = pytest.mark.usefixtures("real")
ROWS = "/api/v1/reports/RSMI_001/rows"


def entries(*kinds: str) -> list[dict[str, Any]]:
    """The audit's entries of these kinds, oldest first, as the owner reads them."""
    found = AuditEntry.objects.using("owner").filter(kind__in=kinds).order_by("at")
    return [{"kind": e.kind, "person": e.person, "organisation": e.organisation, **e.details} for e in found]


@pytest.fixture(autouse=True)
def afresh(real: None) -> None:
    """No use and no entries from before."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("DELETE FROM fair_use_dailyuse")
    connections["owner"].close()


def used() -> int:
    who = Person.objects.get(email=address("M1"))
    from django.conf import settings

    return int(settings.SMI_DAILY_CAPS["rows"]) - fair_use.left(who, "rows")


def test_pages_and_files_are_noted_and_counted() -> None:
    before, client = len(entries("report page")), program("M1")
    pk = ApiToken.objects.get().pk
    page = json.loads(client.get(f"{ROWS}?limit=7&device_type=ESME").content)
    assert used() == len(page["rows"]) == 7
    (noted,) = entries("report page")[before:]
    assert noted["person"] == address("M1")
    assert noted["organisation"] == "M1"
    assert (noted["report"], noted["rows"], noted["more"]) == ("RSMI_001", 7, True)
    assert noted["inputs"] == {"device_type": ["ESME"]}
    assert noted["channel"] == f"api, token {pk}"
    file = body_of(client.get(f"{ROWS}.csv")).decode()
    rows = file.count("\r\n") - 1
    assert used() == 7 + rows
    ended = entries("report file ended")[-1]
    assert (ended["rows"], ended["complete"], ended["format"]) == (rows, True, "csv")
    etag = client.get(f"{ROWS}?limit=7")["ETag"]
    count = used()
    assert client.get(f"{ROWS}?limit=7", headers={"If-None-Match": etag}).status_code == 304
    assert client.head(f"{ROWS}.csv").status_code == client.head(ROWS).status_code == 200
    assert client.get(f"{ROWS}?colour=red").status_code == 400
    assert used() == count, "what gives no rows takes none"


def test_at_the_cap_nothing_is_given(settings: Any) -> None:
    settings.SMI_DAILY_CAPS = {**settings.SMI_DAILY_CAPS, "rows": 10}
    client = program("M1")
    assert client.get(f"{ROWS}?limit=7").status_code == 200
    for path in (f"{ROWS}?limit=7", f"{ROWS}.csv"):
        refused = client.get(path)
        assert problem_of(refused)["kind"] == "fair-use"
        assert "You have 3 of 10 left today" in problem_of(refused)["detail"]
        assert 0 < int(refused["Retry-After"]) <= 24 * 3600
        assert b"00-DB" not in refused.content
    assert client.get(f"{ROWS}?limit=3").status_code == 200
    assert program("M2").get(f"{ROWS}?limit=7").status_code == 200


def test_a_token_that_no_longer_works_is_noted_once_a_minute() -> None:
    client, before = program("M1"), len(entries("token refused"))
    Person.objects.filter(email=address("M1")).update(is_active=False)
    try:
        assert {client.get(ROWS).status_code for _ in range(3)} == {401}
    finally:
        Person.objects.filter(email=address("M1")).update(is_active=True)
    (noted,) = entries("token refused")[before:]
    assert noted["person"] == address("M1")
    assert noted["why"] == "person deactivated"
    assert Pace.objects.count() == 0, "and takes nothing of the person's pace"
