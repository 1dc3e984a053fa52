"""Changing what a person may do. Rights are taken away at once; DCC's own are given by two operators."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import IntegrityError, transaction
from django.utils import timezone

from smi_portal import audit
from smi_portal.access.readers import Role
from smi_portal.accounts import rights
from smi_portal.accounts.models import OrganisationSettings, Person, RoleRequest
from smi_portal.accounts.people.invitations import Refused

ASKED = "Asked for. A second operator of DCC decides."


def make_administrator(by: Person, person: Person) -> str:
    """Give the right to manage people, or ask for it at DCC; the sentence says which. Raises Refused."""
    _own(by, person)
    if not person.is_active:
        raise Refused(f"{person.name} is deactivated: let them in again first.")
    if person.organisation.role is Role.DCC:
        return _ask(by, person, RoleRequest.ADMINISTRATOR)
    _set(by, person, "made administrator", is_administrator=True)
    return f"{person.name} is an administrator now."


def make_member(by: Person, person: Person) -> str:
    """Take the right to manage people away. Raises Refused for the last administrator."""
    _own(by, person)
    _not_the_last(person)
    _set(by, person, "made member", is_administrator=False)
    return f"{person.name} is a member now."


def deactivate(by: Person, person: Person) -> str:
    """End what a person may do, and their sessions, at once. Raises Refused for oneself and the last administrator."""
    _own(by, person)
    if by.pk == person.pk:
        raise Refused("You cannot deactivate yourself. Another administrator can.")
    _not_the_last(person)
    with transaction.atomic():
        _set(by, person, "deactivated", is_active=False)
        end_sessions(person)
    return f"{person.name} can no longer sign in, and their sessions have ended."


def reactivate(by: Person, person: Person) -> str:
    """Let a person in again, or ask for it at DCC. Raises Refused."""
    _own(by, person)
    if person.organisation.role is Role.DCC:
        return _ask(by, person, RoleRequest.REACTIVATE)
    _set(by, person, "let in again", is_active=True)
    return f"{person.name} can sign in again."


def take_second_step(by: Person, person: Person) -> str:
    """For somebody who lost app, passkey and codes: they set up a new second step when they next sign in."""
    _own(by, person)
    if by.pk == person.pk:
        raise Refused("You cannot take your own second step back. Another administrator can.")
    with transaction.atomic():
        Authenticator.objects.filter(user=person).delete()
        end_sessions(person)
        audit.note("second step taken back", person=by, organisation=person.organisation, of=person.email)
    return f"{person.name} signs in with the password alone next time. Make sure that it is they who asked."


def decide(by: Person, request: RoleRequest, granted: bool) -> str:
    """A second operator's answer to what a first one asked for at DCC. Raises Refused."""
    if not rights.is_dcc_operator(by) or request.person.organisation_id != by.organisation_id:
        raise Refused("Only people of DCC decide about one another.")
    if granted and by.pk in {request.asked_by_id, request.person_id}:
        raise Refused("You asked for it, or it is about you. A second operator decides.")
    with transaction.atomic():
        mine = RoleRequest.objects.filter(pk=request.pk, decided_at__isnull=True)
        if not mine.update(decided_by=by, decided_at=timezone.now(), granted=granted):
            raise Refused("This has been decided meanwhile: look at the list again.")
        if not granted:
            audit.note("role refused", person=by, of=request.person.email, change=request.change)
            return "Refused. Nothing has changed."
        if request.change == RoleRequest.ADMINISTRATOR:
            _set(by, request.person, "made administrator", is_administrator=True)
        else:
            _set(by, request.person, "let in again", is_active=True, is_administrator=False)
    return f"Granted: {request.person.name} may {request.get_change_display()}."


def demand_second_step(by: Person, demanded: bool) -> str:
    """Ask everyone of one's organisation for a second step, or no longer. Raises Refused."""
    if not rights.is_administrator(by):
        raise Refused("Administrators decide this.")
    with transaction.atomic():
        OrganisationSettings.objects.update_or_create(
            organisation=by.organisation, defaults={"second_step": demanded}
        )
        audit.note("second step demanded" if demanded else "second step no longer demanded", person=by)
    return (
        "Everyone must use a second step from their next page on."
        if demanded
        else "It is left to each person."
    )


def end_sessions(person: Person) -> None:
    """End every session of a person."""
    mine = UserSession.objects.filter(user=person)
    Session.objects.filter(session_key__in=list(mine.values_list("session_key", flat=True))).delete()
    mine.delete()


def _own(by: Person, person: Person) -> None:
    if not rights.administers(by, person.organisation):
        raise Refused("You manage the people of your own organisation alone.")


def _not_the_last(person: Person) -> None:
    others = Person.objects.filter(
        organisation=person.organisation_id, is_administrator=True, is_active=True
    ).exclude(pk=person.pk)
    if person.is_administrator and person.is_active and not others.exists():
        raise Refused(
            f"{person.name} is the only administrator. Make somebody else an administrator first, "
            "or nobody could let anyone in."
        )


def _ask(by: Person, person: Person, change: str) -> str:
    try:
        with transaction.atomic():
            RoleRequest.objects.create(person=person, change=change, asked_by=by)
            audit.note("role asked for", person=by, of=person.email, change=change)
    except IntegrityError as error:
        raise Refused("This has been asked for already. A second operator of DCC decides.") from error
    return ASKED


def _set(by: Person, person: Person, kind: str, **values: bool) -> None:
    with transaction.atomic():
        for name, value in values.items():
            setattr(person, name, value)
        person.save(update_fields=list(values))
        audit.note(kind, person=by, organisation=person.organisation, of=person.email)
