"""Addresses of imports."""

from huoshui.kernel.intake import pages

app_name = "intake"

urlpatterns = pages.urlpatterns
