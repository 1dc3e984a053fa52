"""The Smart Metering Inventory as the extract tells it, and the periods that reports read."""

from smi_portal.inventory.models.changes import ChangeEvent, ChangeStream
from smi_portal.inventory.models.facts import (
    Certificate,
    CplEntry,
    Device,
    DeviceFirmware,
    DeviceMpxn,
    DeviceStatus,
    HubLink,
    MapAssignment,
    Participant,
    Registration,
    Schedule,
    ServiceRequest,
)
from smi_portal.inventory.models.kept import KeptAnswer
from smi_portal.inventory.models.loads import ExtractLoad
from smi_portal.inventory.models.organisations import Organisation
from smi_portal.inventory.models.periods import (
    AssetPeriod,
    AssociationPeriod,
    BackfillBasis,
    BackfillPeriod,
    BackfillRequestDay,
    BackfillStep,
    EmptyHubPeriod,
)
from smi_portal.inventory.models.quality import FindingCount

__all__ = [
    "AssetPeriod",
    "AssociationPeriod",
    "BackfillBasis",
    "BackfillPeriod",
    "BackfillRequestDay",
    "BackfillStep",
    "Certificate",
    "ChangeEvent",
    "ChangeStream",
    "CplEntry",
    "Device",
    "DeviceFirmware",
    "DeviceMpxn",
    "DeviceStatus",
    "EmptyHubPeriod",
    "ExtractLoad",
    "FindingCount",
    "HubLink",
    "KeptAnswer",
    "MapAssignment",
    "Organisation",
    "Participant",
    "Registration",
    "Schedule",
    "ServiceRequest",
]
