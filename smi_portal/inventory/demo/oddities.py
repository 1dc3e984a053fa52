"""Which premise shows which planned oddity.

Every 250 premises hold each oddity once, so that even a small extract shows all of them. A premise with an
oddity is otherwise plain: dual fuel, installed well before the backfill, commissioned.
"""

from typing import Final

CYCLE: Final = 250
_FIRST: Final = 20
STEP: Final = 4

NAMES: Final = (
    "UNREGISTERED",  # no registration for its electricity MPxN
    "NO_STATUS",  # a gas meter without any status
    "UNFIT_SECONDARY",  # a secondary import MPAN on a single-element ESME
    "UNFIT_EXPORT",  # an export MPAN on a gas meter
    "PENDING_MPXN",  # an MPxN on a meter that is still Pending
    "CROSSED",  # a wrong MPxN at first, corrected later
    "MAP_UNKNOWN",
    "MAP_DEAD",
    "MAP_DUMMY",
    "MAP_LATE",
    "MAP_NEW",
    "MAP_MOVED",  # a MAP ID that changed hands on 1 January 2019
    "GSME_ELECTRICITY_MAP",
    "SUPPLIER_UNKNOWN",
    "SUPPLIER_NO_ORGANISATION",
    "SUPPLIER_DEAD",
    "SUPPLIER_MOVED",  # a supplier MPID that changed hands on 17 December 2018
    "FIRMWARE_UNKNOWN",
    "DUPLICATE",  # its ESME carries the import MPAN of the premise with the oddity before
    "SUSPENDED",
    "RECOVERED",
    "WITHDRAWN",
    "HUB_EMPTY_NORTH",
    "HUB_EMPTY_CENTRAL",
    "HUB_EMPTY_SOUTH",
    "HUB_NEVER",
    "SCHEDULE_OTHER",  # a schedule of an organisation of kind OTHER
    "SCHEDULE_LOST",  # a schedule whose owner lost the meter
    "CERTIFICATE_REVOKED",
    "CERTIFICATE_EXPIRED",
    "CERTIFICATE_FUTURE",
    "MAP_SOLD",  # the MAP ID changes to another MAP's
    "UNKNOWN_DEVICE",  # a request for a Device ID that does not exist
    "COS_RECENT",  # a change of supplier in the last two months
    "COS_AND_STATUS",  # change of supplier and of status on one day
    "THERE_AND_BACK",  # the supplier changes and returns
    "REMOVED_RECENT",
    "COS_DELTA",  # from here on: what the delta changes
    "STATUS_DELTA",
    "REMOVED_DELTA",
    "MPXN_DELTA",
    "MAP_LOST_DELTA",
    "MAP_SOLD_DELTA",
    "HISTORY_DELTA",  # a past change of supplier moves to an earlier day
    "DELETED_DELTA",  # a Pending device is deleted with all that hung on it
    "ADDRESS_DELTA",  # a corrected postcode
)

ODDITIES: Final[dict[int, str]] = {_FIRST + STEP * n: name for n, name in enumerate(NAMES)}


def oddity_of(premise: int) -> str:
    """Return the oddity of a premise ("" = none)."""
    return ODDITIES.get(premise % CYCLE, "")
