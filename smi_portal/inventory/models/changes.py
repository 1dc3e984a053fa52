"""What each load changed in each organisation's own view of its meters: the change feed's rows."""

from __future__ import annotations

from django.db import models

from smi_portal.access.tables import OwnerOnly, Scoped
from smi_portal.inventory.fields import CodeField


class ChangeEvent(models.Model):
    """On the days `from_day ≤ day < to_day`, one field of a meter is not what it was before a load.

    A row is made from its reader's own view before and after the load, and from nothing else, so it cannot tell
    what the reader may not see. `audience` and `org_id` name the reader (DCC: 0); `position` counts its events
    from 1, without a gap: it is the cursor. Before and after of the supplier are in columns of their own, which
    need the release. The other columns are the meter's values on `from_day`.
    """

    access = Scoped(
        map="map_org_id",
        supplier="supplier_org_id",
        hidden={"supplier_before": "supplier", "supplier_after": "supplier"},
    )

    pk = models.CompositePrimaryKey("audience", "org_id", "position")
    audience = CodeField(help_text="MAP, SUPPLIER or DCC.")
    org_id = models.IntegerField()
    position = models.BigIntegerField()
    map_org_id = models.IntegerField(null=True)
    supplier_org_id = models.IntegerField(null=True)
    extract_sequence = models.BigIntegerField()
    told_on = models.DateField(help_text="The day of the extract that told it.")
    kind = CodeField()
    field = CodeField(help_text="presence, or the field that differs.")
    device_id = CodeField()
    device_type = CodeField()
    from_day = models.DateField()
    to_day = models.DateField(help_text="infinity = with no end known.")
    before = CodeField(null=True)
    after = CodeField(null=True)
    supplier_before = CodeField(null=True)
    supplier_after = CodeField(null=True)
    status = CodeField(null=True)
    firmware_version = CodeField(null=True)
    mpxn = CodeField(null=True)
    map_id = CodeField(null=True)
    removal_reason = CodeField(null=True)

    class Meta:
        indexes = (
            models.Index(fields=["org_id", "device_id", "from_day"], name="change_device"),
            models.Index(fields=["extract_sequence"], name="change_extract"),
        )


class ChangeStream(models.Model):
    """The last position of each reader's events. It outlives the events, so that no cursor is ever given twice."""

    access = OwnerOnly()

    pk = models.CompositePrimaryKey("audience", "org_id")
    audience = CodeField()
    org_id = models.IntegerField()
    last_position = models.BigIntegerField()
