"""Addresses of saved views."""

from django.urls import path

from reports.saved import pages

app_name = "saved"
urlpatterns = [
    path("", pages.all_views, name="all"),
    path("new/<str:code>/", pages.new_view, name="new"),
    path("<int:pk>/", pages.edit_view, name="edit"),
    path("<int:pk>/question/", pages.save_over, name="question"),
    path("<int:pk>/prefer/", pages.prefer, name="prefer"),
    path("<int:pk>/delete/", pages.delete_view, name="delete"),
]
