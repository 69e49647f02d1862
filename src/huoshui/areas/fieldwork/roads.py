"""What the fields of a layer of roads mean: how fast a crew drives there, and which way."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from huoshui.areas.fieldwork import rules

CLASS_FIELDS = (
    "highway", "fclass", "road_class", "class", "type", "道路等级", "道路类型", "等级", "类型",
)  # fmt: skip
SPEED_FIELDS = ("speed_kmh", "speed", "车速", "行驶速度", "平均车速")
LIMIT_FIELDS = ("maxspeed", "max_speed", "limit_kmh", "限速", "设计速度", "设计车速")
ONE_WAY_FIELDS = ("oneway", "one_way", "单行", "单向", "单行线", "通行方向")
FIGURE = re.compile(r"-?\d+(?:\.\d+)?")

# Words of OpenStreetMap and of road offices, by the class of CJJ 37.
CLASSES: dict[str, str] = {
    **dict.fromkeys(("motorway", "motorway_link", "trunk", "trunk_link", "高速公路", "高速",
                     "快速路", "expressway"), "expressway"),
    **dict.fromkeys(("primary", "primary_link", "主干路", "主干道", "arterial"),
                    "arterial"),
    **dict.fromkeys(("secondary", "secondary_link", "次干路", "次干道", "sub_arterial"),
                    "sub_arterial"),
    **dict.fromkeys(("tertiary", "tertiary_link", "unclassified", "residential", "living_street",
                     "service", "road", "支路", "街坊路", "小区路", "乡道", "村道",
                     "branch"), "branch"),
    **dict.fromkeys(("footway", "pedestrian", "steps", "path", "cycleway", "bridleway", "track",
                     "corridor", "construction", "proposed", "人行道", "步行街", "自行车道",
                     "在建"), ""),
}  # fmt: skip
FORWARD = ("yes", "true", "1", "f", "是", "单行", "单向", "正向")
BACKWARD = ("-1", "t", "reverse", "反向")


@dataclass(frozen=True, slots=True)
class Road:
    """How one line is driven: 0 km/h not at all; ``sense`` 1 onwards only, -1 backwards only."""

    speed_kmh: float
    sense: int = 0


@dataclass(frozen=True, slots=True)
class Columns:
    """Which field of the file says what; empty: none does."""

    road_class: str = ""
    speed: str = ""
    limit: str = ""
    one_way: str = ""

    @classmethod
    def of(cls, names: Mapping[str, Any]) -> Columns:
        """Find the fields by their names, in any case."""
        known = {name.strip().lower(): name for name in names}

        def first(wanted: tuple[str, ...]) -> str:
            return next((known[one] for one in wanted if one in known), "")

        return cls(*map(first, (CLASS_FIELDS, SPEED_FIELDS, LIMIT_FIELDS, ONE_WAY_FIELDS)))


def road_of(said: Mapping[str, Any], columns: Columns) -> tuple[Road, list[tuple[str, str]]]:
    """Return how a line is driven, and the (problem, field) of what could not be understood.

    A speed that was driven counts as it is; a limit is not driven all the time, so the class of the
    road counts where that is slower.
    """
    wrong: list[tuple[str, str]] = []
    kind = _text(said.get(columns.road_class))
    known = CLASSES.get(kind)
    if kind and known is None:
        wrong.append(("class_unknown", columns.road_class))
    if known == "":
        return Road(0.0), wrong
    usual = rules.ROAD_SPEEDS_KMH.get(known or "", rules.CITY_SPEED_KMH)
    driven = _speed(said, columns.speed, wrong)
    limit = _speed(said, columns.limit, wrong)
    speed = driven or (min(limit, usual) if limit and known else limit) or usual
    way = _text(said.get(columns.one_way))
    return Road(speed, 1 if way in FORWARD else -1 if way in BACKWARD else 0), wrong


def _text(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None else str(value).strip().lower()


def _speed(said: Mapping[str, Any], field: str, wrong: list[tuple[str, str]]) -> float:
    """Return a speed, 0 where none is said; zero is how many programs write "not known"."""
    value = said.get(field) if field else None
    text = _text(value)
    if text in ("", "0", "none", "signals", "walk") or (
        isinstance(value, float) and math.isnan(value)
    ):
        return 0.0
    found = FIGURE.search(text)
    figure = float(found[0]) if found else 0.0
    if not 0 < figure <= rules.ROAD_SPEED_MOST_KMH or "mph" in text:
        wrong.append(("speed_impossible", field))
        return 0.0
    return figure
