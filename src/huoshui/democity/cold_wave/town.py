"""Brings the people of the cold wave into the registers: estates, accounts, crews, seats, parts.

Everything goes in by the doors and imports that an office uses, and may be done again without harm.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from huoshui.areas.customers import facade as customers
from huoshui.areas.fieldwork import contracts as fieldwork_contracts
from huoshui.areas.fieldwork import facade as fieldwork
from huoshui.areas.hotline import facade as hotline
from huoshui.areas.network import facade as network
from huoshui.democity import crews as base
from huoshui.democity.cold_wave.people import Estate, Home
from huoshui.democity.cold_wave.script import Script
from huoshui.democity.customers import import_table
from huoshui.kernel.accounts import actions as accounts
from huoshui.kernel.accounts.models import User

CREWS, PEOPLE = 40, 100
SEATS = 16
FIRST_EXTENSION = 8001
# Where there is no network: a town of so many degrees around a place.
MIDDLE, REACH_DEG = (117.05, 36.65), 0.045
BUILDING_M, UNIT_M, DEGREE_M = 70.0, 9.0, 111_320.0
DUTY = fieldwork_contracts.PatternDeclaration(
    "emergency", "应急值守（白）", "Emergency duty by day", "06:00-22:00", date(2026, 1, 5)
)
NIGHT_DUTY = fieldwork_contracts.PatternDeclaration(
    "emergency_night", "应急值守（夜）", "Emergency duty by night", "18:00-08:00", date(2026, 1, 5)
)
NIGHT_CREWS = 4
LOAD = (("meter_dn15", 3), ("pipe_wrap", 8), ("clamp_dn100", 3))
# What is laid in before the wave comes, in each store.
PREPARED = {"pipe_wrap": 300, "clamp_dn100": 60}
Spot = tuple[float, float, str]


@dataclass(frozen=True)
class Cast:
    """Who plays: agents with their extensions, the dispatcher, second person, keeper, crews."""

    agents: tuple[tuple[str, int], ...]
    dispatcher: int
    manager: int
    own_agent: int
    crews: dict[str, User]
    depots: tuple[str, ...]
    spots: dict[str, Spot]

    def spot_of(self, home: Home) -> Spot:
        """Return where a home is: around the middle of its estate, unit by unit."""
        lon, lat, zone = self.spots[home.estate.code]
        turn = 2 * math.pi * home.building / 6
        east = BUILDING_M * math.cos(turn) + UNIT_M * (home.unit - 1)
        north = BUILDING_M * math.sin(turn)
        across = DEGREE_M * math.cos(math.radians(lat))
        return round(lon + east / across, 6), round(lat + north / DEGREE_M, 6), zone


def prepare(script: Script, *, dispatcher: str, manager: str) -> Cast:
    """Make what is missing of the wave's town; return who plays in it."""
    ids = dict(User.objects.values_list("username", "pk"))
    by_id = ids[manager]
    cast = Cast(
        agents=_agents(),
        dispatcher=ids[dispatcher],
        manager=by_id,
        own_agent=ids.get("zhoumei", 0),
        crews=_crews(by_id),
        depots=("D-1", "D-2"),
        spots=_spots(script.estates),
    )
    _register(script, cast, by_id)
    return cast


def _register(script: Script, cast: Cast, by_id: int) -> None:
    """Import estates and accounts as an office does, unless they are there."""
    if script.estates[0].code in customers.estate_names():
        return
    estates = [_estate_row(one, cast, script) for one in script.estates]
    import_table("estates", "寒潮片区小区资料.csv", estates, by_id)
    rows = list(_account_rows(script.homes, cast))
    import_table("accounts", "寒潮片区营业户资料.csv", rows, by_id)


def _estate_row(estate: Estate, cast: Cast, script: Script) -> dict[str, object]:
    lon, lat, zone = cast.spots[estate.code]
    return {
        "小区编号": estate.code, "小区名称": estate.name, "区": "清泉区", "经度": lon, "纬度": lat,
        "分区": zone, "物业": f"{estate.name}物业服务中心", "业主群": f"{estate.name}业主群",
        "户数": sum(one.estate == estate for one in script.homes),
    }  # fmt: skip


def _account_rows(homes: Sequence[Home], cast: Cast) -> Iterator[dict[str, object]]:
    for one in homes:
        lon, lat, _zone = cast.spot_of(one)
        yield {
            "户号": one.account, "户名": one.holder, "用户类别": "person", "电话": one.phone,
            "地址": one.address, "区": "清泉区", "小区": one.estate.code, "经度": lon, "纬度": lat,
            "水表号": one.meter, "口径": 15, "止码": one.reading_m3, "抄表日期": "2025-12-25",
            "状态": "active", "用水性质": "居民", "水表外露": "是" if one.is_exposed else "",
        }  # fmt: skip


