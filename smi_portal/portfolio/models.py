"""What an organisation keeps: rental statements, reconciliations, how its ledger's columns are called, who is told.

Statements and reconciliations are evidence: rows are added, never changed, each with the extract that it was made
from. What names suppliers stands in columns of its own, so that a revoked release hides it again.
"""

from __future__ import annotations

import uuid

from django.db import models

from smi_portal.access.readers import Reader
from smi_portal.access.tables import Scoped, SiteTable
from smi_portal.accounts.models import Person
from smi_portal.inventory.models import Organisation
from smi_portal.portfolio.ledger_models import Ledger, LedgerJob, LedgerPart, LedgerState

__all__ = [
    "ColumnMapping",
    "Digest",
    "Ledger",
    "LedgerJob",
    "LedgerPart",
    "LedgerState",
    "Reconciliation",
    "ReconciliationPart",
    "Statement",
    "StatementPart",
    "Webhook",
]

PARTIES = (
    Reader.MAP,
    Reader.MAP_SUPPLIER,
    Reader.MAP_PREMISES,
    Reader.MAP_SUPPLIER_PREMISES,
    Reader.SUPPLIER,
)


class Kept(models.Model):
    """Whose it is (one of the two), who made it and when. A random key: a count would tell of others' rows."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    map_org_id = models.IntegerField(null=True, db_index=True)
    supplier_org_id = models.IntegerField(null=True, db_index=True)
    made_at = models.DateTimeField(auto_now_add=True)
    made_by = models.TextField(help_text="The person's email address.")

    class Meta:
        abstract = True


class Evidence(Kept):
    """Something worked out from one extract for a period, `period_from ≤ day < period_to`."""

    period_from = models.DateField()
    period_to = models.DateField()
    extract_sequence = models.BigIntegerField()
    extract_id = models.TextField()
    as_at = models.DateTimeField()
    with_suppliers = models.BooleanField(help_text="Whether suppliers were released when it was made.")
    sha256 = models.CharField(max_length=64)

    class Meta:
        abstract = True


class Statement(Evidence):
    """Rental days as they were stated. Its rows are in `StatementPart`."""

    access = Scoped(map="map_org_id", supplier="supplier_org_id", everyone=(), adders=PARTIES)

    rows = models.BigIntegerField()
    days = models.BigIntegerField()


class Part(models.Model):
    """A piece of a body, in order. `hidden_body` holds it where it names suppliers, `body` where it does not."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.IntegerField()
    body = models.BinaryField(null=True)
    hidden_body = models.BinaryField(null=True)
    map_org_id = models.IntegerField(null=True)
    supplier_org_id = models.IntegerField(null=True)

    class Meta:
        abstract = True


class StatementPart(Part):
    """Rows of a statement, compressed."""

    access = Scoped(
        map="map_org_id",
        supplier="supplier_org_id",
        everyone=(),
        hidden={"hidden_body": "supplier"},
        adders=PARTIES,
    )

    statement = models.ForeignKey(Statement, on_delete=models.PROTECT, related_name="parts")


class Reconciliation(Evidence):
    """A ledger compared with the inventory. Its workbook is in `ReconciliationPart`."""

    access = Scoped(map="map_org_id", supplier="supplier_org_id", everyone=(), adders=PARTIES)

    file = models.TextField(help_text="The name of the file that was compared.")
    file_sha256 = models.CharField(max_length=64)
    facts = models.JSONField(help_text="Label and value, as on the covering sheet.")
    totals = models.JSONField(help_text="Headings, and a row of texts for each category.")


class ReconciliationPart(Part):
    """A piece of the workbook."""

    access = Scoped(
        map="map_org_id",
        supplier="supplier_org_id",
        everyone=(),
        hidden={"hidden_body": "supplier"},
        adders=PARTIES,
    )

    reconciliation = models.ForeignKey(Reconciliation, on_delete=models.PROTECT, related_name="parts")


class ColumnMapping(Kept):
    """Which heading of a ledger is which field, by a name. The newest of a name holds."""

    access = Scoped(map="map_org_id", supplier="supplier_org_id", everyone=(), adders=PARTIES)

    name = models.CharField(max_length=80)
    headings = models.JSONField(help_text="Field → heading.")


class Digest(models.Model):
    """A person who wants the feed's summary by mail. `cursor`: up to where it was sent."""

    access = SiteTable()

    person = models.OneToOneField(Person, on_delete=models.CASCADE, related_name="change_digest")
    frequency = models.CharField(max_length=6, choices=[("daily", "Daily"), ("weekly", "Weekly")])
    cursor = models.BigIntegerField(default=0)
    sent_on = models.DateField(null=True)


class Webhook(models.Model):
    """An address that is sent an organisation's events, signed. `cursor`: up to where they were received.

    The signing key is derived from the site's secret, this row's id and `key_version`: it is stored nowhere.
    """

    access = SiteTable()

    organisation = models.OneToOneField(Organisation, on_delete=models.PROTECT, related_name="change_webhook")
    url = models.URLField(max_length=500)
    key_version = models.PositiveIntegerField(default=1)
    cursor = models.BigIntegerField(default=0)
    is_active = models.BooleanField(default=True)
    failures = models.PositiveIntegerField(default=0)
    next_try = models.DateTimeField(null=True)
    last_error = models.TextField(blank=True)
    received_at = models.DateTimeField(null=True)
    set_by = models.TextField()
