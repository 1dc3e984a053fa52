"""Whose a kept row is."""

from __future__ import annotations

from smi_portal.access.readers import Role
from smi_portal.access.scope import Viewer


def owner_columns(viewer: Viewer) -> dict[str, int]:
    """The column that makes a row this viewer's own, under row-level security."""
    return {"map_org_id" if viewer.role is Role.MAP else "supplier_org_id": viewer.organisation_id}
