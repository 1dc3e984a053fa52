"""What is kept of a saved view. The database keeps organisations apart; `store` keeps people apart."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from smi_portal.access.tables import kept

NAME_LENGTH = 80


class SavedView(models.Model):
    """A question under a name, of the person who made it; `shared`: its whole organisation may use it."""

    access = kept()

    organisation_id = models.IntegerField()
    # No foreign key: a view that is shared outlives its maker's account, and no reader may look at accounts.
    person_id = models.IntegerField()
    made_by = models.TextField(help_text="The maker's name, as colleagues are shown it.")
    report = models.CharField(max_length=20, help_text="The report's code.")
    name = models.CharField(max_length=NAME_LENGTH)
    query = models.TextField(blank=True, help_text="The question's query string; checked again at every use.")
    shared = models.BooleanField(default=False)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        # Each names the organisation: or a name that is taken would tell what another organisation keeps.
        constraints = (
            models.UniqueConstraint(
                "organisation_id",
                "report",
                Lower("name"),
                condition=Q(shared=True),
                name="one_shared_view_a_name",
            ),
            models.UniqueConstraint(
                "organisation_id",
                "person_id",
                "report",
                Lower("name"),
                condition=Q(shared=False),
                name="one_own_view_a_name",
            ),
        )

    def __str__(self) -> str:
        return self.name


class Preference(models.Model):
    """What one person does with a view: pinned to their home page, or the one that their report opens with."""

    access = kept()

    organisation_id = models.IntegerField()
    person_id = models.IntegerField()
    view = models.ForeignKey(SavedView, on_delete=models.CASCADE, related_name="preferences")
    report = models.CharField(max_length=20, help_text="The view's report, for the constraint below.")
    pinned = models.BooleanField(default=False)
    default = models.BooleanField(default=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["organisation_id", "person_id", "view"], name="one_preference_a_view"
            ),
            models.UniqueConstraint(
                fields=["organisation_id", "person_id", "report"],
                condition=Q(default=True),
                name="one_default_view_a_report",
            ),
        )
