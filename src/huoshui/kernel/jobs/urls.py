"""Addresses of background work."""

from huoshui.kernel.jobs import pages

app_name = "jobs"

urlpatterns = pages.urlpatterns
