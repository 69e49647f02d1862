"""What an import can find wrong, in words, and what to do about each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from huoshui.areas.network.contracts import ImportProblem
from huoshui.kernel.intake import Problem

Words = Any


@dataclass(frozen=True)
class Explained:
    """A kind of problem: what it is, and what a person can do."""

    words: Words
    remedy: Words = ""


_DRAW = _("Correct it in the program that the file comes from, and bring the file again.")
_LINE = _("Correct the line in the file; until then the object is left out.")
_MODEL = _("The register takes the assets; correct the line so that it is calculated with.")

TABLE: dict[str, Explained] = {
    # The file as a whole
    "file_unreadable": Explained(_("The file cannot be read."), _("Check that it still exists.")),
    "file_too_large": Explained(
        _("The file is too large for its format."),
        _("Save it as GeoPackage, or divide it by area."),
    ),
    "format_unknown": Explained(
        _("This is none of the formats that can be read."),
        _("Bring an EPANET file (.inp), GeoPackage, Shapefile (zipped), GeoJSON or DXF."),
    ),
    "archive_broken": Explained(
        _("The archive is broken, locked or holds links."), _("Pack it again without a password.")
    ),
    "archive_bomb": Explained(
        _("A part of the archive would unpack into far more than it is."), _("Pack it again.")
    ),
    "archive_too_large": Explained(_("The archive is too large."), _("Divide it by area.")),
    "archive_of_many": Explained(
        _("The archive holds several networks."), _("Bring them one by one.")
    ),
    "shapefile_part_missing": Explained(
        _("A part of the shapefile is missing."),
        _("Bring the .shp, .shx, .dbf and .prj together, zipped."),
    ),
    "reader_crashed": Explained(
        _("The file breaks the program that reads its format; it is damaged."),
        _("Open and save it in the program that it comes from, and bring it again."),
    ),
    "reader_too_slow": Explained(
        _("Reading the file took too long and was stopped."), _("Divide it by area.")
    ),
    "reader_out_of_memory": Explained(
        _("The file unpacks into more than memory allows."),
        _("Save it as GeoPackage, or divide it by area."),
    ),
    "layer_unreadable": Explained(
        _("A layer cannot be read."),
        _("Open and save it in the program that it comes from, and bring it again."),
    ),
    "not_a_network": Explained(
        _("This is no network: it holds no nodes or no links that can be used."),
        _("Check that it is the right file."),
    ),
    "no_pipes": Explained(
        _("No layer was taken for pipes."), _("Say which layer holds the pipes.")
    ),
    "no_lines": Explained(
        _("The file holds no lines."), _("Bring a layer of lines in GeoPackage or GeoJSON.")
    ),
    "not_all_good": Explained(
        _("So many objects would be left out; they are listed below."),
        _("Correct them, or allow the rest to be imported."),
    ),
    "option_not_understood": Explained(
        _("What was said about the file is not understood."), _("Look at the example.")
    ),
    "origin_needed": Explained(
        _("A local grid needs its origin."), _("Give its longitude and latitude.")
    ),
    "more_problems": Explained(
        _("So many further problems are not listed."), _("Correct those that are listed first.")
    ),
    "too_dense": Explained(
        _("Too many pipes and nodes lie at one place."),
        _("Look for objects at zero, or check the unit of the coordinates."),
    ),
    # Coordinates
    "crs_unknown": Explained(
        _("The coordinate system is not known."), _("Give its EPSG number, for example 4547.")
    ),
    "crs_needed": Explained(
        _("The file does not say what its coordinates mean, and they cannot be guessed."),
        _("Give the EPSG number, or the offset of the local grid."),
    ),
    "meridian_needed": Explained(
        _("The eastings carry no zone number, so the central meridian must be said."),
        _("Give the EPSG number of the zone: 4534 (75° E) to 4554 (135° E), 4547 for 114° E."),
    ),
    "axes_swapped": Explained(
        _("North seems to stand before east."), _("Say that the axes are swapped.")
    ),
    "crs_shifted": Explained(
        _("These coordinates are shifted for web maps and are not those of a survey."),
        _("Ask for the file in CGCS2000 or WGS 84."),
    ),
    "crs_of_file": Explained(_("The file names its coordinate system; it was used.")),
    "crs_guessed": Explained(
        _("The coordinate system was guessed from the numbers."),
        _("Look at the map: if it is shifted by some hundred metres, give the right system."),
    ),
    "outside_the_world": Explained(
        _("With this coordinate system, nodes lie outside the map."),
        _("Check the coordinate system."),
    ),
    "outside_the_country": Explained(
        _("With this coordinate system, the network lies outside China."),
        _("Check the coordinate system."),
    ),
    "far_from_register": Explained(
        _("The network lies far from the one in the register."),
        _("Check the coordinate system; if the place is right, say so."),
    ),
    "too_wide": Explained(
        _("The network is wider than a city: some points lie in a wrong place."),
        _("Look for points at zero or far away."),
    ),
    "bad_place": Explained(_("The place lies outside the map."), _DRAW),
    "bad_coordinate": Explained(_("A coordinate is not a number."), _DRAW),
    "no_coordinates": Explained(
        _("Nodes without coordinates: they are kept, but not drawn."), _("Add [COORDINATES].")
    ),
    "place_of_nothing": Explained(_("Coordinates of an object that does not exist.")),
    "layers_differ_in_crs": Explained(
        _("A layer has another coordinate system than the first and was left out."),
        _("Save all layers in one system."),
    ),
    # Objects
    "syntax": Explained(_("A line cannot be understood: words are missing or too many."), _LINE),
    "bad_number": Explained(_("A value is not a possible number."), _LINE),
    "not_above_zero": Explained(_("A value must be greater than zero."), _LINE),
    "undefined_node": Explained(_("A line names a node that does not exist."), _LINE),
    "undefined_link": Explained(_("A line names a link that does not exist."), _LINE),
    "undefined_pattern": Explained(_("A line names a pattern that does not exist."), _MODEL),
    "undefined_curve": Explained(_("A line names a curve that does not exist."), _MODEL),
    "duplicate_code": Explained(
        _("A code is used twice; the first one is kept. The value says where it stands."),
        _("Give each object a code of its own."),
    ),
    "code_too_long": Explained(_("A code is too long."), _("Shorten it.")),
    "code_taken": Explained(
        _("The register uses this code for an asset of another kind."),
        _("Give the object another code."),
    ),
    "code_twice": Explained(_("Links called like a node: their codes here begin with L-.")),
    "codes_made": Explained(
        _("The layer has no field with codes; they were made from its rows."),
        _("Add a field with codes, so that the next import finds the same objects."),
    ),
    "same_ends": Explained(
        _("A link starts and ends at the same node."),
        _("Draw both ends apart, or join less with a smaller tolerance."),
    ),
    "end_left_out": Explained(
        _("A link was left out because its end node was."), _("Correct the node first.")
    ),
    "unconnected_node": Explained(
        _("A node is connected to nothing; it is kept, but not calculated with."),
        _("Draw the pipe to it."),
    ),
    "no_diameter": Explained(
        _("Pipes without a usable diameter: it is kept as unknown."), _("Give it in millimetres.")
    ),
    "bad_valve_kind": Explained(
        _("The kind of valve is not known."), _("Use PRV, PSV, PBV, FCV, TCV, GPV or PCV.")
    ),
    "bad_tank": Explained(_("The levels of a tank contradict each other."), _MODEL),
    "value_not_understood": Explained(
        _("A value was not understood; the attribute stays as it is."),
        _("Use a number, or one of the words of the list."),
    ),
    "value_impossible": Explained(
        _("A value is not possible; the attribute stays as it is."), _DRAW
    ),
    "shape_missing": Explained(_("A row has no shape, or one in pieces."), _DRAW),
    "shape_is_area": Explained(_("An area is neither a pipe nor a node."), _DRAW),
    "line_for_a_node": Explained(
        _("A line was drawn where the kind asks for a point."),
        _("Say what the layer holds, or correct its kind."),
    ),
    "point_for_a_pipe": Explained(
        _("A point was drawn where the kind asks for a line."),
        _("Say what the layer holds, or correct its kind."),
    ),
    # What was made of it
    "nodes_made": Explained(
        _("So many nodes were made where pipes end or meet and none was drawn."),
    ),
    "pipe_cut": Explained(
        _("A pipe was cut at nodes that lie on it; the first part keeps the code."),
    ),
    "end_far_from_node": Explained(
        _("A pipe's end is drawn far from the node that it names; it was joined to it."), _DRAW
    ),
    "valve_off_pipe": Explained(_("A valve lies on no pipe."), _("Move it onto its pipe.")),
    "valve_at_branch": Explained(
        _("A valve lies where three or more pipes meet; it was put into the one named."),
        _("Move it along the pipe that it closes."),
    ),
    "edit_overwritten": Explained(
        _("People changed this in the register; the file would change it back."),
        _(
            "Look at the differences. If the file is the older one, give the network out, correct "
            "that file and bring it."
        ),
    ),
    "split_here": Explained(
        _("This pipe was split in the register; ours stays, and the file's course is not taken."),
        _("Where the file is right, say that split pipes become whole again."),
    ),
    "split_has_branch": Explained(
        _("This pipe was split, and something hangs on the split; so it stays split."),
        _("Take out what hangs there first, or leave it as it is."),
    ),
    # The model
    "unknown_section": Explained(_("A section is not known; its content was passed over.")),
    "before_sections": Explained(_("Lines before the first section were passed over.")),
    "line_too_long": Explained(_("A line is too long."), _("Divide it.")),
    "no_source": Explained(
        _("The network has no tank and no water source."),
        _("Add where the water comes from; until then nothing can be calculated."),
    ),
    "too_few_nodes": Explained(_("The model has too few nodes."), _MODEL),
    "bad_control": Explained(_("A control or rule cannot be understood."), _MODEL),
    "bad_valve": Explained(_("A valve is connected in a way that cannot be calculated."), _MODEL),
    "bad_pump": Explained(_("A pump has no usable curve or power."), _MODEL),
    "bad_curve": Explained(_("A curve has no data, or its values do not rise."), _MODEL),
    "engine_refuses": Explained(_("The calculation engine refuses this line."), _MODEL),
    "no_model": Explained(
        _("EPANET cannot open the file even without the lines named; no model was kept."),
        _("The register takes the assets; the model before stays the one calculated with."),
    ),
}


def explained(problem: ImportProblem, file_name: str = "") -> Problem:
    """Return a problem with its words, as the intake's reports show it."""
    known = TABLE[problem.code]
    where = f"[{problem.section}]" if problem.section.isupper() else problem.section
    return Problem(
        code=f"network.{problem.code}",
        words=known.words,
        # Of a file some objects are left out; only what is wrong with all of it stops the import.
        fatal=problem.fatal and not problem.subject and problem.line is None,
        subject=problem.subject,
        file=" ".join(one for one in (file_name, where) if one),
        line=problem.line,
        column=problem.column,
        value=problem.value or problem.text,
        remedy=known.remedy,
    )


def all_explained(found: Iterable[ImportProblem], file_name: str = "") -> list[Problem]:
    """Return problems with their words, those that leave something out first."""
    return [explained(one, file_name) for one in sorted(found, key=lambda one: not one.fatal)]
