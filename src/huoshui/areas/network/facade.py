"""The only door to the network for other areas.

from huoshui.areas.network import facade as network
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from huoshui.areas.network import (
    actions,
    area_cards,
    contracts,
    geo,
    history,
    layers,
    queries,
    queries_changes,
    small_map,
    tracing,
    typed,
    units,
)
from huoshui.areas.network import teams as area_teams
from huoshui.areas.network.actions import exporting

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from huoshui.kernel import intake
    from huoshui.kernel.organisation.models import Unit


# Who is responsible for an area, what is told on its card, and in which zones assets lie.
give_team, teams = actions.give_team, area_teams.by_zone
register_card_lines, zones_of_assets = area_cards.register, queries.zones_of_assets
# What sort of valve, node, tank … an asset is, and which sorts of a kind there are.
types_of, type_choices = typed.types_of, typed.type_choices
# What other areas draw on the map, and how they color its pipes; from `AppConfig.ready`.
register_map_layer, register_pipe_coloring = layers.register_layer, layers.register_coloring


def local_grid(*, lon: float, lat: float, x_m: float = 0.0, y_m: float = 0.0) -> str:
    """Return the ``crs`` of a local metric grid whose point (``x_m``, ``y_m``) lies at a place."""
    return geo.local_grid(lon=lon, lat=lat, x_m=x_m, y_m=y_m)


def import_inp(path: Path | str, *, crs: str, by_id: int | None) -> contracts.ImportReport:
    """Import an EPANET network file; ``crs`` says what its coordinates mean.

    ``crs`` is anything PROJ understands ("EPSG:4547", "EPSG:4326") or a `local_grid`. What is
    wrong with the file is in the report, never raised; with a fatal problem nothing is written.
    Publishes `contracts.NetworkImported`.
    """
    source = Path(path)
    try:
        raw = source.read_bytes()
    except OSError as problem:
        found = contracts.ImportProblem(
            code="file_unreadable", fatal=True, text=problem.strerror or ""
        )
        return contracts.ImportReport(ok=False, file_name=source.name, sha256="", problems=(found,))
    return actions.import_inp(raw, file_name=source.name, crs=crs, by_id=by_id)


def export_network(
    path: Path, form: str, *, at: datetime | None = None, by_id: int | None
) -> exporting.Outcome:
    """Write the network of now or of a past moment as "inp", "gpkg" or "geojson".

    Returns for how many assets something had to be assumed, by column, and of a model whether
    EPANET calculates it and what is wrong with it. Audited.
    """
    return exporting.export_network(path, form, at=at, by_id=by_id)


def network_inp_text() -> str | None:
    """Return the text of the newest network file, or None before the first import."""
    file = queries.present_file()
    return file.text if file else None


def network_model() -> contracts.NetworkModel | None:
    """Return the network of now as EPANET calculates it, with what was changed since the file.

    None before the first import of a model. Made once for each state of the register.
    """
    return exporting.present_model()


def zones() -> list[contracts.Zone]:
    """Return all zones, sorted by code."""
    return queries.zones()


def zone_parents() -> dict[str, str | None]:
    """Return the code of the zone that each zone is a part of, by code; one small query."""
    return queries.zone_parents()


def zone_names() -> dict[str, str]:
    """Return each zone's name in the reader's language, by code; one small query."""
    return dict(queries.zone_choices())


def zone(code: str) -> contracts.Zone | None:
    """Return one zone, or None."""
    return next(iter(queries.zones(code)), None)


def unit_in_charge(*, zone_code: str | None = None, asset_code: str | None = None) -> int | None:
    """Return the key of the unit of the organisation that a place belongs to, or None.

    Hold a limited post against it with `permissions.require_in` before changing things there.
    """
    return units.of_place(zone_code=zone_code, asset_code=asset_code)


def units_of_assets(codes: Iterable[str]) -> set[int | None]:
    """Return the keys of all units in charge of some assets; None among them for those of none."""
    return units.of_assets(codes)


def give_zone(code: str, unit: Unit | None, *, by_id: int | None) -> None:
    """Put a unit of the organisation in charge of a zone; None: the unit of the zone above.

    Refuses with `network.no_such_zone`.
    """
    actions.give_zone(code, unit, by_id=by_id)


def units_in_charge() -> dict[str, int | None]:
    """Return the unit of every zone by the zone's code; one query."""
    return units.by_zone()


