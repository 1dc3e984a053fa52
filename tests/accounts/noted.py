"""What the audit holds of a test's own transaction, as DCC reads it."""

from __future__ import annotations

from smi_portal.access.scope import scope
from smi_portal.accounts.models import viewer_for
from smi_portal.audit.models import AuditEntry
from smi_portal.inventory.models import Organisation


def entries() -> list[AuditEntry]:
    """What DCC reads in the audit, this test's transaction included."""
    viewer = viewer_for(Organisation.objects.get(organisation="DCC"))
    assert viewer is not None
    with scope(viewer):
        return list(AuditEntry.objects.order_by("at"))


def kinds() -> list[str]:
    """What was done, and whose part of the audit it is."""
    return [f"{one.kind} {one.organisation}".strip() for one in entries()]


def told() -> str:
    """Every text of the audit."""
    return str([(one.kind, one.person, one.details) for one in entries()])
