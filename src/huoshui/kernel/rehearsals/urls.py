"""Addresses of the rehearsals."""

from huoshui.kernel.rehearsals import pages

app_name = "rehearsals"

urlpatterns = pages.urlpatterns
