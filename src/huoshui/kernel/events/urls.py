"""Addresses of the outbox."""

from huoshui.kernel.events import pages

app_name = "events"

urlpatterns = pages.urlpatterns
