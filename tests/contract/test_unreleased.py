"""A field that is not released cannot be read, nor told from any answer: two worlds that differ in it alone look alike."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.core.cache import cache
from pytest_django import DjangoDbBlocker

from reports.engine.columns import Column
from reports.engine.inputs import DateRange, Minimum
from smi_portal.access.readers import FieldGroup
from smi_portal.inventory.models import ExtractLoad
from tests.contract.cases import CASES, Case
from tests.contract.lists import make_lists
from tests.support import world
from tests.support.html import Page
from tests.support.loads import forget, load_tables
from tests.support.people import make_people, signed_in

pytestmark = pytest.mark.django_db

MINE = [case for case in CASES if case.organisation == "M2"]
LOADED_AT = datetime(2018, 11, 20, 7, tzinfo=UTC)
Answers = dict[str, bytes]


def hidden_of(case: Case) -> list[Column]:
    """The columns that a MAP has only after release. Findings and lists have none."""
    return [c for c in (*case.report.columns, *case.report.unshown) if c.group in set(FieldGroup)]


def questions(case: Case) -> Iterator[dict[str, str]]:
    """Plain, past, history, each order, each input with values of both worlds, and what must be refused."""
    yield {}
    yield {"as_at": "2018-11-09", "summary": "show"}
    if case.report.has_history:
        yield {"history": "true"}
    for number, column in enumerate(case.report.columns):
        if column.group or number % 4 == 0:
            yield {"sort": f"-{column.key}"}
    for item in case.report.inputs:
        for key in item.keys:
            if key in case.always:
                continue
            yield {key: {DateRange: "2018-11-01", Minimum: "3"}.get(type(item), "SUPA")}
    yield {"count": "exact", "rows": "25", "device_status": "Commissioned"}
    yield {
        "uprn": "1",
        "property_post_code": "ZZ1 1ZZ",
        "owner": "S1",
        "supplier_effective_from_from": "2018-11-01",
    }


def without_chance(content: bytes) -> bytes:
    """A page without what differs by itself: the token of the sign-out form."""
    return re.sub(rb'name="csrfmiddlewaretoken" value="[^"]*"', b"", content)


def answers() -> Answers:
    """Everything that M2 can get, by address."""
    cache.clear()
    client = signed_in("M2")
    found: Answers = {"/": without_chance(client.get("/").content)}
    for case in MINE:
        for question in questions(case):
            address = case.address(urlencode(question))
            answer = client.get(address)
            found[address] = b"%d " % answer.status_code + without_chance(answer.content)
        for form in ("csv", "json", "xlsx"):
            for query in ("", "as_at=2018-11-09", "history=true"):
                address = case.address(query, f"download.{form}")
                answer = client.get(address)
                content = b"".join(answer.streaming_content) if answer.streaming else answer.content
                found[address] = _unzipped(content) if content.startswith(b"PK") else content
    return found


def _unzipped(book: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(book)) as parts:
        return b"\n".join(parts.read(name) for name in parts.namelist() if name != "docProps/core.xml")


@pytest.fixture(scope="module")
def two_worlds(
    contract_world: Path, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Answers, Answers]]:
    """M2's answers in the world as it is, and in one where suppliers, their days, owners and premises are others'."""
    found = []
    with django_db_blocker.unblock():
        for tables in (world.build(), world.build(supplier_shift=2, premises="YY9 9YY")):
            forget()
            load_tables(tmp_path_factory.mktemp("twin"), tables, world.AS_AT)
            make_people()
            make_lists()
            ExtractLoad.objects.using("owner").update(finished_at=LOADED_AT)
            found.append(answers())
        forget()
        load_tables(tmp_path_factory.mktemp("again"), world.build(), world.AS_AT)
        make_people()
        make_lists()
    yield found[0], found[1]


def test_nothing_can_be_inferred(two_worlds: tuple[Answers, Answers]) -> None:
    one, other = two_worlds
    assert len(one) > 150
    assert one.keys() == other.keys()
    assert [address for address in one if one[address] != other[address]] == []


def test_the_worlds_do_differ() -> None:
    """Or the test above would prove nothing: those who may see the fields see other values."""
    one, other = world.build(), world.build(supplier_shift=2, premises="YY9 9YY")
    assert one["registrations"] != other["registrations"]
    assert {row["mpxn"] for row in one["registrations"]} == {row["mpxn"] for row in other["registrations"]}
    assert {row["organisation"] for row in one["schedules"]} == {
        row["organisation"] for row in other["schedules"]
    }
    assert one["schedules"] != other["schedules"]
    assert {row["postcode"] for row in one["devices"]} != {row["postcode"] for row in other["devices"]}


@pytest.mark.parametrize("case", [case for case in MINE if hidden_of(case)], ids=str)
def test_the_fields_are_absent(case: Case, two_worlds: tuple[Answers, Answers]) -> None:
    """By key, title and value: from page, help, options, files and About sheet."""
    hidden = hidden_of(case)
    code = case.report.code
    for address, content in two_worlds[0].items():
        if not address.startswith(f"/reports/{code}/") or content.startswith(b"400"):
            continue
        text = content.decode(errors="replace")
        for column in hidden:
            assert f'"{column.key}"' not in text, address
            assert f">{column.key}<" not in text, address
            assert f">{column.title}<" not in text, address
        if "SUPA" not in address:  # a page shows again what was typed
            assert not re.search(r"\bSUP[ABZ]\b", text), address
        assert "ZZ1 1ZZ" not in text
    page = Page(two_worlds[0][case.address()].decode())
    assert not {column.key for column in hidden} & page.options.keys()
    header = two_worlds[0][case.address(file="download.csv")].decode("utf-8-sig").splitlines()[0].split(",")
    assert header == [column.key for column in case.report.columns if column not in hidden]
