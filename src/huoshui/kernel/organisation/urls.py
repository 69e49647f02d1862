"""Addresses of the organisation."""

from huoshui.kernel.organisation import pages

app_name = "organisation"

urlpatterns = pages.urlpatterns
