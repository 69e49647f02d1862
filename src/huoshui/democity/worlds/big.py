"""A great city: 200,000 pipes, 5,000 valves, 100,000 customers on 35 by 35 kilometres.

Invented from a seed, believable in what an import, a map and a list meet: streets as a bent grid,
mains by diameter, an old core and newer edges, 196 metered areas, hydrants, works and towers. It
says nothing about any real city. Written as GeoPackage, EPANET file and table of customers by
`write_all`.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import minimum_spanning_tree

PIPES = 200_000
VALVES_PER_PIPE = 0.025
CUSTOMERS_PER_PIPE = 0.5
NODES_PER_PIPE = 0.83
"""The rest of the pipes closes loops: about one in six."""
SIDE_M = 35_000.0
CRS = "EPSG:4526"
"""CGCS2000, three-degree zone 38: what a Chinese survey office would deliver."""
WEST_M, SOUTH_M = 38_455_000.0, 3_830_000.0
MAIN_EVERY, DISTRICT_EVERY, STREET_EVERY = 48, 12, 4
ZONES_ACROSS = 14

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass
class City:
    """Nodes and links as arrays; links run from ``start`` to ``end`` by number of the node."""

    xy: Floats
    elevation_m: Floats
    node_kind: NDArray[Any]
    node_code: NDArray[Any]
    node_zone: NDArray[Any]
    start: Ints
    end: Ints
    bend: Floats
    """One bend of each pipe; NaN where it is straight."""
    diameter_mm: Ints
    material: NDArray[Any]
    laid_year: Ints
    length_m: Floats
    pipe_code: NDArray[Any]
    valve_node: Ints
    """The node behind which each valve sits; its pipe runs on from a node of the same place."""
    valve_code: NDArray[Any]
    customers: Floats
    customer_node: Ints
    customer_use_m3: Floats


def build(pipes: int = PIPES, seed: int = 20250601) -> City:
    """Make the city of a seed."""
    chance = np.random.default_rng(seed)
    valves = round(pipes * VALVES_PER_PIPE)
    streets = pipes - valves  # a valve parts a pipe into two
    across = int(np.sqrt(streets * NODES_PER_PIPE))
    xy, column, row = _grid(across, chance)
    start, end, rank = _streets(across, column, row, streets, chance)
    middle = (xy[start] + xy[end]) / 2
    away = np.hypot(*(middle - [WEST_M + SIDE_M / 2, SOUTH_M + SIDE_M / 2]).T) / (SIDE_M / 2)
    laid = np.clip(1962 + 52 * away + chance.normal(0, 7, len(start)), 1955, 2024).astype(int)
    diameter = _diameters(rank, chance)
    material = _materials(laid, diameter)
    bend = middle + chance.normal(0, 3.0, (len(start), 2))
    bend[chance.random(len(start)) < 0.6] = np.nan

    # A valve stands in the middle of its pipe: two nodes at one place, and the pipe goes on.
    cut = np.sort(chance.choice(len(start), valves, replace=False, p=_likely(rank)))
    place = np.where(np.isnan(bend[cut]), middle[cut], bend[cut])
    bend[cut] = np.nan
    first = len(xy) + np.arange(valves)
    second = first + valves
    xy = np.concatenate([xy, place, place])
    start = np.concatenate([start, second])
    end = np.concatenate([end, end[cut]])
    end[cut] = first
    diameter, laid = (np.concatenate([one, one[cut]]) for one in (diameter, laid))
    material = np.concatenate([material, material[cut]])
    bend = np.concatenate([bend, np.full((valves, 2), np.nan)])

    kind = np.full(len(xy), "junction", dtype=object)
    street_nodes = across * across
    kind[chance.choice(street_nodes, pipes // 40, replace=False)] = "hydrant"
    mains = np.flatnonzero((column % MAIN_EVERY == 0) & (row % MAIN_EVERY == 0))
    chosen = chance.choice(mains, min(10, len(mains)), replace=False)
    kind[chosen[: max(1, len(chosen) // 2)]] = "reservoir"
    kind[chosen[max(1, len(chosen) // 2) :]] = "tank"
    letter = {"junction": "J", "hydrant": "H", "reservoir": "W", "tank": "T"}
    number = np.arange(1, len(xy) + 1)
    zone = _zones(xy)
    customers, at, use = _customers(xy[:street_nodes], round(pipes * CUSTOMERS_PER_PIPE), chance)
    straight = np.hypot(*(xy[end] - xy[start]).T)
    over = np.hypot(*(bend - xy[start]).T) + np.hypot(*(xy[end] - bend).T)
    return City(
        xy=np.round(xy, 3),
        elevation_m=np.round(_terrain(xy), 2),
        node_kind=kind,
        node_code=np.array(
            [f"{letter[one]}{n}" for one, n in zip(kind, number, strict=True)], dtype=object
        ),
        node_zone=zone,
        start=start,
        end=end,
        bend=np.round(bend, 3),
        diameter_mm=diameter,
        material=material,
        laid_year=laid,
        length_m=np.round(np.maximum(np.where(np.isnan(over), straight, over), 0.5), 2),
        pipe_code=np.array([f"P{n}" for n in range(1, len(start) + 1)], dtype=object),
        valve_node=first,
        valve_code=np.array([f"V{n}" for n in range(1, valves + 1)], dtype=object),
        customers=np.round(customers, 3),
        customer_node=at,
        customer_use_m3=use,
    )


def _grid(across: int, chance: np.random.Generator) -> tuple[Floats, Ints, Ints]:
    """Return the crossings of bent streets, and column and row of each."""
    row, column = np.divmod(np.arange(across * across), across)
    step = SIDE_M / across
    x, y = column * step, row * step
    # The whole grid is bent a little, as streets follow rivers and old walls.
    x = x + 400 * np.sin(y / 5200) + chance.normal(0, step * 0.12, len(x))
    y = y + 300 * np.sin(x / 6100) + chance.normal(0, step * 0.12, len(y))
    return np.column_stack([WEST_M + x, SOUTH_M + y]), column, row


def _streets(
    across: int, column: Ints, row: Ints, wanted: int, chance: np.random.Generator
) -> tuple[Ints, Ints, Ints]:
    """Return the pipes between crossings and their rank: 0 trunk main ... 3 side street."""
    every = np.arange(across * across)
    east, north = every[column < across - 1], every[row < across - 1]
    start = np.concatenate([east, north])
    end = np.concatenate([east + 1, north + across])
    line = np.concatenate([row[east], column[north]])
    rank = np.full(len(start), 3)
    for level, spacing in ((2, STREET_EVERY), (1, DISTRICT_EVERY), (0, MAIN_EVERY)):
        rank[line % spacing == 0] = level
    weight = 1.0 + rank + chance.random(len(start))
    size = across * across
    tree = minimum_spanning_tree(coo_matrix((weight, (start, end)), shape=(size, size))).tocoo()
    numbers = {(int(a), int(b)): i for i, (a, b) in enumerate(zip(start, end, strict=True))}
    kept = np.zeros(len(start), dtype=bool)
    kept[[numbers[int(a), int(b)] for a, b in zip(tree.row, tree.col, strict=True)]] = True
    left = np.flatnonzero(~kept)
    loops = left[np.argsort(weight[left])][: wanted - int(kept.sum())]
    kept[loops] = True
    return start[kept], end[kept], rank[kept]


def _likely(rank: Ints) -> Floats:
    weight = np.array([3.0, 2.5, 1.5, 0.5])[rank]
    return np.asarray(weight / weight.sum())


def _diameters(rank: Ints, chance: np.random.Generator) -> Ints:
    sizes = np.array([[800, 1000, 1200], [400, 500, 600], [200, 250, 300], [100, 100, 150]])
    return np.asarray(sizes[rank, chance.integers(0, 3, len(rank))])


def _materials(laid: Ints, diameter: Ints) -> NDArray[Any]:
    found = np.full(len(laid), "球墨铸铁", dtype=object)
    found[laid < 1990] = "灰口铸铁"
    found[(laid >= 1998) & (diameter <= 200)] = "PE"
    found[(diameter >= 800) & (laid >= 1990)] = "钢管"
    found[(diameter >= 800) & (laid < 1990)] = "混凝土"
    return found


def _zones(xy: Floats) -> NDArray[Any]:
    cell = np.clip((xy - [WEST_M, SOUTH_M]) / SIDE_M * ZONES_ACROSS, 0, ZONES_ACROSS - 1)
    column, row = cell.astype(int).T
    return np.array([f"DMA-{r + 1:02d}-{c + 1:02d}" for r, c in zip(row, column, strict=True)])


def _terrain(xy: Floats) -> Floats:
    x, y = ((xy - [WEST_M, SOUTH_M]) / SIDE_M).T
    return np.asarray(92 + 18 * x + 6 * np.sin(5 * x) * np.cos(4 * y) + 3 * np.sin(17 * y))


def _customers(xy: Floats, count: int, chance: np.random.Generator) -> tuple[Floats, Ints, Floats]:
    """Return places beside crossings, the crossing of each, and yearly use: few use much."""
    at = chance.integers(0, len(xy), count)
    places = xy[at] + chance.normal(0, 12, (count, 2))
    use: Floats = np.round(np.exp(chance.normal(5.1, 1.0, count)), 0).astype(float)
    return places, at, use


def write_gpkg(city: City, path: Path) -> None:
    """Write the city as a survey office would: pipes, points and valves in layers of their own."""
    path.unlink(missing_ok=True)
    straight = np.isnan(city.bend[:, 0])
    middle = np.where(straight[:, None], city.xy[city.start], city.bend)
    corners = np.stack([city.xy[city.start], middle, city.xy[city.end]], axis=1)
    keep = np.ones((len(city.start), 3), dtype=bool)
    keep[straight, 1] = False
    number = np.repeat(np.arange(len(city.start)), keep.sum(axis=1))
    lines = shapely.linestrings(corners[keep], indices=number)
    zone = city.node_zone[city.start]
    _write_layer(path, "管线", lines, {
        "管段编号": city.pipe_code, "管径": city.diameter_mm, "材质": city.material,
        "长度": city.length_m, "建设年份": city.laid_year, "分区": zone,
    })  # fmt: skip
    valves = len(city.valve_code)
    nodes = slice(0, len(city.xy) - 2 * valves)
    for layer, kind in (("节点", "junction"), ("消火栓", "hydrant"), ("水厂", "reservoir"),
                        ("水塔", "tank")):  # fmt: skip
        of = city.node_kind[nodes] == kind
        if not of.any():
            continue
        columns = {
            "编号": city.node_code[nodes][of], "高程": city.elevation_m[nodes][of],
            "分区": city.node_zone[nodes][of],
        }  # fmt: skip
        if kind == "tank":
            columns |= {"最低水位": np.full(of.sum(), 1.0), "最高水位": np.full(of.sum(), 6.0),
                        "池径": np.full(of.sum(), 30.0)}  # fmt: skip
        _write_layer(path, layer, shapely.points(city.xy[nodes][of]), columns)
    _write_layer(path, "阀门", shapely.points(city.xy[city.valve_node]), {
        "编号": city.valve_code, "分区": city.node_zone[city.valve_node],
    })  # fmt: skip


def _write_layer(path: Path, layer: str, shapes: Any, columns: dict[str, NDArray[Any]]) -> None:
    import pyarrow as pa
    import pyogrio  # type: ignore[import-untyped]

    table = pa.table(
        {name: pa.array(values.tolist()) for name, values in columns.items()}
        | {"geometry": pa.array(shapely.to_wkb(shapes).tolist(), pa.binary())}
    )
    kind = "LineString" if shapes[0].geom_type == "LineString" else "Point"
    pyogrio.write_arrow(
        table, path, layer=layer, driver="GPKG", geometry_type=kind, crs=CRS,
        geometry_name="geometry", append=path.exists(),
    )  # fmt: skip


def write_inp(city: City, path: Path) -> None:
    """Write the city as a model of EPANET, with the customers' use as demands."""
    use = np.bincount(city.customer_node, city.customer_use_m3, minlength=len(city.xy))
    demand_lps = use * 1000 / (365 * 86_400)
    code = city.node_code
    parts = {"JUNCTIONS": [], "RESERVOIRS": [], "TANKS": [], "COORDINATES": []}  # type: ignore[var-annotated]
    for n, kind in enumerate(city.node_kind):
        z = city.elevation_m[n]
        if kind == "reservoir":
            parts["RESERVOIRS"].append(f"{code[n]} {z + 45:.2f}")
        elif kind == "tank":
            parts["TANKS"].append(f"{code[n]} {z + 35:.2f} 4 1 6 30 0")
        else:
            parts["JUNCTIONS"].append(f"{code[n]} {z:.2f} {demand_lps[n]:.5f}")
        parts["COORDINATES"].append(f"{code[n]} {city.xy[n, 0]:.3f} {city.xy[n, 1]:.3f}")
    parts["PIPES"] = [
        f"{name} {code[a]} {code[b]} {length:.2f} {size} 110 0 Open"
        for name, a, b, length, size in zip(
            city.pipe_code, city.start, city.end, city.length_m, city.diameter_mm, strict=True
        )
    ]
    valves = len(city.valve_code)
    sizes = city.diameter_mm[-valves:] if valves else ()
    parts["VALVES"] = [
        f"{name} {code[a]} {code[a + valves]} {size} TCV 0 0"
        for name, a, size in zip(city.valve_code, city.valve_node, sizes, strict=True)
    ]
    parts["VERTICES"] = [
        f"{name} {x:.3f} {y:.3f}"
        for name, (x, y) in zip(city.pipe_code, city.bend, strict=True)
        if x == x
    ]
    parts["OPTIONS"] = ["Units LPS", "Headloss H-W", "Trials 100"]
    with path.open("w", encoding="utf-8") as out:
        for section, lines in parts.items():
            out.write(f"[{section}]\n" + "\n".join(lines) + "\n\n")
        out.write("[END]\n")


def write_customers(city: City, path: Path) -> None:
    """Write the customers as a table with longitude and latitude."""
    to_lonlat = pyproj.Transformer.from_crs(CRS, "EPSG:4326", always_xy=True)
    lon, lat = to_lonlat.transform(*city.customers.T)
    with path.open("w", encoding="utf-8-sig", newline="") as out:
        table = csv.writer(out)
        table.writerow(["编号", "客户编号", "地址", "经度", "纬度", "年用水量"])
        for n, (x, y, use) in enumerate(zip(lon, lat, city.customer_use_m3, strict=True), 1):
            table.writerow([f"C{n}", f"K{n:06d}", f"{n % 900 + 1} 号", f"{x:.7f}", f"{y:.7f}",
                            f"{use:.0f}"])  # fmt: skip


def write_all(folder: Path, pipes: int = PIPES) -> None:
    """Write ``big.gpkg``, ``big.inp`` and ``big-customers.csv`` into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    city = build(pipes)
    write_gpkg(city, folder / "big.gpkg")
    write_inp(city, folder / "big.inp")
    write_customers(city, folder / "big-customers.csv")
