"""Names of the codes of the network, as people read them."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from huoshui.areas.network.choices import KINDS, MATERIALS, VALVE_KINDS

__all__ = ["KINDS", "MATERIALS", "PROBLEMS", "VALVE_KINDS"]

Words = str | Promise

PROBLEMS: dict[str, Words] = {
    "file_unreadable": _("The file cannot be read."),
    "file_too_large": _("The file is larger than 50 MB."),
    "not_a_network": _("This is not an EPANET network file: it holds no nodes or no links."),
    "crs_unknown": _("The coordinate system is not known."),
    "outside_the_world": _("With this coordinate system, nodes lie outside the map."),
    "no_coordinates": _("Nodes without coordinates: they are kept, but not drawn."),
    "no_diameter": _("Pipes without a usable diameter: it is kept as unknown."),
    "code_taken": _("Codes that the register uses for another kind of asset."),
    "code_twice": _("Links called like a node: their codes here begin with L-."),
    "syntax": _("A line cannot be understood."),
    "bad_number": _("A value is not a possible number."),
    "undefined_node": _("A line names a node that does not exist."),
    "undefined_link": _("A line names a link that does not exist."),
    "undefined_pattern": _("A line names a pattern that does not exist."),
    "undefined_curve": _("A line names a curve that does not exist."),
    "duplicate_code": _("A code is used twice."),
    "same_ends": _("A link starts and ends at the same node."),
    "bad_valve": _("A valve is connected in a way that cannot be calculated."),
    "no_source": _("The network has no tank and no source."),
    "bad_tank": _("The levels of a tank contradict each other."),
    "bad_pump": _("A pump has no usable curve or power."),
    "bad_curve": _("A curve has no data, or its values do not rise."),
    "unconnected_node": _("A node is connected to nothing."),
    "unknown_section": _("A section is not known; its content was passed over."),
    "line_too_long": _("A line is too long."),
    "other": _("The calculation engine refuses this file."),
    "more_not_read": _("Reading stopped here; there may be more."),
}
