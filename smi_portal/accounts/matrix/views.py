"""The matrix as DCC keeps it, and "what you may see and why" as each organisation reads it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from smi_portal.access.declare import for_roles, signed_in
from smi_portal.access.entered import viewer_of
from smi_portal.access.readers import FieldGroup, Role
from smi_portal.access.scope import Viewer
from smi_portal.accounts.matrix import releases
from smi_portal.accounts.rights import person_of
from smi_portal.inventory.models import Organisation

ON_A_PAGE = 50


class DecisionForm(forms.Form):
    """Why a release is given or taken, and which of the two."""

    reason = forms.CharField(
        label="Reason",
        max_length=1000,
        help_text="Name the decision and where it is recorded. The organisation reads this.",
        error_messages={
            "required": "Enter the reason: the organisation reads it, and so does the audit.",
            "max_length": "Enter a reason of at most 1,000 characters.",
        },
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    decision = forms.ChoiceField(
        choices=[("release", "Release"), ("revoke", "Revoke")], widget=forms.HiddenInput
    )


@require_safe
@for_roles(Role.DCC)
def permissions(request: HttpRequest) -> HttpResponse:
    """Every Meter Asset Provider × field group; `q` narrows by name or code."""
    wanted = request.GET.get("q", "").replace("\x00", "").strip()[:100]
    maps = Organisation.objects.filter(kind=Role.MAP.value).order_by("name", "pk")
    if wanted:
        maps = maps.filter(Q(name__icontains=wanted) | Q(organisation__icontains=wanted))
    page = Paginator(maps, ON_A_PAGE).get_page(request.GET.get("page"))
    matrix = releases.cells(viewer_of(request), [one.pk for one in page])
    rows = [{"organisation": one, "cells": matrix[one.pk]} for one in page]
    groups = [{"name": group.value, "fields": releases.FIELDS[group]} for group in FieldGroup]
    context = {"page": page, "rows": rows, "groups": groups, "wanted": wanted}
    return render(request, "accounts/permissions.html", context)


@for_roles(Role.DCC)
def permission(request: HttpRequest, organisation: str, group: str) -> HttpResponse:
    """One cell: its history, and POST to release or revoke with a reason, at once."""
    party = get_object_or_404(Organisation, organisation=organisation, kind=Role.MAP.value)
    if group not in set(FieldGroup):
        raise Http404
    chosen, viewer = FieldGroup(group), viewer_of(request)
    form = DecisionForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        _decide(request, viewer, party, chosen, form.cleaned_data)
        return redirect("permission", organisation=organisation, group=group)
    (cell,) = (c for c in releases.cells(viewer, [party.pk])[party.pk] if c.group is chosen)
    history = releases.history(viewer, party.pk, chosen)
    context = {"organisation": party, "cell": cell, "history": history, "form": form}
    return render(request, "accounts/permission.html", context)


def _decide(
    request: HttpRequest, viewer: Viewer, organisation: Organisation, group: FieldGroup, given: dict[str, Any]
) -> None:
    release = given["decision"] == "release"
    done = releases.decide(person_of(request), viewer, organisation, group, release, given["reason"].strip())
    if not done:
        messages.info(
            request, f"{group.value.capitalize()} was {'released' if release else 'not released'} already."
        )
    elif release:
        messages.success(request, f"Released. {organisation.name} sees {releases.FIELDS[group]} from now on.")
    else:
        messages.success(request, f"Revoked. {organisation.name} no longer sees {releases.FIELDS[group]}.")


@require_safe
@signed_in
def what_you_may_see(request: HttpRequest) -> HttpResponse:
    """What this person's organisation may see and why, with every decision about it."""
    viewer: Viewer | None = getattr(request, "viewer", None)
    context: dict[str, Any] = {"cells": [], "history": []}
    if viewer is not None and viewer.role is Role.MAP:
        context["cells"] = releases.cells(viewer, [viewer.organisation_id])[viewer.organisation_id]
        context["history"] = releases.history(viewer, viewer.organisation_id)
    return render(request, "accounts/what_you_may_see.html", context)
