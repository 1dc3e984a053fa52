"""Signing in and out."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from smi_portal.access.declare import public
from smi_portal.accounts.demo import people_to_show

WRONG = "The email address or the password is not right. Check both and try again."


class SignInForm(AuthenticationForm):
    """Email address and password. One message for every failure: it does not tell whether an account exists."""

    error_messages = {"invalid_login": WRONG, "inactive": WRONG}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = "Email address"
        self.fields["username"].error_messages["required"] = "Enter your email address."
        self.fields["password"].error_messages["required"] = "Enter your password."


class SignIn(LoginView):
    """The sign-in page; in the demo it lists who one can be."""

    template_name = "accounts/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the demo's people where there are any."""
        people = people_to_show() if settings.DEBUG or getattr(settings, "SHOW_DEMO_PEOPLE", False) else []
        return super().get_context_data(demo_people=people, **kwargs)


sign_in = public(SignIn.as_view())


@require_POST
@public
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session. POST only, so that no link or image can sign anyone out."""
    logout(request)
    return render(request, "accounts/signed_out.html")
