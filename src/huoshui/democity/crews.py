"""The crews of the demo: people, vehicles, stores, and an afternoon of jobs that wait for them."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import date, timedelta

from huoshui.areas.fieldwork import contracts
from huoshui.areas.fieldwork import facade as fieldwork
from huoshui.areas.network import facade as network
from huoshui.democity import crew_day, timetable
from huoshui.kernel import clock
from huoshui.kernel.accounts import actions as accounts
from huoshui.kernel.accounts.models import User

SEED = 41
FIRST = date(2026, 1, 5)
CREW_COUNT = 12
JOB_COUNT = 46
Named, Kind, Priority = contracts.NamedThing, contracts.JobKind, contracts.Priority

SKILLS = (
    Named("meter_fitting", "装表换表", "Meter fitting"),
    Named("pipe_repair", "管道抢修", "Pipe repair"),
    Named("welding", "焊接", "Welding"),
    Named("leak_finding", "测漏", "Leak finding"),
    Named("valves", "阀门检修", "Valves"),
)
PARTS = (
    Named("meter_dn15", "水表 DN15", "Meter DN15", "只", is_meter=True),
    Named("meter_dn20", "水表 DN20", "Meter DN20", "只", is_meter=True),
    Named("clamp_dn100", "抱箍 DN100", "Repair clamp DN100", "个"),
    Named("clamp_dn200", "抱箍 DN200", "Repair clamp DN200", "个"),
    Named("gate_valve_dn100", "闸阀 DN100", "Gate valve DN100", "台"),
    Named("hydrant_seal", "消火栓密封圈", "Hydrant seal", "套"),
    Named("pipe_wrap", "保温棉", "Pipe wrap", "卷"),
)
METER_STEPS = (
    "\n".join(("敲门并说明来意，核对户号和旧表号", "关表前阀，拍旧表读数",
               "拆旧表，装新表，检查箭头方向", "开阀试水，查漏，上铅封",
               "拍新表读数，请用户签字")),
    "\n".join(("Knock, say why, compare account and old number",
               "Shut the valve, photograph the old reading",
               "Take the old meter out, fit the new one, look at its arrow",
               "Open, look for leaks, seal",
               "Photograph the new reading, let the customer sign")),
)  # fmt: skip
TYPES = (
    contracts.TypeDeclaration("frozen_meter", "冻表更换", "Exchange a frozen meter", Kind.REPAIR,
                              Priority.HIGH, 30, ("meter_fitting",),
                              (("meter_dn15", 1), ("pipe_wrap", 1)), True, *METER_STEPS),
    # No repair: its times would be counted among those of what broke.
    contracts.TypeDeclaration("meter_exchange", "到期换表", "Exchange a meter", Kind.OTHER,
                              Priority.LOW, 25, ("meter_fitting",), (("meter_dn15", 1),), True,
                              *METER_STEPS),
    contracts.TypeDeclaration("pipe_leak", "管道漏水抢修", "Repair a leaking pipe", Kind.REPAIR,
                              Priority.URGENT, 120, ("pipe_repair",), (("clamp_dn100", 1),)),
    contracts.TypeDeclaration("main_burst", "主管爆管抢修", "Repair a burst main", Kind.REPAIR,
                              Priority.URGENT, 240, ("pipe_repair", "welding"),
                              (("clamp_dn200", 1),)),
    contracts.TypeDeclaration("leak_search", "漏点定位", "Find a leak", Kind.LEAK_SEARCH,
                              Priority.NORMAL, 90, ("leak_finding",)),
    contracts.TypeDeclaration("valve_check", "阀门保养", "Look after a valve", Kind.INSPECTION,
                              Priority.LOW, 40, ("valves",)),
    contracts.TypeDeclaration("hydrant_check", "消火栓保养", "Look after a hydrant",
                              Kind.INSPECTION, Priority.LOW, 30, ("valves",),
                              (("hydrant_seal", 1),)),
    contracts.TypeDeclaration("surface", "路面恢复", "Restore a road surface", Kind.OTHER,
                              Priority.LOW, 75, ("pipe_repair",)),
)  # fmt: skip
PATTERNS = (
    contracts.PatternDeclaration("day", "白班（做五休二）", "Days, five on, two off",
                                 ", ".join(["08:00-18:00"] * 5 + ["-", "-"]), FIRST),
    contracts.PatternDeclaration("late", "晚班（做五休二）", "Evenings, five on, two off",
                                 ", ".join(["13:00-23:00"] * 5 + ["-", "-"]), date(2026, 1, 7)),
    contracts.PatternDeclaration("around", "昼夜倒班", "Day, night, two off",
                                 "08:00-20:00, 20:00-08:00, -, -", FIRST),
)  # fmt: skip
NAMES = (
    "孙志强", "马超", "胡建军", "郭亮", "何勇", "高峰", "罗刚", "梁栋", "宋涛", "唐伟", "许磊",
    "韩冰", "冯军", "邓超", "曹阳", "彭飞", "曾勇", "萧峻", "田野", "董浩", "潘登", "袁野",
)  # fmt: skip
SKILLED = (
    ("meter_fitting",), ("pipe_repair", "welding"), ("meter_fitting", "pipe_repair"),
    ("leak_finding", "valves"), ("meter_fitting", "valves"), ("pipe_repair", "leak_finding"),
)  # fmt: skip
# Into how far a turn of its pattern each crew with the pattern begins: their days off differ.
TURNS = {"day": (0, 3, 4, 2), "late": (0, 4, 5, 6), "around": (2, 1, 0, 3)}
WORK = (("frozen_meter", 12), ("meter_exchange", 10), ("pipe_leak", 8), ("main_burst", 1),
        ("leak_search", 5), ("valve_check", 6), ("hydrant_check", 4))  # fmt: skip


def set_up(people: Mapping[str, int]) -> None:
    """Make crews, vehicles and stores with what lies in them, and jobs that wait, once."""
    if fieldwork.crew_codes():
        return
    by_id = people["administrator"]
    pipes = [one for one in network.assets(kind="pipe") if one.lon == one.lon]
    if not pipes:
        return
    depots = _depots([one.lon for one in pipes], [one.lat for one in pipes])
    # They have worked for a year when the demo begins.
    with clock.frozen(timetable.SHOWN_FROM - crew_day.SINCE):
        fieldwork.set_up_crew_work(by_id, declared(workers(), depots))
    places = [(one.code, one.lon, one.lat) for one in pipes]
    _afternoon(people, _spots(places))
    known = {one.username: one for one in User.objects.filter(username__in=workers())}
    leaders = {
        f"Q-{number + 1:02d}": known[name]
        for number, name in enumerate(workers()[: 2 * CREW_COUNT : 2])
    }
    crew_day.set_up(people, leaders, places)


def _spots(pipes: list[tuple[str, float, float]]) -> dict[str, list[tuple[str, contracts.Place]]]:
    """Return where jobs of each type may be, with a title where the default says too little.

    In no order of the map, so that the first few of them lie all over the town.
    """
    dice = random.Random(SEED)

    def at(known: list[tuple[str, float, float]]) -> list[tuple[str, contracts.Place]]:
        found = [("", contracts.Place(code, lon=lon, lat=lat)) for code, lon, lat in known]
        return dice.sample(found, len(found))

    def of_kind(kind: str) -> list[tuple[str, contracts.Place]]:
        found = [one for one in network.assets(kind=kind) if one.lon == one.lon]
        return at([(one.code, one.lon, one.lat) for one in found] or pipes)

    accounts = crew_day.homes()
    chosen = dice.sample(accounts, min(JOB_COUNT, len(accounts)))
    homes = [crew_day.place_of(one) for one in chosen]
    meters = {
        one.code: [(f"{one.name_zh}：{address}", place) for address, place in homes] or at(pipes)
        for one in TYPES
        if one.exchanges_meter
    }
    return {
        **{one.code: at(pipes) for one in TYPES},
        "valve_check": of_kind("valve"),
        "hydrant_check": of_kind("junction"),
        **meters,
    }


def workers() -> list[str]:
    """Return the sign-in names of the crews' people, made where they are missing."""
    known = set(User.objects.values_list("username", flat=True))
    found = ["liuyang", "zhaolei"]
    for number, name in enumerate(NAMES, start=1):
        username = f"crew{number:02d}"
        if username not in known:
            accounts.add_user(username, name, posts=("crew",))
        found.append(username)
    return found


