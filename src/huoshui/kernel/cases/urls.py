"""Addresses of cases."""

from huoshui.kernel.cases.web.urls import urlpatterns

__all__ = ["urlpatterns"]
