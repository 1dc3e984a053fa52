"""Keeps each asset period's CPL entry right when the Certified Products List itself changes."""

from __future__ import annotations

from typing import Any

#: Devices that the load did not touch, of a type, maker and model whose entries were added or removed.
REFRESH = """
UPDATE inventory_assetperiod a SET cpl_id = now.cpl_id
FROM (
    SELECT p.device_id, p.lane, p.from_day, cpl.id AS cpl_id
    FROM inventory_assetperiod p
    JOIN (SELECT DISTINCT device_type, manufacturer, model FROM touched_cpl) t
        ON t.device_type = p.device_type AND t.manufacturer = p.manufacturer AND t.model = p.model
    LEFT JOIN inventory_cplentry cpl ON cpl.device_type = p.device_type AND cpl.manufacturer = p.manufacturer
        AND cpl.model = p.model AND cpl.firmware_version = p.firmware_version
        AND cpl.esme_variant_class =
            CASE WHEN p.device_type = 'ESME' THEN coalesce(left(p.esme_variant, 1), '') ELSE '' END
) now
WHERE a.device_id = now.device_id AND a.lane = now.lane AND a.from_day = now.from_day
  AND a.cpl_id IS DISTINCT FROM now.cpl_id
"""


def refresh(cursor: Any, everything: bool) -> None:
    """Re-point periods of touched models. Nothing to do when everything was rebuilt."""
    if not everything:
        cursor.execute(REFRESH)
