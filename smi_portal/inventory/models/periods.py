"""What reports read: facts of a device cut into periods, with the organisations that may see each (our design).

A row holds on `from_day ≤ day < to_day`; an open end is the database's `infinity`. Where several organisations
of one role may see the same days (a shared hub; an MPID that MDD gives to two), the row is repeated in further
*lanes*: lane 0 holds every fact once and is what DCC reads, and each organisation has at most one lane a day.
So row-level security is one integer equality, and now and any past day are the same query.
"""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Func, Q, Value
from django.db.models.functions import Left, Replace, Upper

from smi_portal.access.readers import Reader
from smi_portal.access.tables import Reference, Scoped
from smi_portal.inventory.fields import CodeField

SUPPLIER_COLUMNS = dict.fromkeys(("supplier_id", "supplier_from", "supplier_to"), "supplier")
SUPPLIER_VIEW = dict.fromkeys(("supplier_org_id", "supplier_run_from", "supplier_run_to"), "supplier")
PREMISES_COLUMNS = dict.fromkeys(
    ("uprn", "uprn_search", "postcode", "postcode_search", "address_identifier"), "premises"
)

ORGANISATIONS = ("map_org_id", "supplier_org_id")
#: Characters of a text that a search compares: an index entry must stay small, whatever the extract holds.
SEARCHED = 100


def searched(expression: Any) -> models.GeneratedField:
    """A column normalised for search: row-level security leaves an index to plain equality, not to functions."""
    return models.GeneratedField(expression=expression, output_field=CodeField(null=True), db_persist=True)


class Laned(models.Model):
    """The columns that say when a row holds and who may see it."""

    lane = models.SmallIntegerField()
    from_day = models.DateField()
    to_day = models.DateField()
    map_org_id = models.IntegerField(null=True)
    supplier_org_id = models.IntegerField(null=True)

    class Meta:
        abstract = True


class Viewed(Laned):
    """Laned rows that know the whole visible period around them.

    `map_run_from`, `map_run_to` bound the maximal run of days, around this row, on which `map_org_id` may see
    the device (`supplier_run_…` likewise): the visible period of docs/access-model.md.
    """

    map_run_from = models.DateField(null=True)
    map_run_to = models.DateField(null=True)
    supplier_run_from = models.DateField(null=True)
    supplier_run_to = models.DateField(null=True)

    class Meta:
        abstract = True


class AssetPeriod(Viewed):
    """A device over a period in which its status, firmware, import MPxN, supplier, MAP and hub are constant."""

    access = Scoped(
        map="map_org_id",
        supplier="supplier_org_id",
        hidden={**SUPPLIER_COLUMNS, **SUPPLIER_VIEW, **PREMISES_COLUMNS},
    )

    pk = models.CompositePrimaryKey("device_id", "lane", "from_day")
    device_id = CodeField()
    device_type = CodeField()
    manufacturer = CodeField(null=True)
    model = CodeField(null=True)
    serial_number = CodeField(null=True)
    serial_search = searched(Upper(Left("serial_number", SEARCHED)))
    smets_chts_version = CodeField(null=True)
    esme_variant = CodeField(null=True)
    csp_region = CodeField(null=True)
    uprn = CodeField(null=True)
    uprn_search = searched(Func(Left("uprn", SEARCHED), Value("0"), function="ltrim"))
    postcode = CodeField(null=True)
    postcode_search = searched(Upper(Replace(Left("postcode", SEARCHED), Value(" "), Value(""))))
    address_identifier = CodeField(null=True)
    pre_notified_on = models.DateField()
    installed_on = models.DateField(null=True)
    commissioned_on = models.DateField(null=True)
    removed_on = models.DateField(null=True)
    removal_reason = CodeField(null=True)
    status = CodeField(null=True)
    status_from = models.DateField(null=True)
    firmware_version = CodeField(null=True)
    firmware_from = models.DateField(null=True)
    cpl_id = models.BigIntegerField(
        null=True, help_text="The CPL entry of type, class, maker, model and firmware."
    )
    hub_id = CodeField(null=True)
    mpxn = CodeField(null=True)
    supplier_id = CodeField(null=True)
    supplier_from = models.DateField(null=True)
    supplier_to = models.DateField(null=True)
    map_id = CodeField(null=True)
    map_from = models.DateField(null=True)
    map_to = models.DateField(null=True)

    class Meta:
        indexes = (
            models.Index(
                fields=["map_org_id", "device_id", "from_day"],
                name="asset_map",
                condition=Q(map_org_id__isnull=False),
            ),
            models.Index(
                fields=["supplier_org_id", "device_id", "from_day"],
                name="asset_supplier",
                condition=Q(supplier_org_id__isnull=False),
            ),
            # Look-up. With both organisations in the index, a foreign row is passed over where an absent one ends.
            models.Index(fields=["mpxn", *ORGANISATIONS], name="asset_mpxn", condition=Q(mpxn__isnull=False)),
            models.Index(
                fields=["serial_search", *ORGANISATIONS],
                name="asset_serial",
                condition=Q(serial_search__isnull=False),
            ),
            models.Index(
                fields=["hub_id", *ORGANISATIONS], name="asset_hub", condition=Q(hub_id__isnull=False)
            ),
            models.Index(
                fields=["uprn_search", *ORGANISATIONS],
                name="asset_uprn",
                condition=Q(uprn_search__isnull=False),
            ),
            models.Index(
                fields=["postcode_search", *ORGANISATIONS],
                name="asset_postcode",
                condition=Q(postcode_search__isnull=False),
            ),
            # Counts over everything that is in force: rows are written so that those stand together (decision 0022).
            BrinIndex(
                fields=["to_day", "supplier_org_id", "map_org_id"], name="asset_in_force", pages_per_range=64
            ),
        )


