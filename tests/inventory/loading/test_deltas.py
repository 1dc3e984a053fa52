"""Deltas: deletions, then rows by key; rules hold for the state that results; only what differs is written."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connections

from smi_portal.inventory.loading.errors import LoadRefused
from smi_portal.inventory.loading.loader import check_migrations
from smi_portal.inventory.models import Certificate, Organisation, Schedule

from . import state
from .conftest import Loader
from .packages import ESME, GPF, GSME, HUB, MPAN, Extract, delta, device, row, small

S = "device_statuses"
NEW = "00-DB-00-00-00-00-00-E2"
NEW_FROM = {"device_id": ESME, "effective_from": "2017-02-01"}


def test_rows_are_replaced_by_key_and_deleted_first(load_it: Loader) -> None:
    load_it(Extract())
    key = {"device_id": ESME.lower(), "effective_from": "2017-02-01"}
    upserts = {S: [row(S, ESME, "Suspended", "2017-03-01"), row(S, GSME, "Suspended", "2017-02-01")]}
    report = load_it(delta(2, upserts, (S, key)))
    changes = report.tables[S]
    assert (changes.rows, changes.inserted, changes.changed, changes.deleted) == (2, 1, 1, 1)
    assert state.loaded() == state.after(state.of(small()), upserts, [(S, NEW_FROM)])


def test_deleted_and_brought_again_is_a_change(load_it: Loader) -> None:
    load_it(Extract())
    row_ = device(ESME, "ESME", esme_variant="B")
    report = load_it(delta(2, {"devices": [row_]}, ("devices", {"device_id": ESME})))
    changes = report.tables["devices"]
    assert (changes.inserted, changes.changed, changes.deleted) == (0, 1, 0)
    assert state.loaded()["devices"][(ESME,)] == row_


def test_what_is_the_same_is_not_written(load_it: Loader) -> None:
    load_it(Extract())
    written = "SELECT xmin::text FROM inventory_device ORDER BY device_id"
    with connections["owner"].cursor() as cursor:
        cursor.execute(written)
        before = cursor.fetchall()
        report = load_it(Extract(sequence=2))
        cursor.execute(written)
        assert cursor.fetchall() == before
    assert all(change.written == 0 for change in report.tables.values())
    assert report.tables["devices"].unchanged == 4


@pytest.mark.parametrize("esme_variant_class", ["", None])
def test_an_empty_part_of_a_key_can_be_named(load_it: Loader, esme_variant_class: str | None) -> None:
    load_it(Extract())
    hub = dict(
        zip(
            ("device_type", "manufacturer", "model", "firmware_version"),
            ("CHF", "Northfell Meters", "NM-H", "02000001"),
            strict=True,
        )
    )
    report = load_it(delta(2, None, ("cpl", {**hub, "esme_variant_class": esme_variant_class})))
    assert report.tables["cpl"].deleted == 1


BAD_DELETIONS: list[tuple[str, str, str, str]] = [
    ("gadgets", "{}", "table", "deletion_table"),
    ("devices.csv", f'{{"device_id": "{ESME}"}}', "table", "deletion_table"),
    ("devices", "{", "key_json", "deletion_key"),
    ("devices", "[]", "key_json", "deletion_key"),
    ("devices", "1", "key_json", "deletion_key"),
    ("devices", "{}", "key_json", "deletion_key"),
    ("devices", '{"device_id": null}', "key_json", "deletion_key"),
    ("devices", '{"device_id": 7}', "key_json", "deletion_key"),
    ("devices", '{"id": "7"}', "key_json", "deletion_key"),
    ("devices", f'{{"device_id": "{ESME}", "x": "1"}}', "key_json", "deletion_key"),
    (S, f'{{"device_id": "{ESME}", "effective_from": "2017-02-30"}}', "key_json", "deletion_key"),
    (S, f'{{"device_id": "{ESME}", "effective_from": "2017-02-02"}}', "key_json", "deletion_unknown"),
    ("devices", f'{{"device_id": "{NEW}"}}', "key_json", "deletion_unknown"),
    ("devices", '{"device_id": "x"}', "key_json", "deletion_unknown"),
    ("organisations", '{"organisation": "GONE"}', "key_json", "deletion_unknown"),
    ("devices", f'{{"device_id": "{ESME}"}}', "key_json", "deletion_dangling"),
    ("devices", f'{{"device_id": "{GPF}"}}', "key_json", "deletion_dangling"),
    ("devices", f'{{"device_id": "{HUB}"}}', "key_json", "deletion_dangling"),
    ("organisations", '{"organisation": "SUP-A"}', "key_json", "deletion_dangling"),
]


def test_bad_deletions_are_named(load_it: Loader, refused: Callable[..., LoadRefused]) -> None:
    full = small()
    full["organisations"].append(row("organisations", "GONE", "Gone", "MAP", "true"))
    load_it(Extract(full))
    load_it(Extract(sequence=2))  # GONE is kept as an organisation, and is no longer in the extract
    extract = delta(3)
    lines = [f'{table},"{key.replace(chr(34), chr(34) * 2)}"' for table, key, _, _ in BAD_DELETIONS]
    extract.files["deletions.csv"] = "\n".join(["table,key_json", *lines, "devices,", ""]).encode()
    found = refused(extract).rejects
    assert [(f.line, f.column, f.rule) for f in found] == [
        *((line, column, rule) for line, (_, _, column, rule) in enumerate(BAD_DELETIONS, 2)),
        (len(BAD_DELETIONS) + 2, "key_json", "required"),
    ]
    assert [f.value for f in found][1] == "devices.csv"
    assert all(f.file == "deletions.csv" for f in found)


def test_the_same_deletion_twice_is_a_duplicate(load_it: Loader, refused: Callable[..., LoadRefused]) -> None:
    load_it(Extract())
    (found,) = refused(delta(2, None, (S, NEW_FROM), (S, {**NEW_FROM, "device_id": ESME.lower()}))).rejects
    assert (found.file, found.line, found.rule) == ("deletions.csv", 3, "duplicate")
    assert "line 2" in found.mend


def test_references_are_those_of_the_state_that_results(
    load_it: Loader, refused: Callable[..., LoadRefused]
) -> None:
    load_it(Extract())
    upserts = {S: [row(S, NEW, "Pending", "2018-01-01")]}
    assert refused(delta(2, upserts)).rejects[0].rule == "reference"
    gone = ("certificates", {"device_id": ESME, "certificate_serial": "C1"})
    load_it(delta(2, {"devices": [device(NEW, "GPF")], **upserts}, gone))  # new device, and a loaded parent
    # A reference to a device that the same delta deletes.
    (found,) = refused(
        delta(
            3,
            {"hub_links": [row("hub_links", GPF, NEW, "2018-01-01")]},
            ("devices", {"device_id": NEW}),
            (S, {"device_id": NEW, "effective_from": "2018-01-01"}),
        )
    ).rejects
    assert (found.file, found.column, found.value, found.rule) == (
        "hub_links.csv",
        "chf_device_id",
        NEW,
        "reference",
    )
    # A device may go with all that names it, and when what named it now names another.
    load_it(delta(3, {"devices": [device(GSME, "GSME", gpf_device_id=NEW)]}, ("devices", {"device_id": GPF})))


TOUCHING = [
    ((S, ESME, "X", "2017-01-15", "2017-01-20"), True),  # inside the first
    ((S, ESME, "X", "2016-12-01", "2017-01-02"), True),  # shares a day with the next
    ((S, ESME, "X", "2016-12-01", "2017-01-01"), False),  # ends as the next begins
    ((S, ESME, "X", "2016-12-01", ""), True),  # open, before loaded ones
    ((S, ESME, "X", "2018-01-01", ""), True),  # the last is open
    ((S, ESME, "X", "2017-01-01", "2017-02-02"), True),  # replaces the first and grows into the second
    ((S, ESME, "X", "2017-01-01", "2017-01-20"), False),  # replaces the first and shrinks
    (("device_mpxns", ESME, MPAN, "EXPORT", "2017-02-01"), False),  # another kind is another key
    (("device_mpxns", ESME, MPAN, "IMPORT", "2017-01-01"), True),
]


@pytest.mark.parametrize(("cells", "overlaps"), TOUCHING)
def test_periods_are_apart_from_rows_that_stay(
    load_it: Loader, refused: Callable[..., LoadRefused], cells: tuple[str, ...], overlaps: bool
) -> None:
    load_it(Extract())
    extract = delta(2, {cells[0]: [row(*cells)]})
    if not overlaps:
        assert load_it(extract).tables[cells[0]].written == 1
        return
    (found,) = refused(extract).rejects
    assert (found.line, found.column, found.rule) == (2, "effective_from", "overlap")
    assert "already loaded" in found.mend


def test_an_open_period_is_closed_and_the_next_begins(load_it: Loader) -> None:
    """The delta of every day: the loaded open row is replaced, and so does not stand in the new one's way."""
    load_it(Extract())
    rows = [row(S, ESME, "Commissioned", "2017-02-01", "2018-01-01"), row(S, ESME, "Suspended", "2018-01-01")]
    load_it(delta(2, {S: rows}))
    assert state.loaded() == state.after(state.of(small()), {S: rows}, [])


