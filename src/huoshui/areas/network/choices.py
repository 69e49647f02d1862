"""The closed lists of the network: each code with the words that people read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils import translation
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huoshui.areas.network.contracts import (
    ChangeDeed,
    ChangeState,
    ConnectionStatus,
    Kind,
    Material,
    Operability,
    ReportState,
    Status,
    Trouble,
    ValveKind,
    ZoneKind,
)
from huoshui.areas.network.contracts.cards import Duty

Words = Any

KINDS: dict[str, Words] = {
    Kind.PIPE: _("Pipe"),
    Kind.JUNCTION: _("Node"),
    Kind.VALVE: _("Valve"),
    Kind.PUMP: _("Pump"),
    Kind.TANK: _("Tank"),
    Kind.RESERVOIR: _("Water source"),
    Kind.HYDRANT: _("Hydrant"),
}

MATERIALS: dict[str, Words] = {
    Material.DUCTILE_IRON: _("Ductile iron"),
    Material.GREY_CAST_IRON: _("Grey cast iron"),
    Material.STEEL: _("Steel"),
    Material.PE: _("Polyethylene (PE)"),
    Material.PVC: _("PVC-U"),
    Material.CONCRETE: _("Prestressed concrete"),
    Material.ASBESTOS_CEMENT: _("Asbestos cement"),
    Material.GLASS_FIBRE: _("Glass-fibre plastic"),
}

VALVE_KINDS: dict[str, Words] = {
    ValveKind.GATE: _("Gate valve"),
    ValveKind.BUTTERFLY: _("Butterfly valve"),
    ValveKind.BALL: _("Ball valve"),
    ValveKind.CHECK: _("Check valve"),
    ValveKind.AIR: _("Air valve"),
    ValveKind.DRAIN: _("Drain valve"),
    ValveKind.PRESSURE_REDUCING: _("Pressure-reducing valve"),
    ValveKind.PRESSURE_SUSTAINING: _("Pressure-sustaining valve"),
    ValveKind.PRESSURE_BREAKER: _("Pressure-breaker valve"),
    ValveKind.FLOW_CONTROL: _("Flow-control valve"),
    ValveKind.THROTTLE: _("Throttle valve"),
    ValveKind.GENERAL_PURPOSE: _("General-purpose valve"),
    ValveKind.POSITIONAL: _("Position-controlled valve"),
}

STATUSES: dict[str, Words] = {
    Status.IN_USE: _("In service"),
    Status.PLANNED: _("Planned"),
    Status.ABANDONED: _("Abandoned"),
}

OPERABILITIES: dict[str, Words] = {
    Operability.UNKNOWN: _("Not tried"),
    Operability.OPERABLE: _("Can be turned"),
    Operability.STIFF: _("Stiff"),
    Operability.SEIZED: _("Seized"),
    Operability.BURIED: _("Covered over"),
    Operability.NOT_FOUND: _("Not found"),
}

ZONE_KINDS: dict[str, Words] = {
    ZoneKind.SUPPLY: _("Supply zone"),
    ZoneKind.PRESSURE: _("Pressure zone"),
    ZoneKind.DMA: _("District metered area"),
    ZoneKind.SECTOR: _("Sector"),
    ZoneKind.ESTATE: _("Estate"),
}

DUTIES: dict[str, Words] = {
    Duty.OPERATION: pgettext_lazy("duty", "Operation"),
    Duty.PATROL: pgettext_lazy("duty", "Patrol"),
    Duty.LEAKAGE: pgettext_lazy("duty", "Leakage"),
    Duty.REPAIR: pgettext_lazy("duty", "Repair"),
    Duty.DATA: pgettext_lazy("duty", "Data"),
}

CONNECTION_STATUSES: dict[str, Words] = {
    ConnectionStatus.IN_USE: _("In service"),
    ConnectionStatus.CLOSED: _("Shut off"),
    ConnectionStatus.PLANNED: _("Planned"),
}

CHANGE_STATES: dict[str, Words] = {
    ChangeState.DRAFT: _("Draft"),
    ChangeState.SUBMITTED: _("Waiting for approval"),
    ChangeState.APPROVED: _("Approved"),
    ChangeState.REFUSED: _("Refused"),
    ChangeState.WITHDRAWN: _("Taken back"),
}

CHANGE_DEEDS: dict[str, Words] = {
    ChangeDeed.CREATE: _("New asset"),
    ChangeDeed.MODIFY: _("Attributes changed"),
    ChangeDeed.MOVE: pgettext_lazy("network", "Moved"),
    ChangeDeed.SPLIT: _("Split"),
    ChangeDeed.JOIN: _("Joined"),
    ChangeDeed.RETIRE: _("Taken out"),
    ChangeDeed.RESTORE: _("Put back"),
}

NORMAL_STATES: dict[str, Words] = {"open": _("Normally open"), "closed": _("Normally closed")}
CLOSING: dict[str, Words] = {"clockwise": _("Clockwise"), "anticlockwise": _("Anticlockwise")}
DRIVES: dict[str, Words] = {
    "hand": _("By hand"),
    "electric": _("Electric"),
    "pneumatic": _("Pneumatic"),
    "hydraulic": _("Hydraulic"),
}
HYDRANT_KINDS: dict[str, Words] = {
    "above_ground": _("Above ground"),
    "underground": _("Underground"),
    "standpipe": _("Standpipe"),
}
NODE_TYPES: dict[str, Words] = {
    "meter_chamber": pgettext_lazy("node kind", "Meter chamber"),
    "sampling_point": pgettext_lazy("node kind", "Sampling point"),
    "pressure_point": pgettext_lazy("node kind", "Pressure point"),
    "pump_house": pgettext_lazy("node kind", "Pump house"),
}
TANK_KINDS: dict[str, Words] = {
    "clear_water": pgettext_lazy("tank kind", "Clear-water basin"),
    "water_tower": pgettext_lazy("tank kind", "Water tower"),
    "roof_tank": pgettext_lazy("tank kind", "Tank of a building"),
}
PUMP_KINDS: dict[str, Words] = {
    "centrifugal": pgettext_lazy("pump kind", "Horizontal centrifugal pump"),
    "vertical": pgettext_lazy("pump kind", "Vertical multistage pump"),
    "submersible": pgettext_lazy("pump kind", "Submersible pump"),
    "borehole": pgettext_lazy("pump kind", "Borehole pump"),
}
LININGS: dict[str, Words] = {
    "cement_mortar": _("Cement mortar"),
    "epoxy": _("Epoxy"),
    "plastic": _("Plastic"),
    "none": _("None"),
}
COATINGS: dict[str, Words] = {
    "zinc": _("Zinc"),
    "bitumen": _("Bitumen"),
    "epoxy": _("Epoxy"),
    "pe": _("Three-layer PE"),
    "none": _("None"),
}
JOINTS: dict[str, Words] = {
    "push_on": _("Push-on"),
    "flanged": _("Flanged"),
    "welded": _("Welded"),
    "fused": _("Butt or electro fusion"),
    "mechanical": _("Mechanical"),
    "threaded": _("Threaded"),
}
PLACE_SOURCES: dict[str, Words] = {
    "survey": _("Surveyed"),
    "as_built": _("As-built drawing"),
    "located": _("Located with instruments"),
    "digitised": _("Traced from a map"),
    "model": _("Hydraulic model"),
    "estimated": _("Estimated"),
}

TROUBLES: dict[str, Words] = {
    Trouble.LEAK: _("Water is leaking"),
    Trouble.COVER: _("Cover is missing or broken"),
    Trouble.DAMAGE: _("Something is damaged"),
    Trouble.NO_WATER: _("No water, or low pressure"),
    Trouble.QUALITY: _("The water looks or smells bad"),
    Trouble.OTHER: _("Something else"),
}

REPORT_STATES: dict[str, Words] = {
    ReportState.NEW: _("Not looked at yet"),
    ReportState.LOOKED_AT: _("Looked at"),
    ReportState.JOB: _("Made a job"),
    ReportState.DISMISSED: _("Put aside"),
}

# What people write in their files, beside our own words.
SPOKEN: dict[str, str] = {
    "球墨铸铁": "ductile_iron", "球铁": "ductile_iron", "di": "ductile_iron",
    "灰口铸铁": "grey_cast_iron", "铸铁": "grey_cast_iron", "ci": "grey_cast_iron",
    "钢": "steel", "钢管": "steel", "hdpe": "pe", "pe管": "pe", "upvc": "pvc", "pvc-u": "pvc",
    "砼": "concrete", "混凝土": "concrete", "石棉水泥": "asbestos_cement", "ac": "asbestos_cement",
    "玻璃钢": "glass_fibre", "frp": "glass_fibre", "prv": "pressure_reducing",
    "psv": "pressure_sustaining", "pbv": "pressure_breaker", "fcv": "flow_control",
    "tcv": "throttle", "gpv": "general_purpose", "pcv": "positional", "开": "open", "关": "closed",
    "常开": "open", "常闭": "closed", "在用": "in_use", "废弃": "abandoned", "规划": "planned",
}  # fmt: skip


def code_of(choices: Mapping[str, Words], given: str) -> str:
    """Return the code that a text means: the code itself or its words in either language.

    Raises `ValueError` where it means none of them.
    """
    wanted = given.strip().lower()
    if wanted in choices:
        return wanted
    for language in ("zh-hans", "en"):
        with translation.override(language):
            for code, label in choices.items():
                if str(label).lower() == wanted:
                    return str(code)
    spoken = SPOKEN.get(wanted, "")
    if spoken in choices:
        return spoken
    raise ValueError(given)


TRACE_PROBLEMS: dict[str, Words] = {
    "no_source": _(
        "The register knows no water source and no tank in use, so nothing is fed. Import or draw "
        "one, or put its status right."
    ),
    "not_fed": _("No source reaches this asset as the valves stand now."),
    "is_closed": _("It stands closed, so nothing passes it."),
    "not_in_use": _("This asset is not in use, so it carries no water."),
}

CHANGE_PROBLEMS: dict[str, Words] = {
    "unknown": _("The register has no such asset."),
    "is_retired": _("It was taken out already."),
    "code_taken": _("Another asset has this code."),
    "same_ends": _("A link cannot end where it starts."),
    "no_place": _("One of its ends has no place."),
    "no_such_attribute": _("Assets of this kind have no such attribute:"),
    "impossible": _("This value is not possible:"),
    "not_a_drawn_pipe": _("Only a pipe that is drawn can be split."),
    "at_its_end": _("This is the end of the pipe; there is nothing to split."),
    "not_between_two_pipes": _("Only a node at which exactly two pipes meet can be joined away."),
    "still_joined": _("Links still end at this node:"),
    "changed_since": _("Somebody changed it since:"),
    "incomplete": _("The step does not say all it must:"),
}
CHANGE_WARNINGS: dict[str, Words] = {
    "joins_nothing": _("It is joined to nothing of the network, so no water reaches it."),
    "no_diameter": _("Its diameter is not stated, so it is calculated with an assumed one."),
    "left_alone": _("No pipe is left at this node."),
}
