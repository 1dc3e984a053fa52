"""No entry can be edited, deleted, moved, added or cut off unseen: not even by the database's owner."""

from __future__ import annotations

import io
import json
import random
import uuid
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import override_settings
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from smi_portal.audit import chains, note, witness
from smi_portal.audit.models import AuditEntry
from tests.audit.conftest import Owner, findings, kinds, write

pytestmark = pytest.mark.usefixtures("real")
T = "audit_auditentry"


def verify_audit() -> str:
    out = io.StringIO()
    call_command("verify_audit", stdout=out, stderr=io.StringIO())
    return out.getvalue()


def test_what_is_written_is_sound() -> None:
    write()
    assert findings().sound
    assert findings().entries == 5
    assert verify_audit() == "The audit is sound: 5 entries in 1 chains.\n"


def test_an_empty_audit_is_sound() -> None:
    assert findings().sound


#: What an owner might do → what is said of it.
HARMS = {
    "edits details": (f"UPDATE {T} SET details = '{{}}' WHERE n = 3", "entry 3", "was changed"),
    "edits who": (f"UPDATE {T} SET person = 'else@example.test' WHERE n = 3", "entry 3", "was changed"),
    "edits whose": (f"UPDATE {T} SET organisation_id = 1 WHERE n = 3", "entry 3", "was changed"),
    "edits when": (f"UPDATE {T} SET at = at - interval '1 second' WHERE n = 2", "entry 2", "was changed"),
    "edits the hash": (f"UPDATE {T} SET mac = repeat('0', 64) WHERE n = 2", "entry 3", "does not follow"),
    "deletes one": (f"DELETE FROM {T} WHERE n = 3", "entry 3 is missing", ""),
    "deletes two": (f"DELETE FROM {T} WHERE n IN (2, 3)", "entries 2 to 3 are missing", ""),
    "deletes the first": (f"DELETE FROM {T} WHERE n = 1", "entry 1 is missing", ""),
    "cuts the tail": (f"DELETE FROM {T} WHERE n > 3", "entries 4 to 5 are missing at its end", ""),
    "empties it": (f"DELETE FROM {T}", "all 5 entries are missing", ""),
    "closes the gap": (
        f"DELETE FROM {T} WHERE n = 3; UPDATE {T} SET n = n - 1 WHERE n > 3",
        "entry 3",
        "was changed, moved",
    ),
    "swaps two": (
        f"UPDATE {T} SET n = 100 WHERE n = 2; UPDATE {T} SET n = 2 WHERE n = 3; UPDATE {T} SET n = 3 WHERE n = 100",
        "entry 2",
        "was changed, moved",
    ),
    "swaps what two say": (
        f"UPDATE {T} a SET details = b.details FROM {T} b WHERE (a.n, b.n) IN ((2, 3), (3, 2))",
        "entry 2",
        "was changed",
    ),
    "moves to another chain": (
        f"UPDATE {T} SET chain = '{uuid.UUID(int=7)}', n = 1 WHERE n = 5",
        "entry 5 is missing at its end",
        "was changed, moved or added",
    ),
    "copies one": (
        f"INSERT INTO {T} SELECT chain, 6, at, kind, person_id, person, organisation_id, organisation, origin, "
        f"details, mac, mac FROM {T} WHERE n = 5",
        "entry 6",
        "was changed, moved or added",
    ),
}


@pytest.mark.parametrize("harm", HARMS)
def test_the_owner_is_found_out(harm: str, owner: Owner) -> None:
    write()
    statement, *words = HARMS[harm]
    for each in statement.split("; "):
        owner(each)
    found = " ".join(findings().problems)
    assert all(word in found for word in words), found
    with pytest.raises(CommandError, match="NOT sound"):
        verify_audit()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10_000), lengths=st.lists(st.integers(1, 6), min_size=1, max_size=4))
def test_any_change_to_any_row_is_found(seed: int, lengths: list[int], owner: Owner) -> None:
    """A random row of random chains loses, gains or changes something in a random column."""
    with transaction.atomic(using="owner"):
        owner(f"DELETE FROM {T}")
    witness.forget()
    for length in lengths:
        chains._forget_all()  # as another process would: a chain of its own
        write(length)
    assert findings().sound
    rng = random.Random(seed)
    entry = rng.choice(list(AuditEntry.objects.using("owner").all()))
    harm = rng.choice(
        [
            "delete",
            "at",
            "kind",
            "person",
            "person_id",
            "organisation_id",
            "origin",
            "details",
            "previous",
            "mac",
            "n",
        ]
    )
    mine = AuditEntry.objects.using("owner").filter(chain=entry.chain, n=entry.n)
    if harm == "delete":
        mine.delete()
    else:
        changed: Any = {
            "at": entry.at.replace(microsecond=(entry.at.microsecond + 1) % 1_000_000),
            "person_id": 1 if entry.person_id is None else None,
            "organisation_id": 5,
            "details": entry.details | {"more": True},
            "n": entry.n + 100,
        }.get(harm, "x")
        column = "n" if harm == "n" else harm
        owner(
            f"UPDATE {T} SET {column} = %s WHERE chain = %s AND n = %s",
            json.dumps(changed) if harm == "details" else changed,
            entry.chain,
            entry.n,
        )
    assert not findings().sound, harm


def test_without_the_witness_a_cut_tail_is_all_that_stays_hidden(owner: Owner) -> None:
    """And the command says that it could not tell."""
    write()
    owner(f"DELETE FROM {T} WHERE n > 3")
    witness.forget()
    assert findings().sound
    assert "1 of 1 chains have no witness on this machine" in verify_audit()


def test_a_witness_that_was_tampered_with_is_found(tmp_path: Path) -> None:
    import sqlite3

    with override_settings(SMI_AUDIT_WITNESS=str(tmp_path / "heads.sqlite3")):
        write()
        assert findings().sound
        with sqlite3.connect(tmp_path / "heads.sqlite3") as file:
            file.execute("UPDATE head SET n = 3")
        assert "witness of its head was tampered with" in " ".join(findings().problems)


def test_a_witness_that_cannot_be_written_stops_nobody(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("")
    with override_settings(SMI_AUDIT_WITNESS=str(tmp_path / "file" / "heads.sqlite3")):
        note("thing")
    assert kinds() == ["thing"]
    assert "cannot be written" in caplog.text


def test_another_key_seals_nothing() -> None:
    with override_settings(SMI_AUDIT_KEYS=["somebody else's"]):
        write(1)
    assert "was changed, moved or added by someone without the key" in findings().problems[0]


def test_a_change_of_key_keeps_what_was_sealed() -> None:
    write(2)
    with override_settings(SMI_AUDIT_KEYS=["new", "for the tests alone"]):
        write(2)
        assert findings().sound
        assert findings().entries == 4


def test_a_restore_is_accepted_with_a_reason(owner: Owner) -> None:
    write()
    owner(f"DELETE FROM {T} WHERE n > 3")
    chains._forget_all()
    with pytest.raises(CommandError, match="Say why"):
        call_command("verify_audit", accept_loss=" ")
    call_command("verify_audit", accept_loss="restored Monday's backup", stdout=io.StringIO())
    assert findings().sound
    assert kinds()[-1] == "audit loss accepted"
