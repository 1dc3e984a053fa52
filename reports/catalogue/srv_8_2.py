"""Read Inventory: what service request 8.2 answers about a device, with the MAP ID that SECMP0011 adds."""

from __future__ import annotations

from dataclasses import replace

from reports.catalogue.rsmi_001 import InstallationStatus
from reports.catalogue.rsmi_003 import StatusAndModel
from reports.engine import columns as c
from reports.engine.ask import Ask
from reports.engine.columns import Column
from reports.engine.inputs import Choice
from reports.engine.report import Report
from reports.engine.sources import assets
from smi_portal.access.readers import FieldGroup, Role

DUIS = "DUIS, SRV 8.2"


def _associated(kind: str) -> str:
    """The MPAN of one kind; as for the import: the one that began last, then the smallest."""
    return (
        f"(SELECT x.mpxn FROM inventory_associationperiod x WHERE x.device_id = p.device_id AND x.kind = '{kind}' "
        "AND x.from_day <= p.read_on AND x.to_day > p.read_on ORDER BY x.mpxn_from DESC, x.mpxn LIMIT 1)"
    )


#: In the order of the elements of the 8.2 response; the MAP ID, which SECMP0011 adds, is the last of them.
ANSWERED = tuple(
    replace(column, source=DUIS)
    for column in (
        c.DEVICE_ID,
        c.DEVICE_TYPE,
        c.STATUS,
        c.MANUFACTURER,
        c.DEVICE_MODEL,
        StatusAndModel().column("smets_chts_version"),
        c.FIRMWARE,
        c.FIRMWARE_STATUS,
        StatusAndModel().column("cpl_status"),
        replace(InstallationStatus().column("commissioned_date"), help="Day the device was commissioned."),
        c.MPXN,
        Column(
            "secondary_import_mpan",
            "Secondary import MPAN",
            _associated("SECONDARY_IMPORT"),
            help="Second import MPAN of a twin element meter, where you may see that association.",
        ),
        Column(
            "export_mpan",
            "Export MPAN",
            _associated("EXPORT"),
            help="Export MPAN of an electricity meter, where you may see that association.",
        ),
        StatusAndModel().column("esme_variant"),
        c.UPRN,
        c.POST_CODE,
        Column(
            "address_identifier",
            "Address identifier",
            "p.address_identifier",
            help="House name or number: personal data, shown to a MAP only after release.",
            group=FieldGroup.PREMISES,
        ),
        c.CSP_REGION,
        c.MAP_ID,
    )
)
#: What the device's page and the list show beside it.
BESIDE = (
    c.SERIAL,
    replace(
        InstallationStatus().column("communications_hub_id"),
        help="Device ID of the Communications Hub to which the device is linked; a hub's own ID for a hub.",
    ),
    c.INSTALLED,
    replace(
        InstallationStatus().column("pre_notified_on"),
        help="Day the device was pre-notified to the inventory.",
    ),
    c.STATUS_FROM,
    c.MAP_FROM,
    c.SUPPLIER_ID,
    c.SUPPLIER_FROM,
)


class ReadInventory(Report):
    """One row for each device of any type that the viewer may see, as service request 8.2 tells of it."""

    code = "SRV_8_2"
    title = "Read Inventory"
    answers = "What does the inventory say about these devices?"
    roles = frozenset({Role.MAP, Role.SUPPLIER, Role.DCC})
    key = ("device_id",)
    has_history = True
    listed = False
    inputs = (Choice("device_type"), Choice("device_status"))
    columns = (*ANSWERED, *BESIDE)
    notes = (
        "The columns down to the MAP ID stand in the order of the SRV 8.2 response; those after it are our design.",
        "A MAP sees its meters here, not the other devices of the home.",
    )

    def source(self, ask: Ask) -> str:
        """The viewer's devices, with their CPL entry."""
        return f"{assets(ask)} LEFT JOIN inventory_cplentry cpl ON cpl.id = p.cpl_id"
