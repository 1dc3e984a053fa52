"""From what someone typed or uploaded to lines that are pre-checked, routed and recorded."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db import IntegrityError, transaction
from django.utils.crypto import salted_hmac

from smi_portal.access.readers import Role
from smi_portal.access.scope import Viewer, scope
from smi_portal.data_issues.kinds import By, Cause, Holder, Kind, Route, State
from smi_portal.data_issues.models import Event, Line, Submission
from smi_portal.data_issues.routing import Routed, Seen, route
from smi_portal.data_issues.standing import raised_already
from smi_portal.inventory.identifiers import normalise_device_id
from smi_portal.preflight.facts import Facts
from smi_portal.preflight.gather import BATCH, gather
from smi_portal.preflight.readers import table
from smi_portal.preflight.readers.limits import Limits
from smi_portal.preflight.requests import UPDATE, Change, Place, Request, Verdict, malformed
from smi_portal.preflight.rules import judge

#: One submission: 10,000 lines.
LIMITS = Limits(file=5 * 1024 * 1024, requests=10_000)
EXTRA = {"cause": "cause", "words": "words", "note": "words", "comment": "words"}
#: Columns of an intended change: what a line says should be there.
CHANGES = tuple(
    name
    for name in table.HELP
    if name not in {"device_id", "service_reference_variant", "request_id", "device_type", "gpf_device_id"}
)
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


@dataclass(frozen=True)
class Draft:
    """A line before it is recorded. `wrong`: why it cannot be read."""

    place: Place
    device_id: str
    cause: Cause
    words: str
    change: Mapping[str, str] = field(default_factory=dict)
    request: Request | None = None
    wrong: Verdict | None = None


@dataclass(frozen=True)
class Checked:
    """A draft and where it would go."""

    draft: Draft
    routed: Routed


class ReferenceTaken(Exception):
    """There is a submission of that reference already."""


def new_reference(length: int = 10) -> str:
    """A reference that nobody can guess, without letters that look alike."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))


def reference_of(organisation_id: int, token: str) -> str:
    """The reference of what an organisation raises with the form of this token: the same for a second click.

    Nobody can choose it, so nobody can try whether another organisation's is taken.
    """
    digest = salted_hmac("smi.data-issues", f"{organisation_id}:{token}", algorithm="sha256").digest()
    return "".join(_ALPHABET[byte % len(_ALPHABET)] for byte in digest[:10])


def read_drafts(content: bytes, name: str, defaults: Mapping[str, str]) -> list[Draft]:
    """The lines of a CSV, or of a plain list of Device IDs. `defaults` fill cells that a line leaves empty.

    Raises FileRefused when it cannot be read as a whole.
    """
    head = content.lstrip(b"\xef\xbb\xbf\r\n ").split(b"\n", 1)[0].decode("utf-8", "replace")
    if normalise_device_id(re.split(r"[,;\t]", head, maxsplit=1)[0]):
        content = b"device_id\n" + content.removeprefix(b"\xef\xbb\xbf")
    return [
        _draft(place, {**defaults, **{key: value for key, value in cells.items() if value}}, surplus)
        for place, cells, surplus in table.lines(content, Place(name), LIMITS, EXTRA)
    ]


def _draft(place: Place, cells: Mapping[str, str], surplus: bool) -> Draft:
    change = {name: cells[name] for name in CHANGES if cells.get(name)}
    given = cells.get("device_id", "")
    device_id = normalise_device_id(given) or given[:60]
    named = cells.get("cause", "").strip().upper().replace(" ", "_")
    words = cells.get("words", "")[:2_000]
    request: Request | Verdict = table.request_of({"device_id": given, **change}, place, surplus)
    cause = Cause(named) if named in Cause.__members__ else Cause.OTHER
    if isinstance(request, Verdict):
        return Draft(place, device_id, cause, words, change, wrong=request)
    if named not in Cause.__members__:
        said = f"{named[:40]!r} is not a cause." if named else "The line says no cause."
        wrong = malformed(place, said, f"Causes are: {', '.join(Cause)}.", None, UPDATE, device_id)
        return Draft(place, device_id, cause, words, change, wrong=wrong)
    return Draft(place, device_id, cause, words, change, request)


