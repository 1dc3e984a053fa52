"""What the data-issue pages share."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render

from smi_portal.access.declare import with_role
from smi_portal.access.entered import viewer_of
from smi_portal.access.readers import Role
from smi_portal.days import Days
from smi_portal.inventory.models import ExtractLoad

View = Callable[..., HttpResponseBase]
RAISERS = (Role.MAP, Role.SUPPLIER)


def for_roles(*roles: Role) -> Callable[[View], View]:
    """Let people of these roles in, with `days` as the second argument; before the first extract, say so."""

    def declare(view: View) -> View:
        @wraps(view)
        def entered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if viewer_of(request).role not in roles:
                names = Role.listed(roles)
                raise PermissionDenied(f"This part of the data issues is for another role: {names}.")
            load = ExtractLoad.current()
            if load is None:
                return render(request, "data_issues/not_ready.html")
            return view(request, Days.of(load), *args, **kwargs)

        return with_role(entered)

    return declare