def test_an_overlap_with_a_deleted_row_is_none(load_it: Loader) -> None:
    load_it(Extract())
    load_it(
        delta(
            2,
            {S: [row(S, ESME, "X", "2017-01-15")]},
            (S, {"device_id": ESME, "effective_from": "2017-01-01"}),
            (S, NEW_FROM),
        )
    )
    assert len(state.loaded()[S]) == 2


def test_rejecting_a_row_brings_back_the_one_it_would_have_replaced(load_it: Loader) -> None:
    """Its reference is bad, so the loaded row stays; what comes after it in the delta then overlaps."""
    load_it(Extract())
    upserts = {
        "hub_links": [
            row("hub_links", ESME, NEW, "2017-02-01", "2018-01-01"),
            row("hub_links", ESME, HUB, "2018-01-01"),
        ]
    }
    report = load_it(delta(2, upserts), allow_rejects=2)
    assert report.rejected["hub_links"] == 2
    assert report.rejects_by_rule == {"reference": 1, "overlap": 1}
    assert state.loaded() == state.of(small())


def test_organisations_stay_with_their_id(load_it: Loader) -> None:
    full = small()
    full["organisations"].append(row("organisations", "MAP-B", "Second", "MAP", "true"))
    load_it(Extract(full))
    everyone = Organisation.objects.using("owner")
    first = everyone.get(organisation="MAP-B").pk
    gone = load_it(delta(2, None, ("organisations", {"organisation": "MAP-B"})))
    assert gone.tables["organisations"].deleted == 1
    assert (everyone.get(pk=first).in_extract, everyone.get(pk=first).role) == (False, None)
    back = load_it(
        delta(3, {"organisations": [row("organisations", "MAP-B", "Second again", "MAP", "true")]})
    )
    assert back.tables["organisations"].inserted == 1
    again = everyone.get(organisation="MAP-B")
    assert (again.pk, again.name, again.in_extract) == (first, "Second again", True)
    assert load_it(Extract(sequence=4)).tables["organisations"].deleted == 1
    assert Organisation.objects.using("owner").get(pk=first).in_extract is False


