"""Steps of other apps after a load: they see what is in, and go with it or undo it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.management import call_command

from smi_portal.inventory.loading import after
from smi_portal.inventory.models import ExtractLoad, Organisation

from .conftest import Loader
from .packages import Extract

Seen = list[tuple[int, bool, int]]


@pytest.fixture
def seen() -> Iterator[Seen]:
    """What a registered step has seen: sequence, whether it was a rebuild, rows of a table of the load."""
    found: Seen = []

    def step(loaded: after.Loaded) -> None:
        loaded.cursor.execute("SELECT count(*) FROM inventory_organisation")
        found.append((loaded.load.sequence, loaded.again, loaded.cursor.fetchone()[0]))

    before = dict(after._steps)
    after._steps.clear()
    after.register("look", step)
    yield found
    after._steps.clear()
    after._steps.update(before)


def test_a_step_runs_once_a_load_and_sees_its_rows(load_it: Loader, seen: Seen) -> None:
    extract = Extract()
    load_it(extract)
    ((sequence, again, rows),) = seen
    assert (sequence, again) == (ExtractLoad.objects.using("owner").get().sequence, False)
    assert rows == Organisation.objects.using("owner").count() > 0


def test_a_package_that_is_loaded_already_runs_no_step(load_it: Loader, seen: Seen) -> None:
    load_it(Extract())
    assert load_it(Extract()).already_loaded
    assert len(seen) == 1


def test_a_step_that_fails_undoes_the_load(load_it: Loader, seen: Seen) -> None:
    def fail(loaded: after.Loaded) -> None:
        raise RuntimeError("no")

    after.register("fail", fail)
    with pytest.raises(RuntimeError, match="no"):
        load_it(Extract())
    assert not ExtractLoad.objects.using("owner").exists()
    assert len(seen) == 1  # its own writes would be gone too: one transaction


def test_periods_that_are_cut_again_run_the_steps_again(load_it: Loader, seen: Seen) -> None:
    load_it(Extract())
    call_command("rebuild_periods")
    assert [again for _, again, _ in seen] == [False, True]
