"""What is recorded of data issues. Rows are never changed by the site: a step is a further event.

A line and its events are seen by the parties in `viewer_ids`. The site puts in only the party that writes; the
post (`post.deliver`), as the owner, adds the others, since a raiser may not know who they are. Who raised a line and
who holds it are columns that neither MAPs nor suppliers may read: each is told the other's part and never its name.
SECAS reads what its figures need: no device, no party, no words.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from smi_portal.access.readers import Reader, Role
from smi_portal.access.tables import Scoped
from smi_portal.inventory.fields import CodeField

#: Those who raise lines and hold them.
PARTIES = tuple(reader for reader in Reader if reader.role in {Role.MAP, Role.SUPPLIER})
LINE = (
    *("id", "reference", "submission_id", "number", "device_id", "cause", "change", "words", "route"),
    *("code", "reason", "resolution", "raised_on", "sequence"),
)
EVENT = ("id", "line_id", "kind", "state", "holder", "by", "words", "on_day", "sequence", "recorded_at")


class Submission(models.Model):
    """Lines that were raised together, as their raiser (and DCC) see them."""

    access = Scoped(map="raiser_org_id", supplier="raiser_org_id", adders=PARTIES)

    reference = CodeField(unique=True)
    raiser_org_id = models.IntegerField(db_index=True)
    source = CodeField(help_text="PAGE or FILE: typed or pasted, or uploaded.")
    note = models.TextField(blank=True)
    lines = models.PositiveIntegerField()
    raised_on = models.DateField()
    recorded_at = models.DateTimeField(auto_now_add=True)
    made_by = models.TextField(help_text="The person's email address.")


class Line(models.Model):
    """One error of one device: what is wrong, what should be there, and the pre-check's verdict when it was raised."""

    access = Scoped(
        viewers="viewer_ids",
        everyone=(Reader.DCC, Reader.SECAS),
        only={Reader.SECAS: ("id", "cause", "route", "raised_on"), **dict.fromkeys(PARTIES, LINE)},
        adders=PARTIES,
    )

    reference = CodeField(unique=True)
    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="+")
    number = models.PositiveIntegerField(help_text="Its place in the submission, from 1.")
    device_id = CodeField(db_index=True, help_text="As stored; as given where it is none.")
    cause = CodeField()
    change = models.JSONField(default=dict, help_text="What should be there: columns of an intended change.")
    words = models.TextField(blank=True, help_text="The raiser's own words.")
    route = CodeField()
    code = CodeField(null=True)
    reason = models.TextField(blank=True)
    resolution = models.TextField(blank=True)
    raised_on = models.DateField()
    sequence = models.BigIntegerField(help_text="Of the extract against which it was pre-checked.")
    raiser_org_id = models.IntegerField()
    owner_org_id = models.IntegerField(null=True, help_text="The party that was notified; NULL = none.")
    viewer_ids = ArrayField(models.IntegerField())


class Event(models.Model):
    """Something that happened to a line. The last one with a state says where the line stands."""

    access = Scoped(
        viewers="viewer_ids",
        everyone=(Reader.DCC, Reader.SECAS),
        only={
            Reader.SECAS: ("id", "line_id", "kind", "state", "holder", "on_day"),
            **dict.fromkeys(PARTIES, EVENT),
        },
        adders=(*PARTIES, Reader.DCC),
    )

    line = models.ForeignKey(Line, on_delete=models.PROTECT, related_name="events", db_index=False)
    kind = CodeField()
    state = CodeField(null=True, help_text="NULL for a comment.")
    holder = CodeField(null=True)
    by = CodeField()
    words = models.TextField(blank=True)
    on_day = models.DateField()
    sequence = models.BigIntegerField(help_text="Of the extract that was shown then.")
    recorded_at = models.DateTimeField(auto_now_add=True)
    made_by = models.TextField(
        blank=True, help_text="The person's email address; empty for the portal itself."
    )
    viewer_ids = ArrayField(models.IntegerField())

    class Meta:
        indexes = (models.Index(fields=["line", "-id"], name="event_of_line"),)
