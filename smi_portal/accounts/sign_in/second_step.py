"""Who must use a second step, and who has one."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ObjectDoesNotExist

from smi_portal.access.readers import Role
from smi_portal.accounts.models import Person

#: What counts as a second step. Recovery codes stand in for one of these; alone they are none.
STEPS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def organisation_demands(person: Person) -> bool:
    """Whether the administrators of the person's organisation ask everyone for a second step."""
    try:
        return bool(person.organisation.settings.second_step)
    except ObjectDoesNotExist:
        return False


def must_use(person: Person) -> bool:
    """Administrators, everyone of DCC, and everyone whose organisation says so."""
    ruled = settings.SMI_REQUIRE_MFA and (
        person.is_administrator or person.organisation.kind == Role.DCC.value
    )
    return bool(ruled) or organisation_demands(person)


def has(person: AbstractBaseUser) -> bool:
    """Whether a second step is set up; from then on signing in asks for it."""
    return bool(Authenticator.objects.filter(user_id=person.pk, type__in=STEPS).exists())


def is_last(authenticator: Authenticator) -> bool:
    """Whether the person would be left without a second step."""
    others = Authenticator.objects.filter(user_id=authenticator.user_id, type__in=STEPS)
    return not others.exclude(pk=authenticator.pk).exists()
