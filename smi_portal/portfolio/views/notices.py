"""Being told: a digest by mail for oneself, a webhook for one's organisation."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from smi_portal.access.declare import for_roles
from smi_portal.access.entered import recorder_of, viewer_of
from smi_portal.accounts.rights import administrators_of, is_administrator
from smi_portal.portfolio.asking import ROLES
from smi_portal.portfolio.feed import last_cursor
from smi_portal.portfolio.models import Digest, Webhook
from smi_portal.portfolio.notices.digests import subscribe
from smi_portal.portfolio.notices.outgoing import wrong_with
from smi_portal.portfolio.notices.webhooks import key_of
from smi_portal.portfolio.views.common import note


class DigestForm(forms.Form):
    """How often to mail."""

    frequency = forms.ChoiceField(
        label="Mail me what changed",
        required=False,
        choices=[("", "Never"), ("daily", "Once a day"), ("weekly", "Once a week")],
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": "Choose never, once a day or once a week."},
    )


class WebhookForm(forms.Form):
    """Where to send events; empty = nowhere."""

    url = forms.CharField(label="Address", required=False, max_length=500)

    def clean_url(self) -> str:
        """An address that events may be sent to."""
        url = str(self.cleaned_data["url"]).strip()
        if url and (wrong := wrong_with(url)):
            raise forms.ValidationError(wrong)
        return url


@require_safe
@for_roles(*ROLES)
def page(request: HttpRequest) -> HttpResponse:
    """Both settings as they are."""
    return _page(request)


@require_POST
@for_roles(*ROLES)
def digest(request: HttpRequest) -> HttpResponseBase:
    """Change how often oneself is mailed."""
    form = DigestForm(request.POST)
    if not form.is_valid():
        return _page(request, digest_form=form, status=400)
    subscribe(request.user, form.cleaned_data["frequency"])  # type: ignore[arg-type]  # signed in, so a Person
    note(request, "change digest set", frequency=form.cleaned_data["frequency"] or "never")
    messages.success(request, "Your digest is set.")
    return redirect("changes:notices")


@require_POST
@for_roles(*ROLES, administrator=True)
def webhook(request: HttpRequest) -> HttpResponseBase:
    """Set, change or remove the organisation's webhook. A new address begins with events from now on."""
    form = WebhookForm(request.POST)
    if not form.is_valid():
        return _page(request, webhook_form=form, status=400)
    url, viewer = form.cleaned_data["url"], viewer_of(request)
    held = Webhook.objects.filter(organisation_id=viewer.organisation_id).first()
    if not url:
        Webhook.objects.filter(organisation_id=viewer.organisation_id).delete()
    elif held is None:
        Webhook.objects.create(
            organisation_id=viewer.organisation_id,
            url=url,
            cursor=last_cursor(viewer),
            set_by=recorder_of(request),
        )
    else:
        held.url, held.set_by, held.failures, held.next_try, held.last_error = (
            url,
            recorder_of(request),
            0,
            None,
            "",
        )
        held.key_version += "new_key" in request.POST
        held.save()
    note(request, "change webhook set", address=url or "none", new_key="new_key" in request.POST)
    messages.success(request, "The webhook is set." if url else "The webhook is removed.")
    return redirect("changes:notices")


def _page(
    request: HttpRequest,
    digest_form: DigestForm | None = None,
    webhook_form: WebhookForm | None = None,
    status: int = 200,
) -> HttpResponse:
    held = Digest.objects.filter(person=request.user.pk).first() if request.user.pk else None
    viewer = viewer_of(request)
    hook = Webhook.objects.filter(organisation_id=viewer.organisation_id).first()
    may_set = is_administrator(request.user)
    context: dict[str, Any] = {
        "form": digest_form or webhook_form,
        "digest_form": digest_form or DigestForm(initial={"frequency": held.frequency if held else ""}),
        "webhook_form": webhook_form or WebhookForm(initial={"url": hook.url if hook else ""}),
        "hook": hook,
        "key": key_of(hook) if hook and may_set else "",
        "may_set": may_set,
        "administrators": [] if may_set else administrators_of(request.user.organisation),  # type: ignore[union-attr]
    }
    return render(request, "portfolio/notices.html", context, status=status)
