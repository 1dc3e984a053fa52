"""The months as SECAS, DCC and anyone see them; exact counts are nowhere."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.test import Client
from pytest_django import DjangoDbBlocker

from smi_portal.inventory.models import ExtractLoad
from smi_portal.statistics.build import due_months
from smi_portal.statistics.cubes import CUBES
from smi_portal.statistics.disclosure import protect
from smi_portal.statistics.models import MonthlyTable, Publication
from tests.support import world
from tests.support.asking import table, viewer_of
from tests.support.loads import forget, load_tables
from tests.support.people import make_people, signed_in

pytestmark = pytest.mark.django_db
MONTH = "2018-11"


@pytest.fixture(scope="module", autouse=True)
def built(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """The contract's world, as if it told all of November."""
    with django_db_blocker.unblock():
        forget()
        load_tables(tmp_path_factory.mktemp("statistics"), world.build(), world.AS_AT)
        make_people()
        ExtractLoad.objects.using("owner").update(as_at=world.AS_AT.replace(month=12, day=2))
        call_command("build_statistics", stdout=io.StringIO(), stderr=io.StringIO())
    yield
    with django_db_blocker.unblock():
        MonthlyTable.objects.using("owner").all().delete()
        forget()


def test_months_are_built_when_they_are_over() -> None:
    first = date(2018, 11, 1)
    assert list(due_months(first, date(2018, 11, 29))) == []
    assert list(due_months(first, date(2018, 11, 30))) == [date(2018, 11, 30)]
    assert list(due_months(date(2018, 12, 15), date(2019, 3, 1))) == [
        date(2018, 12, 31),
        date(2019, 1, 31),
        date(2019, 2, 28),
    ]


@pytest.mark.parametrize("cube", CUBES, ids=lambda cube: cube.slug)
def test_a_table_is_what_the_reports_rows_give(cube: object) -> None:
    """Counted anew from the file that DCC would download."""
    header, *lines = table(viewer_of("DCC"), cube.report, as_at="2018-11-30")  # type: ignore[attr-defined]
    row, column = header.index(cube.row), header.index(cube.column)  # type: ignore[attr-defined]
    counts: dict[tuple[str, str], int] = {}
    for line in lines:
        name = line[column]
        if cube.column == "map_id":  # type: ignore[attr-defined]
            name = "With MAP ID" if name else "Without MAP ID"
        key = (line[row] or "Not recorded", name or "Not recorded")
        counts[key] = counts.get(key, 0) + 1
    expected = protect(counts)
    stored = MonthlyTable.objects.get(month=MONTH, cube=cube.slug).figures  # type: ignore[attr-defined]
    assert expected is not None
    assert sum(counts.values()) > 100
    assert stored["rows"] == list(expected.rows)
    assert [tuple(line) for line in stored["cells"]] == list(expected.cells)
    assert stored["total"] == expected.total


@pytest.mark.django_db(databases=["default", "owner"])
def test_what_is_built_stays() -> None:
    before = list(MonthlyTable.objects.order_by("pk").values())
    out = io.StringIO()
    call_command("build_statistics", stdout=out, stderr=io.StringIO())
    assert out.getvalue() == "Nothing to build.\n"
    assert list(MonthlyTable.objects.order_by("pk").values()) == before
    for statement in (
        "UPDATE statistics_monthlytable SET figures = NULL",
        "DELETE FROM statistics_monthlytable",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


ADDRESSES = (f"/statistics/{MONTH}/", f"/statistics/{MONTH}/statistics.csv")


def statuses(client: Client) -> set[int]:
    return {client.get(address).status_code for address in ADDRESSES}


def test_before_and_after_publication() -> None:
    others = [Client(), signed_in("M1"), signed_in("S1"), signed_in("OTHER")]
    dcc, secas = signed_in("DCC"), signed_in("SECAS")
    for client in others:
        assert statuses(client) == {404}
        assert "November 2018" not in client.get("/statistics/").content.decode()
        assert "DCC has not published a month yet" in client.get("/statistics/").content.decode()
    assert statuses(secas) == statuses(dcc) == {200}
    assert "November 2018" in secas.get("/statistics/").content.decode()
    absent, hidden = Client().get("/statistics/2018-10/"), Client().get(f"/statistics/{MONTH}/")
    assert absent.content.replace(b"2018-10", b"") == hidden.content.replace(MONTH.encode(), b"")
    assert dcc.post(f"/statistics/{MONTH}/publish/", {"public": "yes"}).status_code == 302
    for client in others:
        assert statuses(client) == {200}
    dcc.post(f"/statistics/{MONTH}/publish/", {"public": "yes"})
    assert Publication.objects.count() == 1, "the second click changes nothing"
    dcc.post(f"/statistics/{MONTH}/publish/", {"public": "no"})
    assert statuses(others[0]) == {404}
    assert statuses(secas) == {200}


@pytest.mark.parametrize("organisation", ["M1", "S1", "SECAS", "OTHER", "M0"])
def test_only_dcc_publishes(organisation: str) -> None:
    client = signed_in(organisation)
    assert client.post(f"/statistics/{MONTH}/publish/", {"public": "yes"}).status_code == 403
    assert not Publication.objects.exists()
    assert b"Show it to the public" not in client.get(f"/statistics/{MONTH}/").content


def test_nobody_can_publish_what_is_not_there() -> None:
    assert signed_in("DCC").post("/statistics/2018-10/publish/", {"public": "yes"}).status_code == 404


def test_no_filter_reaches_the_figures() -> None:
    """Whatever is asked for, the figures are the same."""
    client = signed_in("SECAS")
    plain = client.get(f"/statistics/{MONTH}/").content.decode()
    asked = client.get(
        f"/statistics/{MONTH}/?device_type=ESME&supplier_id=SUPA&as_at=2018-11-02"
    ).content.decode()
    assert tables_of(plain) == tables_of(asked) != []


def tables_of(text: str) -> list[str]:
    return [part.split("</table>")[0] for part in text.split("<table")[1:]]


def test_the_file_says_what_the_page_says() -> None:
    content = signed_in("SECAS").get(f"/statistics/{MONTH}/statistics.csv").content.decode("utf-8-sig")
    header, *lines = list(csv.reader(io.StringIO(content)))
    assert header == ["month", "table", "row", "column", "count"]
    assert {line[4] for line in lines} <= {"c", "0", *(str(n) for n in range(10, 1000, 5))}
    assert "c" in {line[4] for line in lines}
    assert {line[1] for line in lines} == {cube.slug for cube in CUBES}
    assert not any("MAPA" in cell or cell == "M1" for line in lines for cell in line)
