"""Soft findings: what looks odd in the rows that were loaded, counted, with examples.

They look at the package's own rows against the resulting state, so run after `apply`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Any, Final

from smi_portal.inventory import mdd
from smi_portal.inventory.hands import Hands
from smi_portal.inventory.loading.expressions import STORED_DEVICE_ID, is_mpan, is_mprn, text
from smi_portal.inventory.loading.report import Example, Finding
from smi_portal.inventory.loading.rules import FREE_TEXT, KNOWN_VALUES, LENIENT_DEVICE_IDS
from smi_portal.inventory.loading.session import Session

EXAMPLES: Final = 20
#: Code points that begin a formula in a spreadsheet: tab, carriage return, + - = @.
FORMULA_STARTS: Final = "(9, 13, 43, 45, 61, 64)"


@dataclass(frozen=True)
class Rule:
    """A condition on rows `n` of `new_<table>` that makes a finding."""

    kind: str
    table: str
    column: str
    meaning: str
    condition: str
    private: bool = True


#: The day on which an assignment is looked at: the extract day, or its last day when it has ended.
MAP_DAY: Final = "greatest(n.effective_from, least(date {day}, n.effective_to - 1))"


def rules(day: date) -> list[Rule]:
    """Every rule. `day`: the extract day, on which what is still in force is looked at."""
    return [
        *_check_digits(),
        *_mdd("map_assignments", MAP_DAY.format(day=text(day.isoformat()))),
        *_mdd("service_requests", "(n.received_at AT TIME ZONE 'UTC')::date"),
        *_fuel(),
        *_dangling(),
        *(
            Rule(
                "unknown_value", table, column, "a value that the field's documents do not name",
                f"n.{column} NOT IN ({', '.join(map(text, known))})", private=False,
            )
            for (table, column), known in KNOWN_VALUES.items()
        ),
        *(
            Rule(
                "formula_like", table, column, "text that a spreadsheet would take for a formula",
                f"ascii(n.{column}) IN {FORMULA_STARTS}",
            )
            for table, columns in FREE_TEXT.items()
            for column in columns
        ),
    ]  # fmt: skip


def _check_digits() -> list[Rule]:
    meaning, mpan, mprn = "the check digit is wrong", is_mpan("n.mpxn"), is_mprn("n.mpxn")
    device = "EXISTS (SELECT FROM inventory_device d WHERE d.device_id = n.device_id AND d.device_type = {})"
    gas, electricity = device.format("'GSME'"), device.format("'ESME'")
    # As RSMI_006 has it: exports and secondary imports are electricity, an import is of its meter's fuel.
    associated = (
        f"NOT CASE WHEN {mpan} THEN n.kind <> 'IMPORT' OR NOT {gas} OR {mprn}"
        f" WHEN {mprn} THEN n.kind = 'IMPORT' AND NOT {electricity} ELSE false END"
    )
    return [
        Rule("check_digit", "device_mpxns", "mpxn", meaning, associated),
        Rule("check_digit", "registrations", "mpxn", meaning, f"NOT ({mpan} OR {mprn})"),
    ]


def _mdd(table: str, day: str) -> list[Rule]:
    conditions = {
        "map_unknown": mdd.unknown("n.map_id"),
        "map_ended": mdd.ended("n.map_id", day, by_row=True),
        "map_not_begun": mdd.not_begun("n.map_id", day, by_row=True),
    }
    return [
        Rule(kind, table, "map_id", mdd.MEANINGS[kind], condition, False)
        for kind, condition in conditions.items()
    ]


def _fuel() -> list[Rule]:
    device = "EXISTS (SELECT FROM inventory_device d WHERE d.device_id = n.device_id AND d.device_type = {})"
    rules = []
    for kind, meter, other in (
        ("gas_map_electricity", "GSME", "electricity"),
        ("electricity_map_gas", "ESME", "gas"),
    ):
        condition = f"{mdd.wrong_fuel('n.map_id', meter)} AND {device.format(text(meter))}"
        meaning = f"MDD knows the MAP ID of this {meter} for {other} only"
        rules.append(Rule(kind, "map_assignments", "map_id", meaning, condition))
    return rules


def _dangling() -> list[Rule]:
    supplier = (
        "EXISTS (SELECT FROM inventory_participant p WHERE p.role = 'SUPPLIER' AND p.mpid = n.supplier_mpid)"
    )
    associated = "EXISTS (SELECT FROM inventory_devicempxn m WHERE m.mpxn = n.mpxn)"
    device = "EXISTS (SELECT FROM inventory_device d WHERE d.device_id = n.device_id)"
    rules = [
        Rule("mpxn_without_device", "registrations", "mpxn", "no device has this MPxN", f"NOT {associated}"),
        Rule(
            "supplier_unknown",
            "registrations",
            "supplier_mpid",
            "the supplier's MPID is not in MDD",
            f"NOT {supplier}",
            False,
        ),
        Rule(
            "device_unknown",
            "service_requests",
            "device_id",
            "no such device is in the inventory",
            f"NOT {device}",
        ),
    ]
    for table, column in sorted(LENIENT_DEVICE_IDS):
        malformed = f"n.{column} !~ {text(STORED_DEVICE_ID)}"
        rules.append(Rule("device_malformed", table, column, "not a Device ID; kept as given", malformed))
    return rules


def find(session: Session, day: date, hands: Hands) -> list[Finding]:
    """Count every rule over the package's rows, and give the first examples of those that hold anywhere."""
    session.progress("looking for soft findings")
    everything = rules(day)
    found: dict[str, list[Finding]] = {name: [] for name in session.staged}

    def one(name: str, cursor: Any) -> None:
        if mine := [rule for rule in everything if rule.table == name]:
            session.about(name, "soft findings")
            found[name] = _find_in(replace(session, cursor=cursor), name, mine)

    largest = sorted(session.staged, key=lambda name: -session.staged[name].rows)
    hands.share(partial(one, name) for name in largest)
    return [finding for name in session.staged for finding in found[name]]


def _find_in(session: Session, name: str, rules: list[Rule]) -> list[Finding]:
    """Set aside the rows that any rule holds for; nearly always they are few.

    A scan for each rule: PostgreSQL joins what one condition asks of other tables, but asks it of every row where
    conditions stand together.
    """
    each = " UNION ALL ".join(
        f"SELECT {number} AS rule, n.row_no, left(n.{rule.column}, 100) AS value"
        f" FROM new_{name} n WHERE {rule.condition}"
        for number, rule in enumerate(rules)
    )
    session.execute(f"CREATE TEMP TABLE odd_{name} ON COMMIT DROP AS {each}")
    counts = dict(session.rows(f"SELECT o.rule, count(*) FROM odd_{name} o GROUP BY o.rule"))
    lines = session.staged[name].lines
    found = []
    for number, rule in enumerate(rules):
        if number not in counts:
            continue
        rows = session.rows(
            f"SELECT o.row_no, o.value FROM odd_{name} o WHERE o.rule = {number} ORDER BY o.row_no LIMIT {EXAMPLES}"
        )
        examples = tuple(Example(lines.line(row), str(value)) for row, value in rows)
        found.append(
            Finding(rule.kind, name, rule.column, counts[number], rule.meaning, rule.private, examples)
        )
    session.execute(f"DROP TABLE odd_{name}")
    return found
