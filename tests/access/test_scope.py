"""scope(): the one way to rows; it ends with its block whatever happens, and nothing else opens it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import psycopg
import pytest
from django.db import DatabaseError, ProgrammingError, connection, connections, transaction
from psycopg import sql
from pytest_django import DjangoDbBlocker

from reports.engine.filters import filter_rows
from reports.engine.run import stream
from smi_portal.access.readers import Reader
from smi_portal.access.scope import Viewer, scope
from smi_portal.access.signing import LIFETIME, sign
from smi_portal.access.tables import OwnerOnly, Scoped, managed_tables
from tests.support.asking import ask_of, viewer_of
from tests.support.people import signed_in

pytestmark = pytest.mark.usefixtures("real")

CLOSED = [
    model._meta.db_table for model, access in managed_tables() if isinstance(access, Scoped | OwnerOnly)
]
SCOPED = [model._meta.db_table for model, access in managed_tables() if isinstance(access, Scoped)]
COUNT = "SELECT count(*) FROM inventory_assetperiod"


def viewer(organisation: str) -> Viewer:
    found = viewer_of(organisation)
    assert found is not None
    return found


def number(statement: str = COUNT) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return int(cursor.fetchone()[0])


def closed(table: str = "inventory_assetperiod") -> bool:
    """Whether a table is closed to the site's connection as it stands."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table)))
            return bool(cursor.fetchone()[0] == 0)
    except ProgrammingError as error:
        return "permission denied" in str(error)