def _depots(lons: list[float], lats: list[float]) -> list[tuple[str, str, float, float]]:
    """Return two depots inside the town: a third of the way from its south-west and north-east."""
    west, east, south, north = min(lons), max(lons), min(lats), max(lats)
    return [
        ("D-1", "清泉抢修站", west + (east - west) / 3, south + (north - south) / 3),
        ("D-2", "柳岸材料库", east - (east - west) / 4, north - (north - south) / 3),
    ]


def declared(workers: list[str], depots: list[tuple[str, str, float, float]]) -> contracts.CrewWork:
    """Return the whole declaration for so many workers, two to a crew."""
    lying = {"meter_dn15": 60, "meter_dn20": 20, "clamp_dn100": 12, "clamp_dn200": 4,
             "gate_valve_dn100": 5, "hydrant_seal": 15, "pipe_wrap": 40}  # fmt: skip
    winter = (("meter_dn15", 80, 11, 3), ("pipe_wrap", 60, 11, 3), ("clamp_dn100", 8, 1, 12))
    stores = tuple(
        contracts.StoreDeclaration(code, name, lon, lat, tuple(lying.items()), winter)
        for code, name, lon, lat in depots
    )
    crews = tuple(
        contracts.CrewDeclaration(
            f"Q-{number + 1:02d}", f"抢修{number + 1}组", SKILLED[number % len(SKILLED)],
            tuple(TURNS)[number % 3], tuple(TURNS.values())[number % 3][number // 3],
            depots[number % len(depots)][0], f"豫A·{(number * 7919 + 20417) % 90000 + 10000}",
            tuple(workers[2 * number : 2 * number + 2]),
            (("meter_dn15", 4), ("clamp_dn100", 2), ("clamp_dn200", 1), ("hydrant_seal", 2),
             ("pipe_wrap", 3)),
        )
        for number in range(min(CREW_COUNT, len(workers) // 2))
    )  # fmt: skip
    return contracts.CrewWork(SKILLS, PARTS, TYPES, PATTERNS, stores, crews)


def place_in_line(crew: str) -> int:
    """Return the place of a crew among those declared, from its code."""
    return int(crew.removeprefix("Q-")) - 1 if crew.startswith("Q-") else 0


def skills_of(crew: str) -> tuple[str, ...]:
    """Return what a declared crew can do; nothing for one that somebody else made."""
    return SKILLED[place_in_line(crew) % len(SKILLED)] if crew.startswith("Q-") else ()


def _afternoon(
    people: Mapping[str, int], spots: Mapping[str, list[tuple[str, contracts.Place]]]
) -> None:
    """Let jobs come in over the past day; most still wait for a crew."""
    dice = random.Random(SEED)
    kinds = [code for code, often in WORK for _ in range(often)]
    known = {one.code: one for one in TYPES}
    for number in range(JOB_COUNT):
        code = kinds[number % len(kinds)]
        title, place = spots[code][number % len(spots[code])]
        asked_at = timetable.SHOWN_FROM - timedelta(minutes=dice.randrange(5, 20 * 60))
        begin = None
        if code == "frozen_meter" and dice.random() < 0.5:
            begin = clock.local(timetable.SHOWN_FROM).replace(minute=0, second=0, microsecond=0)
            begin += timedelta(hours=dice.choice((1, 2, 3)))
        with clock.frozen(asked_at):
            fieldwork.request_job(
                title=title,
                place=place,
                by_id=people["dispatcher"],
                priority=known[code].priority,
                due_at=timetable.SHOWN_FROM + timedelta(hours=dice.choice((2, 4, 8, 26, 50))),
                origin=f"democity.crews:{number}",
                work=contracts.Work(
                    code,
                    window_from_at=begin,
                    window_until=begin + timedelta(hours=2) if begin else None,
                ),
            )
