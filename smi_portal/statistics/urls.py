"""Addresses of the statistics."""

from django.urls import path

from smi_portal.statistics import views

app_name = "statistics"
urlpatterns = [
    path("", views.index, name="index"),
    path("<str:month>/", views.month_page, name="month"),
    path("<str:month>/statistics.csv", views.month_csv, name="csv"),
    path("<str:month>/publish/", views.publish, name="publish"),
]
