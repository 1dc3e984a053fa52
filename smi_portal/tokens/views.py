"""A person's own tokens: list, make (shown once), revoke."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from reports.engine.report import Report, report_for, reports_for
from smi_portal import audit
from smi_portal.access.declare import signed_in
from smi_portal.accounts.models import Person
from smi_portal.tokens import keys
from smi_portal.tokens.forms import TokenForm
from smi_portal.tokens.models import ApiToken

#: Working tokens that one person may have at a time.
MOST = 20
MADE_ALREADY = (
    "That token was made by your first click, and could not be shown again. "
    "If you did not copy it, revoke it and make another."
)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def tokens_page(request: HttpRequest) -> HttpResponse:
    """The person's tokens, and the form for a new one. The answer to a good form shows the token, once."""
    reports = [(report.code, f"{report.code} {report.title}") for report in _reports(request)]
    form = TokenForm(reports, request.POST if request.method == "POST" else None)
    if request.method != "POST" or not form.is_valid():
        status = 400 if form.is_bound else 200
        return render(request, "tokens/tokens.html", {**_listed(request), "form": form}, status=status)
    if _working(request) >= MOST:
        form.add_error(
            None, f"You have {MOST} working tokens, which is the most. Revoke one that you no longer need."
        )
        return render(request, "tokens/tokens.html", {**_listed(request), "form": form}, status=400)
    made = _make(_person(request), form)
    if made is None:
        messages.error(request, MADE_ALREADY)
        return redirect("tokens:tokens")
    token, text = made
    return render(request, "tokens/made.html", {"token": token, "text": text})


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def revoke_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask, then revoke. Another person's token is not found, like one that never was."""
    token = ApiToken.objects.filter(person=_person(request), pk=pk).first()
    if token is None:
        raise Http404
    if request.method != "POST":
        return render(request, "tokens/revoke.html", {"token": token})
    if token.revoked_at is None:
        token.revoked_at = timezone.now()
        token.save(update_fields=["revoked_at"])
        audit.note("token revoked", token.person, name=token.name, token=token.pk)
    messages.success(request, f"“{token.name}” is revoked. Programs that use it are refused from now on.")
    return redirect("tokens:tokens")


def _make(person: Person, form: TokenForm) -> tuple[ApiToken, str] | None:
    """A new token with its clear text; None when this very form has made one before."""
    text, given = keys.make(), form.cleaned_data
    try:
        with transaction.atomic():
            token = ApiToken.objects.create(
                person=person,
                name=given["name"],
                digest=keys.digest(text),
                hint=keys.hint(text),
                covers=given["covers"],
                expires_at=timezone.now() + timedelta(days=given["days"]),
                form_key=keys.digest(f"{person.pk}:{given['form_key']}"),
            )
            audit.note(
                "token made",
                person,
                name=token.name,
                token=token.pk,
                covers=token.covers,
                expires=token.expires_at.date(),
            )
    except IntegrityError:
        return None
    return token, text


def _listed(request: HttpRequest) -> dict[str, object]:
    tokens = list(ApiToken.objects.filter(person=_person(request)))
    for token in tokens:
        token.titles = [(code, _title(code)) for code in token.covers]  # type: ignore[attr-defined]
    return {
        "working": [token for token in tokens if token.state == "active"],
        "ended": [token for token in tokens if token.state != "active"],
    }


def _title(code: str) -> str:
    report = report_for(code)
    return report.title if report else "no longer exists"


def _working(request: HttpRequest) -> int:
    tokens = ApiToken.objects.filter(person=_person(request), revoked_at=None)
    return tokens.filter(expires_at__gt=timezone.now()).count()


def _reports(request: HttpRequest) -> list[Report]:
    viewer = getattr(request, "viewer", None)
    if not viewer:
        return []
    # Read Inventory is in no catalogue, but programs look devices up too.
    return [*reports_for(viewer), *(r for r in [report_for("SRV_8_2")] if r and viewer.role in r.roles)]


def _person(request: HttpRequest) -> Person:
    person = request.user
    if not isinstance(person, Person):  # never so behind @signed_in: for the type checker
        raise Http404
    return person
