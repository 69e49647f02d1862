"""Patrols of the demo: rounds with a winter of walks, findings, and sites near pipes."""

from __future__ import annotations

import itertools
import math
import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from huoshui.areas.fieldwork import facade as fieldwork
from huoshui.areas.network import contracts as network_contracts
from huoshui.areas.network import facade as network
from huoshui.democity import timetable
from huoshui.kernel import clock
from huoshui.kernel.accounts.models import User

SEED = 97
WALK_MS = 1.2
FIX_EVERY_S = 12
DAYS_BACK = 42
M_PER_DEGREE = 111_195.0

Pipe = network_contracts.Asset
Place = tuple[float, float]
Fix = tuple[float, float, float, float | None]

# Number, Chinese and English name, days, how many pipes, whether it listens for leaks, and the
# share of each turn that is walked.
ROUNDS = (
    ("XJ-01", "城中干管巡线", "Mains of the centre", 7, 70, False, (1.0, 0.97, 0.95, 0.6)),
    ("XJ-02", "滨河路沿线巡线", "Along Binhe Road", 7, 55, False, (0.98, 0.0, 0.96, 0.7)),
    ("XJ-03", "城东片区巡线", "East of the city", 14, 90, False, (0.96, 0.0)),
    (
        "XJ-04",
        "学府路阀门消火栓巡查",
        "Valves and hydrants of Xuefu Road",
        14,
        45,
        False,
        (0.6, 1.0),
    ),
    ("CL-01", "老城区每月测漏", "Monthly leak survey of the old city", 30, 110, True, (0.94,)),
)
FOUND = (
    ("cover", "井盖破损，已放置警示桩"),
    ("valve_buried", "阀门井被渣土掩埋"),
    ("leak", "路面潮湿，疑似暗漏"),
    ("built_over", "管线上方堆放建材"),
    ("sign_missing", "标志桩缺失"),
    ("subsidence", "路面下沉约 3 厘米"),
    ("hydrant_damaged", "消火栓帽丢失"),
)
AGAIN = (
    ("subsidence", ("路面下沉，已拍照", "下沉面积扩大", "回填后再次下沉", "路面开裂渗水")),
    ("digging", ("沿线开槽未报备", "挖掘机停放在管线上方", "夜间继续开挖，已劝停")),
)
SITES = (
    ("地铁 3 号线 2 标出入口", "中原轨道建设有限公司", "刘工", "excavator", 8.0, 9.0,
     ("disclosed", "visited")),
    ("滨河路燃气管改造", "城燃管道工程公司", "赵经理", "directional_drill", 3.5, 6.0,
     ("visited",)),
    ("学府花园二期基坑", "宏达建设集团", "孙队长", "pile", 12.0, 22.0,
     ("disclosed", "damaged", "claimed")),
    ("人行道透水砖铺设", "市政养护二处", "周工", "hand", 0.5, 12.0, ("disclosed", "visited")),
    ("通信管道沟槽", "联信通信工程", "吴工", "excavator", 1.5, 35.0, ()),
)  # fmt: skip


def set_up(people: Mapping[str, int]) -> None:
    """Make rounds, walks, findings and sites, once."""
    if fieldwork.patrol_rounds():
        return
    pipes = [one for one in network.assets(kind="pipe") if len(one.line) > 1]
    if not pipes:
        return
    dice = random.Random(SEED)
    walkers = list(User.objects.filter(username__in=("liuyang", "zhaolei")).order_by("pk"))
    by_id = people["dispatcher"]
    today = clock.local(timetable.SHOWN_FROM).date()
    taken: set[str] = set()
    for number, (code, name, name_en, every, count, survey, shares) in enumerate(ROUNDS):
        own = _together(pipes, taken, count, dice)
        taken |= {one.code for one in own}
        begin = today - timedelta(days=(len(shares) - 1) * every + 4)
        with clock.frozen(_at(begin, 8)):
            fieldwork.make_patrol_round(
                code, name=name, name_en=name_en, every_days=every, begin_date=begin, by_id=by_id,
                zone_code=_zone(own), pipes=[one.code for one in own], leak_survey=survey,
            )  # fmt: skip
        for turn, share in enumerate(shares):
            day = begin + timedelta(days=turn * every + 1 + number % 2)
            # Each walks one round in the morning and one after noon.
            hour = 21 if survey else 8 if number < len(walkers) else 14
            began_at = _at(day, hour) + timedelta(minutes=dice.randrange(50))
            if share and began_at < timetable.SHOWN_FROM:
                _walk(code, own, share, began_at, walkers[number % len(walkers)], dice)
        _findings(code, own, walkers[number % len(walkers)], dice)
    _again(pipes, walkers[0], dice)
    _sites(pipes, by_id, dice)