def nothing_is_set() -> bool:
    """No reader, no context."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, session_user, nullif(current_setting('smi.context', true), '')")
        return bool(cursor.fetchone() == ("smi_site", "smi_site", None))


@pytest.mark.parametrize("table", CLOSED)
def test_without_a_scope_there_is_nothing(table: str) -> None:
    assert closed(table)


def test_a_scope_ends_with_its_block() -> None:
    with scope(viewer("M1")):
        assert number() > 0
    assert nothing_is_set()
    assert closed()


def test_a_scope_ends_with_an_exception() -> None:
    with pytest.raises(KeyError), scope(viewer("M1")):
        raise KeyError
    assert nothing_is_set()
    with pytest.raises(DatabaseError), scope(viewer("M1")):
        number("SELECT 1/0")
    assert nothing_is_set()
    assert closed()


def test_a_scope_inside_a_transaction_ends_too() -> None:
    """As in a test, or under ATOMIC_REQUESTS: also when the block failed."""
    with transaction.atomic():
        with scope(viewer("M1")):
            assert number() > 0
        assert nothing_is_set()
        with pytest.raises(DatabaseError), scope(viewer("M1")):
            number("SELECT 1/0")
        assert nothing_is_set()
        assert closed()


def test_scopes_do_not_nest() -> None:
    one, other = viewer("M1"), viewer("DCC")
    with scope(one):
        mine = number()
        with pytest.raises(RuntimeError, match="cannot be nested"), scope(other):
            pytest.fail("the inner scope opened")
        assert number() == mine
    assert nothing_is_set()


def test_a_scope_is_for_reading_its_own_rows() -> None:
    counts = {}
    for organisation in ("M1", "M2", "S1", "S2", "DCC"):
        with scope(viewer(organisation)):
            counts[organisation] = number()
            column = {"M": "map_org_id", "S": "supplier_org_id"}.get(organisation[0])
            if column == "map_org_id":
                assert number(f"SELECT count(DISTINCT {column}) FROM inventory_assetperiod") == 1
    assert all(0 < counts[each] < counts["DCC"] for each in ("M1", "M2", "S1", "S2"))
    with scope(viewer("SECAS")):
        for table in SCOPED:
            if "device_id" in columns_of(table):
                assert closed(table), table


def columns_of(table: str) -> set[str]:
    model = next(model for model, _ in managed_tables() if model._meta.db_table == table)
    return {field.column for field in model._meta.concrete_fields if field.column}


def test_two_viewers_take_turns_on_one_connection() -> None:
    """Streams that are read in turns cannot share a connection: the second is refused, not mixed up."""
    one, two = (
        stream(filter_rows(ask_of(viewer(organisation), "RSMI_001")).rows, "csv", "machine").chunks
        for organisation in ("M1", "M2")
    )
    assert next(one) == next(two)  # the header is written before anything is read
    first = b"".join(one)
    assert nothing_is_set()
    second = b"".join(two)
    assert first
    assert second
    assert not set(first.splitlines()) & set(second.splitlines())
    for organisation in ("M1", "M2", "M1", "DCC", "M2"):
        with scope(viewer(organisation)):
            assert number() > 0
        assert nothing_is_set()


def test_a_stream_that_is_not_read_to_its_end_leaves_nothing() -> None:
    made = stream(filter_rows(ask_of(viewer("DCC"), "RSMI_007")).rows, "csv", "machine")
    next(made.chunks)
    next(made.chunks)
    made.chunks.close()  # type: ignore[attr-defined]  # a generator
    assert nothing_is_set()
    assert closed()


def test_a_streamed_answer_has_its_viewers_rows_after_the_view_ended() -> None:
    client = signed_in("M1")
    other = signed_in("M2")
    mine = client.get("/reports/RSMI_001/download.csv?dialect=machine")
    theirs = other.get("/reports/RSMI_001/download.csv?dialect=machine")
    assert nothing_is_set()
    second, first = b"".join(theirs.streaming_content), b"".join(mine.streaming_content)
    assert nothing_is_set()
    assert len(first.splitlines()) > 10
    assert len(second.splitlines()) > 10
    assert not set(first.splitlines()[1:]) & set(second.splitlines()[1:])
    client.logout()
    other.logout()


def test_viewers_on_two_connections_at_once(django_db_blocker: DjangoDbBlocker) -> None:
    """Interleaved transactions of two threads: each sees its own rows all the time."""
    found: dict[str, set[int]] = {}
    barrier = threading.Barrier(2, timeout=20)

    def look(organisation: str, who: Viewer) -> None:
        with django_db_blocker.unblock():
            seen = set()
            for _ in range(5):
                with scope(who):
                    barrier.wait()
                    seen.add(number())
                    barrier.wait()
            found[organisation] = seen
            connections.close_all()

    threads = [threading.Thread(target=look, args=(o, viewer(o))) for o in ("M1", "M2")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(found["M1"]) == len(found["M2"]) == 1
    assert found["M1"] != found["M2"]


@pytest.fixture
def as_reader() -> Iterator[Callable[[str, Reader], int]]:
    """Rows that a reader gets with a context of our own making."""

    def count(context: str, reader: Reader = Reader.MAP) -> int:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('smi.context', %s, true)", [context])
            cursor.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(reader.value)))
            cursor.execute(COUNT)
            return int(cursor.fetchone()[0])

    yield count


def forgeries() -> dict[str, str]:
    """Contexts that must open nothing, by what is wrong with them."""
    one, two = viewer("M1").organisation_id, viewer("M2").organisation_id
    good = sign(Reader.MAP, one)
    reader, organisation, expiry, mac = good.split(":")
    return {
        "empty": "",
        "expired": sign(Reader.MAP, one, now=0),
        "just expired": sign(Reader.MAP, one, now=time.time() - LIFETIME - 2),
        "other reader": sign(Reader.DCC, 0),
        "a reader with more": sign(Reader.MAP_SUPPLIER, one),
        "other organisation": f"{reader}:{two}:{expiry}:{mac}",
        "later expiry": f"{reader}:{organisation}:{int(expiry) + 1}:{mac}",
        "other mac": f"{reader}:{organisation}:{expiry}:{'0' * 64}",
        "no mac": f"{reader}:{organisation}:{expiry}:",
        "upper case mac": f"{reader}:{organisation}:{expiry}:{mac.upper()}",
        "a part more": f"{good}:x",
        "a part less": f"{reader}:{organisation}:{expiry}",
        "garbage": "🜚:::",
        "words": "smi_map:one:never:please",
        "SQL": "smi_map' OR 1=1 --",
        "colons": ":::",
        "long": "smi_map:" * 10_000,
    }


def test_a_good_context_opens_its_rows(as_reader: Callable[..., int]) -> None:
    """Or the next test would prove nothing."""
    assert as_reader(sign(Reader.MAP, viewer("M1").organisation_id)) > 0


def test_a_context_that_is_not_ours_opens_nothing(as_reader: Callable[..., int]) -> None:
    assert {name: as_reader(context) for name, context in forgeries().items() if as_reader(context)} == {}


@pytest.mark.parametrize("reader", [reader for reader in Reader if reader not in {Reader.MAP, Reader.SECAS}])
def test_a_context_is_for_one_reader_only(reader: Reader, as_reader: Callable[..., int]) -> None:
    assert as_reader(sign(Reader.MAP, viewer("M1").organisation_id), reader) == 0


def test_contexts_of_other_sessions_cannot_be_read() -> None:
    """Sessions of one role see each other's statements: so a context must be a bound value, not a part of one."""
    who = viewer("DCC")
    wanted = {
        k: v
        for k, v in connection.get_connection_params().items()
        if k in {"host", "port", "dbname", "user", "password"}
    }
    with psycopg.connect(**wanted) as other, scope(who):
        seen = []
        for _ in range(2):
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT set_config('smi.context', %s, true)", [sign(who.reader, who.organisation_id)]
                )
            query = "SELECT query FROM pg_stat_activity WHERE pid = %s"
            seen.append(other.execute(query, [connection.connection.info.backend_pid]).fetchone())
            other.rollback()
        assert seen == [("SELECT set_config('smi.context', $1, true)",)] * 2
