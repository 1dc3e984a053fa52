"""Recording as each party does: through its own scope."""

from __future__ import annotations

from datetime import date
from typing import Any

from smi_portal.access.scope import scope
from smi_portal.backfill.models import Allowance, DailyCapacity, Declaration, PanelDate

from .conftest import D, viewer

PANEL = date(2019, 4, 30)


def declare(user: str, figure: int, on: date = D, version: int = 1, **more: Any) -> None:
    who = viewer(user)
    with scope(who):
        Declaration.objects.create(
            user_org_id=who.organisation_id,
            version=version,
            declared=figure,
            counted=9,
            declared_on=on,
            made_by="x",
            **more,
        )


def allow(user: str, each: int, first: date, last: date, on: date = D, version: int = 1) -> None:
    user_id = viewer(user).organisation_id
    with scope(viewer("DCC")):
        Allowance.objects.create(
            user_org_id=user_id, version=version, daily_allowance=each, window_from=first,
            window_to=last, confirmed_on=on, made_by="x",
        )  # fmt: skip


def capacity(each: int, on: date = D) -> None:
    with scope(viewer("DCC")):
        DailyCapacity.objects.create(per_day=each, set_on=on, made_by="x")


def panel(day: date = PANEL, on: date = D) -> None:
    with scope(viewer("SECAS")):
        PanelDate.objects.create(panel_date=day, decided_on=on, made_by="x")
