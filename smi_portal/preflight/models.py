"""What a pre-flight must know beyond the periods: three small tables, each row for one organisation's eyes.

They hold only what DCC's own answer to that organisation would tell it, and are written with each load
(`collect`). Most of what the rules ask is in the period tables; these have what no period shows.
"""

from __future__ import annotations

from django.db import models

from smi_portal.access.tables import Scoped
from smi_portal.inventory.fields import CodeField


class AddedDevice(models.Model):
    """A device for the User that pre-notified it, where nothing else says so: while it is Pending, or when
    that User is a MAP (suppliers' own meters are in `inventory_backfillperiod`)."""

    access = Scoped(map="user_org_id", supplier="user_org_id")

    device_id = CodeField(primary_key=True)
    user_org_id = models.IntegerField()
    device_type = CodeField()
    pending_from = models.DateField(null=True)
    pending_to = models.DateField(null=True, help_text="NULL = still Pending (or never, without a start).")


class SparePoint(models.Model):
    """An MPxN that no device has, for the organisation that is its Registered Supplier, from when to when."""

    access = Scoped(supplier="supplier_org_id")

    pk = models.CompositePrimaryKey("mpxn", "supplier_org_id", "from_day")
    mpxn = CodeField()
    supplier_org_id = models.IntegerField()
    from_day = models.DateField()
    to_day = models.DateField()


class OthersPoint(models.Model):
    """A device in a supplier's sight that has a current export or secondary MPxN of another supplier.

    DCC refuses to change that MPxN for anyone else (E080410), so its existence, and no more, is told.
    """

    access = Scoped(supplier="supplier_org_id")

    pk = models.CompositePrimaryKey("device_id", "kind", "supplier_org_id")
    device_id = CodeField()
    kind = CodeField(help_text="SECONDARY_IMPORT or EXPORT")
    supplier_org_id = models.IntegerField()