def zone_bounds(code: str) -> tuple[float, float, float, float] | None:
    """Return west, south, east and north of a zone's nodes, or None if it has none."""
    return queries.bounds(zone_code=code)


def assets(
    *,
    kind: str | Iterable[str] | None = None,
    zone: str | None = None,
    codes: Iterable[str] | None = None,
) -> list[contracts.Asset]:
    """Return assets by kind (one or several), zone and code, in a stable order."""
    kinds = [kind] if isinstance(kind, str) else list(kind or ())
    return queries.assets(kinds=kinds, zone_code=zone, codes=codes)


def asset(code: str) -> contracts.Asset | None:
    """Return one asset, or None."""
    row = queries.asset_by_code(code)
    return queries.as_contract(row) if row else None


def pipes_near(*, lon: float, lat: float, within_m: float) -> list[tuple[contracts.Asset, float]]:
    """Return the pipes within a distance of a place and how far each is, the nearest first. [m]"""
    from huoshui.areas.network import nearby

    return nearby.pipes_near(lon, lat, within_m)


def pipes_within(ring: Sequence[contracts.Place]) -> list[contracts.Asset]:
    """Return the pipes that lie inside an outline at least in part."""
    from huoshui.areas.network import nearby

    return nearby.pipes_within(ring)


def things_on(codes: Iterable[str]) -> list[contracts.Asset]:
    """Return the valves and hydrants at the ends of pipes, by code."""
    from huoshui.areas.network import nearby

    return nearby.things_on(codes)


def places(codes: Iterable[str]) -> dict[str, contracts.Place]:
    """Return longitude and latitude of assets by code; of a link, half-way along it."""
    return queries.places(codes)


