"""Registers customers with the kernel: permissions and menu."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CustomersConfig(AppConfig):
    """The area of accounts."""

    name = "huoshui.areas.customers"
    label = "customers"
    verbose_name = _("Customers")

    def ready(self) -> None:
        """Declare permissions and the menu line."""
        from huoshui.kernel.accounts import permissions
        from huoshui.kernel.pages import menu

        permissions.declare("customers.read", _("See: Customers"), posts=("manager", "viewer"))
        permissions.declare("customers.edit", _("Change: Customers"), posts=("manager",))
        menu.add("work", _("Customers"), "customers:accounts", "customers.read")
