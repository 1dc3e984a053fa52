"""Every address of people, signing in, and what has been released to organisations."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from smi_portal.accounts.inbox import views as inbox
from smi_portal.accounts.matrix import views as matrix
from smi_portal.accounts.people import accepting, organisations, views

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("smi_portal.accounts.sign_in.urls")),
    path("account/invitation/<str:token>/", accepting.accept, name="accept-invitation"),
    path("account/what-you-may-see/", matrix.what_you_may_see, name="what-you-may-see"),
    path("people/", views.people, name="people"),
    path("people/approvals/", views.approvals, name="approvals"),
    path("people/second-step/", views.demand_second_step, name="demand-second-step"),
    path("people/invitations/<int:pk>/", views.invitation, name="invitation"),
    path("people/<int:pk>/", views.person, name="person"),
    path("organisations/", organisations.organisations, name="organisations"),
    path("organisations/<str:organisation>/", organisations.organisation, name="organisation"),
    path("permissions/", matrix.permissions, name="permissions"),
    path("permissions/<str:organisation>/<str:group>/", matrix.permission, name="permission"),
    path("inbox/", inbox.inbox, name="demo-inbox"),
    path("inbox/<int:pk>/", inbox.mail, name="demo-mail"),
]
