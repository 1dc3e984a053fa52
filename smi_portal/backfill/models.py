"""What the three parties record about the backfill. Every table is append-only: a correction is a further row.

A row carries the day on which it was said (`…_on`, the programme's day) and the moment at which it was stored.
A figure as at D looks only at rows said by D, so a past day never shows a later fact. Who may read or add a row
is the database's to decide: see `access`.
"""

from __future__ import annotations

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from smi_portal.access.readers import Reader
from smi_portal.access.tables import OwnerOnly, Scoped

PARTIES = (Reader.SUPPLIER, Reader.DCC, Reader.SECAS)
#: What SECAS may read of each party's row: the columns of BKF_002, and no reason, note, name or count besides.
DECLARED = ("id", "user_org_id", "version", "declared", "declared_on")
ALLOWED = ("id", "user_org_id", "version", "daily_allowance", "window_from", "window_to", "confirmed_on")


class Recorded(models.Model):
    """Who said it, and when it was stored."""

    recorded_at = models.DateTimeField(auto_now_add=True)
    made_by = models.TextField(help_text="The person's email address.")

    class Meta:
        abstract = True


class PanelDate(Recorded):
    """The date by which the Panel wants the backfill finished, as decided on `decided_on`. The last one holds."""

    access = Scoped(everyone=PARTIES, adders=(Reader.SECAS,))

    panel_date = models.DateField()
    decided_on = models.DateField()
    note = models.TextField(blank=True)


class DailyCapacity(Recorded):
    """How many SRV 8.4 a day DCC can take from all Users together, from `set_on`. The last one holds."""

    access = Scoped(adders=(Reader.DCC,))

    per_day = models.PositiveIntegerField()
    set_on = models.DateField()
    note = models.TextField(blank=True)


class Declaration(Recorded):
    """How many MAP IDs a User says that it must put in. Version 1 meets the obligation; later ones correct it."""

    access = Scoped(
        supplier="user_org_id",
        everyone=(Reader.DCC, Reader.SECAS),
        only={Reader.SECAS: DECLARED},
        adders=(Reader.SUPPLIER,),
    )

    user_org_id = models.IntegerField()
    version = models.PositiveIntegerField()
    declared = models.PositiveIntegerField()
    counted = models.PositiveIntegerField(help_text="Outstanding meters of BKF_001 when it was declared.")
    declared_on = models.DateField()
    reason = models.TextField(
        blank=True, help_text="Why the figure is not the count, or why it is corrected."
    )

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["user_org_id", "version"], name="one_declaration_a_version"),
        )


class Allowance(Recorded):
    """How many SRV 8.4 a day DCC lets a User send, and from when to when (both inclusive). The last version holds."""

    access = Scoped(
        supplier="user_org_id",
        everyone=(Reader.DCC, Reader.SECAS),
        only={Reader.SECAS: ALLOWED},
        adders=(Reader.DCC,),
    )

    user_org_id = models.IntegerField()
    version = models.PositiveIntegerField()
    daily_allowance = models.PositiveIntegerField()
    window_from = models.DateField()
    window_to = models.DateField()
    confirmed_on = models.DateField()
    note = models.TextField(blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["user_org_id", "version"], name="one_allowance_a_version"),
            models.CheckConstraint(condition=models.Q(daily_allowance__gt=0), name="allowance_is_positive"),
            models.CheckConstraint(
                condition=models.Q(window_from__lte=models.F("window_to")), name="window_ends_after_it_starts"
            ),
        )


class Publication(Recorded):
    """A month of BKF_002 as the Panel was shown it. Version 1, and a further version for each correction."""

    access = Scoped(everyone=PARTIES, adders=(Reader.SECAS,))

    month = models.CharField(max_length=7, help_text="YYYY-MM")
    version = models.PositiveIntegerField()
    note = models.TextField(blank=True, help_text="What a correction corrects.")
    published_on = models.DateField()
    day = models.DateField(help_text="D: the day that the figures describe.")
    extract_sequence = models.BigIntegerField()
    as_at = models.DateTimeField(
        help_text="Data as at: the instant of the extract from which it was published."
    )

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["month", "version"], name="one_publication_a_version"),
        )


class PublishedRow(models.Model):
    """A User's row of a publication, frozen: every column of BKF_002 as it was shown."""

    access = Scoped(supplier="user_org_id", everyone=(Reader.DCC, Reader.SECAS), adders=(Reader.SECAS,))

    publication = models.ForeignKey(Publication, on_delete=models.PROTECT, related_name="rows")
    user_org_id = models.IntegerField()
    name = models.TextField(help_text="The User's name on that day.")
    figures = models.JSONField(
        encoder=DjangoJSONEncoder, help_text="Column of BKF_002 → value; days in ISO form."
    )

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["publication", "user_org_id"], name="one_row_a_user_a_publication"
            ),
        )


class ReminderSent(models.Model):
    """A reminder that was sent to a person: what keeps it from being sent twice. The command alone reads it."""

    access = OwnerOnly()

    email = models.EmailField()
    reminder = models.TextField(help_text="The reminder's key: what it is about, and the deadline.")
    sent_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["email", "reminder"], name="a_reminder_once_a_person"),
        )
