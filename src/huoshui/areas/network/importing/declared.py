"""The import of networks as the command line and the import page offer it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huoshui.areas.network import attributes, choices, geo
from huoshui.areas.network.actions import importing as deeds
from huoshui.areas.network.contracts import ImportProblem
from huoshui.areas.network.importing import coordinates, layers, problems, source
from huoshui.areas.network.importing.coordinates import Placement
from huoshui.areas.network.importing.plan import Change
from huoshui.areas.network.importing.source import Options
from huoshui.kernel import jobs
from huoshui.kernel.intake import kinds
from huoshui.kernel.intake.kinds import Kind, Option, Outcome

FORMATS = {
    "inp": _("EPANET model"),
    "gpkg": _("GeoPackage"),
    "shapefile": _("Shapefile"),
    "geojson": _("GeoJSON"),
    "dxf": _("DXF drawing"),
}
STEPS = {"read": _("Reading"), "compare": _("Comparing"), "write": _("Writing")}
PLACE = {"lon", "lat", "line", "surveyed"}
ENDS = {"start": pgettext_lazy("end of a pipe", "From"), "end": _("To")}
NUMBER = r"[-+]?\d+(?:\.\d+)?"
PAIR = re.compile(rf"\s*({NUMBER})\s*[,，; ]\s*({NUMBER})\s*")

OPTIONS = (
    Option(
        "crs", _("Coordinate system"),
        _("EPSG number such as 4547, or lonlat, or local. Empty: the file says, or it is guessed."),
    ),
    Option(
        "origin", _("Origin of a local grid"),
        _("Longitude and latitude of the grid's zero point, such as 113.62,34.75."),
    ),
    Option(
        "offset", _("Offset of a local grid"),
        _("East and north in metres, added to every coordinate, such as 400000,3800000."),
    ),
    Option(
        "rotation", _("Rotation of a local grid"), _("Degrees anticlockwise, before the offset.")
    ),
    Option("swap_axes", _("North stands before east"), is_flag=True),
    Option(
        "layers", _("What the layers hold"),
        _("Such as MAIN=pipe,FM=valve,*=ignore. Empty: guessed by name, and shown."),
    ),
    Option(
        "tolerance", _("Join ends nearer than, in metres"),
        _("Pipe ends are joined to a node this near."), default=f"{source.TOLERANCE_M:g}",
    ),
    Option(
        "strict", _("All or nothing"),
        _("Import nothing if any object would be left out."), is_flag=True,
    ),
    Option(
        "splits", _("Pipes that were split here"),
        _("When the file has the whole pipe again."),
        choices=(("ours", _("stay split")), ("file", _("become whole again"))), default="ours",
    ),
    Option("anywhere", _("The place is right"), _("Though it seems not to be."), is_flag=True),
)  # fmt: skip


def options_of(said: Mapping[str, str]) -> tuple[Options, list[ImportProblem]]:
    """Return how a file is to be read, and which answers cannot be understood."""
    wrong: list[ImportProblem] = []

    def read(name: str, make: Callable[[str], Any], empty: Any) -> Any:
        text = str(said.get(name) or "").strip()
        if not text:
            return empty
        try:
            return make(text)
        except ValueError:
            wrong.append(ImportProblem(code="option_not_understood", fatal=True, column=name,
                                       value=text))  # fmt: skip
            return empty

    east, north = read("offset", _pair, (0.0, 0.0))
    placement = Placement(
        crs=_crs(said, read("origin", _pair, None), wrong),
        offset_e_m=east,
        offset_n_m=north,
        rotation_deg=read("rotation", float, 0.0),
        swap_axes=said.get("swap_axes") == "yes",
        anywhere=said.get("anywhere") == "yes",
    )
    tolerance_m = read("tolerance", float, source.TOLERANCE_M)
    if not 0 <= tolerance_m <= 100:
        wrong.append(ImportProblem(code="option_not_understood", fatal=True, column="tolerance",
                                   value=str(tolerance_m)))  # fmt: skip
    return (
        Options(
            placement=placement,
            layers=read("layers", layers.told_of, {}),
            tolerance_m=max(tolerance_m, 0.001),
            whole=said.get("splits") == "file",
        ),
        wrong,
    )


def _pair(text: str) -> tuple[float, float]:
    found = PAIR.fullmatch(text)
    if found is None:
        raise ValueError(text)
    return float(found[1]), float(found[2])


def _crs(
    said: Mapping[str, str], origin: tuple[float, float] | None, wrong: list[ImportProblem]
) -> str:
    given = str(said.get("crs") or "").strip()
    if given.lower() in ("lonlat", "wgs84", "wgs 84"):
        return coordinates.WGS84
    if given.lower() == "cgcs2000":
        return coordinates.CGCS2000_LONLAT
    if origin is not None and given.lower() in ("", "local"):
        return geo.local_grid(lon=origin[0], lat=origin[1])
    if given.lower() == "local":
        wrong.append(ImportProblem(code="origin_needed", fatal=True, column="origin"))
        return ""
    return f"EPSG:{given}" if given.isdigit() else given


def _tell(step: str, done: int, total: int) -> None:
    jobs.progress(done, total, str(STEPS[step]))


def check(path: Path, name: str, said: Mapping[str, str]) -> Outcome:
    """Say what an import would do."""
    return _checked(path, name, said)[1]


def carry_out(path: Path, name: str, said: Mapping[str, str], by_id: int | None) -> Outcome:
    """Import a network file; nothing is written where the outcome is fatal."""
    found, outcome = _checked(path, name, said)
    if found is not None and not outcome.problems.fatal:
        deeds.apply_network(found, by_id=by_id, only_good=True, tell=_tell)
    return outcome


def _checked(path: Path, name: str, said: Mapping[str, str]) -> tuple[deeds.Import | None, Outcome]:
    options, wrong = options_of(said)
    outcome = Outcome()
    if wrong:
        outcome.problems.extend(problems.explained(one, name) for one in wrong)
        return None, outcome
    found = deeds.check_network(path, file_name=name, options=options, tell=_tell)
    network, plan = found.network, found.plan
    listed = list(network.problems)
    left_out = sum(one.fatal for one in listed)
    if left_out and not network.refused and said.get("strict") == "yes":
        listed.insert(0, ImportProblem(code="not_all_good", fatal=True, value=str(left_out)))
    outcome.problems.extend(problems.all_explained(listed, name))
    outcome.created, outcome.changed = len(plan.new), len(plan.changed)
    outcome.unchanged, outcome.left_out = plan.unchanged, left_out
    for change in plan.changed:
        for what, before, after in differences_of(change):
            outcome.differ(change.code, what, before, after)
    for mend in sorted(network.mends, key=lambda one: one.line):
        outcome.differ(str(mend.line), _("Line of the model"), mend.before, mend.after)
    outcome.facts = facts_of(found)
    return found, outcome


def facts_of(found: deeds.Import) -> list[tuple[Any, Any]]:
    """Return how a file was understood, as labels and words."""
    network, plan = found.network, found.plan
    facts: list[tuple[Any, Any]] = [(_("Format"), FORMATS.get(network.format, "–"))]
    for layer in network.layers:
        kind = layer["kind"]
        held = _("not used") if kind == layers.IGNORE else choices.KINDS.get(kind, kind)
        words = format_lazy(_("{kind}, {rows} rows"), kind=held, rows=layer["rows"])
        facts.append((format_lazy(_("Layer {name}"), name=layer["layer"]), words))
    if plan.crs:
        is_local = plan.crs.startswith("+proj")
        facts.append(
            (_("Coordinates"), _("Local grid") if is_local else coordinates.name_of(plan.crs))
        )
    counted = Counter(one.kind for one in network.nodes) + Counter(
        one.kind for one in network.links
    )
    for kind, words in choices.KINDS.items():
        if counted[kind]:
            facts.append((words, str(counted[kind])))
    if network.format == "inp" and not network.refused:
        usable = _("can be calculated") if network.text else _("cannot be calculated")
        facts.append((_("Hydraulic model"), usable))
    if network.mends:
        facts.append((_("Lines of the model left out"), str(len(network.mends))))
    if plan.zones_new:
        facts.append((_("New zones"), ", ".join(plan.zones_new[:20])))
    if plan.absent:
        facts.append((_("Not in this file, and kept"), str(plan.absent)))
    return facts


def differences_of(change: Change) -> list[tuple[Any, Any, Any]]:
    """Return what is to change of an asset: which, from, to, as people read it."""
    told: list[tuple[Any, Any, Any]] = []
    if "kind" in change.after:
        told.append((_("Kind"), choices.KINDS.get(change.before["kind"], ""),
                     choices.KINDS.get(change.after["kind"], "")))  # fmt: skip
    for name in sorted(change.after.keys() & attributes.BY_CODE.keys()):
        one = attributes.BY_CODE[name]
        told.append((one.label, attributes.words_of(one, change.before[name]),
                     attributes.words_of(one, change.after[name])))  # fmt: skip
    old, new = change.before.get("details") or {}, change.after.get("details") or {}
    for name in sorted(new):
        if name in attributes.BY_CODE and old.get(name) != new[name]:
            one = attributes.BY_CODE[name]
            told.append((one.label, attributes.words_of(one, old.get(name)),
                         attributes.words_of(one, new[name])))  # fmt: skip
    if PLACE & change.after.keys():
        told.append(
            (pgettext_lazy("network", "Place"), _place(change.before), _place(change.after))
        )
    for end, code in change.ends.items():
        told.append((ENDS[end], "", code))
    if change.zone is not None:
        told.append((_("Zone"), change.zone_before, change.zone))
    if "retired_at" in change.after:
        if change.after["retired_at"] is None:
            told.append((_("Status"), _("Taken out"), _("Put back")))
        else:
            told.append((_("Status"), pgettext_lazy("network", "In use"), _("Taken out")))
    return told


def _place(values: Mapping[str, Any]) -> str:
    if values.get("lon") is None:
        return ""
    return f"{values['lon']:.6f}°, {values['lat']:.6f}°"


_SYSTEM = ("crs", "origin", "offset")
HELPED_BY = {
    f"network.{code}": options
    for code, options in {
        "crs_unknown": ("crs",),
        "crs_needed": _SYSTEM,
        "crs_guessed": ("crs",),
        "meridian_needed": ("crs",),
        "origin_needed": ("origin",),
        "axes_swapped": ("swap_axes",),
        "outside_the_world": (*_SYSTEM, "swap_axes"),
        "outside_the_country": (*_SYSTEM, "swap_axes", "anywhere"),
        "far_from_register": (*_SYSTEM, "anywhere"),
        "no_pipes": ("layers",),
        "line_for_a_node": ("layers",),
        "point_for_a_pipe": ("layers",),
        "same_ends": ("tolerance",),
        "not_all_good": ("strict",),
        "split_here": ("splits",),
    }.items()
}

KIND = Kind(
    code="network",
    label=_("Network"),
    description=_(
        "Pipes, valves and nodes from EPANET, GeoPackage, Shapefile (zipped), GeoJSON or DXF"
    ),
    permission="network.edit",
    check=check,
    carry_out=carry_out,
    counted=_("assets"),
    options=OPTIONS,
    order=10,
    helped_by=HELPED_BY,
    files=_("EPANET (.inp), GeoPackage, Shapefile (zipped), GeoJSON or DXF, up to 2 GB."),
)


def declare() -> None:
    """Make the import of networks known."""
    kinds.declare_kind(KIND)
