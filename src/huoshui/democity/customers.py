"""Service connections of the demo city: a customers' file as an office would keep it, imported.

Addresses, estates and uses are invented; chance comes from one seed, so every start gives the same.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from huoshui.areas.network import facade as network
from huoshui.areas.network.contracts import Asset, Place, ZoneDeclaration, ZoneKind
from huoshui.kernel.intake import actions as intake

FILE_NAME = "用户资料 2026-02.csv"
SEED = 20260201
ROW = dict[str, object]
DEGREE_M = 111_320.0
MARGIN_M = 18.0


@dataclass(frozen=True)
class Estate:
    """A housing estate around a junction: buildings with a meter each."""

    code: str
    name: str
    name_en: str
    parent: str
    at: str
    buildings: int
    flats: int


# The junctions were chosen by hand on the map, each in a quarter of its own.
ESTATES = (
    Estate("XQ-01", "泉水花园", "Quanshui Garden", "AB", "n105", 24, 36),
    Estate("XQ-02", "明湖雅苑", "Minghu Court", "AB", "n188", 20, 48),
    Estate("XQ-03", "柳岸新村", "Liuan New Village", "AB", "n296", 26, 24),
    Estate("XQ-04", "泺源公馆", "Luoyuan Residence", "AB", "n458", 14, 60),
    Estate("XQ-05", "锦绣东城", "Jinxiu East", "AB", "n613", 22, 54),
    Estate("XQ-06", "荷塘月色", "Lotus Pond", "AB", "n722", 18, 42),
    Estate("XQ-07", "高岗家园", "Gaogang Homes", "C", "n31", 22, 30),
    Estate("XQ-08", "望岳台", "Wangyue Terrace", "C", "n4", 14, 36),
)
# Customers of their own kind, on the pipe that somebody knows: the nearest would be another one.
LARGE = (
    ("清泉市第一人民医院", "n54", 150, 186_000),
    ("清泉实验中学", "n163", 100, 52_000),
    ("金泉纺织印染厂", "n342", 200, 264_000),
    ("泉城广场购物中心", "n415", 100, 78_000),
    ("清泉长途汽车站", "n495", 80, 23_500),
    ("黄河大酒店", "n519", 100, 61_000),
    ("市游泳馆", "n644", 80, 34_000),
    ("高岗食品厂", "n1", 100, 88_000),
)
STREETS = (
    "泉城路", "解放路", "经十路", "历山路", "文化西路", "山大路", "黑虎泉西路", "朝山街",
    "大明湖路", "明湖东路", "柳行街", "花园路", "二环东路", "青年西路", "玉函路", "建设路",
)  # fmt: skip
SHOPS = ("饭店", "超市", "理发店", "药店", "洗车行", "幼儿园", "社区服务站", "早点铺")
HOUSES = 150
# Beyond the westernmost, the southernmost and the easternmost pipe.
FARMS = (("西郊果园", (-1, 0)), ("南坡村 3 组 2 号", (0, -1)), ("苗圃路 8 号 苗圃", (1, 0)))
FARM_AWAY_M = 90.0


def bring(by_id: int) -> None:
    """Make the estates, and import the customers' file as a clerk does on the page."""
    pipes = [pipe for pipe in network.assets(kind="pipe") if len(pipe.line) > 1]
    if not pipes:
        return
    rng = np.random.default_rng(SEED)
    rows: list[ROW] = []
    zones = []
    for estate in ESTATES:
        found = list(_estate(estate, pipes, rng))
        rows += found
        zones.append(_zone(estate, found))
    rows += _houses(pipes, rng)
    rows += _large(pipes)
    rows += _farms(pipes)
    # A clerk typed longitude and latitude the wrong way round: the import says so.
    rows[-1]["经度"], rows[-1]["纬度"] = rows[-1]["纬度"], rows[-1]["经度"]
    network.assign_zones(zones, by_id=by_id)
    import_table("customers", FILE_NAME, rows, by_id)


def import_table(kind: str, name: str, rows: Sequence[ROW], by_id: int) -> None:
    """Bring a table, check it and carry the import out, as its page does in the background."""
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    raw = out.getvalue().encode("utf-8-sig")
    content_hash, size = intake.keep([raw], name)
    row = intake.bring(kind, name, content_hash, size, {}, by_id)
    intake.work.call(row.pk, False)
    intake.carry_out(row.pk, by_id)
    intake.work.call(row.pk, True)


def _row(number: int, address: str, place: Place, use_m3: float, diameter_mm: int) -> ROW:
    return {
        "户号": f"{10_000 + number}",
        "用户编号": f"YH{240_000 + 37 * number}",
        "用水地址": address,
        "经度": round(place[0], 7),
        "纬度": round(place[1], 7),
        "管道编号": "",
        "分区编号": "",
        "口径": diameter_mm,
        "年用水量": round(use_m3),
        "状态": "在用",
    }


