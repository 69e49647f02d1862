"""Addresses of the twin."""

from django.urls import include, path

from huoshui.areas.twin.web import pages

twin_pages = [
    pages.Runs.path("", name="runs"),
    pages.RunPage.path("<int:run_id>/", name="run"),
]

urlpatterns = [path("twin/", include((twin_pages, "twin")))]
