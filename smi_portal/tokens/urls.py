"""A person's API tokens."""

from django.urls import path

from smi_portal.tokens import views

app_name = "tokens"
urlpatterns = [
    path("", views.tokens_page, name="tokens"),
    path("<int:pk>/revoke/", views.revoke_page, name="revoke"),
]