def _spots(estates: Sequence[Estate]) -> dict[str, Spot]:
    """Return a place for each estate: pipes as far from each other as can be, or a plain grid."""
    pipes = [one for one in network.assets(kind="pipe") if one.lon == one.lon]
    if len(pipes) < len(estates):
        side = math.ceil(math.sqrt(len(estates)))
        step = 2 * REACH_DEG / max(side - 1, 1)
        return {
            one.code: (
                round(MIDDLE[0] - REACH_DEG + step * (n % side), 6),
                round(MIDDLE[1] - REACH_DEG + step * (n // side), 6),
                "",
            )
            for n, one in enumerate(estates)
        }
    at = np.array([(one.lon, one.lat) for one in pipes])
    chosen = [int(np.argmin(np.hypot(*(at - at.mean(axis=0)).T)))]
    away = np.hypot(*(at - at[chosen[0]]).T)
    while len(chosen) < len(estates):
        chosen.append(int(np.argmax(away)))
        away = np.minimum(away, np.hypot(*(at - at[chosen[-1]]).T))
    return {
        estate.code: (float(at[n][0]), float(at[n][1]), pipes[n].zone or "")
        for estate, n in zip(estates, chosen, strict=True)
    }


def _agents() -> tuple[tuple[str, int], ...]:
    """Let the agents of the wave sit down; the seat of the demo's own agent stays theirs."""
    found = []
    for number in range(SEATS):
        username, extension = f"wave{number + 1:02d}", str(FIRST_EXTENSION + 1 + number)
        user_id = _person(username, f"应急坐席{number + 1:02d}", "hotline_agent")
        if hotline.seat_state(extension) is None:
            hotline.take_seat(user_id=user_id, extension=extension)
        found.append((extension, user_id))
    return tuple(found)


def _person(username: str, name: str, post: str) -> int:
    known = User.objects.filter(username=username).first()
    if known is None:
        known, _password = accounts.add_user(username, name, posts=(post,))
    return known.pk


def _crews(by_id: int) -> dict[str, User]:
    """Call up crews until there are forty of a hundred people; return each with who leads it."""
    known = fieldwork.crew_codes()
    if not known:
        fieldwork.set_up_crew_work(by_id, base.declared(base.workers(), _depots()))
        known = fieldwork.crew_codes()
    # A demo of before does not know yet which of its parts are meters.
    fieldwork.set_up_crew_work(by_id, fieldwork_contracts.CrewWork(parts=base.PARTS))
    if not any(code.startswith("YJ-") for code in known):
        fieldwork.set_up_crew_work(by_id, _emergency(len(known), fieldwork.crew_people()))
        for depot in ("D-1", "D-2"):
            fieldwork.move_parts(PREPARED, to_code=depot, note="寒潮应急储备", by_id=by_id)
    return fieldwork.crew_leaders()


def _depots() -> list[tuple[str, str, float, float]]:
    lon, lat = MIDDLE
    return [
        ("D-1", "清泉抢修站", lon - 0.02, lat - 0.015),
        ("D-2", "柳岸材料库", lon + 0.02, lat + 0.015),
    ]


def _emergency(crews: int, people: int) -> fieldwork_contracts.CrewWork:
    """Return the declaration of the crews and people that are missing."""
    missing, left = CREWS - crews, PEOPLE - people
    declared = []
    for number in range(missing):
        size = left // (missing - number)
        left -= size
        code = f"YJ-{number + 1:02d}"
        names = tuple(f"yj{number + 1:02d}{letter}" for letter in "abcd"[:size])
        for place, username in enumerate(names):
            _person(username, _name(number * 4 + place), "crew")
        night = number >= missing - NIGHT_CREWS
        declared.append(
            fieldwork_contracts.CrewDeclaration(
                code, f"应急{number + 1}组", ("meter_fitting", "pipe_repair"),
                NIGHT_DUTY.code if night else DUTY.code, 0, ("D-1", "D-2")[number % 2],
                f"豫A·Y{(number * 4813 + 1207) % 9000 + 1000}", names, LOAD,
            )
        )  # fmt: skip
    return fieldwork_contracts.CrewWork(patterns=(DUTY, NIGHT_DUTY), crews=tuple(declared))


def _name(number: int) -> str:
    surnames = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜"
    given = ("建国", "志刚", "海涛", "立军", "永强", "保华", "春雷", "卫东", "长青", "玉柱", "大勇")
    return surnames[number * 7 % len(surnames)] + given[number * 5 % len(given)]
