"""Organisations as DCC sees them: who administers each, and inviting its administrators."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from smi_portal.access.declare import for_roles
from smi_portal.access.readers import Role
from smi_portal.accounts.models import Person
from smi_portal.accounts.people import invitations
from smi_portal.accounts.people.forms import FirstAdministratorForm
from smi_portal.accounts.people.invitations import Refused
from smi_portal.accounts.people.views import told
from smi_portal.accounts.rights import person_of
from smi_portal.inventory.models import Organisation

ON_A_PAGE = 50


@require_safe
@for_roles(Role.DCC)
def organisations(request: HttpRequest) -> HttpResponse:
    """Every organisation of the extract, by name; `q` narrows by name or code."""
    wanted = request.GET.get("q", "").replace("\x00", "").strip()[:100]
    active = Q(people__is_active=True)
    found = Organisation.objects.annotate(
        active=Count("people", filter=active),
        administrators=Count("people", filter=active & Q(people__is_administrator=True)),
    ).order_by("name", "pk")
    if wanted:
        found = found.filter(Q(name__icontains=wanted) | Q(organisation__icontains=wanted))
    page = Paginator(found, ON_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "accounts/organisations.html", {"page": page, "wanted": wanted})


@for_roles(Role.DCC)
def organisation(request: HttpRequest, organisation: str) -> HttpResponse:
    """One organisation's people; POST invites an administrator."""
    me = person_of(request)
    found = get_object_or_404(Organisation, organisation=organisation)
    form = FirstAdministratorForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            made = invitations.invite(me, found, form.cleaned_data["email"], form.cleaned_data["name"], True)
        except Refused as refused:
            form.add_error("email", str(refused))
        else:
            messages.success(request, told(made))
            return redirect("organisation", organisation=organisation)
    people = Person.objects.filter(organisation=found).order_by("-is_active", "-is_administrator", "name")
    return render(
        request,
        "accounts/organisation.html",
        {
            "organisation": found,
            "people": people,
            "invited": invitations.waiting_for(found).order_by("-invited_at"),
            "form": form,
            "is_own": found.pk == me.organisation_id,
            "is_map": found.kind == Role.MAP.value,
        },
    )
