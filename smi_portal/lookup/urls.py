"""Addresses of the look-up."""

from django.urls import path

from smi_portal.lookup.views import device, find, lists

app_name = "lookup"
urlpatterns = [
    path("find/", find.find_page, name="find"),
    path("devices/<str:device_id>/", device.device_page, name="device"),
    path("lists/", lists.lists_page, name="lists"),
    path("lists/<str:reference>/", lists.list_page, name="list"),
    path("lists/<str:reference>/name/", lists.rename, name="rename"),
    path("lists/<str:reference>/delete/", lists.delete, name="delete"),
]
