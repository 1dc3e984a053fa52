"""Questions to put to a report: any viewer, day, history, release and inputs, allowed or not."""

from dataclasses import dataclass, field
from datetime import date
from random import Random
from typing import Any

from .inventory import Inventory
from .model import REPORTS, run
from .strategies import Extract
from .world import ORGANISATIONS


@dataclass(frozen=True)
class Question:
    """The arguments of `model.run`, as one value that prints well."""

    organisation: str
    report: str
    day: date | None = None
    history: bool = False
    inputs: dict[str, list[str]] = field(default_factory=dict)
    released: frozenset[str] = frozenset()
    implementation_date: date = date(2018, 11, 1)

    def answer(self, inventory: Inventory) -> list[dict[str, str]]:
        """The model's rows. Raises Refused."""
        return run(
            inventory,
            self.organisation,
            self.report,
            day=self.day,
            history=self.history,
            inputs=self.inputs,
            released=self.released,
            implementation_date=self.implementation_date,
        )


def random_question(rng: Random, extract: Extract, report: str | None = None) -> Question:
    """A question that is mostly allowed, about a day that the extract knows, with up to two inputs."""
    code = report or rng.choice(sorted(REPORTS))
    users = {
        row["organisation"]
        for row in extract.tables["organisations"]
        if row["is_user"] == "true" or row["kind"] in {"DCC", "SECAS"}
    }
    viewers = [name for name, kind in ORGANISATIONS.items() if kind in REPORTS[code].roles and name in users]
    if rng.random() < 0.05:
        viewers = list(ORGANISATIONS)
    known = [day for day in extract.calendar.days_asked() if day <= extract.as_at.date()]
    days = [None, *known[-1:], *known[-6:], *known]  # the later days have more to tell
    arguments: dict[str, Any] = {
        "organisation": rng.choice(viewers),
        "report": code,
        "day": rng.choice(days),
        "history": REPORTS[code].has_history and rng.random() < 0.5,
        "released": frozenset(name for name in ("supplier", "premises") if rng.random() < 0.5),
    }
    if code.startswith("BKF"):
        arguments["implementation_date"] = rng.choice([date(2018, 11, 1), extract.calendar.any_day(rng)])
    if rng.random() < 0.5:
        arguments["inputs"] = random_inputs(rng, extract.inventory(), Question(**arguments))
    return Question(**arguments)


def random_inputs(rng: Random, inventory: Inventory, question: Question) -> dict[str, list[str]]:
    """Up to two inputs, with values that DCC is shown that day, so that blanked ones are tried too."""
    report = REPORTS[question.report]
    ranges = [f"{column}_{end}" for column in report.ranges for end in ("from", "to")]
    names = [*report.choices, *ranges, *(f"{column}_min" for column in report.minima)]
    inputs: dict[str, list[str]] = {}
    for name in rng.sample(names, min(len(names), rng.randint(1, 2))):
        pool = _pool(inventory, question, name)
        few = rng.randint(1, 2) if name in report.choices else 1
        inputs[name] = [rng.choice(pool) for _ in range(few)]
    if rng.random() < 0.05:
        inputs[rng.choice(["Device_Status", "colour", "supplier_id", "uprn"])] = ["ZZZZ"]
    return inputs


def _pool(inventory: Inventory, question: Question, name: str) -> list[str]:
    """Values for an input: those that DCC is shown of its column, in any report, and an odd one."""
    if name.endswith("_min"):
        return ["0", "1", "3", "9"]
    is_range = name.endswith(("_from", "_to"))
    column = name.removesuffix("_from").removesuffix("_to")
    found: set[str] = set()
    for code in (question.report, "RSMI_001", "RSMI_002", "RSMI_003"):
        for row in run(inventory, "DCC", code, day=question.day):
            found |= set(row.get(column, "").split(";")) - {""}
    return [*sorted(found), "" if is_range else "nowhere"]
