"""The one table of asset attributes: what can be said about an asset, and how it is called.

Forms, bulk editing, import, export, checks, the asset's page and docs/reference/assets.md all read
it. A new attribute is one more line here; it is kept in ``Asset.details`` and needs no migration.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext_lazy as _

from huoshui.areas.network import choices, contracts, rules
from huoshui.areas.network.contracts import Kind

Words = Any

PIPE = frozenset({Kind.PIPE})
VALVE = frozenset({Kind.VALVE})
PUMP = frozenset({Kind.PUMP})
TANK = frozenset({Kind.TANK})
HYDRANT = frozenset({Kind.HYDRANT})
JUNCTION = frozenset({Kind.JUNCTION})
NODES = contracts.NODE_KINDS
ALL = frozenset(Kind)
BUILT = ALL - {Kind.JUNCTION, Kind.RESERVOIR}


class Type(StrEnum):
    """How a value is written."""

    TEXT = "text"
    NUMBER = "number"
    INTEGER = "integer"
    DATE = "date"
    CHOICE = "choice"
    FLAG = "flag"


class Group(StrEnum):
    """Under which heading a person finds it."""

    WHAT = "what"
    SIZE = "size"
    BUILD = "build"
    PLACE = "place"
    ORIGIN = "origin"


GROUPS: dict[str, Words] = {
    Group.WHAT: _("Asset"),
    Group.SIZE: _("Technical data"),
    Group.BUILD: _("Construction"),
    Group.PLACE: _("Location"),
    Group.ORIGIN: _("Origin and ownership"),
}

UNITS = {
    "m": "m", "mm": "mm", "m3h": "m³/h", "m3": "m³", "kw": "kW", "frac": "", "year": "",
    "mpa": "MPa", "min": "m", "max": "m",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Attribute:
    """One thing that can be said about assets of some kinds.

    ``accepted`` are further names of the column in files that people bring; compared without case,
    spaces and underlines. ``column`` says that it has a column of its own in the register; others
    stand in ``details``. ``inp`` is its place in an EPANET network file.
    """

    code: str
    kinds: frozenset[Kind]
    type: Type
    label: Words
    group: Group
    column: bool = False
    choices: Mapping[str, Words] | None = None
    help: Words = ""
    accepted: tuple[str, ...] = ()
    inp: str = ""
    low: float | None = None
    high: float | None = None
    decimals: int = 1
    given_by_shape: bool = False
    """Whether it belongs to the drawn or modelled network and changes by a set of changes."""

    @property
    def unit(self) -> str:
        """The unit as people read it, from the last word of the code."""
        if self.type is not Type.NUMBER:
            return ""
        return UNITS.get(self.code.rsplit("_", 1)[-1], "")

    @property
    def empty(self) -> Any:
        """How "not known" is stored in its column."""
        return "" if self.type in (Type.TEXT, Type.CHOICE) else None


def _of(
    code: str, kinds: frozenset[Kind], kind: Type, label: Words, group: Group, **rest: Any
) -> Attribute:
    return Attribute(code=code, kinds=kinds, type=kind, label=label, group=group, **rest)


TABLE: tuple[Attribute, ...] = (
    _of("name", ALL, Type.TEXT, _("Name"), Group.WHAT, column=True,
        accepted=("名称", "设施名称", "title")),
    _of("status", ALL, Type.CHOICE, _("Status"), Group.WHAT, column=True,
        choices=choices.STATUSES, accepted=("状态", "使用状态", "state"),
        help=_("Only assets in use carry water.")),
    _of("valve_kind", VALVE, Type.CHOICE, _("Kind of valve"), Group.WHAT, column=True,
        choices=choices.VALVE_KINDS, inp="[VALVES] Type",
        accepted=("阀门类型", "valve type", "type")),
    _of("node_kind", JUNCTION, Type.CHOICE, _("Kind of node"), Group.WHAT,
        choices=choices.NODE_TYPES, accepted=("节点类型", "node type"),
        help=_("What stands there, where it is more than a joint of pipes.")),
    _of("tank_kind", TANK, Type.CHOICE, _("Kind of tank"), Group.WHAT,
        choices=choices.TANK_KINDS, accepted=("水池类型", "tank type")),
    _of("pump_kind", PUMP, Type.CHOICE, _("Kind of pump"), Group.WHAT,
        choices=choices.PUMP_KINDS, accepted=("水泵类型", "pump type")),
    _of("length_m", PIPE, Type.NUMBER, _("Length"), Group.SIZE, column=True, low=0, high=100_000,
        accepted=("长度", "管长", "length", "len"), inp="[PIPES] Length", given_by_shape=True,
        help=_("As stated; the drawn length is worked out from the course.")),
    _of("diameter_mm", PIPE | VALVE, Type.NUMBER, _("Diameter"), Group.SIZE, column=True,
        low=1, high=10_000, decimals=0, inp="[PIPES] [VALVES] Diameter",
        accepted=("管径", "口径", "公称直径", "diameter", "diam", "dn")),
    _of("outer_diameter_mm", PIPE, Type.NUMBER, _("Outer diameter"), Group.SIZE, low=1, high=10_000,
        accepted=("外径", "od")),
    _of("wall_mm", PIPE, Type.NUMBER, _("Wall thickness"), Group.SIZE, low=0.1, high=300,
        accepted=("壁厚", "wall thickness")),
    _of("roughness_c", PIPE, Type.NUMBER, _("Roughness (Hazen-Williams)"), Group.SIZE, column=True,
        low=10, high=200, inp="[PIPES] Roughness, H-W", accepted=("粗糙系数", "海曾威廉系数", "c")),
    _of("roughness_mm", PIPE, Type.NUMBER, _("Wall roughness"), Group.SIZE, column=True,
        low=0.0001, high=50, decimals=3, inp="[PIPES] Roughness, D-W", accepted=("当量粗糙度",)),
    _of("roughness_n", PIPE, Type.NUMBER, _("Roughness (Manning)"), Group.SIZE, column=True,
        low=0.005, high=0.1, decimals=4, inp="[PIPES] Roughness, C-M", accepted=("曼宁系数",)),
    _of("elevation_m", NODES, Type.NUMBER, _("Elevation"), Group.SIZE, column=True,
        low=-500, high=6000, decimals=2,
        inp="[JUNCTIONS] Elev, [TANKS] Elevation, [RESERVOIRS] Head",
        accepted=("标高", "高程", "地面高程", "elevation", "elev", "z")),
    _of("level_m_min", TANK, Type.NUMBER, _("Lowest level"), Group.SIZE, column=True,
        low=0, high=200, decimals=2, inp="[TANKS] MinLevel", accepted=("最低水位", "minlevel")),
    _of("level_m_max", TANK, Type.NUMBER, _("Highest level"), Group.SIZE, column=True,
        low=0, high=200, decimals=2, inp="[TANKS] MaxLevel", accepted=("最高水位", "maxlevel")),
    _of("tank_diameter_m", TANK, Type.NUMBER, _("Tank diameter"), Group.SIZE, column=True,
        low=0, high=500, inp="[TANKS] Diameter", accepted=("池径", "水池直径")),
    _of("volume_m3", TANK, Type.NUMBER, _("Useful volume"), Group.SIZE, low=0, high=1_000_000,
        decimals=0, accepted=("容积", "有效容积", "volume")),
    _of("rated_flow_m3h", PUMP, Type.NUMBER, _("Rated flow"), Group.SIZE, low=0, high=100_000,
        accepted=("额定流量", "rated flow")),
    _of("rated_head_m", PUMP, Type.NUMBER, _("Rated head"), Group.SIZE, low=0, high=1000,
        accepted=("额定扬程", "扬程", "rated head")),
    _of("rated_power_kw", PUMP, Type.NUMBER, _("Rated power"), Group.SIZE, low=0, high=20_000,
        accepted=("额定功率", "功率", "rated power"), inp="[PUMPS] POWER"),
    _of("outlet_mm", HYDRANT, Type.NUMBER, _("Outlet"), Group.SIZE, low=10, high=300, decimals=0,
        accepted=("出水口", "出口口径")),
    _of("hydrant_kind", HYDRANT, Type.CHOICE, _("Kind of hydrant"), Group.WHAT,
        choices=choices.HYDRANT_KINDS, accepted=("消火栓类型", "hydrant type")),
    _of("turns", VALVE, Type.NUMBER, _("Turns to close"), Group.BUILD, low=0, high=1000,
        accepted=("圈数", "启闭圈数")),
    _of("closes", VALVE, Type.CHOICE, _("Direction of closing"), Group.BUILD,
        choices=choices.CLOSING, accepted=("启闭方向", "关闭方向")),
    _of("normal_state", VALVE | PIPE, Type.CHOICE, _("Normal state"), Group.WHAT,
        choices=choices.NORMAL_STATES, accepted=("常态", "常开常闭", "normal state"),
        help=_("How it should stand. How a valve stands is known from the turns recorded; a pipe "
               "that is closed, by a valve nobody drew, lets nothing pass."), inp="[STATUS]"),
    _of("has_check_valve", PIPE, Type.FLAG, _("Has a check valve"), Group.WHAT,
        accepted=("止回", "带止回阀", "check valve"), inp="[PIPES] CV",
        help=_("Water passes only from its start to its end.")),
    _of("is_boundary", VALVE, Type.FLAG, _("Boundary valve"), Group.WHAT,
        accepted=("边界阀", "boundary"), help=_("It parts two zones and is kept closed.")),
    _of("is_buried", VALVE | HYDRANT, Type.FLAG, _("Buried without a chamber"), Group.BUILD,
        accepted=("是否直埋", "直埋", "buried")),
    _of("chamber", VALVE | HYDRANT, Type.TEXT, _("Chamber"), Group.BUILD,
        accepted=("井号", "阀门井", "chamber")),
    _of("drive", VALVE, Type.CHOICE, _("Drive"), Group.BUILD, choices=choices.DRIVES,
        accepted=("驱动方式", "drive")),
    _of("material", PIPE | VALVE, Type.CHOICE, _("Material"), Group.BUILD, column=True,
        choices=choices.MATERIALS, accepted=("材质", "管材", "material", "mat")),
    _of("pressure_class_mpa", BUILT, Type.NUMBER, _("Pressure class"), Group.BUILD,
        low=0.1, high=10, decimals=2, accepted=("压力等级", "公称压力", "pn")),
    _of("lining", PIPE, Type.CHOICE, _("Lining"), Group.BUILD, choices=choices.LININGS,
        accepted=("内衬", "内防腐", "lining")),
    _of("coating", PIPE, Type.CHOICE, _("Coating"), Group.BUILD, choices=choices.COATINGS,
        accepted=("外防腐", "防腐", "coating")),
    _of("joint", PIPE, Type.CHOICE, _("Joint"), Group.BUILD, choices=choices.JOINTS,
        accepted=("接口", "接口形式", "joint")),
    _of("depth_m", BUILT, Type.NUMBER, _("Depth of cover"), Group.PLACE, low=0, high=60, decimals=2,
        accepted=("埋深", "depth")),
    _of("road", ALL, Type.TEXT, _("Road"), Group.PLACE,
        accepted=("道路", "所在道路", "街道", "road", "street")),
    _of("place_source", ALL, Type.CHOICE, _("Source of the place"), Group.PLACE,
        choices=choices.PLACE_SOURCES, accepted=("位置来源", "数据来源", "source")),
    _of("place_accuracy_m", ALL, Type.NUMBER, _("Accuracy of the place"), Group.PLACE,
        low=0, high=1000, decimals=2, accepted=("位置精度", "精度", "accuracy")),
    _of("laid_year", BUILT, Type.INTEGER, _("Laid"), Group.ORIGIN, column=True,
        low=rules.EARLIEST_LAID_YEAR, high=2200,
        accepted=("敷设年份", "建设年份", "建成年份", "year", "install year")),
    _of("laid_date", BUILT, Type.DATE, _("Day of laying"), Group.ORIGIN,
        accepted=("敷设日期", "埋设日期", "竣工日期", "install date")),
    _of("owner", ALL, Type.TEXT, _("Owner of the asset"), Group.ORIGIN,
        accepted=("权属单位", "产权单位", "owner")),
    _of("manufacturer", BUILT, Type.TEXT, _("Manufacturer"), Group.ORIGIN,
        accepted=("生产厂家", "厂家", "manufacturer")),
    _of("product", BUILT, Type.TEXT, _("Type of product"), Group.ORIGIN,
        accepted=("型号", "规格型号", "model")),
    _of("note", ALL, Type.TEXT, _("Remark"), Group.ORIGIN, accepted=("备注", "说明", "remark")),
    _of("tag", ALL, Type.TEXT, _("Tag"), Group.ORIGIN, column=True, inp="[TAGS]",
        accepted=("标签",), given_by_shape=True),
)  # fmt: skip

BY_CODE: dict[str, Attribute] = {one.code: one for one in TABLE}
TEXT_LENGTH_MAX = 200
COLUMN_TEXT_LENGTHS = {"name": 200, "tag": 200}


def of_kind(kind: str) -> tuple[Attribute, ...]:
    """Return the attributes that assets of a kind may have, in the order of the table."""
    return tuple(one for one in TABLE if kind in one.kinds)


def value(row: Any, attribute: Attribute) -> Any:
    """Return what is known of an asset; None where nothing is."""
    if attribute.column:
        found = getattr(row, attribute.code)
        return None if found == "" else found
    found = (row.details or {}).get(attribute.code)
    return date.fromisoformat(found) if found and attribute.type is Type.DATE else found


def put(row: Any, attribute: Attribute, wanted: Any) -> None:
    """Set one attribute of a loaded asset; None makes it unknown. Saves nothing."""
    if attribute.column:
        if attribute.code == "status" and wanted is None:
            wanted = contracts.Status.IN_USE
        setattr(row, attribute.code, attribute.empty if wanted is None else wanted)
        return
    details = dict(row.details or {})
    if wanted is None:
        details.pop(attribute.code, None)
    else:
        details[attribute.code] = stored(wanted)
    row.details = details


def stored(wanted: Any) -> Any:
    """Return a value as it is written into ``details``: JSON."""
    return wanted.isoformat() if isinstance(wanted, date) else wanted


def impossible(attribute: Attribute, wanted: Any) -> Words | None:
    """Return in words why an asset cannot have this value; None if it can."""
    if wanted is None:
        return None
    if attribute.type in (Type.NUMBER, Type.INTEGER):
        return _number_impossible(attribute, wanted)
    if attribute.type is Type.CHOICE:
        known = wanted in (attribute.choices or {})
        return None if known else _("it is none of the choices")
    if attribute.type is Type.FLAG:
        return None if isinstance(wanted, bool) else _("it is neither yes nor no")
    if attribute.type is Type.DATE:
        try:
            date.fromisoformat(str(wanted))
        except ValueError:
            return _("it is not a day")
        return None
    return None if len(str(wanted)) <= TEXT_LENGTH_MAX else _("it is longer than 200 characters")


def _number_impossible(attribute: Attribute, wanted: Any) -> Words | None:
    if isinstance(wanted, bool) or not isinstance(wanted, int | float) or wanted != wanted:
        return _("it is not a number")
    low, high = attribute.low, attribute.high
    if (low is not None and wanted < low) or (high is not None and wanted > high):
        return _("it is outside %(low)s to %(high)s") % {"low": f"{low:g}", "high": f"{high:g}"}
    return None


YES = frozenset({"1", "y", "yes", "true", "是", "有"})
NO = frozenset({"0", "n", "no", "false", "否", "无"})


def parse(attribute: Attribute, text: str) -> Any:
    """Return the value that a text of a file or form means; None for an empty one.

    A choice may be given by its code or by its words in either language. Raises `ValueError` for
    what cannot be understood; whether it is possible is asked of `impossible`.
    """
    given = text.strip()
    if not given:
        return None
    if attribute.type is Type.NUMBER:
        return float(given.replace(",", ""))
    if attribute.type is Type.INTEGER:
        return int(float(given))
    if attribute.type is Type.DATE:
        return date.fromisoformat(given.replace("/", "-").replace(".", "-")[:10])
    if attribute.type is Type.FLAG:
        if given.lower() in YES | NO:
            return given.lower() in YES
        raise ValueError(given)
    if attribute.type is Type.CHOICE:
        return choices.code_of(attribute.choices or {}, given)
    return given


def plain_name(name: str) -> str:
    """Return the heading of a column without case, spaces, underlines and unit in brackets."""
    bare = name.strip().lower()
    for opening in ("(", "（", "["):
        bare = bare.split(opening, 1)[0]
    return bare.replace(" ", "").replace("_", "").replace("-", "")


def by_name() -> dict[str, Attribute]:
    """Return the attributes by every name under which a file may bring them, made plain."""
    found: dict[str, Attribute] = {}
    for one in TABLE:
        for name in (one.code, *one.accepted):
            found.setdefault(plain_name(name), one)
    return found


def words_of(attribute: Attribute, found: Any) -> Any:
    """Return a value as people read it; None where nothing is known."""
    if found is None or found == "":
        return None
    if attribute.type is Type.CHOICE:
        return (attribute.choices or {}).get(found, found)
    if attribute.type is Type.FLAG:
        return _("yes") if found else _("no")
    if attribute.type is Type.INTEGER:
        return str(found)
    if attribute.type is Type.NUMBER:
        return f"{found:,.{attribute.decimals}f}"
    return str(found)
