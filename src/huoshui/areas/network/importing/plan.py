"""What an import would do to the register: new, changed with old and new values, as before, absent.

Nothing is written here. An attribute that the file does not state stays as the register has it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from huoshui.areas.network import attributes, geo, queries, rules
from huoshui.areas.network.contracts import ImportProblem, Kind
from huoshui.areas.network.importing import places, splits
from huoshui.areas.network.importing.coordinates import Placement
from huoshui.areas.network.importing.model import ReadNetwork
from huoshui.areas.network.models import Asset, AssetVersion, NetworkFile, Zone
from huoshui.kernel import clock

LINK_PREFIX = "L-"
"""EPANET lets a node and a link share a name; our codes are unique, so the link is renamed."""

SAME_PLACE_DEG = 2.5e-7
"""Nearer than this, about two centimetres, a place has not moved: it was written and read again."""

COLUMNS = frozenset(one.code for one in attributes.TABLE if one.column)
KEPT = (
    "id", "code", "model_id", "kind", "start_id", "end_id", "lon", "lat", "line", "surveyed",
    "zone_id", "details", "retired_at", *sorted(COLUMNS),
)  # fmt: skip


@dataclass(slots=True)
class Wanted:
    """One asset as the file wants it: its columns, its ends and its zone by code."""

    code: str
    kind: str
    values: dict[str, Any]
    start: str = ""
    end: str = ""
    zone: str = ""
    stands_open: bool = False


@dataclass(slots=True)
class Change:
    """What is to change of one known asset, by column; ``ends`` are codes of nodes."""

    id: int
    code: str
    kind: str
    before: dict[str, Any]
    after: dict[str, Any]
    ends: dict[str, str] = field(default_factory=dict)
    ends_before: dict[str, str] = field(default_factory=dict)
    zone: str | None = None
    """The zone's code where that changes."""
    zone_before: str = ""

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing would change."""
        return not (self.after or self.ends or self.zone is not None)


@dataclass
class Plan:
    """All that an import would do."""

    crs: str = ""
    new: list[Wanted] = field(default_factory=list)
    changed: list[Change] = field(default_factory=list)
    unchanged: int = 0
    absent: int = 0
    zones_new: list[str] = field(default_factory=list)
    register_was_empty: bool = False
    made_whole: list[int] = field(default_factory=list)
    """Numbers of the pipes whose split is taken back, and of its parts."""

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing would change."""
        return not (self.new or self.changed or self.zones_new)


def make(network: ReadNetwork, placement: Placement, *, whole: bool = False) -> Plan:
    """Compare a read network with the register; adds to its problems what only that shows.

    ``whole``: pipes that were split in the register become whole again where the file says so.
    """
    plan = Plan()
    register = queries.bounds()
    placed = places.of(network, placement, register)
    if network.refused:
        return plan
    plan.crs = placed.crs
    wanted = _wanted(network, placed)
    known = {row[1]: row for row in Asset.objects.values_list(*KEPT).iterator(chunk_size=20_000)}
    plan.register_was_empty = not known
    _leave_out_taken(network, wanted, known)
    zones = _zones(plan, wanted)
    codes = {row[0]: code for code, row in known.items()}
    for one in wanted.values():
        row = known.get(one.code)
        if row is None:
            _measure(one)
            plan.new.append(one)
            continue
        change = _compare(one, dict(zip(KEPT, row, strict=True)), codes, zones)
        if change is None:
            plan.unchanged += 1
        else:
            plan.changed.append(change)
    retired = KEPT.index("retired_at")
    _settle_splits(network, plan, wanted, known, codes, whole=whole)
    network.problems += _overwritten(plan.changed)
    plan.absent = sum(row[retired] is None for code, row in known.items() if code not in wanted)
    plan.absent -= sum(change.code not in wanted for change in plan.changed)
    if network.format != "inp":
        network.problems += _incomplete(wanted)
    return plan