def test_schedules_know_their_owner_and_follow_its_kind(load_it: Loader) -> None:
    load_it(Extract())
    owner = Organisation.objects.using("owner").get(organisation="SUP-A").pk
    schedules = Schedule.objects.using("owner")
    assert schedules.values_list("owner_id", "map_owner_id").get() == (owner, None)
    for sequence, (kind, expected) in enumerate((("MAP", owner), ("SUPPLIER", None)), 2):
        load_it(
            delta(
                sequence,
                {"organisations": [row("organisations", "SUP-A", "Brightwater Energy", kind, "true")]},
            )
        )
        assert schedules.values_list("owner_id", "map_owner_id").get() == (owner, expected)


def test_an_update_keeps_what_the_rebuild_filled(load_it: Loader) -> None:
    load_it(Extract())
    Certificate.objects.using("owner").update(viewer_ids=[7])
    new = row("certificates", ESME, "C1", "KEY_AGREEMENT", "2017-01-01", "2027-01-01")
    load_it(delta(2, {"certificates": [new]}))
    found = Certificate.objects.using("owner").get()
    assert (found.key_usage, found.viewer_ids) == ("KEY_AGREEMENT", [7])


def test_a_delta_needs_something_to_change(refused: Callable[..., LoadRefused]) -> None:
    check_migrations()
    assert "needs a full extract" in str(refused(delta(1)))
