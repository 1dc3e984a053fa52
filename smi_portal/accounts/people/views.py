"""The people of one's own organisation: who they are, inviting, changing, and DCC's second opinions."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from smi_portal.access.declare import administrators, for_roles
from smi_portal.access.readers import Role
from smi_portal.accounts.models import Invitation, Person, RoleRequest
from smi_portal.accounts.people import changes, invitations
from smi_portal.accounts.people.forms import InviteForm
from smi_portal.accounts.people.invitations import Refused
from smi_portal.accounts.rights import person_of
from smi_portal.accounts.sign_in import second_step

ACTIONS = {
    "administrator": changes.make_administrator,
    "member": changes.make_member,
    "deactivate": changes.deactivate,
    "reactivate": changes.reactivate,
    "second-step": changes.take_second_step,
}


@administrators
def people(request: HttpRequest) -> HttpResponse:
    """Everyone of the organisation and everyone invited; POST invites."""
    me = person_of(request)
    form = InviteForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            made = invitations.invite(
                me, me.organisation, given["email"], given["name"], given["role"] == "administrator"
            )
        except Refused as refused:
            form.add_error("email", str(refused))
        else:
            messages.success(request, told(made))
            return redirect("people")
    everyone = Person.objects.filter(organisation=me.organisation).order_by("-is_active", "name", "email")
    step = Authenticator.objects.filter(user_id=OuterRef("pk"), type__in=second_step.STEPS)
    return render(
        request,
        "accounts/people.html",
        {
            "form": form,
            "people": everyone.annotate(has_step=Exists(step)),
            "invited": invitations.waiting_for(me.organisation).order_by("-invited_at"),
            "now": timezone.now(),
            "demanded": second_step.organisation_demands(me),
            "is_dcc": me.organisation.role is Role.DCC,
        },
    )


@administrators
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """One person of one's own organisation; POST changes what they may do. Others' people are 404."""
    me = person_of(request)
    found = get_object_or_404(
        Person.objects.select_related("organisation"), pk=pk, organisation=me.organisation
    )
    if request.method == "POST":
        action = ACTIONS.get(request.POST.get("action", ""))
        try:
            if action is None:
                raise Refused("Choose one of the buttons.")
            messages.success(request, action(me, found))
        except Refused as refused:
            messages.error(request, str(refused))
        return redirect("person", pk=pk)
    return render(
        request,
        "accounts/person.html",
        {"person": found, "is_me": found.pk == me.pk, "has_step": second_step.has(found)},
    )


@require_POST
@administrators
def invitation(request: HttpRequest, pk: int) -> HttpResponse:
    """Send an invitation of one's own organisation again, or take it back."""
    me = person_of(request)
    found = get_object_or_404(invitations.waiting_for(me.organisation), pk=pk)
    try:
        if request.POST.get("action") == "again":
            invitations.send_again(me, found)
            messages.success(
                request, f"Sent again to {found.email}. The link of the mail before no longer works."
            )
        else:
            invitations.withdraw(me, found)
            messages.success(request, f"Taken back. The link that {found.email} has no longer works.")
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect("people")


@require_POST
@administrators
def demand_second_step(request: HttpRequest) -> HttpResponse:
    """Ask everyone of the organisation for a second step, or no longer."""
    messages.success(
        request, changes.demand_second_step(person_of(request), request.POST.get("demand") == "yes")
    )
    return redirect("people")


@for_roles(Role.DCC)
def approvals(request: HttpRequest) -> HttpResponse:
    """What waits for a second operator of DCC; POST decides."""
    me = person_of(request)
    waiting = invitations.waiting_for(me.organisation).filter(needs_approval=True, approved_by__isnull=True)
    requests = RoleRequest.objects.filter(
        person__organisation=me.organisation, decided_at__isnull=True
    ).select_related("person", "asked_by")
    if request.method == "POST":
        try:
            messages.success(request, _decided(request, me))
        except Refused as refused:
            messages.error(request, str(refused))
        return redirect("approvals")
    return render(
        request,
        "accounts/approvals.html",
        {"invited": waiting.select_related("invited_by").order_by("invited_at"), "requests": requests},
    )


def _decided(request: HttpRequest, me: Person) -> str:
    yes = request.POST.get("decision") == "yes"
    kind, _, number = request.POST.get("what", "").partition("-")
    pk = int(number) if number.isdecimal() and len(number) < 18 else 0
    if kind == "invitation":
        waiting = invitations.waiting_for(me.organisation).filter(
            needs_approval=True, approved_by__isnull=True
        )
        found = get_object_or_404(waiting, pk=pk)
        if yes:
            invitations.approve(me, found)
            return f"Approved. The invitation is on its way to {found.email}."
        invitations.withdraw(me, found)
        return "Refused. Nobody is invited."
    asked = RoleRequest.objects.select_related("person__organisation")
    return changes.decide(me, get_object_or_404(asked, pk=pk, person__organisation=me.organisation), yes)


def told(made: Invitation) -> str:
    """What the inviter is told: the same whether or not the address has an account."""
    if made.needs_approval:
        return f"{made.email} is invited once a second operator of DCC approves."
    return f"An invitation is on its way to {made.email}. It works once, for 72 hours."
