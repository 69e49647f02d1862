"""Addresses of the health pages."""

from huoshui.kernel.health import pages

app_name = "health"

urlpatterns = pages.urlpatterns
