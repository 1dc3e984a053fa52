"""The extract's tables, one model each (extract-format: organisations are in `organisations`).

Periods are half-open, `effective_from ≤ day < effective_to`; NULL = still in force. Rows are written by the
load as the owner; none is readable by the site, save where `access` says so. Overlap and reference rules are
checked set-wise at load (docs/decisions/0003), so that a bad row is named by file, line, column and rule.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from smi_portal.access.tables import OwnerOnly, Reference, Scoped
from smi_portal.inventory.fields import CodeField


class Participant(models.Model):
    """An entry of Market Domain Data: who holds an MPID, in which role, from when to when."""

    access = Reference()

    pk = models.CompositePrimaryKey("mpid", "fuel", "role", "effective_from")
    mpid = CodeField()
    fuel = CodeField(help_text="E or G")
    role = CodeField(help_text="SUPPLIER or MAP")
    effective_from = models.DateField()
    name = models.TextField()
    organisation = CodeField(null=True)
    effective_to = models.DateField(null=True)


class CplEntry(models.Model):
    """A line of the Certified Products List. `esme_variant_class` is '' for what is not an ESME."""

    access = Reference()

    device_type = CodeField()
    esme_variant_class = CodeField(default="")
    manufacturer = CodeField()
    model = CodeField()
    firmware_version = CodeField()
    smets_chts_version = CodeField(null=True)
    cpl_status = CodeField()
    firmware_status = CodeField()
    effective_from = models.DateField()
    effective_to = models.DateField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["device_type", "esme_variant_class", "manufacturer", "model", "firmware_version"],
                name="cpl_entry_key",
            ),
        )


class Device(models.Model):
    """A device of the inventory; it exists from `pre_notified_on`. Device IDs are upper case."""

    access = OwnerOnly()

    device_id = CodeField(primary_key=True)
    device_type = CodeField()
    manufacturer = CodeField(null=True)
    model = CodeField(null=True)
    serial_number = CodeField(null=True)
    smets_chts_version = CodeField(null=True)
    esme_variant = CodeField(null=True)
    gpf_device_id = CodeField(null=True)
    csp_region = CodeField(null=True)
    uprn = CodeField(null=True)
    postcode = CodeField(null=True)
    address_identifier = CodeField(null=True)
    pre_notified_by = CodeField(null=True)
    pre_notified_on = models.DateField()
    installed_on = models.DateField(null=True)
    commissioned_on = models.DateField(null=True)
    removed_on = models.DateField(null=True)
    removal_reason = CodeField(null=True)


class DeviceStatus(models.Model):
    """A device's status over a period (DUIS DeviceStatus)."""

    access = OwnerOnly()

    pk = models.CompositePrimaryKey("device_id", "effective_from")
    device_id = CodeField()
    effective_from = models.DateField()
    status = CodeField()
    effective_to = models.DateField(null=True)


class DeviceFirmware(models.Model):
    """A device's firmware version over a period."""

    access = OwnerOnly()

    pk = models.CompositePrimaryKey("device_id", "effective_from")
    device_id = CodeField()
    effective_from = models.DateField()
    firmware_version = CodeField()
    effective_to = models.DateField(null=True)


class DeviceMpxn(models.Model):
    """An MPxN's association with a device over a period."""

    access = OwnerOnly()

    pk = models.CompositePrimaryKey("device_id", "mpxn", "kind", "effective_from")
    device_id = CodeField()
    mpxn = CodeField(db_index=True)
    kind = CodeField(help_text="IMPORT, SECONDARY_IMPORT or EXPORT")
    effective_from = models.DateField()
    effective_to = models.DateField(null=True)


class HubLink(models.Model):
    """A device's link to a Communications Hub over a period. A GPF is part of its hub."""

    access = OwnerOnly()

    pk = models.CompositePrimaryKey("device_id", "effective_from")
    device_id = CodeField()
    effective_from = models.DateField()
    chf_device_id = CodeField(db_index=True)
    effective_to = models.DateField(null=True)


class Registration(models.Model):
    """Which supplier is registered for an MPxN over a period."""

    access = OwnerOnly()

    pk = models.CompositePrimaryKey("mpxn", "effective_from")
    mpxn = CodeField()
    effective_from = models.DateField()
    supplier_mpid = CodeField()
    effective_to = models.DateField(null=True)


class MapAssignment(models.Model):
    """The MAP ID recorded for a meter over a period, and by which road it came."""

    access = OwnerOnly()

    pk = models.CompositePrimaryKey("device_id", "effective_from")
    device_id = CodeField()
    effective_from = models.DateField()
    map_id = CodeField()
    effective_to = models.DateField(null=True)
    source = CodeField(help_text="PRE_NOTIFICATION, UPDATE_INVENTORY or BACKFILL")


class Certificate(models.Model):
    """A device certificate. `viewer_ids`: organisations that see the device on a day after it was issued."""

    access = Scoped(viewers="viewer_ids")

    pk = models.CompositePrimaryKey("device_id", "certificate_serial")
    device_id = CodeField()
    certificate_serial = CodeField()
    key_usage = CodeField()
    issued_on = models.DateField()
    expires_on = models.DateField()
    revoked_on = models.DateField(null=True)
    viewer_ids = ArrayField(models.IntegerField(), default=list)

    class Meta:
        # Few are expired or revoked, and those are what people look for.
        indexes = (
            models.Index(fields=["expires_on"], name="certificate_expires"),
            models.Index(
                fields=["revoked_on"], name="certificate_revoked", condition=Q(revoked_on__isnull=False)
            ),
        )


class Schedule(models.Model):
    """A scheduled service request; `end_date` is inclusive. `viewer_ids`: its owner and the device's MAPs."""

    access = Scoped(viewers="viewer_ids", hidden={"organisation": "supplier", "owner_id": "supplier"})

    schedule_id = CodeField(primary_key=True)
    device_id = CodeField(db_index=True)
    organisation = CodeField()
    owner_id = models.IntegerField(null=True)
    map_owner_id = models.IntegerField(
        null=True, help_text="owner_id where the owner is a MAP: never a supplier."
    )
    device_type = CodeField(null=True, help_text="Of the device: its owner may not see the device itself.")
    device_from = models.DateField(null=True, help_text="The day from which the device exists.")
    service_reference_variant = CodeField()
    frequency = CodeField()
    start_date = models.DateField()
    end_date = models.DateField(null=True)
    viewer_ids = ArrayField(models.IntegerField(), default=list)


class ServiceRequest(models.Model):
    """A service request received by DCC and its answer. `device_id` may name no device (refused requests)."""

    access = Scoped(supplier="organisation_ref")

    request_id = CodeField(primary_key=True)
    organisation = CodeField()
    organisation_ref = models.IntegerField(null=True)
    service_reference_variant = CodeField()
    device_id = CodeField()
    map_id = CodeField(null=True)
    received_at = models.DateTimeField()
    response_code = CodeField(help_text="I0 = accepted; E… = refused")

    class Meta:
        indexes = (models.Index(fields=["device_id", "organisation_ref"], name="service_request_device"),)
