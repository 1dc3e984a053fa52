"""Documents for the readers' tests, and what reading them gives."""

from __future__ import annotations

import io
import zipfile

from smi_portal.preflight.readers.files import read_stream
from smi_portal.preflight.readers.limits import PAGE, Limits
from smi_portal.preflight.requests import Outcome, Request, Verdict

from .conftest import update, xml

ID = "00-DB-12-34-56-78-90-A0"
SMALL = Limits(file=50_000, document=20_000, unpacked=200_000, requests=5)


def read(content: bytes, limits: Limits = PAGE) -> list[Request | Verdict]:
    return list(read_stream("f", io.BytesIO(content), limits))


def one(content: bytes) -> Request:
    (found,) = read(content)
    assert isinstance(found, Request), found
    return found


def wrong(content: bytes, limits: Limits = PAGE) -> Verdict:
    (found,) = read(content, limits)
    assert isinstance(found, Verdict)
    assert found.outcome is Outcome.MALFORMED
    assert found.reason
    assert found.resolution
    assert found.code is None
    return found


def zipped(files: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return made.getvalue()


DELETE = xml(update(ID, "<sr:DeleteDevice/>"))
#: A CSV's first line, in the words that people use.
CSV = b"Device ID;MAP ID;Import MPxN;status;Request_ID\n"

#: The billion laughs, up to where they are called.
LAUGHS = b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha">' + b"".join(
    b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9)
)
