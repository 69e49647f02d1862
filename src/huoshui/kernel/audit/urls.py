"""Addresses of the audit trail."""

from huoshui.kernel.audit import pages

app_name = "audit"

urlpatterns = pages.urlpatterns
