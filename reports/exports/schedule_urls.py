"""Addresses of the schedules."""

from django.urls import path

from reports.exports.views import schedules

app_name = "schedules"
urlpatterns = [
    path("", schedules.listing, name="schedules"),
    path("dump/", schedules.dump, name="dump"),
    path("new/<str:code>/", schedules.new, name="new"),
    path("<uuid:schedule_id>/", schedules.schedule, name="schedule"),
    path("<uuid:schedule_id>/edit/", schedules.edit, name="edit"),
    path("<uuid:schedule_id>/<str:action>/", schedules.change, name="change"),
]
