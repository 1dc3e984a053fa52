"""Reconciliations kept as dated evidence: the workbook, its totals, and the extract that it was made from."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

from django.utils.text import slugify

from reports.engine.files.columns import Tally
from smi_portal.access.readers import FieldGroup
from smi_portal.access.scope import Viewer, scope
from smi_portal.portfolio.models import ColumnMapping, Reconciliation, ReconciliationPart
from smi_portal.portfolio.owners import owner_columns
from smi_portal.portfolio.reconcile.output import facts, totals_columns, totals_rows, xlsx
from smi_portal.portfolio.reconcile.run import Outcome

PART = 1_000_000  # bytes


def keep(
    outcome: Outcome, path: Path, made_by: str, check: Callable[[], None] = lambda: None
) -> Reconciliation:
    """Keep the outcome of comparing the file at `path`. Opens scopes of its own; `check` may raise to stop it."""
    with tempfile.TemporaryFile(prefix="smi-reconcile-") as workbook:
        digest = write_workbook(outcome, workbook, check)
        return keep_workbook(outcome, path, made_by, workbook, digest)


def write_workbook(outcome: Outcome, file: IO[bytes], check: Callable[[], None]) -> str:
    """Write the workbook; its SHA-256."""
    digest = hashlib.sha256()
    for chunk in xlsx(outcome, Tally()):
        check()
        digest.update(chunk)
        file.write(chunk)
    return digest.hexdigest()


def keep_workbook(
    outcome: Outcome, path: Path, made_by: str, workbook: IO[bytes], digest: str
) -> Reconciliation:
    """Keep a workbook that was written, with its totals. Opens a scope of its own, or is part of the caller's work."""
    viewer, named = outcome.viewer, outcome.viewer.sees(FieldGroup.SUPPLIER)
    owner = owner_columns(viewer)
    kept = Reconciliation(
        **owner,
        made_by=made_by,
        period_from=outcome.period.start,
        period_to=outcome.period.end,
        extract_sequence=outcome.load.sequence,
        extract_id=outcome.load.extract_id,
        as_at=outcome.load.as_at,
        with_suppliers=named,
        sha256=digest,
        file=outcome.file,
        file_sha256=sha256_of(path),
        facts=facts(outcome),
        totals={
            "headings": [column.title for column in totals_columns(outcome)],
            "rows": totals_rows(outcome),
        },
    )
    workbook.seek(0)
    with scope(viewer):
        kept.save(force_insert=True)
        for number, body in enumerate(iter(lambda: workbook.read(PART), b"")):
            bodies = {"hidden_body" if named else "body": body}
            ReconciliationPart(reconciliation=kept, number=number, **owner, **bodies).save(force_insert=True)
    return kept


def is_readable(viewer: Viewer, kept: Reconciliation) -> bool:
    """Whether the viewer may still open its workbook: a revoked release hides what names suppliers."""
    return viewer.sees(FieldGroup.SUPPLIER) or not kept.with_suppliers


def filename(viewer: Viewer, kept: Reconciliation) -> str:
    """What the workbook is called: what it is, whose, from which day, by which extract."""
    parts = ("reconciliation", viewer.organisation, kept.period_from, f"extract-{kept.extract_sequence}")
    return "_".join(slugify(str(part)) for part in parts) + ".xlsx"


def workbook(viewer: Viewer, kept: Reconciliation) -> Iterator[bytes]:
    """The workbook as it was made; each piece is read in a scope of its own. Call only if `is_readable`."""
    column, number = "hidden_body" if kept.with_suppliers else "body", 0
    while True:
        with scope(viewer):
            parts = ReconciliationPart.objects.filter(reconciliation_id=kept.pk, number=number)
            body = parts.values_list(column, flat=True).first()
        if body is None:
            return
        yield bytes(body)
        number += 1


def mappings(viewer: Viewer) -> dict[str, dict[str, str]]:
    """The viewer's column mappings by name, the newest of each. Opens its own scope."""
    with scope(viewer):
        rows = ColumnMapping.objects.order_by("made_at").values_list("name", "headings")
        return dict(rows)


def save_mapping(viewer: Viewer, name: str, headings: dict[str, str], made_by: str) -> None:
    """Keep which heading is which field, under a name; it replaces an older one of that name. Opens a scope."""
    with scope(viewer):
        ColumnMapping(name=name, headings=headings, made_by=made_by, **owner_columns(viewer)).save(
            force_insert=True
        )


def sha256_of(path: Path) -> str:
    """The checksum of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
