"""The field's words as this site uses them. What is our own choice, and not of a public document, says so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.text import slugify


@dataclass(frozen=True)
class Term:
    """A word and what it means here; `ours`: no public document defines it."""

    word: str
    meaning: str
    ours: bool = False

    @property
    def slug(self) -> str:
        """Its anchor on the page."""
        return slugify(self.word)


TERMS = (
    Term(
        "As-at day",
        "The day that a report speaks of. Left out, it is the day of the loaded extract. For a past day a report "
        "shows what was true then, and nothing that happened later.",
        True,
    ),
    Term(
        "Backfill",
        "Putting a MAP ID on the meters that were pre-notified before the SMI recorded one (SECMP0011).",
    ),
    Term(
        "Change of supplier (CoS)",
        "A home moves from one supplier to another. Each supplier sees its own side of that day only. A Meter Asset "
        "Provider keeps its meter, and is told the supplier only where DCC has released it.",
    ),
    Term(
        "Communications hub (CHF)",
        "The device in a home through which the others reach DCC. A hub without attached devices is listed by RSMI_004.",
    ),
    Term(
        "CPL (Certified Products List)",
        "The list of device models and firmware versions that may be used. A device’s CPL status is that of its type, "
        "manufacturer, model and firmware.",
    ),
    Term(
        "CSP region",
        "The region of the Communications Service Provider that serves the home, such as North or South.",
    ),
    Term("DCC", "The company that runs smart metering communications and the SMI. It sees every device."),
    Term(
        "DCC approved",
        "The device’s CPL entry is Active and in force on the as-at day.",
        True,
    ),
    Term("DCC compliant", "DCC approved, and commissioned on the as-at day.", True),
    Term(
        "Device ID",
        "A device’s own identifier (EUI-64): eight pairs of hexadecimal digits, such as 00-DB-12-34-56-78-90-A0.",
    ),
    Term(
        "Device status",
        "Where a device stands in the SMI: Pending, Whitelisted, InstalledNotCommissioned, Commissioned, Suspended, "
        "Decommissioned, Withdrawn, Recovery or Recovered. Type 2 devices (IHD, CAD) have none.",
    ),
    Term("ESME, GSME", "The electricity and the gas smart meter. Only these two carry a MAP ID."),
    Term(
        "Extract",
        "The copy of the SMI that this site was last loaded with. Every page says its number and its age; every number "
        "on the site can be worked out from it again.",
        True,
    ),
    Term(
        "Finding",
        "A rule that an association of a device and an MPxN breaks, such as DUPLICATE or CHECK_DIGIT. It is flagged, "
        "never dropped. RSMI_006 lists them.",
    ),
    Term(
        "Firmware status",
        "The status, on the Certified Products List, of the firmware that a device runs. Blank: the list has no such entry.",
    ),
    Term(
        "Half-open period",
        "A period that includes its first day and not its last: “effective to” is the first day on which a thing no "
        "longer held. Ranges that you type in filters include both their days.",
    ),
    Term(
        "History",
        "One row for each period over which a device’s values stayed the same, within your own periods, newest first.",
        True,
    ),
    Term(
        "MAP (Meter Asset Provider)",
        "The organisation that owns a meter and rents it to the supplier.",
    ),
    Term(
        "MAP ID",
        "The Market Participant Identifier of the Meter Asset Provider that the SMI records for a meter.",
    ),
    Term(
        "MDD (Market Domain Data)",
        "The industry’s list of market participants. An organisation owns an MPID on the days on which MDD says so.",
    ),
    Term("MPAN", "The number of an electricity supply point: 13 digits, the last a check digit."),
    Term("MPRN", "The number of a gas supply point: up to 10 digits, the last two check digits."),
    Term("MPxN", "MPAN or MPRN, whichever the meter has."),
    Term("MPID", "A market participant’s identifier: four characters for electricity, three for gas."),
    Term(
        "Panel",
        "The SEC Panel, which sets the date by which the backfill is to be finished and is shown its progress monthly.",
    ),
    Term(
        "Pre-notification",
        "A supplier tells the SMI of a device before it is installed. A device exists here from that day.",
    ),
    Term(
        "Registered supplier",
        "The supplier registered for a meter’s import MPxN on the as-at day.",
    ),
    Term(
        "Release",
        "DCC’s recorded decision that a MAP may see the supplier, or post code and UPRN. Without it those columns do not "
        "exist for that MAP: no filter, order, count or file tells of them.",
    ),
    Term(
        "SECAS",
        "The Smart Energy Code’s administrator. It reports the backfill to the Panel and sees no device.",
    ),
    Term("SMI (Smart Metering Inventory)", "DCC’s record of every smart metering device in Great Britain."),
    Term(
        "SRV 8.2, 8.4, 12.2",
        "Service Reference Variants: Read Inventory, Update Inventory and Device Pre-notification, the requests that "
        "read and write the SMI.",
    ),
    Term("UPRN", "Unique Property Reference Number: personal data, up to 12 digits."),
    Term("User", "A party that has completed DCC User Entry. Who is no User sees nothing here."),
    Term(
        "View",
        "A question to a report, saved under a name. It holds no rows: it is asked anew, with your rights of the day.",
        True,
    ),
    Term(
        "Visible period",
        "The run of days, around the as-at day, on which you may see a device. Nothing from after it is told, and of "
        "other parties nothing from before it.",
        True,
    ),
    Term("Working Day", "A day other than Saturday, Sunday and the bank holidays of England and Wales."),
)


def terms() -> Sequence[Term]:
    """Every term, by its word in any case."""
    return sorted(TERMS, key=lambda term: term.word.lower())
