"""Where lines stand: the last event with a state. Every function runs inside the scope of the viewer concerned."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery

from smi_portal.access.readers import Role
from smi_portal.access.scope import Viewer
from smi_portal.data_issues.kinds import By, Cause, Holder, Kind, Route, State
from smi_portal.data_issues.models import EVENT, LINE, Event, Line, Submission

#: Lines as dictionaries, with columns that annotations add.
Rows = QuerySet[Any, dict[str, Any]]
#: Lines on one page.
PAGE = 100


@dataclass(frozen=True)
class Standing:
    """A line, where it stands, and what the viewer is to it."""

    line: dict[str, Any]
    state: State
    holder: Holder
    since: date
    part: By

    @property
    def cause(self) -> str:
        """The cause in words; a code of another release as it is."""
        known = self.line["cause"]
        return Cause(known).words if known in Cause.__members__ else known

    @property
    def route(self) -> Route:
        """Where the pre-check sent it."""
        return Route(self.line["route"])

    @property
    def with_whom(self) -> str:
        """Who has to act, as this viewer is told it."""
        if self.state.is_over:
            return "Nobody"
        if self.state is State.MENDED:
            return "The next extract"
        if self.holder.value == self.part.value:
            return "You"
        return {"RAISER": "Who raised it", "PARTY": "The supplier concerned", "DCC": "DCC"}.get(
            self.holder, "Nobody"
        )

    @property
    def with_whom_within(self) -> str:
        """`with_whom` within a sentence: "with the supplier concerned"."""
        words = "Whoever raised it" if self.with_whom == "Who raised it" else self.with_whom
        return words if words.isupper() else words[0].lower() + words[1:]


def lines(viewer: Viewer) -> Rows:
    """The lines that the viewer is shown, each with `state`, `holder`, `since`, and whether it raised it (`mine`)."""
    last = Event.objects.filter(line=OuterRef("pk"), state__isnull=False).order_by("-id")
    raised = Submission.objects.filter(pk=OuterRef("submission_id"), raiser_org_id=viewer.organisation_id)
    rows: Any = Line.objects.values(*LINE)
    found: Rows = rows.annotate(
        state=Subquery(last.values("state")[:1]),
        holder=Subquery(last.values("holder")[:1]),
        since=Subquery(last.values("on_day")[:1]),
        mine=Exists(raised),
    )
    return found


def standing(viewer: Viewer, row: dict[str, Any]) -> Standing:
    """A row of `lines` for people."""
    outside = By.RAISER if row["mine"] else By.PARTY
    part = By.DCC if viewer.role is Role.DCC else outside
    return Standing(row, State(row["state"]), Holder(row["holder"]), row["since"], part)


def find(viewer: Viewer, reference: str) -> Standing | None:
    """The line of that reference, if the viewer is shown it; else None, as for one that does not exist."""
    row = lines(viewer).filter(reference=reference).first()
    return standing(viewer, row) if row else None


def history(line_id: int) -> list[dict[str, Any]]:
    """A line's events that the viewer is shown, oldest first."""
    return list(Event.objects.filter(line=line_id).order_by("id").values(*EVENT))


def waiting(viewer: Viewer) -> Rows:
    """The lines that wait for the viewer itself."""
    open_lines = lines(viewer).filter(state=State.OPEN.value)
    if viewer.role is Role.DCC:
        return open_lines.filter(holder=Holder.DCC.value)
    own = Q(mine=True, holder=Holder.RAISER.value) | Q(mine=False, holder=Holder.PARTY.value)
    return open_lines.filter(own)


def sums(viewer: Viewer, submission_id: int) -> list[tuple[str, int]]:
    """How many lines of a submission stand where."""
    found = lines(viewer).filter(submission_id=submission_id).values_list("state", "holder")
    counted = Counter(_place(State(state), Holder(holder)) for state, holder in found)
    return sorted(counted.items(), key=lambda item: -item[1])


