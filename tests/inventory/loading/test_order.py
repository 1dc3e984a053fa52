"""One package after another: the same again, out of order, two at once, and one that is killed."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from smi_portal.inventory.loading.errors import LoadRefused
from smi_portal.inventory.models import Device, ExtractLoad

from . import state
from .conftest import Loader
from .packages import ESME, Extract, device, small
from .processes import started, wait_for


def test_the_same_package_again_changes_nothing_and_says_so(load_it: Loader, tmp_path: Path) -> None:
    first = load_it(Extract())
    again = load_it(Extract().zip(tmp_path / "same.zip"))  # however it is wrapped
    assert (first.already_loaded, again.already_loaded) == (False, True)
    assert "already loaded" in again.as_text()
    assert ExtractLoad.objects.using("owner").count() == 1
    load_it(Extract(sequence=2, kind="delta"))
    assert load_it(Extract()).already_loaded
    assert ExtractLoad.objects.using("owner").order_by("-sequence").first().sequence == 2


def test_what_was_loaded_is_on_record(load_it: Loader) -> None:
    load_it(Extract(sequence=7, extract_id="seventh"))
    found = ExtractLoad.objects.using("owner").get()
    assert (found.extract_id, found.sequence, found.kind) == ("seventh", 7, "full")
    assert found.as_at.isoformat() == "2019-02-28T23:00:00+00:00"
    assert found.started_at <= found.finished_at
    assert found.report["rows"]["devices"] == {
        **{"rows": 4, "inserted": 4, "changed": 0, "unchanged": 0, "deleted": 0, "rejected": 0}
    }


def test_out_of_order_is_refused_with_the_reason(
    load_it: Loader, refused: Callable[..., LoadRefused]
) -> None:
    load_it(Extract(sequence=5))
    assert "sequence 4 does not come after 5" in str(refused(Extract(sequence=4)))
    changed = small()
    changed["devices"][0]["model"] = "NM-2"
    assert "with other content" in str(refused(Extract(changed, sequence=5)))
    assert "was already loaded, as sequence 5" in str(refused(Extract(sequence=6, extract_id="test-5")))
    assert state.loaded() == state.of(small())


def test_a_failure_at_the_end_leaves_the_old_state(
    load_it: Loader, refused: Callable[..., LoadRefused]
) -> None:
    load_it(Extract())

    class Broken(Exception):
        pass

    def rebuild(*_: object) -> None:
        raise Broken

    tables = small()
    tables["devices"].append(device("00-DB-00-00-00-00-00-E2", "ESME"))
    with pytest.raises(Broken):
        load_it(Extract(tables, sequence=2), rebuild=rebuild)
    assert state.loaded() == state.of(small())
    assert load_it(Extract(tables, sequence=2)).tables["devices"].inserted == 1


def test_two_at_once_queue(load_it: Loader, tmp_path: Path) -> None:
    first, second = Extract().write(tmp_path / "a"), Extract(sequence=2).write(tmp_path / "b")
    gate = tmp_path / "gate"
    with started("child", first, gate) as one:
        wait_for(one, "rebuilding")
        assert not ExtractLoad.objects.using("owner").exists()  # nothing shows before the commit
        with started("child", second, "") as two, started("child", first, "") as three:
            wait_for(two, "Waiting for another load")
            wait_for(three, "Waiting for another load")
            gate.touch()
            wait_for(one, "loaded")
            wait_for(two, "loaded")
            wait_for(three, "already loaded")
    assert list(
        ExtractLoad.objects.using("owner").values_list("sequence", flat=True).order_by("sequence")
    ) == [1, 2]


def test_killed_in_the_middle_leaves_the_old_state_and_no_lock(load_it: Loader, tmp_path: Path) -> None:
    load_it(Extract())
    tables = small()
    tables["devices"][1]["removal_reason"] = "Faulty"
    path = Extract(tables, sequence=2).write(tmp_path / "next")
    with started("child", path, tmp_path / "never") as process:
        wait_for(process, "rebuilding")
        process.send_signal(signal.SIGKILL)
    assert state.loaded() == state.of(small())
    begun = time.monotonic()
    assert load_it(path).tables["devices"].changed == 1
    assert time.monotonic() - begun < 20
    assert Device.objects.using("owner").get(device_id=ESME).removal_reason == "Faulty"