def _at(day: object, hour: int) -> datetime:
    return datetime.combine(day, datetime.min.time(), clock.local_zone()) + timedelta(hours=hour)  # type: ignore[arg-type]


def _zone(pipes: Sequence[Pipe]) -> str:
    """Return the zone of most of the pipes."""
    zones = [one.zone or "" for one in pipes]
    return max(sorted(set(zones)), key=zones.count)


def _together(
    pipes: Sequence[Pipe], taken: set[str], count: int, dice: random.Random
) -> list[Pipe]:
    """Return pipes that hang together, none of which has a round yet."""
    free = [one for one in pipes if one.code not in taken]
    at = _by_end(free)
    best: list[Pipe] = []
    for _try in range(12):
        found: dict[str, Pipe] = {}
        waiting = [dice.choice(free)]
        while waiting and len(found) < count:
            one = waiting.pop(0)
            if one.code in found:
                continue
            found[one.code] = one
            waiting += [other for end in (one.start, one.end) for other in at[end]]
        best = max(best, list(found.values()), key=len)
        if len(best) >= count:
            break
    return best


def _by_end(pipes: Sequence[Pipe]) -> dict[str | None, list[Pipe]]:
    at: dict[str | None, list[Pipe]] = defaultdict(list)
    for one in pipes:
        at[one.start].append(one)
        at[one.end].append(one)
    return at


def _way(pipes: Sequence[Pipe]) -> Iterator[Place]:
    """Yield the places of a walk along every pipe and back; what hangs apart comes after."""
    at, seen = _by_end(pipes), set()
    for first in pipes:
        if first.code in seen:
            continue
        stack: list[tuple[str | None, list[Place]]] = [(first.start, [])]
        while stack:
            node, back = stack[-1]
            following = next((one for one in at[node] if one.code not in seen), None)
            if following is None:
                yield from back
                stack.pop()
                continue
            seen.add(following.code)
            course = list(following.line)
            if following.start != node:
                course.reverse()
            yield from course
            other = following.end if following.start == node else following.start
            stack.append((other, course[::-1]))


