"""Every address of people, signing in, and what has been released to organisations."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from smi_portal.accounts.inbox import views as inbox

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("smi_portal.accounts.sign_in.urls")),
    path("inbox/", inbox.inbox, name="demo-inbox"),
    path("inbox/<int:pk>/", inbox.mail, name="demo-mail"),
]
