"""Data quality: what is found is what each condition says over one's own assets, and each load counts the same."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.db import DatabaseError, transaction
from django.test import Client
from pytest_django import DjangoDbBlocker

from reports.engine.options import options_for
from smi_portal.access.scope import Viewer, scope
from smi_portal.inventory.identifiers import mpan_check_digit
from smi_portal.inventory.models import ExtractLoad, FindingCount
from smi_portal.inventory.quality.rules import RULES, rules_for
from smi_portal.quality.trend import trend
from tests.oracle.home import Home
from tests.support.asking import ask_of, table, viewer_of
from tests.support.loads import forget, load_tables
from tests.support.people import make_people, signed_in

WHO = ("M1", "M2", "S1", "S2", "DCC")


def device(number: int) -> str:
    return f"00-DB-00-00-00-00-00-{number:02X}"


def mpan(number: int) -> str:
    body = f"1{number:011d}"
    return body + mpan_check_digit(body)


def wrong(number: int) -> str:
    sound = mpan(number)
    return sound[:-1] + str((int(sound[-1]) + 1) % 10)


#: Number → finding, and what makes it. Every device is S1's; those with M1's MAP ID are M1's.
MADE = {
    1: "CHECK_DIGIT", 2: "UNREGISTERED", 3: "MAP_BLANK", 4: "MAP_UNKNOWN", 5: "DUPLICATE", 6: "DUPLICATE",
    7: "FUEL", 8: "MAP_ENDED", 9: "MAP_NOT_BEGUN", 10: "NO_CPL", 11: "STALE_PENDING", 12: "E080413",
    13: "E080414", 14: "", 15: "", 16: "", 20: "EMPTY_HUB",
}  # fmt: skip
UNSEEN_BY_MAP = {3, 4, 8, 9, 20}  # no MAP ID, or none that is M1's on the day
#: Number → MAP ID, where it is not MAPA.
MAPS = {3: None, 4: "NONE", 8: "MAPE", 9: "MAPL", 11: "MAPA"}
GAS = {7: "123409", 15: "1234567810"}
#: S2's and M2's meter: a finding that nobody else may know of.
THEIRS = 21


def world(mended: bool = False) -> Home:
    """The inventory. `mended`: as the next load has it, with device 1 put right."""
    home = Home(extract_day=21 if mended else 20)
    home.mdd("MAPE", "MAP", "M1", end=-10)
    home.mdd("MAPL", "MAP", "M1", start=40)
    home.mdd("MAPG", "MAP", "M1", fuel="G")
    for kind, variant in (("ESME", "A"), ("GSME", ""), ("CHF", "")):
        home.add(
            "cpl", device_type=kind, esme_variant_class=variant, manufacturer="Fenland", model="F1",
            firmware_version="1", smets_chts_version=None, cpl_status="Active", firmware_status="Active",
            effective_from="2017-01-01", effective_to=None,
        )  # fmt: skip
    for number in MADE:
        _device(home, number, mended)
    home.device(device(THEIRS), manufacturer="Fenland", model="F1", esme_variant="A", pre_notified_by="S2")
    home.status(device(THEIRS), "Commissioned")
    home.firmware(device(THEIRS), "1")
    home.mpxn(device(THEIRS), wrong(THEIRS))
    home.supplier(wrong(THEIRS), "SUPZ")
    home.map(device(THEIRS), "MAPZ")
    return home


def _device(home: Home, number: int, mended: bool) -> None:
    kind = "CHF" if number == 20 else "GSME" if number in GAS else "ESME"
    model = "F2" if number == 10 else "F1"
    variant = "A" if kind == "ESME" else None
    home.device(
        device(number), kind, manufacturer="Fenland", model=model, esme_variant=variant, pre_notified_by="S1"
    )
    statuses = {11: "Pending", 13: "Suspended", 14: "Pending"}
    home.status(device(number), statuses.get(number, "Commissioned"), -60 if number == 14 else -90)
    home.firmware(device(number), "1")
    if kind == "CHF":
        return
    if number not in {11, 14}:
        mpxn = GAS.get(number) or mpan(5 if number == 6 else number)
        mpxn = wrong(number) if number == 1 and not mended else mpxn
        home.mpxn(device(number), mpxn)
        if number not in {2, 6}:
            home.supplier(mpxn, "SUPA")
    if number == 12:
        home.mpxn(device(number), mpan(99), kind="SECONDARY_IMPORT")
        home.supplier(mpan(99), "SUPA")
    if (map_id := MAPS.get(number, "MAPG" if number == 15 else "MAPA")) is not None:
        home.map(device(number), map_id)


@pytest.fixture(scope="module", autouse=True)
def two_loads(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """The world, and a day later the world mended; the second load rebuilds only what it touches."""
    directory = tmp_path_factory.mktemp("quality")
    with django_db_blocker.unblock():
        forget()
        for mended in (False, True):
            home = world(mended)
            load_tables(directory, home.tables, home.as_at, incremental=mended)
        make_people()
    yield
    with django_db_blocker.unblock():
        forget()


pytestmark = pytest.mark.django_db


def viewer(organisation: str) -> Viewer:
    found = viewer_of(organisation)
    assert found is not None
    return found


def listed(organisation: str, day: str = "") -> dict[str, set[int]]:
    """Finding → numbers of the devices that DQ_001 lists."""
    header, *rows = table(viewer(organisation), "DQ_001", as_at=day)
    place, code = header.index("device_id"), header.index("finding")
    found: dict[str, set[int]] = defaultdict(set)
    for row in rows:
        found[row[code]].add(int(row[place][-2:], 16))
    return dict(found)


def expected(organisation: str, mended: bool) -> dict[str, set[int]]:
    """The same, as it was made."""
    found: dict[str, set[int]] = defaultdict(set)
    for number, code in MADE.items():
        seen = organisation in {"S1", "DCC"} or (organisation == "M1" and number not in UNSEEN_BY_MAP)
        if code and seen and not (mended and number == 1):
            found[code].add(number)
    if organisation in {"S2", "M2", "DCC"}:
        found["CHECK_DIGIT"].add(THEIRS)
    return dict(found)


@pytest.mark.parametrize("organisation", WHO)
def test_each_condition_finds_just_what_breaks_it_among_ones_own(organisation: str) -> None:
    assert listed(organisation, "2018-11-20") == expected(organisation, mended=True)
    assert listed(organisation) == expected(organisation, mended=True)


@pytest.mark.parametrize("organisation", WHO)
def test_a_chosen_finding_is_the_same_rows_looked_for_alone(organisation: str) -> None:
    """And what the filter offers stays what all of the viewer's rows hold, whatever is chosen."""
    who = viewer(organisation)
    header, *rows = table(who, "DQ_001")
    place = header.index("finding")
    codes = sorted({row[place] for row in rows})
    for code in [*codes, "NOSUCH"]:
        assert table(who, "DQ_001", finding=code)[1:] == [row for row in rows if row[place] == code]
        cache.clear()
        with scope(who):
            assert sorted(options_for(ask_of(who, "DQ_001", finding=code))["finding"]) == codes