def _walk(
    code: str, pipes: Sequence[Pipe], share: float, began_at: datetime, by: User,
    dice: random.Random,
) -> None:  # fmt: skip
    """Walk a part of the pipes, with the faults that receivers have in streets."""
    walked = [one for one in pipes if dice.random() < share]
    if not walked:
        return
    track = list(_track(list(_way(walked)), dice))
    gap = dice.randrange(len(track) // 3, 2 * len(track) // 3)
    # Between houses the signal goes for some minutes.
    track = track[:gap] + track[gap + 15 :]
    ended_at = min(began_at + timedelta(seconds=track[-1][2]), timetable.SHOWN_FROM)
    with clock.frozen(ended_at):
        fieldwork.take_patrol_walk(
            code, by=by, began_at=began_at, track=track, key=f"democity:{code}:{began_at:%Y%m%d}"
        )


def _track(way: list[Place], dice: random.Random) -> Iterator[Fix]:
    """Yield a fix every some seconds of walking, each a few metres off."""
    aside = M_PER_DEGREE * math.cos(math.radians(way[0][1]))
    second, left = 0.0, 0.0
    for (lon, lat), (east, north) in itertools.pairwise(way):
        long_m = math.hypot((east - lon) * aside, (north - lat) * M_PER_DEGREE)
        at = left
        while at < long_m:
            part = at / long_m
            off = [dice.gauss(0, 3.0) for _way in range(2)]
            accuracy = 4 + 6 * dice.random() if dice.random() > 0.02 else 65.0
            yield (
                round(lon + (east - lon) * part + off[0] / aside, 6),
                round(lat + (north - lat) * part + off[1] / M_PER_DEGREE, 6),
                round(second, 1),
                round(accuracy),
            )
            second += FIX_EVERY_S
            at += FIX_EVERY_S * WALK_MS
        left = at - long_m


def _findings(code: str, pipes: Sequence[Pipe], by: User, dice: random.Random) -> None:
    """Find something here and there on the way."""
    for _number in range(2 + len(pipes) // 40):
        kind, note = dice.choice(FOUND)
        pipe = dice.choice(pipes)
        found_at = timetable.SHOWN_FROM - timedelta(
            days=dice.randrange(1, DAYS_BACK), hours=dice.randrange(2, 10)
        )
        with clock.frozen(found_at):
            fieldwork.take_patrol_finding(
                kind, by=by, lon=pipe.lon, lat=pipe.lat, found_at=found_at, round_code=code,
                asset_code=pipe.code, note=note, wants_job=kind == "leak",
            )  # fmt: skip


def _again(pipes: Sequence[Pipe], by: User, dice: random.Random) -> None:
    """Find the same at two places again and again."""
    for kind, notes in AGAIN:
        pipe = dice.choice(pipes)
        aside = M_PER_DEGREE * math.cos(math.radians(pipe.lat))
        for number, note in enumerate(notes):
            found_at = timetable.SHOWN_FROM - timedelta(days=200 - 55 * number, hours=9)
            with clock.frozen(found_at):
                fieldwork.take_patrol_finding(
                    kind, by=by, lon=pipe.lon + dice.uniform(-15, 15) / aside,
                    lat=pipe.lat + dice.uniform(-15, 15) / M_PER_DEGREE, found_at=found_at,
                    asset_code=pipe.code, note=note,
                )  # fmt: skip


def _sites(pipes: Sequence[Pipe], by_id: int, dice: random.Random) -> None:
    """Register sites beside pipes; some were shown the pipes, one broke one."""
    big = sorted(pipes, key=lambda one: (-(one.diameter_mm or 0), one.code))
    for number, (name, builder, contact, machine, depth_m, away_m, steps) in enumerate(SITES):
        pipe = big[number * 9] if number < 3 else dice.choice(pipes)
        begin_at = timetable.SHOWN_FROM - timedelta(days=12 + 7 * number, hours=8)
        values = {
            "name": name, "builder": builder, "contact": contact, "phone": f"1390000{number:04d}",
            "permit": f"掘〔2026〕{31 + number} 号", "lon": pipe.lon,
            "lat": pipe.lat + away_m / M_PER_DEGREE, "near_m": 50.0, "machine": machine,
            "depth_m": depth_m, "begin_date": clock.local(begin_at).date(),
            "end_date": clock.local(begin_at).date() + timedelta(days=90),
        }  # fmt: skip
        with clock.frozen(begin_at):
            site = fieldwork.register_site(values, by_id=by_id)
        for day, step in enumerate(steps, start=1):
            # The latest visit of the first site was this morning, that of the others is older.
            late = timedelta(hours=9) if number == 0 else timedelta(days=4 + number)
            at = (
                timetable.SHOWN_FROM - late if step == "visited" else begin_at + timedelta(days=day)
            )
            with clock.frozen(at):
                fieldwork.note_at_site(
                    site, step, by_id=by_id,
                    note="打桩时钻破管道" if step == "damaged" else "",
                    person=contact if step == "disclosed" else "",
                    asset_code=pipe.code if step == "damaged" else "",
                    amount_yuan=86_500.0 if step == "claimed" else None,
                )  # fmt: skip
