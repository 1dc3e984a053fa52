"""What is so of a device or an organisation on one day. Every period is half-open: from <= day < to."""

from datetime import date

from .inventory import Inventory, Row

METERS = ("ESME", "GSME")


def in_force(row: Row, day: date) -> bool:
    return bool(row["effective_from"] <= day and (row["effective_to"] is None or day < row["effective_to"]))


def is_meter(device: Row) -> bool:
    return bool(device["device_type"] in METERS)


def exists(device: Row, day: date) -> bool:
    """A device exists from its pre-notification: before that it has no row, for anyone."""
    return bool(device["pre_notified_on"] <= day)


def row_at(inventory: Inventory, table: str, device: Row, day: date) -> Row | None:
    """The device's one row in force in a table whose periods cannot overlap."""
    for row in inventory.where(table, "device_id", device["device_id"]):
        if in_force(row, day):
            return row
    return None


def status_row(inventory: Inventory, device: Row, day: date) -> Row | None:
    return row_at(inventory, "device_statuses", device, day)


def status(inventory: Inventory, device: Row, day: date) -> str | None:
    row = status_row(inventory, device, day)
    return row["status"] if row else None


def firmware_row(inventory: Inventory, device: Row, day: date) -> Row | None:
    return row_at(inventory, "device_firmwares", device, day)


def firmware(inventory: Inventory, device: Row, day: date) -> str | None:
    row = firmware_row(inventory, device, day)
    return row["firmware_version"] if row else None


def hub(inventory: Inventory, device: Row, day: date) -> str | None:
    """The Device ID of the Communications Hub that the device is linked to."""
    row = row_at(inventory, "hub_links", device, day)
    return row["chf_device_id"] if row else None


def mpxn(inventory: Inventory, device: Row, day: date) -> str | None:
    """A meter's IMPORT MPxN: of several, the one that began last, then the smallest. Else None."""
    if not is_meter(device):
        return None
    candidates = [
        row
        for row in inventory.where("device_mpxns", "device_id", device["device_id"])
        if row["kind"] == "IMPORT" and in_force(row, day)
    ]
    if not candidates:
        return None
    latest = max(row["effective_from"] for row in candidates)
    return str(min(row["mpxn"] for row in candidates if row["effective_from"] == latest))


def registration(inventory: Inventory, mpxn_value: str | None, day: date) -> Row | None:
    """The registration of an MPxN in force that day, whether or not MDD knows its supplier's MPID."""
    for row in inventory.where("registrations", "mpxn", mpxn_value):
        if in_force(row, day):
            return row
    return None


def supplier_row(inventory: Inventory, device: Row, day: date) -> Row | None:
    """The registration that makes a supplier the meter's supplier. None for other devices."""
    number = mpxn(inventory, device, day)
    return registration(inventory, number, day) if number else None


def supplier(inventory: Inventory, device: Row, day: date) -> str | None:
    row = supplier_row(inventory, device, day)
    return row["supplier_mpid"] if row else None


def map_row(inventory: Inventory, device: Row, day: date) -> Row | None:
    """A meter's MAP assignment. None for other devices: the SMI records a MAP ID for meters only."""
    return row_at(inventory, "map_assignments", device, day) if is_meter(device) else None


def map_id(inventory: Inventory, device: Row, day: date) -> str | None:
    row = map_row(inventory, device, day)
    return row["map_id"] if row else None


def owns(inventory: Inventory, organisation: str, mpid: str | None, role: str, day: date) -> bool:
    """Whether MDD gives that MPID, in that role, to the organisation that day. Fuel plays no part."""
    return mpid is not None and any(
        row["role"] == role and row["organisation"] == organisation and in_force(row, day)
        for row in inventory.where("participants", "mpid", mpid)
    )


def cpl_row(inventory: Inventory, device: Row, day: date) -> Row | None:
    """The CPL entry of (type, variant class, manufacturer, model, firmware that day), in force or not."""
    version = firmware(inventory, device, day)
    variant_class = None
    if device["device_type"] == "ESME" and device["esme_variant"]:
        variant_class = device["esme_variant"][0]
    for row in inventory.where("cpl", "model", device["model"]):
        if (
            version is not None
            and row["device_type"] == device["device_type"]
            and row["esme_variant_class"] == variant_class
            and row["manufacturer"] == device["manufacturer"]
            and row["firmware_version"] == version
        ):
            return row
    return None


def dcc_approved(inventory: Inventory, device: Row, day: date) -> bool:
    """Its CPL entry is Active, and in force that day."""
    row = cpl_row(inventory, device, day)
    return row is not None and row["cpl_status"] == "Active" and in_force(row, day)


def dcc_compliant(inventory: Inventory, device: Row, day: date) -> bool:
    return dcc_approved(inventory, device, day) and status(inventory, device, day) == "Commissioned"
