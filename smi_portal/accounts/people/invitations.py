"""Invitations: used once, for 72 hours, for an organisation that the inviter does not choose.

Whether an address has an account already is told to nobody but its owner: an invitation to it looks the same to
the inviter, and its mail says that the address is taken.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.mail import send_mail
from django.db import transaction
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from smi_portal import audit
from smi_portal.access.readers import Role
from smi_portal.accounts import rights
from smi_portal.accounts.models import Invitation, Person
from smi_portal.inventory.models import Organisation

LIFETIME = timedelta(hours=72)


class Refused(Exception):
    """What was asked cannot be done; the sentence says why, and what to do instead."""


def invite(by: Person, organisation: Organisation, email: str, name: str, administrator: bool) -> Invitation:
    """Ask somebody in, by mail; to DCC only after a second operator approves. Raises Refused."""
    email = email.lower()
    if not may_invite(by, organisation, administrator):
        raise Refused("You may invite people to your own organisation alone.")
    if organisation.role is None:
        raise Refused(
            f"{organisation.name} may see nothing: it is not a User or is no longer in the extract. "
            "Nobody can be invited to it."
        )
    colleague = Person.objects.filter(organisation=organisation, email=email).first()
    if colleague is not None:
        standing = "is one of your people already" if colleague.is_active else "was deactivated"
        raise Refused(f"{email} {standing}: see the list of people.")
    with transaction.atomic():
        waiting_for(organisation).filter(email=email).update(withdrawn_at=timezone.now())
        invitation = Invitation.objects.create(
            organisation=organisation,
            email=email,
            name=name,
            is_administrator=administrator,
            invited_by=by,
            needs_approval=organisation.role is Role.DCC,
        )
        _note("invited", by, invitation)
        if not invitation.needs_approval:
            send(invitation)
    return invitation


def may_invite(by: Person, organisation: Organisation, administrator: bool) -> bool:
    """Administrators fill their own organisation; DCC gives every other one its administrators."""
    if rights.administers(by, organisation):
        return True
    others = organisation.pk != by.organisation_id and organisation.role is not Role.DCC
    return rights.is_dcc_operator(by) and others and administrator


def approve(by: Person, invitation: Invitation) -> None:
    """A second operator's yes to a new person of DCC; it is sent now, and its 72 hours begin. Raises Refused."""
    if not rights.is_dcc_operator(by) or invitation.organisation_id != by.organisation_id:
        raise Refused("Only people of DCC approve who becomes one of them.")
    if invitation.invited_by_id == by.pk:
        raise Refused("You invited this person. A second operator approves.")
    with transaction.atomic():
        open_ones = waiting_for(invitation.organisation).filter(
            pk=invitation.pk, needs_approval=True, approved_by__isnull=True
        )
        if not open_ones.update(approved_by=by, approved_at=timezone.now()):
            raise Refused("This invitation is no longer waiting: look at the list again.")
        invitation.refresh_from_db()
        _note("invitation approved", by, invitation)
        send(invitation)


def send(invitation: Invitation) -> None:
    """Mail a new token; the one before stops working."""
    token = secrets.token_urlsafe(32)
    invitation.token_hash = hash_of(token)
    invitation.expires_at = timezone.now() + LIFETIME
    invitation.save(update_fields=["token_hash", "expires_at"])
    link = settings.SMI_SITE_URL.rstrip("/") + reverse("accept-invitation", args=[token])
    taken = Person.objects.filter(email=invitation.email).exists()
    context = {"invitation": invitation, "link": link, "taken": taken}
    body = render_to_string("accounts/mail/invitation.txt", context)
    subject = f"SMI Portal: you are invited for {' '.join(invitation.organisation.name.split())}"
    transaction.on_commit(lambda: send_mail(subject, body, None, [invitation.email]))


def send_again(by: Person, invitation: Invitation) -> None:
    """A new link in place of the old one. Raises Refused."""
    if invitation.needs_approval and invitation.approved_by_id is None:
        raise Refused("A second operator approves this invitation before it is sent.")
    with transaction.atomic():
        send(invitation)
        _note("invitation sent again", by, invitation)


def withdraw(by: Person, invitation: Invitation) -> None:
    """Take an invitation back; its link stops working."""
    with transaction.atomic():
        invitation.withdrawn_at = timezone.now()
        invitation.save(update_fields=["withdrawn_at"])
        _note("invitation withdrawn", by, invitation)


def waiting_for(organisation: Organisation) -> QuerySet[Invitation]:
    """The organisation's invitations that nobody has used or taken back, expired ones among them."""
    return Invitation.objects.filter(
        organisation=organisation, accepted_at__isnull=True, withdrawn_at__isnull=True
    )


def usable(token: str) -> Invitation | None:
    """The invitation that this token opens now; None for every reason alike."""
    found = (
        Invitation.objects.select_related("organisation")
        .filter(
            token_hash=hash_of(token),
            accepted_at__isnull=True,
            withdrawn_at__isnull=True,
            expires_at__gt=timezone.now(),
        )
        .first()
    )
    if found is None or found.organisation.role is None or Person.objects.filter(email=found.email).exists():
        return None
    return found


def accept(invitation: Invitation, name: str, password: str) -> Person | None:
    """The new person, or None when the invitation was used at the same moment. Raises ValidationError."""
    person = Person(email=invitation.email, name=name, organisation=invitation.organisation)
    validate_password(password, person)
    with transaction.atomic():
        now = timezone.now()
        mine = Invitation.objects.filter(
            pk=invitation.pk, accepted_at__isnull=True, withdrawn_at__isnull=True, expires_at__gt=now
        )
        if not mine.update(accepted_at=now):
            return None
        person = Person.objects.create_person(
            invitation.email,
            name,
            invitation.organisation,
            password,
            is_administrator=invitation.is_administrator,
        )
        _note("invitation accepted", person, invitation)
    return person


def hash_of(token: str) -> str:
    """What is kept of a token: 256 random bits need no salt."""
    return hashlib.sha256(token.encode(errors="surrogatepass")).hexdigest()


def _note(kind: str, by: Person, invitation: Invitation) -> None:
    details: dict[str, Any] = {"address": invitation.email, "administrator": invitation.is_administrator}
    audit.note(kind, person=by, organisation=invitation.organisation, **details)
