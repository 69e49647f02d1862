"""Addresses of leakage."""

from django.urls import include, path

from huoshui.areas.leakage.web import pages

leakage_pages = [
    path("", pages.zones, name="zones"),
    pages.SetUp.path("zones/<path:code>/set-up/", name="set-up"),
    pages.ZonePage.path("zones/<path:code>/", name="zone"),
    pages.Leaks.path("leaks/", name="leaks"),
    pages.LeakPage.path("leaks/<int:leak_id>/", name="leak"),
    path("leaks/<int:leak_id>/job/", pages.make_job, name="make-job"),
    pages.Dismiss.path("leaks/<int:leak_id>/dismiss/", name="dismiss"),
]

urlpatterns = [path("leakage/", include((leakage_pages, "leakage")))]