def test_every_condition_is_made_here_and_told_whole() -> None:
    assert {rule.code for rule in RULES} == set(MADE.values()) - {""}
    for rule in RULES:
        assert all(text.strip().endswith(".") for text in (rule.meaning, rule.mend)), rule.code


def test_a_pending_device_becomes_stale_on_its_day() -> None:
    """Device 14 has been Pending since day -60: 90 days later is 30 November, after the extract; 11 since -90."""
    assert listed("DCC", "2018-10-30").get("STALE_PENDING") is None
    assert listed("DCC", "2018-10-31")["STALE_PENDING"] == {11}


@pytest.mark.parametrize("organisation", WHO)
def test_each_load_counted_what_was_to_be_listed_then(organisation: str) -> None:
    who = viewer(organisation)
    with scope(who):
        first, second = trend(who)
    assert [one.sequence for one in (first, second)] == [1, 2]
    for counted, mended in ((first, False), (second, True)):
        want = {code: len(devices) for code, devices in expected(organisation, mended).items()}
        assert dict(counted.findings) == want
    header, *rows = table(who, "DQ_001")
    assert dict(second.findings) == Counter(row[header.index("finding")] for row in rows)


def test_the_page_tells_counts_changes_and_what_to_do() -> None:
    page = signed_in("S1").get("/quality/").content.decode()
    codes = re.findall(
        r'quiet mono">(\w+)</span>.*?--numeric">([\d,]+)<.*?--numeric">([^<]+)<', page, re.DOTALL
    )
    numbers = {code: (number, change) for code, number, change in codes}
    assert set(numbers) == {rule.code for rule in rules_for(viewer("S1").role)}
    assert numbers["CHECK_DIGIT"] == ("0", "−1")
    assert numbers["DUPLICATE"] == ("2", "0")
    assert 'href="/reports/DQ_001/?finding=DUPLICATE"' in page
    assert page.count('class="chart"') == 1
    assert "2 (2018-11-21)" in page
    answer = signed_in("S1").get("/reports/DQ_001/?finding=DUPLICATE")
    assert device(5) in answer.content.decode()


def test_before_a_load_that_counts_the_list_itself_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """A load of before this release left no counts: the page says so, with the same figures."""
    counted = signed_in("S2").get("/quality/").content.decode()
    assert "<strong>1</strong> finding about" in counted
    monkeypatch.setattr("smi_portal.quality.views.trend", lambda viewer: [])
    page = signed_in("S2").get("/quality/").content.decode()
    assert "<strong>1</strong> finding about" in page
    assert "was not counted when it was loaded" in page


def refused(act: object) -> bool:
    try:
        with transaction.atomic():
            act()  # type: ignore[operator]
    except DatabaseError as error:
        return "permission denied" in str(error) or "row-level security" in str(error)
    return False


def test_the_database_keeps_each_partys_counts_to_itself() -> None:
    own = {name: viewer(name) for name in WHO}
    for name, who in own.items():
        with scope(who):
            seen = set(FindingCount.objects.values_list("organisation_ref", flat=True))
            assert seen == {who.organisation_id} if name != "DCC" else None in seen
            assert refused(lambda who=who: FindingCount.objects.create(
                sequence=9, day="2018-11-20", organisation_ref=who.organisation_id, finding="X", findings=1
            ))  # fmt: skip
            assert refused(lambda: FindingCount.objects.update(findings=0))
            assert refused(lambda: FindingCount.objects.all()._raw_delete("default"))
    with scope(viewer("SECAS")):
        assert refused(lambda: FindingCount.objects.count())
    assert refused(lambda: FindingCount.objects.count())


def test_secas_and_strangers_are_kept_out() -> None:
    assert signed_in("SECAS").get("/quality/").status_code == 403
    assert Client().get("/quality/").status_code == 302


def test_a_load_forgotten_takes_its_counts_with_it(django_db_blocker: DjangoDbBlocker) -> None:
    assert ExtractLoad.objects.count() == 2
    assert {one.sequence for one in _trend("DCC")} == {1, 2}


def _trend(organisation: str) -> list[object]:
    who = viewer(organisation)
    with scope(who):
        return list(trend(who))