def _settle_splits(
    network: ReadNetwork, plan: Plan, wanted: Mapping[str, Wanted],
    known: Mapping[str, tuple[Any, ...]], codes: Mapping[int, str], *, whole: bool,
) -> None:  # fmt: skip
    """Keep pipes that were split, or make them whole; never let both lie side by side."""
    if not any(change.ends for change in plan.changed):
        return
    pk, kind, start, end, retired_at = (
        KEPT.index(name) for name in ("id", "kind", "start_id", "end_id", "retired_at")
    )
    ours = {
        code: splits.Known(row[pk], row[kind], codes.get(row[start], ""), codes.get(row[end], ""))
        for code, row in known.items()
        if code not in wanted and row[retired_at] is None
    }
    found = splits.settle(plan.changed, wanted, ours, whole=whole)
    network.problems += found.problems
    if found.gone:
        at = clock.now()
        plan.made_whole = [one.id for one in plan.changed if one.ends]
        plan.made_whole += [one.id for one in found.gone.values() if one.kind == Kind.PIPE]
        plan.changed += [
            Change(**splits.retired(code, one, at)) for code, one in found.gone.items()
        ]
    left = [change for change in plan.changed if not change.is_empty]
    plan.unchanged += len(plan.changed) - len(left)
    plan.changed = left


def _wanted(network: ReadNetwork, placed: places.Places) -> dict[str, Wanted]:
    """Return the assets that the file wants by code, nodes first."""
    found: dict[str, Wanted] = {}
    for node in network.nodes:
        if node.model_id in placed.left_out:
            continue
        values, zone = _values(node.values)
        place = placed.nodes.get(node.model_id)
        values["model_id"] = node.model_id
        values["lon"], values["lat"] = place or (None, None)
        values["surveyed"] = [list(node.place)] if node.place else None
        found[node.model_id] = Wanted(node.model_id, node.kind, values, zone=zone)
    nodes = set(found)
    for link, bends in zip(network.links, placed.bends, strict=True):
        lost = next((end for end in (link.start, link.end) if end not in nodes), None)
        if lost is not None:
            network.leave_out(link, lost)
            continue
        code = LINK_PREFIX + link.model_id if link.model_id in nodes else link.model_id
        values, zone = _values(link.values)
        values["model_id"] = link.model_id
        start, end = placed.nodes.get(link.start), placed.nodes.get(link.end)
        line = [start, *bends, end] if start and end else None
        values["lon"], values["lat"] = places.halfway(line) if line else (None, None)  # type: ignore[arg-type]
        values["line"] = [list(place) for place in line] if line else None  # type: ignore[arg-type]
        values["surveyed"] = [list(bend) for bend in link.bends] or None
        found[code] = Wanted(code, link.kind, values, link.start, link.end, zone, link.stands_open)
    return found


