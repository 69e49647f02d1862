"""Addresses of customers."""

from __future__ import annotations

from huoshui.areas.customers.web import pages

app_name = "customers"
urlpatterns = [
    pages.AccountList.path("customers/", name="accounts"),
    pages.NewAccount.path("customers/add/", name="add"),
]