def _estate(estate: Estate, pipes: Sequence[Asset], rng: np.random.Generator) -> Iterator[ROW]:
    """Place the buildings of an estate along the pipes next to its junction."""
    middle = network.places([estate.at])[estate.at]
    near = sorted(pipes, key=lambda pipe: _apart_m((pipe.lon, pipe.lat), middle))[:7]
    first = 1000 * (1 + ESTATES.index(estate))
    for number in range(estate.buildings):
        place = _beside(near[number % len(near)], rng, least_m=9, most_m=22)
        use = estate.flats * rng.uniform(95, 150)
        row = _row(first + number, f"{estate.name}{number + 1}号楼", place, use, 80)
        yield row | {"分区编号": estate.code}


def _zone(estate: Estate, rows: Sequence[ROW]) -> ZoneDeclaration:
    """Draw a line around the buildings of an estate."""
    places = np.array([[row["经度"], row["纬度"]] for row in rows], float)
    hull = shapely.buffer(shapely.multipoints(places).convex_hull, MARGIN_M / DEGREE_M)
    ring = np.round(shapely.get_coordinates(shapely.simplify(hull, 2 / DEGREE_M)), 6)
    return ZoneDeclaration(
        code=estate.code,
        name=estate.name,
        name_en=estate.name_en,
        parent=estate.parent,
        boundary=tuple(map(tuple, ring.tolist())),
        kind=ZoneKind.ESTATE,
    )


def _houses(pipes: Sequence[Asset], rng: np.random.Generator) -> Iterator[ROW]:
    """Place houses and shops along the streets; a street lies where its anchor pipe lies."""
    small = [pipe for pipe in pipes if (pipe.diameter_mm or 0) <= 150]
    anchors = [small[int(one)] for one in rng.choice(len(small), len(STREETS), replace=False)]
    houses = dict.fromkeys(STREETS, 0)
    for number, at in enumerate(rng.choice(len(small), HOUSES, replace=False)):
        pipe = small[int(at)]
        nearest = min(
            range(len(STREETS)),
            key=lambda one: _apart_m((pipe.lon, pipe.lat), (anchors[one].lon, anchors[one].lat)),
        )
        street = STREETS[nearest]
        houses[street] += int(rng.integers(1, 4))
        address = f"{street}{houses[street]}号"
        is_shop = rng.random() < 0.3
        if is_shop:
            address += f" {SHOPS[int(rng.integers(len(SHOPS)))]}"
        use = rng.uniform(300, 2600) if is_shop else rng.uniform(80, 260)
        place = _beside(pipe, rng, least_m=5, most_m=16)
        yield _row(20_000 + number, address, place, use, 40 if is_shop else 20)


def _large(pipes: Sequence[Asset]) -> Iterator[ROW]:
    places = network.places([at for _name, at, _mm, _use in LARGE])
    for number, (name, at, diameter_mm, use_m3) in enumerate(LARGE):
        own = max(
            (pipe for pipe in pipes if at in (pipe.start, pipe.end)),
            key=lambda pipe: pipe.diameter_mm or 0,
        )
        lon, lat = places[at]
        place = (lon + 14 / DEGREE_M, lat + 11 / DEGREE_M)
        yield _row(30_000 + number, name, place, use_m3, diameter_mm) | {"管道编号": own.code}


def _farms(pipes: Sequence[Asset]) -> Iterator[ROW]:
    """Place farms outside the city, farther from the pipe than customers usually are."""
    places = np.concatenate([np.array(pipe.line) for pipe in pipes])
    for number, (address, (east, north)) in enumerate(FARMS):
        lon, lat = places[int((places @ np.array([east, north])).argmax())]
        place = (lon + east * FARM_AWAY_M / DEGREE_M, lat + north * FARM_AWAY_M / DEGREE_M)
        yield _row(40_000 + number, address, place, 340 + 55 * number, 25)


def _beside(pipe: Asset, rng: np.random.Generator, *, least_m: float, most_m: float) -> Place:
    """Return a place beside a pipe, on either side of it."""
    line = np.array(pipe.line)
    piece = int(rng.integers(len(line) - 1))
    (lon, lat), (to_lon, to_lat) = line[piece], line[piece + 1]
    share = rng.uniform(0.12, 0.88)
    squeeze = np.cos(np.radians(lat))
    along = np.array([(to_lon - lon) * squeeze, to_lat - lat])
    across = np.array([-along[1], along[0]]) / (np.hypot(*along) or 1.0)
    away = rng.choice([-1, 1]) * rng.uniform(least_m, most_m) / DEGREE_M
    return (
        float(lon + share * (to_lon - lon) + across[0] * away / squeeze),
        float(lat + share * (to_lat - lat) + across[1] * away),
    )


def _apart_m(one: Place, other: Place) -> float:
    squeeze = np.cos(np.radians(one[1]))
    return float(DEGREE_M * np.hypot((one[0] - other[0]) * squeeze, one[1] - other[1]))
