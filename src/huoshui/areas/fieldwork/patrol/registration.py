"""What patrols declare: permissions, deeds, pages, panels, a layer on the map."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huoshui.areas.network import contracts as network_contracts
from huoshui.areas.network import facade as network
from huoshui.kernel import audit, files, slots
from huoshui.kernel.accounts import permissions
from huoshui.kernel.pages import menu

READ = "fieldwork.read_jobs"
PERMISSIONS = (
    ("fieldwork.manage_patrol", _("Plan patrol rounds and register construction sites"),
     ("manager", "dispatcher", "crew_leader")),
    ("fieldwork.record_patrol", _("Record what happens at construction sites"),
     ("dispatcher", "crew_leader", "crew")),
    ("fieldwork.settle_damage", _("Note compensation for damage at construction sites"),
     ("manager", "dispatcher", "crew_leader")),
)  # fmt: skip
MENU = (
    (_("Patrol rounds"), "rounds", "road", 40),
    (_("Construction sites"), "sites", "shovel", 41),
)
DEEDS = {
    "fieldwork.round_kept": _("Patrol round changed"),
    "fieldwork.walk_taken": _("Patrol walk taken"),
    "fieldwork.finding_taken": _("Patrol finding taken"),
    "fieldwork.finding_job": _("Job made of a patrol finding"),
    "fieldwork.proposal_made": _("Round proposed"),
    "fieldwork.proposal_accepted": _("Proposed round made"),
    "fieldwork.proposal_declined": _("Proposed round declined"),
    "fieldwork.proposal_lapsed": _("Proposed round lapsed"),
    "fieldwork.site_registered": _("Construction site registered"),
    "fieldwork.site_changed": _("Construction site changed"),
    "fieldwork.site_disclosed": _("Pipes shown to a builder"),
    "fieldwork.site_visited": _("Construction site visited"),
    "fieldwork.site_damaged": _("Damage at a construction site"),
    "fieldwork.site_claimed": _("Compensation for damage claimed"),
    "fieldwork.site_paid": _("Compensation for damage paid"),
    "fieldwork.site_finished": _("Construction site finished"),
    "fieldwork.builder_read": _("Contact of a builder looked at"),
    "fieldwork.track_read": _("Track of a walker looked at"),
}
SUBJECTS = {
    "fieldwork.round": _("Patrol round"),
    "fieldwork.finding": _("Patrol finding"),
    "fieldwork.site": _("Construction site"),
    "fieldwork.proposal": _("Proposed round"),
    "fieldwork.walk": _("Patrol walk"),
}
DETAILS = {
    "every_days": _("Every so many days"),
    "assets": _("Assets"),
    "source": pgettext_lazy("patrol", "Recorded by"),
    "length_m": _("Length of the pipes [m]"),
    "covered_m": _("Walked of it [m]"),
    "asset": _("Asset"),
    "round": _("Patrol round"),
    "reason": _("Reason"),
    "finding": pgettext_lazy("patrol", "Found"),
    "risk": _("Risk"),
    "visit_every_days": _("Visit every so many days"),
    "amount_yuan": _("Amount [yuan]"),
}


def register() -> None:
    """Offer everything; called once when the program starts."""
    from huoshui.areas.fieldwork.patrol import area_lines, words
    from huoshui.areas.fieldwork.patrol.web import panels

    for code, label, posts in PERMISSIONS:
        permissions.declare(code, label, posts=posts, by_unit=True)
    for code, label in DEEDS.items():
        audit.name_deed(code, label)
    for kind, label in SUBJECTS.items():
        audit.name_subject(kind, label)
    audit.name_details({f"fieldwork.{key}": label for key, label in DETAILS.items()})
    audit.name_values("fieldwork.finding", lambda code: words.FINDINGS.get(code, code))
    audit.name_values("fieldwork.source", lambda code: words.SOURCES.get(code, code))
    audit.name_values(
        "fieldwork.risk", lambda code: words.RISKS[code][0] if code in words.RISKS else code
    )
    for label, name, icon, order in MENU:
        menu.add("work", label, f"patrol:{name}", READ, icon, order)
    files.declare_kind("site_photo", permission=READ)
    slots.fill("network.asset.panels", panels.of_asset, permission=READ, order=62)
    slots.fill("network.zone.panels", panels.of_zone, permission=READ, order=62)
    network.register_card_lines(area_lines.LINES)
    network.register_map_layer(
        network_contracts.MapLayer(
            id="patrol",
            label=_("Patrol findings and construction sites"),  # type: ignore[arg-type]
            kind="points",
            url="/api/v1/fieldwork/patrol/map",
            permission=READ,
            order=62,
            shown=False,
            refresh_s=60,
        )
    )
