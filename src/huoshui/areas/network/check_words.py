"""The checks of the network: what each finding means, why it matters, and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

Words = Any

ERROR, WARNING, NOTICE = "error", "warning", "notice"

LEVELS: dict[str, Words] = {ERROR: _("Error"), WARNING: _("Warning"), NOTICE: _("Worth a look")}
LEVEL_COLOURS = {ERROR: "red", WARNING: "orange", NOTICE: "azure"}


@dataclass(frozen=True, kw_only=True)
class Check:
    """One check as people read it. ``unit`` is that of the figures of its findings."""

    code: str
    level: str
    title: Words
    meaning: Words
    why: Words
    remedy: Words
    unit: str = ""


CHECKS: tuple[Check, ...] = (
    Check(
        code="no_source", level=ERROR, title=_("No source reaches it"),
        meaning=_("This piece of the network is joined to no water source and no tank, even with "
                  "every valve open. The figure is how many nodes the piece has."),
        why=_("Traces and calculations find no water here and leave its customers out."),
        remedy=_("Draw the missing pipe, join the end that almost touches, or mark the piece as "
                 "planned or abandoned."),
    ),
    Check(
        code="shut_off", level=WARNING, title=_("Shut off by closed valves"),
        meaning=_("Closed valves part this piece from every source. The figure is how many nodes "
                  "the piece has."),
        why=_("Either its customers have no water, or a valve is recorded as closed and is not."),
        remedy=_("Look at the valves around it and report how they stand."),
    ),
    Check(
        code="unlinked", level=WARNING, title=_("Node without pipes"),
        meaning=_("No pipe, valve or pump ends at this node."),
        why=_("It is a leftover of drawing, or a pipe is missing."),
        remedy=_("Join it to its pipe, or take it out."),
    ),
    Check(
        code="same_place", level=ERROR, title=_("Nodes in the same place"),
        meaning=_("Two nodes lie in the same place and no link joins them."),
        why=_("On the map the pipes look joined; in every calculation they are not."),
        remedy=_("Join the pipes at one of the nodes and take the other out."),
    ),
    Check(
        code="close_nodes", level=WARNING, title=_("Nodes that almost touch"), unit="m",
        meaning=_("Two nodes lie closer than half a metre and no link joins them."),
        why=_("Mostly a pipe was not snapped to the end of the next one."),
        remedy=_("Move one node onto the other if they are joined in the street."),
    ),
    Check(
        code="end_near_pipe", level=WARNING, title=_("Dead end beside a pipe"), unit="m",
        meaning=_("A pipe ends on or right beside another pipe without being joined to it."),
        why=_("A branch that is joined in the street hangs in the air in every calculation."),
        remedy=_("Split the pipe there and join the branch."),
    ),
    Check(
        code="crossing", level=WARNING, title=_("Pipes cross without a node"),
        meaning=_("Two pipes cross on the map and have no common node there."),
        why=_("If they are joined, water takes ways that no calculation knows."),
        remedy=_("Split both there if they are joined; accept it as it is if one runs above the "
                 "other."),
    ),
    Check(
        code="duplicate", level=WARNING, title=_("Pipe drawn twice"), unit="m",
        meaning=_("Two pipes run between the same nodes on the same course."),
        why=_("Length, volume and capacity are counted twice."),
        remedy=_("Take one out; accept it as it is if two pipes lie side by side."),
    ),
    Check(
        code="loop", level=ERROR, title=_("Link ends where it starts"),
        meaning=_("Both ends of the link are the same node."),
        why=_("It cannot carry water, and calculations refuse it."),
        remedy=_("Give it its right end, or take it out."),
    ),
    Check(
        code="no_length", level=WARNING, title=_("Pipe without length"), unit="m",
        meaning=_("The pipe is shorter than five centimetres."),
        why=_("It makes calculations unstable and stands for something else, such as a fitting."),
        remedy=_("Correct its length, or join its two nodes."),
    ),
    Check(
        code="length_differs", level=NOTICE, title=_("Stated length differs from the drawn one"),
        unit="m",
        meaning=_("The stated length is more than a fifth and more than five metres off the "
                  "length of the course on the map. The figures are the stated and the drawn "
                  "length."),
        why=_("One of them is wrong: the losses of friction, or the place of the pipe."),
        remedy=_("Look it up in the as-built drawing; accept it as it is if the pipe has bends or "
                 "slopes that are not drawn."),
    ),
    Check(
        code="no_diameter", level=ERROR, title=_("Diameter not known"),
        meaning=_("Nobody has said how wide this pipe is."),
        why=_("No calculation can tell how much it carries."),
        remedy=_("Look it up, or take the diameter of the pipes beside it and say so."),
    ),
    Check(
        code="diameter_jump", level=NOTICE, title=_("Sudden change of diameter"), unit="mm",
        meaning=_("Exactly two pipes meet here, and one is three times as wide as the other. The "
                  "figures are the narrower and the wider diameter."),
        why=_("Often a typing error, such as 50 for 500; a narrow piece throttles all behind it."),
        remedy=_("Check both diameters against the drawings."),
    ),
    Check(
        code="valve_direction", level=ERROR, title=_("Valve drawn against the flow"),
        meaning=_("Water can come to this valve only from its end side, and it lets water pass "
                  "only from its start side."),
        why=_("In a calculation nothing passes, and pressures behind it become negative."),
        remedy=_("Turn it round in the drawing."),
    ),
    Check(
        code="boundary_state", level=WARNING, title=_("State of a boundary valve not known"),
        meaning=_("The valve should be closed, and no turn of it was ever recorded."),
        why=_("If it is open, the night flow of both zones is wrong and nobody sees why."),
        remedy=_("Have it looked at, and report how it stands."),
    ),
    Check(
        code="connection_far", level=NOTICE, title=_("Connection far from its pipe"), unit="m",
        meaning=_("The customer's place lies far from the pipe it was joined to, or no pipe was "
                  "found."),
        why=_("When the pipe is shut, the wrong customers are told."),
        remedy=_("Choose the right pipe on the connection's page; it is kept from then on."),
    ),
    Check(
        code="out_of_range", level=WARNING, title=_("Value outside its range"),
        meaning=_("An attribute has a value that no such asset can have."),
        why=_("It spoils sums and calculations."),
        remedy=_("Correct it on the asset's page."),
    ),
    Check(
        code="no_place", level=WARNING, title=_("Place not known"),
        meaning=_("The asset has no coordinates."),
        why=_("It is on no map, and nobody finds it in the street."),
        remedy=_("Give its coordinates, or import them."),
    ),
)  # fmt: skip

BY_CODE: dict[str, Check] = {one.code: one for one in CHECKS}
