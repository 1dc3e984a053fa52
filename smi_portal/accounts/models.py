"""People, and the data-permissions matrix: which field groups are released to which organisation."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q

from smi_portal.access.readers import FieldGroup
from smi_portal.access.scope import Viewer
from smi_portal.access.tables import SiteTable
from smi_portal.inventory.models import Organisation


class PersonManager(BaseUserManager["Person"]):
    """Finds people by e-mail address, in any case."""

    def create_person(
        self,
        email: str,
        name: str,
        organisation: Organisation,
        password: str | None,
        *,
        is_administrator: bool = False,
    ) -> Person:
        """A new person of `organisation`; no password = cannot sign in with one."""
        person = self.model(
            email=self.normalize_email(email).lower(),
            name=name,
            organisation=organisation,
            is_administrator=is_administrator,
        )
        person.set_password(password)
        person.save(using=self._db)
        return person

    def get_by_natural_key(self, username: str | None) -> Person:
        """Sign-in's look-up: addresses are kept in lower case."""
        return self.get(email=(username or "").lower())


class Person(AbstractBaseUser):
    """Someone who signs in, for exactly one organisation. What they see follows from the organisation alone."""

    access = SiteTable()

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=200)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="people")
    is_active = models.BooleanField(default=True)
    is_administrator = models.BooleanField(
        default=False,
        help_text="Manages the organisation's people, schedules and tokens (see accounts.rights).",
    )

    objects = PersonManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        verbose_name_plural = "people"

    def __str__(self) -> str:
        return self.email

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keep the address in lower case, so that one person has one account."""
        self.email = self.email.lower()
        super().save(*args, **kwargs)


class FieldRelease(models.Model):
    """A recorded decision that a field group is released to a MAP, until it is revoked (domain rule 4).

    Rows are kept after revocation: the matrix is also the record of what was released when, and why.
    """

    access = SiteTable(verbs=("SELECT",))

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="releases")
    group = models.CharField(max_length=20, choices=[(g.value, g.value) for g in FieldGroup])
    reason = models.TextField()
    granted_at = models.DateTimeField(auto_now_add=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["organisation", "group"],
                condition=Q(revoked_at__isnull=True),
                name="one_release_in_force",
            ),
        )

    def __str__(self) -> str:
        return f"{self.group} → {self.organisation.organisation}"


def viewer_for(organisation: Organisation) -> Viewer | None:
    """The viewer that acts for this organisation now, or None when it may see nothing.

    Read afresh for each request: a revoked release or lost User status takes effect at once.
    """
    role = organisation.role
    if role is None:
        return None
    groups = FieldRelease.objects.filter(organisation=organisation, revoked_at__isnull=True)
    return Viewer(
        role=role,
        organisation_id=organisation.pk,
        organisation=organisation.organisation,
        organisation_name=organisation.name,
        released=frozenset(FieldGroup(group) for group in groups.values_list("group", flat=True)),
    )