def _values(given: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
    """Part what a file says into columns with ``details``, and the zone."""
    values: dict[str, Any] = {}
    details: dict[str, Any] = {}
    for name, value in given.items():
        if value is None or name == "zone":
            continue
        (values if name in COLUMNS else details)[name] = value
    if details:
        values["details"] = details
    return values, str(given.get("zone") or "")


def _leave_out_taken(
    network: ReadNetwork, wanted: dict[str, Wanted], known: Mapping[str, tuple[Any, ...]]
) -> None:
    """Leave out what the register knows as a thing of the other sort, and what hangs on it."""
    kind = KEPT.index("kind")
    taken = {
        code
        for code, one in wanted.items()
        if code in known and rules.is_link(known[code][kind]) != rules.is_link(one.kind)
    }
    for code in sorted(taken):
        network.problems.append(
            ImportProblem(code="code_taken", fatal=True, subject=code, value=str(known[code][kind]))
        )
    hanging = {
        code
        for code, one in wanted.items()
        if taken and code not in taken and (one.start in taken or one.end in taken)
    }
    for code in sorted(hanging):
        one = wanted[code]
        lost = one.start if one.start in taken else one.end
        network.problems.append(
            ImportProblem(code="end_left_out", fatal=True, subject=code, value=lost)
        )
    for code in taken | hanging:
        del wanted[code]


def _zones(plan: Plan, wanted: Mapping[str, Wanted]) -> dict[str, int]:
    """Resolve zones by code or name; those that are neither are to be made."""
    by_code: dict[str, int] = {}
    by_name: dict[str, str] = {}
    for pk, code, name in Zone.objects.values_list("id", "code", "name"):
        by_code[code] = pk
        by_name.setdefault(name, code)
    new: dict[str, None] = {}
    for one in wanted.values():
        if not one.zone or one.zone in by_code:
            continue
        if one.zone in by_name:
            one.zone = by_name[one.zone]
        else:
            new[one.zone] = None
    plan.zones_new = list(new)
    return by_code


def _compare(
    one: Wanted, row: dict[str, Any], codes: Mapping[int, str], zones: Mapping[str, int]
) -> Change | None:
    """Return what is to change of a known asset, or None."""
    change = Change(row["id"], one.code, one.kind, {}, {})

    def differ(name: str, value: Any) -> None:
        change.before[name] = row[name]
        change.after[name] = value

    if row["kind"] != one.kind:
        differ("kind", one.kind)
    for name in COLUMNS & one.values.keys():
        if _is_other(row[name], one.values[name]):
            differ(name, one.values[name])
    if _moved(one.values, row):
        for name in ("lon", "lat", "line", "surveyed"):
            differ(name, one.values.get(name))
        line = one.values.get("line")
        if one.kind == Kind.PIPE and line and one.values.get("length_m") is None:
            # The old length was of the old course.
            differ("length_m", round(geo.length_m(line), 2))
    details = (row["details"] or {}) | one.values.get("details", {})
    if one.stands_open and details.get("normal_state") == "closed":
        details["normal_state"] = "open"
    if details != (row["details"] or {}):
        differ("details", details)
    for name in ("start", "end"):
        before = codes.get(row[f"{name}_id"], "") if row[f"{name}_id"] else ""
        if before != getattr(one, name):
            change.before[f"{name}_id"] = row[f"{name}_id"]
            change.ends[name] = getattr(one, name)
            change.ends_before[name] = before
    if one.zone and zones.get(one.zone) != row["zone_id"]:
        change.zone = one.zone
        change.zone_before = next((code for code, pk in zones.items() if pk == row["zone_id"]), "")
        change.before["zone_id"] = row["zone_id"]
    if row["retired_at"] is not None:
        differ("retired_at", None)
    return None if change.is_empty else change


def _is_other(old: Any, new: Any) -> bool:
    if isinstance(old, float) and isinstance(new, float | int):
        return abs(old - new) > 1e-9 * max(1.0, abs(old), abs(new))
    return bool(old != new)


def _moved(values: Mapping[str, Any], row: Mapping[str, Any]) -> bool:
    """Tell whether a place or a course is another one, beyond what writing and reading changes."""
    course, known = values.get("line"), row["line"]
    if course is None and known is None:
        pairs = [(values["lon"], row["lon"]), (values["lat"], row["lat"])]
    elif course is None or known is None or len(course) != len(known):
        return True
    else:
        pairs = [
            pair for a, b in zip(course, known, strict=True) for pair in zip(a, b, strict=True)
        ]
    for new, old in pairs:
        if (new is None) != (old is None):
            return True
        if new is not None and abs(new - old) > SAME_PLACE_DEG:
            return True
    return False


def _measure(one: Wanted) -> None:
    """Give a new pipe whose length nobody states the one it is drawn, as on the map."""
    line = one.values.get("line")
    if one.kind == Kind.PIPE and line and one.values.get("length_m") is None:
        one.values["length_m"] = round(geo.length_m(line), 2)


def _overwritten(changes: list[Change]) -> list[ImportProblem]:
    """Return what people changed since it last came from a file, and the file would change back."""
    files = set(NetworkFile.objects.values_list("name", flat=True))
    by_id = {change.id: change for change in changes}
    edits: dict[int, str] = {}
    # The newest of each asset comes last; what an import wrote is no edit of a person.
    every = AssetVersion.objects.order_by("id").values_list("asset_id", "after", "why")
    for asset_id, after, why in every.iterator(chunk_size=20_000):
        change = by_id.get(asset_id)
        if change is None or not after.keys() & change.before.keys():
            continue
        edits.pop(asset_id, None)
        if why not in files:
            edits[asset_id] = why
    return [
        ImportProblem(code="edit_overwritten", fatal=False, subject=by_id[one].code, value=why[:80])
        for one, why in edits.items()
    ]


def _incomplete(wanted: Mapping[str, Wanted]) -> list[ImportProblem]:
    """Return what a network from a drawing lacks for a calculation."""
    kinds = {one.kind for one in wanted.values()}
    if not kinds & {"reservoir", "tank"}:
        return [ImportProblem(code="no_source", fatal=False)]
    return []
