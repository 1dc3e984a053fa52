"""The pre-flight's addresses."""

from __future__ import annotations

from django.urls import path

from smi_portal.preflight import views

app_name = "preflight"

urlpatterns = [path("", views.check, name="check")]
