"""Inputs of reports that take a value: those for which somebody else's value can be told from none, and the others."""

from __future__ import annotations

#: Column of an input → a value that is in nobody's rows.
TEXTS = {
    "map_id": "MAPX",
    "supplier_id": "SUPX",
    "manufacturer": "No Manufacturer",
    "device_model": "No Model",
    "firmware_version": "No Firmware",
    "csp_region": "No Region",
    "service_reference_variant": "9.9.9",
    "frequency": "Never",
    "key_usage": "NO_USAGE",
    "firmware_version_status": "No Status",
}
#: Columns whose values are the specification's own, known to all: there is no foreign one.
NOT_FOREIGN = {
    *("device_status", "device_type", "kind", "finding", "certificate_status", "cpl_status"),
    *("outcome", "identifier_kind"),
}