def pre_check(viewer: Viewer, drafts: Sequence[Draft]) -> list[Checked]:
    """Each draft's route, by the same rules as the pre-flight's. Opens scopes of its own."""
    checked: list[Checked] = []
    seen: dict[tuple[str, Cause, str], int] = {}
    for start in range(0, len(drafts), BATCH):
        batch = drafts[start : start + BATCH]
        with scope(viewer):
            facts = gather(viewer, [one.request for one in batch if one.request])
            before = raised_already([one.device_id for one in batch if one.request], viewer.organisation_id)
        for number, draft in enumerate(batch, start=start + 1):
            key = (draft.device_id, draft.cause, str(sorted(draft.change.items())))
            earlier = seen.setdefault(key, number)
            if draft.request and earlier != number:
                checked.append(_returned(draft, f"It says the same as line {earlier} of this submission."))
            elif draft.request and (key[0], key[1].value) in before:
                told = before[key[0], key[1].value]
                checked.append(_returned(draft, f"You have raised it already: line {told} is not over yet."))
            else:
                checked.append(Checked(draft, _routed(draft, facts, viewer)))
    return checked


def _returned(draft: Draft, reason: str) -> Checked:
    return Checked(draft, Routed(Route.RETURN, None, reason, "Nothing has to be done for this line."))


def _routed(draft: Draft, facts: Facts, viewer: Viewer) -> Routed:
    is_supplier = viewer.role is Role.SUPPLIER
    if draft.request is None:
        return route(draft.cause, draft.wrong, Seen(), is_supplier)
    device = facts.devices.get(draft.device_id)
    seen = Seen(device.in_sight, device.status) if device else Seen()
    asked = draft.request.change is not Change.NOTHING
    return route(draft.cause, judge(draft.request, facts) if asked else None, seen, is_supplier)


def record(
    viewer: Viewer,
    person: str,
    checked: Sequence[Checked],
    reference: str,
    source: str,
    note: str,
    day: date,
    sequence: int,
) -> Submission:
    """Store a submission with its lines, each with its first event. Call inside `scope(viewer)`.

    Raises ReferenceTaken when there is a submission of that reference: by a second click, or anyone's.
    """
    made = Submission(
        reference=reference,
        raiser_org_id=viewer.organisation_id,
        source=source,
        note=note,
        lines=len(checked),
        raised_on=day,
        made_by=person,
    )
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError as error:
        raise ReferenceTaken from error
    lines = [
        Line(
            reference=new_reference(),
            submission=made,
            number=number,
            device_id=one.draft.device_id,
            cause=one.draft.cause.value,
            change=dict(one.draft.change),
            words=one.draft.words,
            route=one.routed.route.value,
            code=one.routed.code,
            reason=one.routed.reason,
            resolution=one.routed.resolution,
            raised_on=day,
            sequence=sequence,
            raiser_org_id=viewer.organisation_id,
            viewer_ids=[viewer.organisation_id],
        )
        for number, one in enumerate(checked, start=1)
    ]
    Line.objects.bulk_create(lines, batch_size=1_000)
    Event.objects.bulk_create(_first_events(lines, person, day, sequence), batch_size=2_000)
    return made


def _first_events(lines: Iterable[Line], person: str, day: date, sequence: int) -> list[Event]:
    holders = {Route.SELF: Holder.RAISER, Route.PARTY: Holder.PARTY, Route.DCC: Holder.DCC}
    return [
        Event(
            line=line,
            kind=Kind.RAISED.value,
            state=(State.RETURNED if line.route == Route.RETURN else State.OPEN).value,
            holder=holders.get(Route(line.route), Holder.NOBODY).value,
            by=By.RAISER.value,
            words="",
            on_day=day,
            sequence=sequence,
            made_by=person,
            viewer_ids=line.viewer_ids,
        )
        for line in lines
    ]
