"""What one visit (a page's, or a program's) sends, into verdicts and their sums: counted, checked and noted."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import IO, Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from smi_portal import audit, fair_use
from smi_portal.access.scope import Viewer
from smi_portal.preflight.gather import check
from smi_portal.preflight.readers.files import read_stream
from smi_portal.preflight.readers.limits import PAGE
from smi_portal.preflight.requests import Outcome, Place, Request, Verdict, malformed

#: Verdicts that the page shows; the file has all.
SHOWN = 300
WORDS = {
    Outcome.ACCEPTED: "Would be accepted",
    Outcome.REFUSED: "Would be refused",
    Outcome.NOT_CHECKED: "Not checked",
    Outcome.MALFORMED: "Malformed",
}
HEADINGS = (
    "File",
    "Line",
    "Request ID",
    "Service reference variant",
    "Device ID",
    "Verdict",
    "Code",
    "Reason",
    "Resolution",
)


@dataclass(frozen=True)
class Checked:
    """All verdicts of one visit."""

    verdicts: Sequence[Verdict]

    @property
    def sums(self) -> list[tuple[str, int]]:
        """How many of each outcome, in the order of `Outcome`, those that there are."""
        counted = Counter(verdict.outcome for verdict in self.verdicts)
        return [(WORDS[outcome], counted[outcome]) for outcome in Outcome if counted[outcome]]

    @property
    def codes(self) -> list[tuple[str, int]]:
        """How many each check would refuse, most first."""
        counted = Counter(verdict.code for verdict in self.verdicts if verdict.code)
        return sorted(counted.items(), key=lambda item: (-item[1], item[0]))

    @property
    def shown(self) -> list[dict[str, object]]:
        """The first verdicts, for the page: what needs doing comes before what does not."""
        last = (Outcome.ACCEPTED, Outcome.NOT_CHECKED)
        ordered = sorted(self.verdicts, key=lambda verdict: verdict.outcome in last)
        return [
            {"verdict": one, "words": WORDS[one.outcome], "good": one.outcome is Outcome.ACCEPTED}
            for one in ordered[:SHOWN]
        ]

    def rows(self) -> Iterator[tuple[object, ...]]:
        """Every verdict in the order sent, for the file."""
        for one in self.verdicts:
            yield (
                one.place.file,
                one.place.line,
                one.request_id,
                one.variant,
                one.device_id,
                one.outcome.value,
                one.code,
                one.reason,
                one.resolution,
            )


def read_visit(text: str, files: Sequence[UploadedFile[Any]]) -> list[Request | Verdict]:
    """What was pasted and uploaded, up to the page's number of requests; what is beyond is told as one verdict."""
    sources = [_pasted(text)] if text.strip() else []
    sources += [_uploaded(file) for file in files]
    return _up_to_the_most(chain.from_iterable(sources))


def read_body(body: IO[bytes]) -> list[Request | Verdict]:
    """What a program sent as its request's body, under the same limits; its place is called `body`."""
    return _up_to_the_most(read_stream("body", body, PAGE, settings.SMI_DUIS_XSD))


def judged(person: Any, viewer: Viewer, found: Sequence[Request | Verdict], **told: Any) -> Checked:
    """The verdicts as this viewer would get them: each device counted as a look-up, and all noted with what is `told`.

    Opens its own scope. Raises OverCap before anything is looked up.
    """
    devices = len({one.device_id for one in found if isinstance(one, Request)})
    fair_use.spend(person, "lookups", devices)
    checked = Checked(list(check(viewer, found)))
    audit.note("pre-flight", person, viewer, requests=len(checked.verdicts), devices=devices, **told)
    return checked


def _up_to_the_most(found: Iterable[Request | Verdict]) -> list[Request | Verdict]:
    taken = list(islice(found, PAGE.requests + 1))
    if len(taken) > PAGE.requests:
        taken[-1] = malformed(
            Place("all files"),
            f"There are more than {PAGE.requests:,} requests; the rest was not read.",
            "Send fewer at once, or use manage.py preflight.",
        )
    return taken


def _pasted(text: str) -> Iterator[Request | Verdict]:
    return read_stream("pasted", io.BytesIO(text.encode("utf-8", "replace")), PAGE, settings.SMI_DUIS_XSD)


def _uploaded(file: UploadedFile[Any]) -> Iterator[Request | Verdict]:
    stream: Any = file.file
    return read_stream((file.name or "file")[:200], stream, PAGE, settings.SMI_DUIS_XSD)
