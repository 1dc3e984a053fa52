"""Addresses of data quality."""

from django.urls import path

from smi_portal.quality import views

app_name = "quality"
urlpatterns = [path("", views.overview, name="overview")]
