"""The checklist of ASVS 5.0.0 is whole: each requirement of levels 1 and 2 once, with its level; and what it points at
is there. Two of its claims that no other test shows are shown here.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from tests.access.test_entry import ADDRESSES
from tests.support.people import signed_in

PAGE = Path(settings.BASE_DIR) / "docs" / "asvs.md"
#: Section → how many requirements of levels 1 and 2 it has. They are its first ones, without a gap.
SECTIONS = {
    **{"1.1": 2, "1.2": 9, "1.3": 11, "1.4": 3, "1.5": 2, "2.1": 3, "2.2": 3, "2.3": 4, "2.4": 1},
    **{"3.2": 2, "3.3": 4, "3.4": 6, "3.5": 5, "3.7": 2, "4.1": 3, "4.2": 1, "4.3": 2, "4.4": 4},
    **{"5.1": 1, "5.2": 3, "5.3": 2, "5.4": 3, "6.1": 3, "6.2": 12, "6.3": 4, "6.4": 4, "6.5": 5, "6.6": 3},
    **{"6.8": 4, "7.1": 3, "7.2": 4, "7.3": 2, "7.4": 5, "7.5": 2, "7.6": 2, "8.1": 2, "8.2": 3, "8.3": 1},
    **{"8.4": 1, "9.1": 3, "9.2": 4, "10.1": 2, "10.2": 2, "10.3": 4, "10.4": 11, "10.5": 5, "10.6": 2},
    **{"10.7": 3, "11.1": 2, "11.2": 3, "11.3": 3, "11.4": 4, "11.5": 1, "11.6": 1, "12.1": 3, "12.2": 2},
    **{"12.3": 4, "13.1": 1, "13.2": 5, "13.3": 2, "13.4": 5, "14.1": 2, "14.2": 4, "14.3": 3, "15.1": 3},
    **{"15.2": 3, "15.3": 7, "16.1": 1, "16.2": 5, "16.3": 4, "16.4": 3, "16.5": 3, "17.1": 1, "17.2": 4},
    "17.3": 2,
}
#: Section → how many of them are of level 1. They are its first ones too, save in these.
LEVEL_1 = {
    **{"1.2": 5, "1.3": 2, "1.5": 1, "2.1": 1, "2.2": 2, "2.3": 1, "3.2": 2, "3.3": 1, "3.4": 2, "3.5": 3},
    **{"4.1": 1, "4.4": 1, "5.2": 2, "5.3": 2, "6.1": 1, "6.2": 8, "6.3": 2, "6.4": 2, "7.2": 4, "7.4": 2},
    **{"8.1": 1, "8.2": 2, "8.3": 1, "9.1": 3, "9.2": 1, "10.4": 5, "11.3": 2, "11.4": 1, "12.1": 1},
    **{"12.2": 2, "13.4": 1, "14.2": 1, "14.3": 1, "15.1": 1, "15.2": 1, "15.3": 1},
}
STATUSES = ("met", "partly", "not met", "n/a")
#: One line of a table: ID, level, what is asked for, status, where.
LINE = re.compile(r"\| (\d+\.\d+\.\d+) \| ([12]) \| ([^|]{8,}) \| ([^|]+) \| ([^|]{4,}) \|")


def lines() -> list[tuple[str, ...]]:
    """Every line of the checklist."""
    rows = [line for line in PAGE.read_text().splitlines() if re.match(r"\|\s*\d", line)]
    found = [LINE.fullmatch(row) for row in rows]
    assert None not in found, [row for row, match in zip(rows, found, strict=True) if match is None]
    return [match.groups() for match in found if match]


def test_each_requirement_is_there_once_with_its_level() -> None:
    wanted = {
        f"{section}.{number}": "1" if number <= LEVEL_1.get(section, 0) else "2"
        for section, most in SECTIONS.items()
        for number in range(1, most + 1)
    }
    assert (len(wanted), sum(level == "1" for level in wanted.values())) == (253, 70)
    assert [name for name, count in Counter(line[0] for line in lines()).items() if count > 1] == []
    assert {line[0]: line[1] for line in lines()} == wanted


def test_each_has_a_status_and_the_sums_are_right() -> None:
    counted = Counter(line[3] for line in lines())
    assert set(counted) == set(STATUSES)
    said = f"{counted['met']} met, {counted['partly']} partly, {counted['not met']} not met, {counted['n/a']} n/a"
    assert said in PAGE.read_text()


def test_what_it_points_at_is_there() -> None:
    root = Path(settings.BASE_DIR)
    for name, _, _, _, where in lines():
        for place in re.findall(r"`([\w./-]+/[\w./-]*|[\w-]+\.(?:lock|json))`", where):
            found = [(root / top / place).exists() for top in ("", "smi_portal", "reports", "tests/access")]
            assert any(found), (name, place)


@pytest.mark.django_db
def test_every_answer_says_its_type_and_its_charset() -> None:
    """4.1.1: texts and XML name their charset; JSON is UTF-8 by its own standard."""
    clients = [signed_in(organisation) for organisation in ("M1", "S1", "DCC", "SECAS")]
    kinds = set()
    for address, _ in ADDRESSES:
        if address == "/sign-out/":
            continue
        for client in clients:
            kind = client.get(address).headers.get("Content-Type", "")
            kinds.add(kind.partition(";")[0])
            text = kind.startswith("text/") or "xml" in kind.partition(";")[0].rpartition("/")[2]
            if text and "openxml" not in kind:
                assert "charset=utf-8" in kind.lower(), (address, kind)
    assert {"text/html", "text/csv", "application/json"} <= kinds


@pytest.mark.django_db
def test_trace_is_answered_nowhere() -> None:
    """13.4.4: no address gives back what it was sent."""
    for client in (Client(), signed_in("M1")):
        for address, _ in ADDRESSES:
            answer = client.trace(address, headers={"x-mine": "given-back"})
            assert answer.status_code < 500, address
            assert "message/http" not in answer.headers.get("Content-Type", ""), address
            assert b"given-back" not in answer.content
