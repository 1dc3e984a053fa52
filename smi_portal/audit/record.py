"""Writing an entry: one INSERT as the site's role, which may not read what is there."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.db import connections, transaction

from smi_portal.audit import chains
from smi_portal.audit.details import clean, text
from smi_portal.audit.models import AuditEntry
from smi_portal.audit.origin import origin
from smi_portal.audit.sealing import seal


def write(kind: str, person: Any, organisation: Any, details: Mapping[str, Any]) -> None:
    """Add the next link of a chain. Raises DatabaseError when it cannot be stored."""
    entry = _entry(kind, person, organisation, details)
    connection = connections["default"]
    if connection.in_atomic_block:
        _write_pending(entry, connection)
    else:
        chain = chains.take()
        _insert(entry, chain, chain.n, chain.mac)
        chain.extend(entry.n, entry.mac)
        chains.give_back(chain)


def _write_pending(entry: AuditEntry, connection: Any) -> None:
    run = chains.run_of(connection)
    _insert(entry, run.chain, *run.settle(connection))
    link = chains.Pending(run, entry.n, entry.mac)
    run.pending.append(link)
    transaction.on_commit(link)


def _insert(entry: AuditEntry, chain: chains.Chain, n: int, mac: str) -> None:
    entry.chain, entry.n, entry.previous = chain.id, n + 1, mac
    entry.mac = seal(entry)
    entry.save(force_insert=True, using="default")


def _entry(kind: str, person: Any, organisation: Any, details: Mapping[str, Any]) -> AuditEntry:
    organisation_id, code = _party(
        getattr(person, "organisation", None) if organisation is None else organisation
    )
    return AuditEntry(
        at=datetime.now(UTC),
        kind=text(kind),
        person_id=getattr(person, "pk", None),
        person=text(getattr(person, "email", "")),
        organisation_id=organisation_id,
        organisation=text(code),
        origin=text(origin()),
        details=clean(details),
    )


def _party(organisation: Any) -> tuple[int | None, str]:
    """Id and code of an Organisation, or of the organisation that a Viewer acts for."""
    if organisation is None:
        return None, ""
    number = getattr(organisation, "organisation_id", None)
    return (organisation.pk if number is None else number), organisation.organisation
