"""What the layers and fields of a GIS file or drawing mean: guessed by name, or told."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from huoshui.areas.network import attributes
from huoshui.areas.network.contracts import Kind

IGNORE = "ignore"
POINT, LINE, AREA = 1, 2, 3
SHAPE_NAMES = {0: "", POINT: "point", LINE: "line", AREA: "area"}

# The first that is found in a layer's name decides. Chinese words, their initials, and English.
NAMED: tuple[tuple[str, str], ...] = (
    (r"用户|水表|户表|meter|customer|connection|service", IGNORE),
    (r"标注|注记|文字|图框|道路|房屋|建筑|等高", IGNORE),
    (r"text|label|anno|road|build|dim\b|hatch|frame", IGNORE),
    (r"污水|雨水|排水|燃气|电力|通信|sewer|drain|storm|gas|power|telecom", IGNORE),
    (r"消火栓|消防栓|hydrant|(^|_)xhs", Kind.HYDRANT),
    (r"阀|valve|(^|_)fm", Kind.VALVE),
    (r"水泵|泵|pump", Kind.PUMP),
    (r"水池|水塔|水箱|tank", Kind.TANK),
    (r"水源|水厂|reservoir|source", Kind.RESERVOIR),
    (r"管线点|管点|节点|接点|三通|弯头|junction|node|(^|_)(jd|gd)", Kind.JUNCTION),
    (r"管线|管段|管道|给水管|供水管|输水|配水|干管|支管|pipe|main|给水|供水|water|(^|_)(gx|js)",
     Kind.PIPE),
)  # fmt: skip

STRUCTURE: dict[str, tuple[str, ...]] = {
    "code": (
        "code", "编号", "编码", "管段编号", "管线编号", "管段号", "设施编号", "设备编号", "点号",
        "管线点号", "物探点号", "唯一编号", "assetid", "assetcode", "id", "gid", "objectid",
        "globalid", "entityhandle",
    ),
    "start": (
        "startcode", "start", "startnode", "起点", "起点编号", "起点点号", "起始点号", "起点号",
        "fromnode", "from", "node1", "qdbh", "qddh", "spoint",
    ),
    "end": (
        "endcode", "end", "endnode", "终点", "终点编号", "终点点号", "终止点号", "终点号",
        "tonode", "to", "node2", "zdbh", "zddh", "epoint",
    ),
    "kind": ("kind", "设施类型", "设备类型", "附属物", "特征", "featuretype"),
    "zone": ("zone", "zonecode", "dma", "分区", "所属分区", "计量分区", "小区"),
}  # fmt: skip

SPOKEN_KINDS: dict[str, str] = {
    "管段": Kind.PIPE, "管线": Kind.PIPE, "管道": Kind.PIPE, "阀门": Kind.VALVE, "阀": Kind.VALVE,
    "蝶阀": Kind.VALVE, "闸阀": Kind.VALVE, "消火栓": Kind.HYDRANT, "消防栓": Kind.HYDRANT,
    "水泵": Kind.PUMP, "水池": Kind.TANK, "水塔": Kind.TANK, "水厂": Kind.RESERVOIR,
    "水源": Kind.RESERVOIR, "节点": Kind.JUNCTION, "三通": Kind.JUNCTION, "四通": Kind.JUNCTION,
    "弯头": Kind.JUNCTION, "管帽": Kind.JUNCTION, "变径": Kind.JUNCTION, "直通": Kind.JUNCTION,
}  # fmt: skip


@dataclass
class Meaning:
    """What one field of a layer stands for: a part of the structure, or an attribute."""

    field: str
    role: str = ""
    attribute: attributes.Attribute | None = None


def kind_of_layer(name: str, shapes: set[int], told: Mapping[str, str]) -> str:
    """Return the kind of asset that a layer holds, `IGNORE`, or "" if its name says nothing."""
    for pattern, kind in told.items():
        if pattern.lower() == name.lower():
            return kind
    if "*" in told:
        return told["*"]
    lowered = name.lower()
    for pattern, kind in NAMED:
        if re.search(pattern, lowered):
            return fitting(kind, shapes)
    return ""


def fitting(kind: str, shapes: set[int]) -> str:
    """Return the kind if the layer's shapes can be it, else `IGNORE` or what they can be."""
    if kind == IGNORE:
        return IGNORE
    if kind == Kind.PIPE and LINE not in shapes:
        return Kind.JUNCTION if POINT in shapes else IGNORE
    if kind in (Kind.JUNCTION, Kind.HYDRANT, Kind.TANK, Kind.RESERVOIR) and POINT not in shapes:
        return IGNORE
    return kind if shapes & {POINT, LINE} else IGNORE


def kind_of_shape(shapes: set[int]) -> str:
    """Return what a layer holds whose name says nothing, by its shapes."""
    if LINE in shapes:
        return Kind.PIPE
    return Kind.JUNCTION if POINT in shapes else IGNORE


def meanings(fields: list[str]) -> list[Meaning]:
    """Return what each field stands for; of two for one thing the first name in our list wins."""
    plain = {attributes.plain_name(field): field for field in reversed(fields)}
    taken: dict[str, str] = {}
    for role, names in STRUCTURE.items():
        for name in names:
            field = plain.get(name)
            if field is not None and field not in taken.values():
                taken[role] = field
                break
    by_field = {field: role for role, field in taken.items()}
    known = attributes.by_name()
    used: set[str] = set()
    found = []
    for field in fields:
        attribute = known.get(attributes.plain_name(field)) if field not in by_field else None
        if attribute is not None and attribute.code in used:
            attribute = None
        if attribute is not None:
            used.add(attribute.code)
        found.append(Meaning(field, by_field.get(field, ""), attribute))
    return found


def kind_of_word(word: Any) -> str:
    """Return the kind that a cell names, or ""."""
    text = str(word or "").strip().lower()
    if text in set(Kind):
        return text
    if text in SPOKEN_KINDS:
        return SPOKEN_KINDS[text]
    for pattern, kind in NAMED:
        if text and kind not in (IGNORE, Kind.PIPE) and re.search(pattern, text):
            return kind
    return ""


def told_of(text: str) -> dict[str, str]:
    """Return the layers that a person named: ``MAIN=pipe,FM=valve,*=ignore``.

    Raises `ValueError` for a kind that does not exist.
    """
    told = {}
    for part in text.replace("，", ",").split(","):
        if not part.strip():
            continue
        name, _, kind = part.partition("=")
        kind = kind.strip().lower()
        if kind not in {*Kind, IGNORE}:
            raise ValueError(part.strip())
        told[name.strip()] = kind
    return told
