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
    "customers.exposed_tagged": _("Meters exposed to frost tagged"),
    "customers.person_added": _("Person added to an account"),
    "customers.care_begun": _("Special care begun"),
    "customers.care_ended": _("Special care ended"),
    "customers.care_visited": _("Customer in special care visited"),
    "customers.accounts_imported": _("Accounts imported"),
    "customers.estates_imported": _("Estates imported"),
    "customers.grids_imported": _("Grids imported"),
    "customers.grid_added": _("Grid added"),
    "customers.grid_changed": _("People of a grid chosen"),
    "customers.estates_moved": _("Estates given to grids"),
    "customers.plan_made": _("Proposal to move estates made"),
    "customers.plan_decided": _("Proposal to move estates decided"),
    "customers.board_hung": _("Notice board hung"),
    "customers.board_removed": _("Notice board taken down"),
    "customers.board_report": _("Report by a notice board received"),
    "customers.supervisor_added": _("Supervisor appointed"),
    "customers.supervisor_ended": _("Term of a supervisor ended"),
    "customers.finding_filed": _("Finding of a supervisor filed"),
    "customers.meter_exchanged": _("Meter exchanged"),
    "customers.exchange_told_twice": _("Meter exchange found to be told twice"),
    "customers.visits_planned": _("Visits to key accounts planned"),
    "customers.voice_kept": _("Praise or complaint registered"),
}


MENU = (
    (_("Customers"), "accounts", "users"),
    (_("Special care"), "care", "user-check"),
    (_("Key accounts"), "key_accounts", "briefcase"),
    (_("Meter exchanges"), "exchanges", "arrows-sort"),
    (_("Estates"), "estates", "building-community"),
    (_("Grids"), "grids", "hexagons"),
    (_("Notice boards"), "boards", "pin"),
    (_("Supervisors"), "supervisors", "eye"),
    (_("Praise and complaint"), "voices", "star"),
)


class CustomersConfig(AppConfig):
    """The area of people, premises, accounts, estates and grids."""

    name = "huoshui.areas.customers"
    label = "customers"
    verbose_name = _("Customers")

    def ready(self) -> None:
        """Declare permissions, words, searches and the menu."""
        from huoshui.areas.customers import case_types, indexed, visit_types
        from huoshui.areas.customers.importing import offers
        from huoshui.kernel import audit, files, search, slots
        from huoshui.kernel.accounts import permissions

        for index in (indexed.NAMES, indexed.ADDRESSES, indexed.ESTATES):
            search.declare(index)
        permissions.declare(
            "customers.read", _("See customers with masked personal data"), posts=EVERYBODY
        )
        permissions.declare(
            "customers.unmask",
            _("See personal data of customers in full: of their own estates"),
            posts=SERVICE,
        )
        permissions.declare(
            "customers.unmask_anywhere",
            _("See personal data of customers in full beyond their own estates"),
            posts=("manager", "service_manager", "hotline_agent"),
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
        permissions.declare(
            "customers.frost",
            _("Say whose meters are exposed to frost"),
            posts=("manager", "service_manager", "grid_specialist"),
        )
        permissions.declare(
            "customers.grids",
            _("Choose the people of grids, propose to move estates"),
            posts=("manager", "service_manager"),
        )
        permissions.declare(
            "customers.approve_grids",
            _("Approve proposals to move estates between grids"),
            posts=("manager", "service_manager"),
        )
        permissions.declare(
            "customers.boards",
            _("Record notice boards that are hung and taken down"),
            posts=("manager", "service_manager", "grid_specialist"),
        )
        permissions.declare(
            "customers.voices",
            _("Keep supervisors, their findings, praise and complaint"),
            posts=("manager", "service_manager"),
        )
        for kind in ("customers.staff", "customers.board", "customers.voice"):
            files.declare_kind(kind, permission="customers.read")
        case_types.declare()
        visit_types.declare()
        offers.declare()
        slots.declare(
            "customers.account.panels",
            "Below the facts of an account's page; receives account_code and estate_code.",
        )
        slots.declare(
            "customers.estate.panels", "Below the facts of an estate's page; receives estate_code."
        )
        for code, label in DEEDS.items():
            audit.name_deed(code, label)
        audit.name_subject("customers.account", _("Account"))
        audit.name_subject("customers.accounts", _("Accounts"))
        audit.name_subject("customers.exchanges", _("Meter exchanges"))
        audit.name_subject("customers.estate", _("Estate"))
        audit.name_subject("customers.estates", _("Estates"))
        audit.name_subject("customers.grid", _("Grid"))
        audit.name_subject("customers.grids", _("Grids"))
        audit.name_subject("customers.plan", _("Proposal to move estates"))
        audit.name_subject("customers.supervisor", _("Supervisor"))
        audit.name_subject("customers.voice", _("Praise or complaint"))
        audit.name_details(
            {
                "customers.declined": _("Declined channels"),
                "customers.exposed": _("Exposed to frost"),
                "customers.old_number": _("Old meter"),
                "customers.new_number": _("New meter"),
                "customers.problem": _("Why it has no place"),
                "customers.same_as": _("The same exchange as"),
                "customers.met": _("Somebody was met"),
                "customers.role": _("Role"),
                "customers.specialist": _("Specialist"),
                "customers.deputy": _("Deputy"),
            }
        )
        self._name_in_the_trail()
        self._on_pages()

    def _name_in_the_trail(self) -> None:
        from huoshui.areas.customers import contracts, words
        from huoshui.kernel import audit, events

        events.name_event(contracts.MeterExchanged, _("Meter exchanged"))
        audit.name_values(
            "customers.problem", lambda code: words.EXCHANGE_PROBLEMS.get(code, (code, ""))[0]
        )
        kinds: dict[str, object] = {
            **{str(code): label for code, label in words.SUPERVISOR_KINDS.items()},
            **{str(code): label for code, (label, _colour) in words.VOICE_KINDS.items()},
        }
        audit.name_values("customers.kind", lambda code: kinds.get(code, code))
        audit.name_values("customers.reason", lambda code: words.REASONS.get(code, code))

    def _on_pages(self) -> None:
        """Put the lists into the menu and the estates on the map."""
        from huoshui.areas.customers.web import panels
        from huoshui.areas.network import contracts as network_contracts
        from huoshui.areas.network import facade as network
        from huoshui.kernel import slots
        from huoshui.kernel.pages import menu

        slots.fill("cases.link", panels.case_link, permission="customers.read", order=60)
        for place, (label, name, icon) in enumerate(MENU):
            menu.add(
                "service", label, f"customers:{name}", "customers.read", icon, 100 + 10 * place
            )
        network.register_map_layer(
            network_contracts.MapLayer(
                id="estates",
                label=_("Estates"),  # type: ignore[arg-type]
                kind="points",
                url="/api/v1/customers/map",
                permission="customers.read",
                order=80,
                shown=False,
            )
        )
