"""Single sign-on: an organisation's own service says who somebody is. It speaks for that organisation alone."""

from __future__ import annotations

from typing import Any

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.http import HttpRequest
from django.shortcuts import render

from smi_portal import audit
from smi_portal.accounts.models import Person


class ServiceAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """allauth's hooks: nobody signs up, and no service signs in another organisation's people."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        """Nobody signs up: people are invited."""
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Let the invited person of the service's organisation in; a plain page for everybody else."""
        person = person_of(sociallogin)
        if person is None:
            said = [address.email for address in sociallogin.email_addresses]
            audit.note("single sign-on refused", service=sociallogin.account.provider, addresses=said)
            page = render(request, "accounts/service_refused.html", status=403)
            raise ImmediateHttpResponse(page)
        # The service's word about addresses lets in, and is not kept: a person has the one that was invited.
        sociallogin.email_addresses = []
        if not sociallogin.is_existing:
            sociallogin.connect(request, person)

    def on_authentication_error(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Whatever went wrong between us and the service: one plain page, and a line in the audit."""
        audit.note("single sign-on failed")
        raise ImmediateHttpResponse(render(request, "accounts/service_refused.html", status=403))


def person_of(sociallogin: Any) -> Person | None:
    """The active person whom this service may sign in: of its organisation, by a verified address.

    Also for an account connected before: the person may have been invited elsewhere, or the service's
    organisation may have changed in the settings.
    """
    organisation = sociallogin.account.get_provider().app.settings.get("organisation")
    people = Person.objects.filter(organisation__organisation=organisation, is_active=True)
    if sociallogin.is_existing:
        return people.filter(pk=sociallogin.user.pk).first()
    verified = [address.email.lower() for address in sociallogin.email_addresses if address.verified]
    return people.filter(email__in=verified).first()
