"""The demo's inbox: the mails that it would have sent. Where there is no demo, there is no such page."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from smi_portal.access.declare import public
from smi_portal.accounts.models import DemoMail


@require_safe
@public
def inbox(request: HttpRequest) -> HttpResponse:
    """The latest mails, newest first. Open to all, like the demo's passwords; 404 outside the demo."""
    _only_in_the_demo()
    return render(request, "accounts/inbox.html", {"mails": DemoMail.objects.order_by("-pk")[:50]})


@require_safe
@public
def mail(request: HttpRequest, pk: int) -> HttpResponse:
    """One mail, its links made to click."""
    _only_in_the_demo()
    return render(request, "accounts/mail.html", {"mail": get_object_or_404(DemoMail, pk=pk)})


def _only_in_the_demo() -> None:
    if not settings.SHOW_DEMO_PEOPLE:
        raise Http404
