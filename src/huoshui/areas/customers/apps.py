"""What customers tell the kernel when the program starts."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

SERVICE = ("manager", "service_manager", "hotline_agent", "grid_specialist")
EVERYBODY = (*SERVICE, "dispatcher", "crew_leader")

DEEDS = {
    "customers.accounts_kept": _("Accounts kept"),
    "customers.unmasked": _("Personal data of a customer seen in full"),
    "customers.channels_chosen": _("Ways to reach a customer chosen"),
    "customers.key_manager_chosen": _("Key-account manager chosen"),
    "customers.person_added": _("Person added to an account"),
    "customers.care_begun": _("Special care begun"),
    "customers.care_ended": _("Special care ended"),
    "customers.care_visited": _("Customer in special care visited"),
}


class CustomersConfig(AppConfig):
    """The area of people, premises, accounts, estates and grids."""

    name = "huoshui.areas.customers"
    label = "customers"
    verbose_name = _("Customers")

    def ready(self) -> None:
        """Declare permissions, words, searches and the menu."""
        from huoshui.areas.customers import indexed
        from huoshui.kernel import audit, search
        from huoshui.kernel.accounts import permissions

        for index in (indexed.NAMES, indexed.ADDRESSES, indexed.ESTATES):
            search.declare(index)
        permissions.declare(
            "customers.read", _("See customers with masked personal data"), posts=EVERYBODY
        )
        permissions.declare(
            "customers.unmask", _("See personal data of customers in full"), posts=SERVICE
        )
        permissions.declare(
            "customers.edit",
            _("Change customers: import, channels, people, key-account managers"),
            posts=("manager", "service_manager"),
        )
        permissions.declare(
            "customers.care",
            _("Keep the register of special care and its visits"),
            posts=("manager", "service_manager", "grid_specialist"),
        )
        for code, label in DEEDS.items():
            audit.name_deed(code, label)
        audit.name_subject("customers.account", _("Account"))
        audit.name_subject("customers.accounts", _("Accounts"))
