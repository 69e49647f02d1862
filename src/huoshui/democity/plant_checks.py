"""Rounds to the plants of the demo: lists, six weeks of checks, a bearing that grows hot."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from huoshui.areas.fieldwork import facade as fieldwork
from huoshui.areas.network import contracts as network_contracts
from huoshui.areas.network import facade as network
from huoshui.democity import timetable
from huoshui.kernel import clock
from huoshui.kernel.accounts.models import User

SEED = 131
DAYS_BACK = 42
# A reading above it is out of limits; the bearing reaches it two days before the demo begins.
BEARING_MAX_C = 75.0

# The node before this valve is a meter chamber; the network file does not say so.
METER, METERED = "meter chamber", "PRV-1"
OK, NUMBER, TEXT, PHOTO = "ok", "number", "text", "photo"
LISTS: tuple[tuple[str, str, str, str, tuple[tuple[Any, ...], ...]], ...] = (
    ("JC-BENG", "水泵机组巡检表", "Pump unit", "pump", (
        ("leak", "机封与管路", "Seal and pipes", OK, "", None, None, True, True),
        ("noise", "声音和振动", "Sound and vibration", OK, "", None, None, True, True),
        ("bearing", "轴承温度", "Bearing temperature", NUMBER, "°C", None, BEARING_MAX_C, True,
         True),
        ("current", "运行电流", "Current", NUMBER, "A", 40.0, 120.0, True, False),
        ("outlet", "出口压力", "Outlet pressure", NUMBER, "MPa", 0.25, 0.6, True, False),
        ("photo", "机组照片", "Photo of the unit", PHOTO, "", None, None, False, False),
        ("note", "其他情况", "Anything else", TEXT, "", None, None, False, False),
    )),
    ("JC-CHI", "水塔水池巡检表", "Tank", "tank", (
        ("lock", "人孔盖与锁", "Hatch and its lock", OK, "", None, None, True, True),
        ("net", "通气孔防护网", "Nets of the vents", OK, "", None, None, True, False),
        ("chlorine", "余氯", "Free chlorine", NUMBER, "mg/L", 0.05, 2.0, True, True),
        ("level", "水位", "Water level", NUMBER, "m", 1.0, 5.5, True, False),
    )),
    ("JC-SHUIYUAN", "水源地巡查表", "Source", "reservoir", (
        ("fence", "围栏和标志", "Fence and signs", OK, "", None, None, True, False),
        ("dirt", "保护区环境（垃圾、排污）", "Rubbish or discharge", OK, "", None, None, True,
         False),
        ("turbidity", "浑浊度", "Turbidity", NUMBER, "NTU", None, 20.0, True, True),
        ("photo", "取水口照片", "Photo of the intake", PHOTO, "", None, None, False, False),
    )),
    ("JC-FA", "阀门井巡检表", "Valve chamber", "valve", (
        ("cover", "井盖", "Cover", OK, "", None, None, True, True),
        ("water", "井内积水情况", "Water in the chamber", OK, "", None, None, True, False),
        ("after", "阀后压力", "Pressure behind it", NUMBER, "MPa", 0.15, 0.45, False, False),
    )),
)  # fmt: skip
# As above, for one type of a kind, or asked only on rounds that name it.
LISTS_OF_TYPES: tuple[tuple[str, str, str, str, str, tuple[tuple[Any, ...], ...]], ...] = (
    (
        "JC-JIANYA",
        "减压阀井巡检表",
        "Chamber of a pressure-reducing valve",
        "valve",
        "pressure_reducing",
        (
            ("cover", "井盖", "Cover", OK, "", None, None, True, True),
            ("water", "井内积水情况", "Water in the chamber", OK, "", None, None, True, False),
            ("before", "阀前压力", "Pressure before it", NUMBER, "MPa", 0.3, 0.8, False, False),
            ("after", "阀后压力", "Pressure behind it", NUMBER, "MPa", 0.15, 0.45, True, True),
        ),
    ),
    (
        "JC-BIAOJING",
        "流量计井巡检表",
        "Meter chamber",
        "junction",
        "meter_chamber",
        (
            ("cover", "井盖", "Cover", OK, "", None, None, True, True),
            ("seal", "流量计铅封", "Seal of the meter", OK, "", None, None, True, True),
            ("flow", "瞬时流量", "Flow now", NUMBER, "m³/h", 0.0, 600.0, True, False),
            ("battery", "电池电压", "Battery", NUMBER, "V", 3.3, None, True, True),
        ),
    ),
)
MONTHLY = ("JC-BENG-YUE", "水泵月度点检表", "Pump unit, monthly", "pump", (
    ("bolts", "地脚螺栓和联轴器", "Anchor bolts and coupling", OK, "", None, None, True, True),
    ("grease", "润滑脂加注", "Greased", OK, "", None, None, True, False),
    ("insulation", "电机绝缘电阻", "Insulation of the motor", NUMBER, "MΩ", 0.5, None, True, True),
))  # fmt: skip
# Number, Chinese and English name, days, assets, who makes it, the turns that nobody made, counted
# back from the end, and the lists of its own.
ROUNDS: tuple[tuple[str, str, str, int, tuple[str, ...], str, tuple[int, ...], tuple[str, ...]],
              ...] = (
    ("SB-01", "加压泵站和水塔日巡检", "Pumping station and tower, daily", 1, ("PUMP_1", "T1"),
     "liuyang", (9, 23), ()),
    ("SB-02", "水源地周巡查", "Sources, weekly", 7, ("R1", "R2"), "zhaolei", (3,), ()),
    ("SB-03", "减压阀井周巡检", "Pressure-reducing valves, weekly", 7, ("PRV-1", "PRV-2", "PRV-3"),
     "zhaolei", (), ()),
    ("SB-04", "城东设施综合巡检", "All facilities of the east", 14,
     ("PUMP_1", "T1", "PRV-1", METER, "FM-101"), "liuyang", (), ()),
    ("SB-05", "水泵月度点检", "Pumps, monthly", 28, ("PUMP_1",), "liuyang", (), ("JC-BENG-YUE",)),
)  # fmt: skip


def set_up(people: Mapping[str, int]) -> None:
    """Make lists, rounds and what was seen on them, once; a world without pumps has none."""
    if fieldwork.check_rounds() or network.asset("PUMP_1") is None:
        return
    dice = random.Random(SEED)
    by_id = people["administrator"]
    today = clock.local(timetable.SHOWN_FROM).date()
    begin = today - timedelta(days=DAYS_BACK)
    valve = network.asset(METERED)
    chamber = valve.start if valve and valve.start else ""
    if chamber:
        said = network_contracts.Attributes(others={"node_kind": "meter_chamber"})
        # In the demo's past: a change of today would lie after everything the demo shows.
        with clock.frozen(timetable.SHOWN_FROM - timedelta(hours=1)):
            network.set_attributes({chamber: said}, by_id=by_id)
    with clock.frozen(_at(begin, 7.0)):
        _lists(by_id)
    for code, name, name_en, every, assets, username, missed, lists in ROUNDS:
        listed = [chamber if one == METER else one for one in assets]
        own = [one for one in listed if one and network.asset(one) is not None]
        if not own:
            continue
        with clock.frozen(_at(begin, 7.5)):
            fieldwork.make_check_round(
                code, name=name, name_en=name_en, every_days=every, begin_date=begin, assets=own,
                by_id=by_id, check_lists=lists,
            )  # fmt: skip
        walker = User.objects.get(username=username)
        turns = DAYS_BACK // every
        for turn in range(turns):
            if turns - turn not in missed:
                day = begin + timedelta(days=turn * every)
                _look(code, own, walker, day, turn / turns, dice)


def _lists(by_id: int) -> None:
    """Make the list of each kind, of each type, and the monthly one."""
    for code, zh, en, kind, items in LISTS:
        fieldwork.make_check_list(
            code, name_zh=zh, name_en=en, asset_kind=kind, items=items, by_id=by_id
        )
    for code, zh, en, kind, type_, items in LISTS_OF_TYPES:
        fieldwork.make_check_list(
            code, name_zh=zh, name_en=en, asset_kind=kind, asset_type=type_, items=items,
            by_id=by_id,
        )  # fmt: skip
    code, zh, en, kind, items = MONTHLY
    fieldwork.make_check_list(
        code, name_zh=zh, name_en=en, asset_kind=kind, only_named=True, items=items, by_id=by_id
    )


def _at(day: date, hour: float) -> datetime:
    return datetime.combine(day, datetime.min.time(), clock.local_zone()) + timedelta(hours=hour)


def _look(
    code: str, assets: list[str], by: User, day: date, share: float, dice: random.Random
) -> None:
    """Look at every asset of a round; on a rainy day the last one was left out."""
    seen = assets[:-1] if len(assets) > 1 and dice.random() < 0.05 else assets
    for number, asset in enumerate(seen):
        at = _at(day, 8.2 + 0.3 * number + dice.random() / 5)
        if at >= timetable.SHOWN_FROM:
            return
        with clock.frozen(at):
            fieldwork.take_check(
                code, asset, by=by, checked_at=at, answers=_answers(code, asset, share, dice)
            )


def _answers(code: str, asset: str, share: float, dice: random.Random) -> dict[str, Any]:
    """Return what is seen at an asset; the bearing of the pump warms up from the third week on."""
    if code == "SB-05":
        return {"bolts": True, "grease": True, "insulation": round(dice.uniform(40, 60), 1)}
    if asset.startswith("PUMP"):
        warm_c = 58 + max(0.0, share - 0.45) * 33
        return {
            "leak": True, "noise": share < 0.97, "bearing": round(warm_c + dice.uniform(-1, 1), 1),
            "current": round(86 + dice.uniform(-3, 3), 1),
            "outlet": round(0.42 + dice.uniform(-0.02, 0.02), 3),
        }  # fmt: skip
    if asset.startswith("T"):
        return {"lock": True, "net": not 0.3 < share < 0.36,
                "chlorine": round(0.38 + dice.uniform(-0.08, 0.08), 2),
                "level": round(3.4 + dice.uniform(-0.8, 0.8), 2)}  # fmt: skip
    if asset.startswith("R"):
        return {"fence": True, "dirt": share > 0.2, "turbidity": round(dice.uniform(3, 9), 1)}
    if not asset.startswith(("PRV", "FM")):
        return {"cover": True, "seal": True, "flow": round(dice.uniform(60, 140), 1),
                "battery": round(3.6 - 0.05 * share, 2)}  # fmt: skip
    return {"cover": True, "water": dice.random() > 0.15,
            "before": round(0.52 + dice.uniform(-0.03, 0.03), 3),
            "after": round(0.31 + dice.uniform(-0.02, 0.02), 3)}  # fmt: skip