def _place(state: State, holder: Holder) -> str:
    if state is not State.OPEN:
        return state.words
    return {
        "RAISER": "Open, for you to mend",
        "PARTY": "Open, with the supplier concerned",
        "DCC": "Open, with DCC",
    }.get(holder.value, "Open")


def raised_already(devices: list[str], organisation: int) -> dict[tuple[str, str], str]:
    """(device, cause) of lines that this organisation has raised and that are not over, with their references."""
    last = Event.objects.filter(line=OuterRef("pk"), state__isnull=False).order_by("-id")
    mine = Submission.objects.filter(raiser_org_id=organisation)
    found = (
        Line.objects.filter(device_id__in=devices, submission__in=mine)
        .annotate(state=Subquery(last.values("state")[:1]))
        .filter(state__in=[State.OPEN.value, State.MENDED.value])
    )
    return {
        (device, cause): told for device, cause, told in found.values_list("device_id", "cause", "reference")
    }


def actions(one: Standing) -> list[Kind]:
    """What the viewer may do with the line now, what carries it on before what ends it without being mended."""
    found: list[Kind] = []
    holds = one.state is State.OPEN and one.holder.value == one.part.value
    if holds or (one.part is By.DCC and one.state is State.OPEN):
        found.append(Kind.MENDED)
    if holds and one.part is not By.DCC:
        found.append(Kind.PASSED)
    if one.part is By.DCC and one.state is State.OPEN:
        found.append(Kind.SENT_BACK)
    if one.part is By.RAISER and one.state is State.MENDED:
        found.append(Kind.CONFIRMED)
    found.append(Kind.COMMENT)
    if one.part is By.DCC and one.state is State.OPEN:
        found.append(Kind.CLOSED)
    if one.part is By.RAISER and not one.state.is_over:
        found.append(Kind.WITHDRAWN)
    return found


def after(one: Standing, kind: Kind) -> tuple[State | None, Holder | None]:
    """The state and holder to which an action leads."""
    return {
        # The holder stays: it is who gets the line back when the extract disagrees.
        Kind.MENDED: (State.MENDED, one.holder),
        Kind.PASSED: (State.OPEN, Holder.DCC),
        Kind.SENT_BACK: (State.OPEN, Holder.RAISER),
        Kind.CONFIRMED: (State.CLOSED, Holder.NOBODY),
        Kind.CLOSED: (State.CLOSED, Holder.NOBODY),
        Kind.WITHDRAWN: (State.WITHDRAWN, Holder.NOBODY),
    }.get(kind, (None, None))


def add_event(
    viewer: Viewer, person: str, one: Standing, kind: Kind, words: str, day: date, sequence: int
) -> Event:
    """Store what the viewer did. Others concerned see it once the post has been round (DCC at once)."""
    seen_by = [viewer.organisation_id]
    if viewer.role is Role.DCC:
        seen_by = Line.objects.values_list("viewer_ids", flat=True).get(pk=one.line["id"])
    state, holder = after(one, kind)
    return Event.objects.create(
        line_id=one.line["id"],
        kind=kind.value,
        state=state.value if state else None,
        holder=holder.value if holder else None,
        by=one.part.value,
        words=words,
        on_day=day,
        sequence=sequence,
        made_by=person,
        viewer_ids=seen_by,
    )


def submissions(viewer: Viewer) -> list[dict[str, Any]]:
    """The viewer's submissions, newest first, each with how many of its lines are not over."""
    rows = list(
        Submission.objects.order_by("-id").values("id", "reference", "note", "lines", "raised_on", "source")[
            :200
        ]
    )
    open_now: dict[int, int] = dict(
        lines(viewer)
        .filter(
            submission_id__in=[row["id"] for row in rows], state__in=[State.OPEN.value, State.MENDED.value]
        )
        .order_by()
        .values_list("submission_id")
        .annotate(n=Count("id"))
    )
    return [row | {"open": open_now.get(row["id"], 0)} for row in rows]


def shown(viewer: Viewer, rows: Iterable[dict[str, Any]]) -> Sequence[Standing]:
    """Rows of `lines` for people."""
    return [standing(viewer, row) for row in rows]