class AssociationPeriod(Viewed):
    """An MPxN's association with a device over a period in which status, supplier, MAP and findings are constant.

    The supplier is the association's own: the one registered for this MPxN, of any kind (RSMI_006).
    """

    access = Scoped(
        map="map_org_id", supplier="supplier_org_id", hidden={**SUPPLIER_COLUMNS, **SUPPLIER_VIEW}
    )

    pk = models.CompositePrimaryKey("device_id", "kind", "mpxn", "lane", "from_day")
    device_id = CodeField()
    kind = CodeField()
    mpxn = CodeField()
    mpxn_from = models.DateField()
    mpxn_to = models.DateField()
    device_type = CodeField()
    esme_variant = CodeField(null=True)
    status = CodeField(null=True)
    firmware_version = CodeField(null=True)
    supplier_id = CodeField(null=True)
    supplier_from = models.DateField(null=True)
    supplier_to = models.DateField(null=True)
    map_id = CodeField(null=True)
    finding = CodeField(null=True, help_text="DP213 conditions that the association breaks, joined by ;")

    class Meta:
        indexes = (
            models.Index(
                fields=["map_org_id", "device_id", "kind", "mpxn"],
                name="association_map",
                condition=Q(map_org_id__isnull=False),
            ),
            models.Index(
                fields=["supplier_org_id", "device_id", "kind", "mpxn"],
                name="association_supplier",
                condition=Q(supplier_org_id__isnull=False),
            ),
            models.Index(fields=["mpxn", *ORGANISATIONS], name="association_mpxn"),
        )


class EmptyHubPeriod(Laned):
    """A Communications Hub over a period in which no device but a GPF is linked to it (RSMI_004).

    The last attached meter's columns are NULL in the lane of a pre-notifying supplier that was not that
    meter's supplier: what it may not know is not in its row.
    """

    access = Scoped(
        map="map_org_id",
        supplier="supplier_org_id",
        hidden={"supplier_id": "supplier", "supplier_org_id": "supplier"},
    )

    pk = models.CompositePrimaryKey("device_id", "lane", "from_day")
    device_id = CodeField()
    manufacturer = CodeField(null=True)
    model = CodeField(null=True)
    csp_region = CodeField(null=True)
    pre_notified_on = models.DateField()
    installed_on = models.DateField(null=True)
    status = CodeField()
    empty_since = models.DateField(
        null=True, help_text="The day the last non-GPF link ended; NULL = never linked."
    )
    last_attached_device_id = CodeField(null=True)
    last_attached_on = models.DateField(null=True)
    map_id = CodeField(null=True)
    supplier_id = CodeField(null=True)

    class Meta:
        indexes = (
            models.Index(
                fields=["map_org_id", "device_id"],
                name="empty_hub_map",
                condition=Q(map_org_id__isnull=False),
            ),
            models.Index(
                fields=["supplier_org_id", "device_id"],
                name="empty_hub_supplier",
                condition=Q(supplier_org_id__isnull=False),
            ),
        )


class BackfillPeriod(models.Model):
    """A meter, for the User that pre-notified it, over a period in which it is open or closed, with or without MAP.

    `closed`: Decommissioned or Withdrawn, so out of the backfill's scope on those days.
    """

    access = Scoped(supplier="user_org_id")

    pk = models.CompositePrimaryKey("device_id", "from_day")
    device_id = CodeField()
    from_day = models.DateField()
    to_day = models.DateField()
    user_org_id = models.IntegerField()
    organisation = CodeField()
    device_type = CodeField()
    pre_notified_on = models.DateField()
    closed = models.BooleanField()
    has_map = models.BooleanField()
    last_map_end = models.DateField(
        null=True, help_text="When the latest MAP assignment before this period ended."
    )

    class Meta:
        indexes = (models.Index(fields=["user_org_id", "device_id", "from_day"], name="backfill_user"),)


class BackfillStep(models.Model):
    """By how many meters a User's backfill figures change on a day: a figure at D is a sum up to D.

    It holds counts only, so SECAS may read it.
    """

    access = Scoped(supplier="user_org_id", everyone=(Reader.DCC, Reader.SECAS))

    pk = models.CompositePrimaryKey("user_org_id", "day")
    user_org_id = models.IntegerField()
    organisation = CodeField()
    day = models.DateField()
    in_scope = models.IntegerField()
    populated = models.IntegerField()
    lost = models.IntegerField()


class BackfillRequestDay(models.Model):
    """How many of a User's SRV 8.4 with a MAP ID were answered with each code on a UTC day."""

    access = Scoped(supplier="user_org_id", everyone=(Reader.DCC, Reader.SECAS))

    pk = models.CompositePrimaryKey("user_org_id", "day", "response_code")
    user_org_id = models.IntegerField()
    day = models.DateField()
    response_code = CodeField()
    requests = models.IntegerField()


class BackfillBasis(models.Model):
    """The implementation date for which `BackfillStep` was counted. One row; the site's setting must agree."""

    access = Reference()

    implementation = models.DateField()
