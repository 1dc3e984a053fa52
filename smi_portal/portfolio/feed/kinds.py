"""The kinds of event, in words."""

from __future__ import annotations

from typing import Final

#: Kind → its name for people, and what it means.
KINDS: Final = {
    "gained": ("Gained", "The meter is yours on these days; before this extract it was not."),
    "lost": (
        "Lost",
        "The meter was yours on these days; it is not any more: your MAP ID is no longer on it, or it is no longer "
        "registered to you.",
    ),
    "supplier_changed": ("Supplier changed", "Another supplier, or none, is registered from this day."),
    "mpxn_changed": ("MPxN changed", "The meter is associated with another import MPxN, or none."),
    "status_changed": ("Status changed", "Commissioned, decommissioned, withdrawn, suspended and so on."),
    "firmware_changed": ("Firmware changed", "Another firmware version is in force."),
    "map_id_set": ("MAP ID set", "The meter had no MAP ID on these days, and has one now."),
    "map_id_changed": ("MAP ID changed", "Another MAP ID is recorded."),
    "map_id_lost": ("MAP ID lost", "The meter had a MAP ID on these days, and has none now."),
    "installed": ("Installed", "The day of installation became known."),
    "removed": ("Removed", "The meter was removed, with the reason given."),
    "corrected_history": (
        "Corrected history",
        "Days before the previous extract's day are told differently now: statements made from it may differ.",
    ),
}

#: The fields that an event may be about, in words.
FIELDS: Final = {
    "presence": "In your portfolio",
    "status": "Device status",
    "firmware_version": "Firmware version",
    "mpxn": "MPxN",
    "supplier": "Registered supplier",
    "map_id": "MAP ID",
    "installed_on": "Installation date",
    "removed_on": "Removal date",
}
