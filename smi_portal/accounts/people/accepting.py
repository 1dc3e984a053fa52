"""The page behind an invitation's link."""

from __future__ import annotations

from allauth.account.internal.flows.login import perform_password_login
from allauth.account.models import Login
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from smi_portal import audit
from smi_portal.access.declare import public
from smi_portal.accounts.models import Invitation
from smi_portal.accounts.people import invitations
from smi_portal.accounts.people.forms import AcceptForm


@public
def accept(request: HttpRequest, token: str) -> HttpResponse:
    """Choose a name and a password; then one is signed in. A link that does not work says so, and no more."""
    invitation = invitations.usable(token)
    if invitation is None:
        return _unusable(request)
    form = AcceptForm(request.POST if request.method == "POST" else None, initial={"name": invitation.name})
    if request.method == "POST" and form.is_valid():
        answer = _accepted(request, invitation, form)
        if answer is not None:
            return answer
    return render(request, "accounts/accept.html", {"form": form, "invitation": invitation})


def _accepted(request: HttpRequest, invitation: Invitation, form: AcceptForm) -> HttpResponse | None:
    given = form.cleaned_data
    try:
        person = invitations.accept(invitation, given["name"], given["password1"])
    except ValidationError as refused:
        form.add_error("password1", refused)
        return None
    if person is None:
        return _unusable(request)
    answer: HttpResponse = perform_password_login(
        request, {"email": person.email}, Login(user=person, email=person.email)
    )
    return answer


def _unusable(request: HttpRequest) -> HttpResponse:
    audit.note("invitation refused")
    return render(request, "accounts/invitation_unusable.html", status=404)
