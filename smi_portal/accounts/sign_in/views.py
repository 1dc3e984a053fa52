"""Pages of signing in that are ours; the others are allauth's views, declared in `urls`."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, cast

from allauth.account.decorators import reauthentication_required
from allauth.account.views import LoginView
from allauth.mfa.adapter import get_adapter
from allauth.mfa.totp.internal.auth import SECRET_SESSION_KEY
from allauth.mfa.webauthn.views import RemoveWebAuthnView
from allauth.socialaccount.adapter import get_adapter as get_social_adapter
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.sessions.models import Session
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from smi_portal.access.declare import public, setting_up
from smi_portal.accounts.demo import people_to_show
from smi_portal.accounts.models import Person
from smi_portal.accounts.sign_in import middleware, second_step


class SignIn(LoginView):  # type: ignore[misc]  # allauth ships no types
    """The sign-in page; in the demo it lists who one can be."""

    template_name = "accounts/sign_in.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Why one has to sign in again, the ways to do it, and the demo's people where there are any."""
        stale = settings.SESSION_COOKIE_NAME in self.request.COOKIES and self.request.session.is_empty()
        found: dict[str, Any] = super().get_context_data(
            demo_people=people_to_show() if settings.SHOW_DEMO_PEOPLE else [],
            ended=middleware.why_ended(self.request) or (middleware.REASONS["idle"] if stale else None),
            services=get_social_adapter().list_providers(self.request),
            demo_inbox=settings.SHOW_DEMO_PEOPLE,
            **kwargs,
        )
        return found


sign_in = public(SignIn.as_view())


@require_POST
@public
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session, or the half of one that waits for a code. POST only: no link or image signs anyone out."""
    logout(request)
    target = request.POST.get("next", "")
    if target and url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}):
        return HttpResponseRedirect(target)
    return render(request, "accounts/signed_out.html")


@require_safe
@public
def by_invitation(request: HttpRequest) -> HttpResponse:
    """What to do without an account: nobody signs up, people are invited."""
    return render(request, "accounts/by_invitation.html")


@require_safe
@public
def service_refused(request: HttpRequest) -> HttpResponse:
    """Where a sign-in service leads back to when it was interrupted."""
    return render(request, "accounts/service_refused.html", status=403)


@require_safe
@setting_up
def account(request: HttpRequest) -> HttpResponse:
    """What the person's own account is, and what they may change about it."""
    person = _person(request)
    return render(
        request,
        "accounts/account.html",
        {"must_use": second_step.must_use(person), "has_step": second_step.has(person)},
    )


@require_safe
@setting_up
def totp_picture(request: HttpRequest) -> HttpResponse:
    """The QR code of the app that is being set up, from the secret that the session holds; 404 without one."""
    secret = request.session.get(SECRET_SESSION_KEY)
    if not secret:
        raise Http404
    adapter = get_adapter()
    picture = adapter.build_totp_svg(adapter.build_totp_url(_person(request), secret))
    return HttpResponse(picture, content_type="image/svg+xml; charset=utf-8")


class RemovePasskey(RemoveWebAuthnView):  # type: ignore[misc]  # allauth ships no types
    """Remove a passkey, unless it is the last second step of somebody who must use one."""

    def form_valid(self, form: Any) -> HttpResponse:
        """allauth asks the adapter for apps only; here for passkeys too."""
        adapter = get_adapter()
        if not adapter.can_delete_authenticator(self.get_object()):
            messages.error(self.request, adapter.error_messages["cannot_delete_authenticator"])
            return redirect("mfa_list_webauthn")
        answer: HttpResponse = super().form_valid(form)
        return answer


remove_passkey = setting_up(RemovePasskey.as_view())


@setting_up
@reauthentication_required(allow_get=True)  # type: ignore[untyped-decorator]  # allauth ships no types
def sessions(request: HttpRequest) -> HttpResponse:
    """Where the person is signed in. POST ends one of the sessions (`end`), or every other one, once they have
    shown again who they are: whoever finds a browser open cannot send its owner away everywhere else.
    """
    person = _person(request)
    if request.method == "POST":
        return _end(request, person)
    ends = {s.session_key: s.expire_date for s in _live(person)}
    mine = UserSession.objects.filter(user=person, session_key__in=ends).order_by("-created_at")
    idle = timedelta(seconds=settings.SESSION_COOKIE_AGE)
    rows = [{"session": one, "seen": ends[one.session_key] - idle, "here": one.is_current()} for one in mine]
    return render(request, "accounts/sessions.html", {"rows": rows, "others": len(rows) > 1})


def _end(request: HttpRequest, person: Person) -> HttpResponse:
    chosen = request.POST.get("end", "")
    mine = UserSession.objects.filter(user=person)
    if chosen:
        # An id that is not a number, or another's: the same answer.
        mine = mine.filter(pk=int(chosen)) if chosen.isdecimal() and len(chosen) < 18 else mine.none()
    ended = [one for one in mine if not one.is_current()]
    for one in ended:
        one.end()
    if ended:
        messages.success(request, "Ended. Whoever used it must sign in again.")
    else:
        messages.info(request, "There was no such session to end: it may have ended by itself.")
    return redirect("usersessions_list")


def _live(person: Person) -> list[Session]:
    keys = UserSession.objects.filter(user=person).values_list("session_key", flat=True)
    return list(Session.objects.filter(session_key__in=list(keys), expire_date__gt=timezone.now()))


def _person(request: HttpRequest) -> Person:
    return cast(Person, request.user)  # the view is declared for people who are signed in
