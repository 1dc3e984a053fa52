"""Addresses of the audit and of fair use."""

from django.urls import path

from smi_portal.oversight import views

app_name = "oversight"
urlpatterns = [
    path("audit/", views.audit_page, name="audit"),
    path("audit/audit.csv", views.audit_csv, name="audit-csv"),
    path("usage/", views.usage_page, name="usage"),
    path("usage/usage.csv", views.usage_csv, name="usage-csv"),
    path("usage/<int:pk>/<str:what>/lift/", views.lift, name="lift"),
]