def distances(
    codes: Sequence[str], *, reach_m: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the distances along the pipes between assets, and of each from the nearest source.

    Infinite where no way is at most ``reach_m`` long, or an asset is not in the network.
    """
    # Needs the libraries of graphs, which few processes use.
    from huoshui.areas.network import distances as module

    return module.between(codes, reach_m)


def link_courses() -> contracts.Courses:
    """Return the courses of all pipes, valves and pumps; read once for each revision."""
    from huoshui.areas.network import courses

    return courses.of_links()


def read_lines(path: Path, *, name: str, crs: str = "") -> contracts.FileLines:
    """Return the lines of a GeoPackage, Shapefile or GeoJSON with their fields, and what is wrong.

    Nothing is written. The file is read by a child with bounds on memory and time.
    """
    from huoshui.areas.network.importing import lines

    return lines.read(path, name=name, crs=crs)


def read_plan(path: Path, *, name: str, crs: str = "") -> contracts.FilePlan:
    """Return the pipes of a GeoPackage, Shapefile, GeoJSON or drawing as they are joined.

    Neither the register nor a database is looked at, and nothing is written.
    """
    from huoshui.areas.network.importing import plain_plan

    return plain_plan.read(path, name=name, crs=crs)


def import_problem(problem: contracts.ImportProblem, file_name: str = "") -> intake.Problem:
    """Return a problem of a file in the words of people, with what helps."""
    from huoshui.areas.network.importing import problems

    return problems.explained(problem, file_name)


def small_map_of(
    *,
    asset_code: str = "",
    zone_code: str = "",
    lon: float | None = None,
    lat: float | None = None,
) -> dict[str, Any] | None:
    """Return what the island ``network/asset-map`` needs to show where something is.

    The asset where one is named, else the zone, else the spot; None where none has a place.
    Readers need the permission ``network.read``.
    """
    found = asset(asset_code) if asset_code else None
    if found is not None and (shown := small_map.of_asset(found)) is not None:
        return shown
    if zone_code and (shown := small_map.of_zone(zone_code)) is not None:
        return shown
    return None if lon is None or lat is None else small_map.of_spot(lon, lat)


def spots_map_of(spots_url: str) -> dict[str, Any]:
    """Return what the island ``network/spots-map`` needs to show the places of a list.

    The address answers GeoJSON points. Readers need the permission ``network.read``.
    """
    return small_map.of_spots(spots_url)


def picker_map_of() -> dict[str, Any]:
    """Return what the island ``network/place-picker`` needs in a form with fields lon and lat.

    Readers need the permission ``network.read``.
    """
    return small_map.of_picker()


def assign_zones(zones: Iterable[contracts.ZoneDeclaration], *, by_id: int | None) -> None:
    """Make or rename zones and put the named assets into them.

    Refuses unknown assets with `network.assets_unknown` (404); then nothing is changed.
    """
    actions.assign_zones(zones, by_id=by_id)


def set_attributes(attributes: Mapping[str, contracts.Attributes], *, by_id: int | None) -> int:
    """Set name, material, year or diameter of many assets at once; return how many changed.

    Refuses unknown codes (`network.assets_unknown`, 404) and impossible values
    (`network.attributes_impossible`, 422), naming all of them; then nothing is changed.
    """
    return actions.set_attributes(attributes, by_id=by_id)


def trace(
    code: str, direction: contracts.TraceDirection, *, at: datetime | None = None
) -> contracts.Trace | None:
    """Return what a trace from an asset finds, or None if the register has no such asset.

    It stops at valves that stand closed, finds the sources in the register, and takes the network
    of the moment ``at``, by default of now.
    """
    return tracing.trace(code, direction, at=at)


def connections_on(codes: Iterable[str]) -> list[str]:
    """Return the codes of the connections in use that are tapped into the named pipes."""
    return queries.connections_on(codes)


def connections_together(code: str) -> frozenset[str]:
    """Return the connections that lose their water with this one, itself among them.

    Those between the same valves, and those that are fed through there only; empty where the
    network does not have it.
    """
    # Needs the libraries of graphs, which few processes use.
    from huoshui.areas.network import segments

    return segments.connections_together(code)


def network_at(moment: datetime) -> list[contracts.Asset]:
    """Return every asset that was there at a moment, as it was then, as we know it now."""
    rows = history.as_of(moment, queries.asset_rows().order_by("id"))
    return [queries.as_contract(row) for row in rows]


def report_turn(
    code: str,
    *,
    opening_frac: float,
    by_id: int | None,
    turned_at: datetime | None = None,
    turned_by: str = "",
) -> int:
    """Report that a valve was turned; return the number of the turn.

    Refuses what is no valve (`network.not_a_valve`) and what cannot have happened
    (`network.turn_impossible`).
    """
    return actions.report_turn(
        code, opening_frac=opening_frac, by_id=by_id, turned_at=turned_at, turned_by=turned_by
    )


def draw_change(
    title: str,
    steps: Iterable[tuple[contracts.ChangeDeed, str, Mapping[str, Any]]],
    *,
    by_id: int | None,
    why: str = "",
    valid_from: datetime | None = None,
) -> int:
    """Draw a set of changes as a draft; return its number.

    A step is a deed, the asset and what is wanted, as the API for drawing takes them. What is wrong
    with the steps is told when the set is submitted.
    """
    change = actions.make_change(title, by_id=by_id, why=why, valid_from=valid_from)
    for deed, code, wanted in steps:
        actions.add_step(change.pk, deed, code, wanted, by_id=by_id)
    return int(change.pk)


def submit_change(number: int, *, by_id: int | None) -> None:
    """Hand a set of changes in for approval. See `actions.submit_change`."""
    actions.submit_change(number, by_id=by_id)


def approve_change(number: int, *, by_id: int | None, words: str = "") -> None:
    """Approve a submitted set that another person made, and apply it."""
    actions.approve_change(number, by_id=by_id, words=words)


def check_network(*, by_id: int | None) -> int:
    """Run every check of the register now; return how many findings there are."""
    return actions.run_checks(by_id=by_id)


def accept_findings(check: str, *, at_most: int, reason: str, by_id: int | None) -> int:
    """Accept the first open findings of one check for a reason; return how many there were."""
    return actions.accept_findings(
        queries_changes.open_findings(check)[:at_most], reason=reason, by_id=by_id
    )


def receive_report(
    code: str, *, trouble: contracts.Trouble, text: str = "", phone: str = "", address: str = ""
) -> int | None:
    """Take what a passer-by reports of an asset; return its number, None for an unknown asset."""
    row = queries.asset_by_code(code)
    if row is None:
        return None
    return actions.receive_report(row.pk, trouble=trouble, text=text, phone=phone, address=address)


def settle_report(
    number: int, *, state: contracts.ReportState, answer: str = "", by_id: int | None
) -> None:
    """Say what was done with a passer-by's report."""
    actions.settle_report(number, state=state, answer=answer, by_id=by_id)
