"""The next extract decides: what agrees is verified, what does not is reopened; a delta and a full one alike."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from pytest_django import DjangoDbBlocker

from smi_portal.data_issues.kinds import Cause, State
from smi_portal.data_issues.post import deliver
from smi_portal.inventory.quality.rules import RULES
from tests.support.loads import forget, load_tables
from tests.support.people import make_people

from .conftest import act, forget_issues, lines_of, raise_as, w


@pytest.fixture
def own_world(issue_world: None, django_db_blocker: DjangoDbBlocker, tmp_path: Path) -> Iterator[Path]:
    """A world of this test's own, since it loads more; the package's is loaded again afterwards."""
    home = w.world()
    with django_db_blocker.unblock():
        yield tmp_path
        forget_issues()
        forget()
        load_tables(tmp_path / "again", home.tables, home.as_at)
        make_people()


def states(organisation: str = "S1") -> dict[str, State]:
    return {one.line["device_id"]: one.state for one in lines_of(organisation)}


def test_lines_verify_themselves_and_reopen(own_world: Path) -> None:
    right = {"cause": "WRONG_MPXN", "correction": "import_mpxn", "value": w.SPARE_MPAN}
    for device in (w.OWN, w.EXPORTING):
        raise_as("S1", device, **right)
    raise_as("S1", w.PENDING_OWN, cause="SHOULD_NOT_BE_THERE", correction="delete", value="yes")
    raise_as("M1", w.OWN, **right)
    deliver()
    for one in lines_of("S1"):
        act("S1", one.line["reference"], "MENDED")
    assert set(states().values()) == {State.MENDED}

    home = w.world()
    home.tables["device_mpxns"] = [row for row in home.tables["device_mpxns"] if row["mpxn"] != w.OWN_MPAN]
    home.mpxn(w.OWN, w.SPARE_MPAN)
    for name, rows in home.tables.items():
        home.tables[name] = [row for row in rows if row.get("device_id") != w.PENDING_OWN]
    load_tables(own_world, home.tables, home.as_at + timedelta(days=1))
    assert states() == {w.OWN: State.VERIFIED, w.EXPORTING: State.OPEN, w.PENDING_OWN: State.VERIFIED}
    assert {one.with_whom for one in lines_of("S1") if one.state is State.OPEN} == {"You"}
    assert states("M1") == {w.OWN: State.VERIFIED}, "also for who raised it, without a word said"

    load_tables(own_world, w.world().tables, home.as_at + timedelta(days=2))
    assert states() == dict.fromkeys((w.OWN, w.EXPORTING, w.PENDING_OWN), State.OPEN), (
        "lost again, so open again"
    )


def test_a_finding_is_verified_by_the_very_condition_that_lists_it(own_world: Path) -> None:
    """Not on the Certified Products List: an entry of its product is all that the next extract brings."""
    raise_as("S1", w.UNLISTED, cause="NO_CPL")
    raise_as("S1", w.OWN, cause="STALE_PENDING")
    home = w.world()
    load_tables(own_world, home.tables, home.as_at + timedelta(days=1))
    assert states() == {w.UNLISTED: State.OPEN, w.OWN: State.VERIFIED}, "what is not found is not wrong"

    home.spanned(
        "cpl", -300, None, device_type="ESME", esme_variant_class="A", manufacturer="Tarn", model="T1",
        firmware_version="FF", cpl_status="Active", firmware_status="Active",
    )  # fmt: skip
    load_tables(own_world, home.tables, home.as_at + timedelta(days=2))
    assert states()[w.UNLISTED] is State.VERIFIED
    load_tables(own_world, w.world().tables, home.as_at + timedelta(days=3))
    assert states() == {w.UNLISTED: State.OPEN, w.OWN: State.VERIFIED}


GUESSES = [
    {"cause": "NOT_THERE"},
    {"cause": "DUPLICATE"},
    {"cause": "NO_CPL"},
    {"cause": "SHOULD_NOT_BE_THERE"},
    {"cause": "SHOULD_NOT_BE_THERE", "correction": "delete", "value": "yes"},
    {"cause": "WRONG_MAP_ID", "correction": "map_id", "value": "MAPZ"},
    {"cause": "WRONG_MPXN", "correction": "import_mpxn", "value": w.FOREIGN_MPAN},
    {"cause": "WRONG_STATUS", "correction": "status", "value": "Commissioned"},
    {"cause": "WRONG_DETAILS", "correction": "model", "value": "T1"},
]


@pytest.mark.parametrize("guess", GUESSES, ids=lambda guess: "-".join(guess.values()))
def test_no_extract_confirms_a_guess_about_anothers_device(own_world: Path, guess: dict[str, str]) -> None:
    """Right or wrong, there or not: the line about a device out of sight stays as it is."""
    for device in (w.FOREIGN, w.ABSENT, w.PENDING_FOREIGN):
        raise_as("S1", device, **guess)
    before = {one.line["device_id"]: one.state for one in lines_of("S1")}
    home = w.world()
    load_tables(own_world, home.tables, home.as_at + timedelta(days=1))
    assert states() == before
    gone = w.world()
    for name, rows in gone.tables.items():
        gone.tables[name] = [
            row for row in rows if row.get("device_id") not in {w.FOREIGN, w.PENDING_FOREIGN}
        ]
    load_tables(own_world, gone.tables, home.as_at + timedelta(days=2))
    assert states() == before


def test_an_mpan_out_of_sight_confirms_no_guess(own_world: Path) -> None:
    """The device is the supplier's own, its export MPAN another's. Its MAP sees both."""
    for raiser in ("S1", "M1"):
        raise_as(raiser, w.EXPORTING, cause="WRONG_MPXN", correction="export_mpan", value=w.EXPORT_MPAN)
    home = w.world()
    load_tables(own_world, home.tables, home.as_at + timedelta(days=1))
    assert states()[w.EXPORTING] is not State.VERIFIED
    assert states("M1")[w.EXPORTING] is State.VERIFIED


def test_nobody_is_notified_of_what_the_extract_has_settled(own_world: Path) -> None:
    """Raised, and right in the next extract before the post came by."""
    raise_as("M1", w.EXPORTING, cause="WRONG_MPXN", correction="export_mpan", value=w.EXPORT_MPAN)
    home = w.world()
    load_tables(own_world, home.tables, home.as_at + timedelta(days=1))
    assert not deliver()
    assert (states("M1"), states()) == ({w.EXPORTING: State.VERIFIED}, {})
    home.tables["device_mpxns"] = [r for r in home.tables["device_mpxns"] if r["mpxn"] != w.EXPORT_MPAN]
    load_tables(own_world, home.tables, home.as_at + timedelta(days=2))
    assert (states("M1"), states()) == ({w.EXPORTING: State.OPEN}, {w.EXPORTING: State.OPEN}), (
        "told of it now"
    )


def test_every_condition_of_data_quality_is_a_cause() -> None:
    assert {rule.code for rule in RULES} <= set(Cause)
