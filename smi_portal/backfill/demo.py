"""The demo's programme in its fourth month: declarations, allowances and publications to go with the extract.

The extract plays the requests (smi_portal.inventory.demo.cast: an early finisher, one that bursts, one that lost
MAP IDs, one stalled, one late); this records what the parties said. Larkfield has not declared, so that someone
can; Willowbrook waits for its allowance, so that DCC has one to confirm.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from smi_portal.access.scope import Viewer, scope
from smi_portal.accounts.models import viewer_for
from smi_portal.backfill import figures, programme, records
from smi_portal.backfill.allowances import peak
from smi_portal.backfill.models import Allowance, DailyCapacity, Declaration, PanelDate
from smi_portal.backfill.panel.months import live
from smi_portal.backfill.panel.publish import publish
from smi_portal.backfill.reminders import last_day, months
from smi_portal.inventory.demo.cast import BACKFILLERS, PANEL_DAY
from smi_portal.inventory.models import ExtractLoad, Organisation

BY_DCC, BY_SECAS = "dcc@example.test", "secas@example.test"


@dataclass(frozen=True)
class Part:
    """When a User declared and DCC confirmed; `corrected`: the day and size of a later correction."""

    declared: date
    confirmed: date | None
    corrected: tuple[date, int] | None = None


PARTS = {
    "SUP-BRIGHTWATER": Part(date(2018, 11, 5), date(2018, 11, 9)),
    "SUP-HALCYONVALE": Part(date(2018, 11, 7), date(2018, 11, 13)),
    "SUP-FENMARSH": Part(date(2018, 11, 2), date(2018, 11, 8)),
    "SUP-COPPERGATE": Part(date(2018, 11, 8), date(2018, 11, 14)),
    "SUP-THISTLEDOWN": Part(date(2018, 12, 5), date(2018, 12, 12)),
    "SUP-OAKHOLLOW": Part(date(2018, 11, 6), date(2018, 11, 12)),
    "SUP-MERESIDE": Part(date(2018, 11, 6), date(2018, 11, 13), corrected=(date(2018, 11, 20), 3)),
    "SUP-GREYSTONES": Part(date(2018, 11, 8), date(2018, 11, 16)),
    "SUP-CURLEWDALE": Part(date(2018, 11, 7), date(2018, 11, 14)),
    "SUP-WILLOWBROOK": Part(date(2019, 2, 26), None),
}
OVER_ITS_ALLOWANCE = "SUP-HALCYONVALE"


def seed() -> list[str]:
    """Record the programme when the demo's extract is loaded and nothing is recorded yet. What was done, in lines."""
    load = ExtractLoad.current()
    dcc = Organisation.objects.filter(organisation="DCC").first()
    secas = Organisation.objects.filter(organisation="SECAS").first()
    seen = Declaration.objects.using("owner").exists() or PanelDate.objects.using("owner").exists()
    viewers = [viewer_for(one) if one else None for one in (dcc, secas)]
    if load is None or seen or not all(viewers) or programme.implementation() != date(2018, 11, 1):
        return []
    operator, administrator = (viewer for viewer in viewers if viewer)
    _set_dates()
    recorded = _record(operator, load.day)
    published = _publish(administrator, load)
    return [f"backfill: {recorded} Users declared, months published: {', '.join(published) or 'none'}"]


def _set_dates() -> None:
    PanelDate.objects.using("owner").create(
        panel_date=PANEL_DAY,
        decided_on=date(2018, 11, 9),
        made_by=BY_SECAS,
        note="Panel meeting 62 (invented).",
    )


def _record(viewer: Viewer, day: date) -> int:
    declarations: list[Declaration] = []
    allowances: list[Allowance] = []
    with scope(viewer):
        for user in records.users():
            part = PARTS.get(user.organisation)
            if part is not None and part.declared <= day:
                declarations += _declare(user, part)
                if part.confirmed is not None:
                    allowances.append(_allow(user, part, declarations[-1].declared, day))
    most, _ = peak(records.grants(allowances))
    DailyCapacity.objects.using("owner").create(
        per_day=most + max(most // 8, 5), set_on=date(2018, 11, 2), made_by=BY_DCC
    )
    Declaration.objects.using("owner").bulk_create(declarations)
    Allowance.objects.using("owner").bulk_create(allowances)
    return len({one.user_org_id for one in declarations})


def _declare(user: Organisation, part: Part) -> list[Declaration]:
    counted = figures.outstanding_on(user.pk, part.declared)
    person = f"backfill@{user.organisation.removeprefix('SUP-').lower()}.example"
    first = Declaration(
        user_org_id=user.pk,
        version=1,
        declared=counted,
        counted=counted,
        declared_on=part.declared,
        made_by=person,
    )
    if part.corrected is None or counted <= part.corrected[1]:
        return [first]
    on, fewer = part.corrected
    second = Declaration(
        user_org_id=user.pk,
        version=2,
        declared=counted - fewer,
        counted=figures.outstanding_on(user.pk, on),
        declared_on=on,
        reason=f"{fewer} meters were removed before the declaration and wait to be Decommissioned.",
        made_by=person,
    )
    return [first, second]


def _allow(user: Organisation, part: Part, declared: int, day: date) -> Allowance:
    """A quarter above the even pace; and enough for the busiest day, save for the User that is over."""
    cast, calendar = BACKFILLERS[user.organisation], programme.working_calendar()
    each = -(-declared * 5 // (4 * max(len(calendar.working(cast.first, min(cast.last, PANEL_DAY))), 1)))
    sent = [
        sum(answers.values())
        for answers in figures.outcomes(programme.implementation(), day, user.pk).values()
    ]
    if user.organisation != OVER_ITS_ALLOWANCE:
        each = max([each, *sent])
    confirmed = part.confirmed or part.declared
    return Allowance(
        user_org_id=user.pk,
        version=1,
        daily_allowance=max(each, 1),
        window_from=cast.first,
        window_to=PANEL_DAY,
        confirmed_on=confirmed,
        made_by=BY_DCC,
    )


def _publish(viewer: Viewer, load: ExtractLoad) -> list[str]:
    """All complete months but the last, which is left for someone to publish."""
    complete = [one for one in months(programme.implementation(), load.day) if last_day(one) <= load.day]
    done = []
    for first in complete[:-1]:
        with scope(viewer):
            month = live(viewer, first, load)
            if month is not None:
                done.append(publish(month, "", load.day, BY_SECAS).month)
    return done
