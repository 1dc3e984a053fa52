"""The only way into the API: a bearer token. Sessions are not looked at, so no other site's page can ask for anyone."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from django.conf import settings
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from smi_portal import audit
from smi_portal.accounts.models import viewer_for
from smi_portal.problems import Problem, answer
from smi_portal.tokens import keys, pace
from smi_portal.tokens.models import ApiToken

REALM = 'Bearer realm="SMI Portal"'
#: How exactly "last used" is kept: a write at every request would tell nobody more.
USE_NOTED_EVERY = timedelta(minutes=1)


def admit(request: HttpRequest, cost: int) -> HttpResponse | None:
    """Put the token's person, viewer and pace on the request; or the problem that keeps it out.

    Rights are read now, not when the token was made: `request.user` is the person, `request.viewer` what the
    person's organisation may see, `request.token` the token, `request.pace` what is left of the minute.
    """
    try:
        if settings.SECURE_SSL_REDIRECT and not request.is_secure():
            raise Problem("https-needed")
        token = _token(request)
        taken = pace.take(token.person_id, cost)
        request.pace = taken  # type: ignore[attr-defined]
        if taken.wait:
            raise Problem(
                "too-many-requests",
                f"You may make {taken.allowed} requests a minute; wait {taken.wait} seconds.",
                headers=taken.headers,
            )
        viewer = viewer_for(token.person.organisation)
        if viewer is None:
            raise Problem("no-role", headers=taken.headers)
        viewer = replace(viewer, person_id=token.person_id)
    except Problem as problem:
        return answer(request, problem)
    request.user, request.token, request.viewer = token.person, token, viewer  # type: ignore[attr-defined]
    _note_use(token)
    return None


def _token(request: HttpRequest) -> ApiToken:
    """The valid token that was sent. Whatever is wrong with another, the answer is the same."""
    scheme, _, text = request.headers.get("Authorization", "").partition(" ")
    text = text.strip()
    if scheme.lower() != "bearer" or not text:
        raise Problem("no-token", headers={"WWW-Authenticate": REALM})
    found = _find(text) if keys.is_well_formed(text) else None
    if found is not None and (found.state != "active" or not found.person.is_active):
        _note_refusal(found)
    if found is None or found.state != "active" or not found.person.is_active:
        raise Problem("token-not-valid", headers={"WWW-Authenticate": f'{REALM}, error="invalid_token"'})
    return found


def _find(text: str) -> ApiToken | None:
    tokens = ApiToken.objects.select_related("person__organisation")
    return tokens.filter(digest=keys.digest(text)).first()


def _note_use(token: ApiToken) -> None:
    now = timezone.now()
    if token.last_used_at is None or now - token.last_used_at > USE_NOTED_EVERY:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)


def _note_refusal(token: ApiToken) -> None:
    """Record that a token was used that no longer works, at most once in `USE_NOTED_EVERY`.

    Unknown tokens are not recorded: anyone could fill the audit with them.
    """
    now = timezone.now()
    due = Q(refused_at=None) | Q(refused_at__lt=now - USE_NOTED_EVERY)
    if ApiToken.objects.filter(due, pk=token.pk).update(refused_at=now):
        why = token.state if token.state != "active" else "person deactivated"
        audit.note("token refused", token.person, name=token.name, token=token.pk, why=why)
