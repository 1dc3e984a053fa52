"""Giving a finished file to somebody, over pages and the API alike."""

from __future__ import annotations

import base64
import hashlib
import logging
from collections.abc import Iterator
from uuid import UUID

from django.db import connection, transaction
from django.http import StreamingHttpResponse

from reports.engine.run import FORMS
from reports.exports import rights, store
from reports.exports.models import Delivery
from reports.exports.views.common import Shown
from smi_portal import audit
from smi_portal.access.scope import Viewer
from smi_portal.accounts.models import Person
from smi_portal.fair_use import spend

logger = logging.getLogger(__name__)


def deliver(shown: Shown, person: Person, viewer: Viewer, head: bool) -> StreamingHttpResponse:
    """The file of a job that is ready, whole, after asking again whether this person may have it.

    `head`: only the headers are wanted, so nothing counts as fetched. Raises rights.RightLost, rights.TooMuch,
    OverCap, and store.FileIsGone when the store has it no longer.
    """
    made, content = shown.told.export, shown.told.content
    rights.check_fetch(made, viewer)
    try:
        pieces = store.read(made.key, content.size or 0)
    except store.FileIsGone:
        logger.error("Export %s: its file is not in the store as it was made.", made.pk)
        raise
    if not head:
        _take(shown, person, viewer)
    answer = StreamingHttpResponse(
        iter(()) if head else _verified(pieces, content.sha256, made.pk),
        content_type=FORMS[made.form].content_type,
    )
    answer["Content-Disposition"] = f'attachment; filename="{content.filename}"'
    answer["Content-Length"] = str(content.size)
    answer["Cache-Control"] = "private, no-store"
    answer["ETag"] = f'"{content.sha256}"'
    answer["Repr-Digest"] = f"sha-256=:{base64.b64encode(bytes.fromhex(content.sha256)).decode()}:"
    answer["SMI-Rows"] = str(content.done)
    answer["SMI-Extract-Sequence"] = str(content.extract_sequence)
    return answer


def _take(shown: Shown, person: Person, viewer: Viewer) -> None:
    """Record that this person fetches it. Its rows counted for who asked when it was made; a colleague's count now, once.

    Raises OverCap.
    """
    export, rows = shown.told.export, shown.told.content.done
    with transaction.atomic():
        if not shown.mine and not export.deliveries.filter(person=person).exists():
            spend(person, "rows", rows)
        Delivery.objects.create(export=export, person=person, organisation_id=viewer.organisation_id)
        details = {"report": export.report, "format": export.form, "rows": rows, "export": str(export.pk)}
        audit.note("report file fetched", person, viewer, **details)


def _verified(pieces: Iterator[bytes], sha256: str, name: UUID) -> Iterator[bytes]:
    """The pieces; the last is held back until the checksum is right, so that a damaged file never arrives whole."""
    if not connection.in_atomic_block:
        connection.close()  # a slow reader holds a thread, but no connection to the database
    digest, held = hashlib.sha256(), b""
    for piece in pieces:
        if held:
            yield held
        digest.update(piece)
        held = piece
    if digest.hexdigest() != sha256:
        logger.error("Export %s: the stored file is damaged; its delivery was broken off.", name)
        raise OSError("The stored file is not the one that was made.")
    yield held
