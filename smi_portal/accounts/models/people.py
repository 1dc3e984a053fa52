"""People: who signs in, and for which organisation."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models

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

    # Never deleted: records say who did something. `is_active` ends what a person may do.
    access = SiteTable(verbs=("SELECT", "INSERT", "UPDATE"))

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


class OrganisationSettings(models.Model):
    """What an organisation's administrators decide for their own people."""

    access = SiteTable(verbs=("SELECT", "INSERT", "UPDATE"))

    organisation = models.OneToOneField(Organisation, on_delete=models.PROTECT, related_name="settings")
    second_step = models.BooleanField(
        default=False, help_text="Everyone of the organisation must use a second step to sign in."
    )


class Invitation(models.Model):
    """Someone asked in by e-mail. Used once, for 72 hours, for the organisation that the inviter was told to fill.

    The token is in the mail alone; here is its SHA-256. An invitation to DCC is not sent before a second
    operator approves it.
    """

    access = SiteTable(verbs=("SELECT", "INSERT", "UPDATE"))

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="invitations")
    email = models.EmailField()
    name = models.CharField(max_length=200)
    is_administrator = models.BooleanField(default=False)
    invited_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    invited_at = models.DateTimeField(auto_now_add=True)
    needs_approval = models.BooleanField(default=False)
    approved_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", null=True)
    approved_at = models.DateTimeField(null=True)
    token_hash = models.CharField(max_length=64, unique=True, null=True)  # noqa: DJ001 - none before it is sent
    expires_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=models.Q(approved_by__isnull=True) | ~models.Q(approved_by=models.F("invited_by")),
                name="nobody_approves_their_own_invitation",
            ),
            models.CheckConstraint(
                condition=models.Q(token_hash__isnull=True)
                | models.Q(needs_approval=False)
                | models.Q(approved_by__isnull=False),
                name="not_sent_before_it_is_approved",
            ),
        )


class RoleRequest(models.Model):
    """A right over DCC's own people that one operator asks for and a second one grants or refuses."""

    access = SiteTable(verbs=("SELECT", "INSERT", "UPDATE"))

    ADMINISTRATOR = "administrator"
    REACTIVATE = "reactivate"

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="role_requests")
    change = models.CharField(
        max_length=20, choices=[(ADMINISTRATOR, "become administrator"), (REACTIVATE, "be let in again")]
    )
    asked_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(auto_now_add=True)
    decided_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", null=True)
    decided_at = models.DateTimeField(null=True)
    granted = models.BooleanField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=models.Q(granted__isnull=True)
                | models.Q(granted=False)
                | (~models.Q(decided_by=models.F("asked_by")) & ~models.Q(decided_by=models.F("person"))),
                name="a_second_operator_decides",
            ),
            models.UniqueConstraint(
                fields=["person", "change"],
                condition=models.Q(decided_at__isnull=True),
                name="one_open_request_a_change",
            ),
        )
