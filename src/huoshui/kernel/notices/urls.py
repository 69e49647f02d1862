"""Addresses of the notices."""

from huoshui.kernel.notices import pages

app_name = "notices"

urlpatterns = pages.urlpatterns
