"""Build the demo city through the doors of the areas: people, network, points, zones, past.

Everything here may be done again without harm: what is there already stays.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np

from huoshui.areas.fieldwork import contracts as fieldwork_contracts
from huoshui.areas.fieldwork import facade as fieldwork
from huoshui.areas.leakage import contracts as leakage_contracts
from huoshui.areas.leakage import facade as leakage
from huoshui.areas.network import facade as network
from huoshui.areas.telemetry import contracts as telemetry_contracts
from huoshui.areas.telemetry import facade as telemetry
from huoshui.areas.twin import facade as twin
from huoshui.democity import (
    alarm_rules,
    customer_register,
    customers,
    desk,
    home,
    machine_points,
    offices,
    proposals,
    register,
    timetable,
    worlds,
)
from huoshui.democity.pieces import PIECES, look_back
from huoshui.democity.simulate import leaks
from huoshui.democity.worlds import ltown
from huoshui.kernel import clock, errors, settings
from huoshui.kernel.accounts import actions as accounts
from huoshui.kernel.accounts.models import User
from huoshui.kernel.events import dispatcher

PEOPLE = (
    ("wangjianguo", "王建国", "administrator"),
    ("liwei", "李伟", "manager"),
    ("zhangmin", "张敏", "dispatcher"),
    ("chenjing", "陈静", "leakage_engineer"),
    ("liuyang", "刘洋", "crew_leader"),
    ("zhaolei", "赵磊", "crew"),
    ("wuqiang", "吴强", "service_manager"),
    ("zhoumei", "周梅", "hotline_agent"),
    ("zhengli", "郑丽", "grid_specialist"),
    ("sunli", "孙丽", "viewer"),
)
PRICE_CENTS_PER_M3 = 340
TANK_LEVELS_M = {"low_low": 1.0, "low": 2.0, "high": 3.97, "high_high": 4.1}
DAYS_TO_LEARN_LIMITS = 7
SHORTEST_PAST = timedelta(days=300)


class NetworkNotImported(errors.Refused):
    """The demo's own network file was refused, which is a fault of the installation."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__(
            "democity.network_not_imported",
            "The network of the demo city could not be imported: " + "; ".join(problems),
            data={"problems": problems},
            next_step="Install the locked versions again: ./huoshui demo --reset.",
        )


def build(
    *,
    history_days: int = timetable.HISTORY_DAYS,
    tell: Callable[[str], None] = lambda text: None,
) -> None:
    """Make what the demo city needs before it is measured; what exists stays as it is."""
    _stop_clock(history_days)
    tell("people")
    by_id = _people()
    offices.set_up(by_id)
    proposals.live_through(dict(User.objects.values_list("username", "pk")))
    tell("network")
    _network(by_id, history_days)
    tell("points")
    _points(by_id)
    machine_points.declare(by_id)
    telemetry.keep_mimic(
        "l-town",
        (Path(__file__).parent / "drawings/ltown.svg").read_bytes(),
        name_zh="L-Town 供水总览",
        name_en="L-Town at a glance",
        by_id=by_id,
    )
    desk.set_up(by_id)
    tell("zones")
    _zones(by_id, history_days)
    offices.give_teams(by_id)
    tell("customers")
    customer_register.set_up(by_id)
    for name, piece in PIECES:
        tell(name)
        piece.set_up(_people_by_post())
    if not home.exists():
        begun: dict[str, object] = {"history_days": history_days, home.HELD: True}
        home.save(timetable.first_state(history_days), begun)


def _stop_clock(history_days: int) -> None:
    """Let the shown clock stand where it was when the city last lived.

    While the demo was off real time went on, and with it the clock; the city did not.
    """
    if not home.exists():
        clock.set_now(timetable.SHOWN_FROM, times=0)
        return
    state, more = home.load(history_days)
    more[home.HELD] = True
    home.save(state, more)
    shown = datetime.fromisoformat(str(more.get("shown", state.at.isoformat())))
    clock.set_now(max(state.at, shown, timetable.SHOWN_FROM), times=0)


def _people() -> int:
    """Make one person for each post, with passwords of their own; return the administrator."""
    known = set(User.objects.values_list("username", flat=True))
    lines = []
    for username, name, post in PEOPLE:
        if username not in known:
            _user, password = accounts.add_user(username, name, posts=(post,), is_demo=True)
            lines.append(f"{username}\t{password}\t{name}\t{post}\n")
    if lines:
        path = settings.get().home / "secrets" / "demo-passwords.txt"
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(handle, "a", encoding="utf-8") as out:
            out.writelines(lines)
    return int(User.objects.get(username=PEOPLE[0][0]).pk)


def _network(by_id: int, history_days: int) -> None:
    """Import the network, its zones, materials and years, and what was done to it since."""
    if network.network_inp_text():
        return
    world = worlds.l_town()
    grid = network.local_grid(lon=world.lon, lat=world.lat, x_m=world.x_m, y_m=world.y_m)
    # The register is as old as the measurements, so that changes of the past fit behind it.
    with clock.frozen(timetable.SHOWN_FROM - timedelta(days=max(history_days, 1))):
        report = network.import_inp(ltown.network_path(), crs=grid, by_id=by_id)
        if not report.ok:
            raise NetworkNotImported([f"{one.code} {one.text}" for one in report.problems])
        network.assign_zones(world.zones, by_id=by_id)
        network.set_attributes(world.attributes, by_id=by_id)
    customers.bring(by_id)
    if timedelta(days=history_days) >= SHORTEST_PAST:
        register.live_through(_people_by_post(), _at)


def _people_by_post() -> dict[str, int]:
    """Return the number of the person of each post."""
    ids = dict(User.objects.values_list("username", "pk"))
    return {post: ids[username] for username, _name, post in PEOPLE}


def _points(by_id: int | None) -> None:
    """Declare every point with limits from an undisturbed week of the city."""
    if telemetry.point_ids():
        return
    telemetry.declare_points(list(_declarations()), by_id)
    alarm_rules.set_up(by_id)


def _declarations() -> Iterator[telemetry_contracts.PointDeclaration]:
    """Give the declarations of all points."""
    world = worlds.l_town()
    least, most = _usual_range()
    for node in world.pressure_nodes:
        code = f"{node}.pressure"
        low, high = math.floor(least[code] - 3), math.ceil(most[code] + 2)
        yield telemetry_contracts.PointDeclaration(
            code=code,
            name_en=f"Pressure at {node}",
            name_zh=f"{node} 压力",
            kind="pressure",
            asset_code=node,
            zone_code=world.zone_of(node),
            limit_low_low=low - 4,
            limit_low=low,
            limit_high=high,
            limit_high_high=high + 5,
            dead_band=0.3,
            delay_s=900,
            range_min=0,
            range_max=120,
            expected_every_s=300,
        )
    for link in world.flow_links:
        code = f"{link}.flow"
        yield telemetry_contracts.PointDeclaration(
            code=code,
            name_en=f"Flow through {link}",
            name_zh=f"{link} 流量",
            kind="flow",
            asset_code=link,
            zone_code=world.zone_of(link),
            limit_high=math.ceil(1.5 * most[code]),
            limit_high_high=math.ceil(2.0 * most[code]),
            dead_band=1.0,
            delay_s=900,
            range_min=-1,
            range_max=800,
            expected_every_s=300,
        )
    for tank in world.level_tanks:
        yield telemetry_contracts.PointDeclaration(
            code=f"{tank}.level",
            name_en=f"Level of {tank}",
            name_zh=f"{tank} 水位",
            kind="level",
            asset_code=tank,
            zone_code=world.zone_of(tank),
            limit_low_low=TANK_LEVELS_M["low_low"],
            limit_low=TANK_LEVELS_M["low"],
            limit_high=TANK_LEVELS_M["high"],
            limit_high_high=TANK_LEVELS_M["high_high"],
            dead_band=0.05,
            delay_s=600,
            range_min=-0.1,
            range_max=4.5,
            expected_every_s=300,
        )
    for node in world.meter_nodes:
        yield telemetry_contracts.PointDeclaration(
            code=f"{node}.use",
            name_en=f"Customer meter {node}",
            name_zh=f"{node} 用户水表",
            kind="use",
            asset_code=node,
            zone_code=world.zone_of(node),
            range_min=0,
            range_max=50_000,
            expected_every_s=3600,
        )


def _usual_range() -> tuple[dict[str, float], dict[str, float]]:
    """Return the least and most of every point in a week of summer without leaks."""
    state = timetable.first_state(0)
    state.leaks = []
    state.at = datetime(2025, 7, 21, tzinfo=timetable.SHOWN_FROM.tzinfo)
    city = timetable.city(state)
    least: dict[str, float] = {}
    most: dict[str, float] = {}
    try:
        for block in city.step(state.at + timedelta(days=DAYS_TO_LEARN_LIMITS)):
            for code, row in zip(block.codes, block.values, strict=True):
                known = row[np.isfinite(row)]
                if known.size:
                    least[code] = min(least.get(code, math.inf), float(known.min()))
                    most[code] = max(most.get(code, -math.inf), float(known.max()))
    finally:
        city.close()
    return least, most


def _zones(by_id: int | None, history_days: int) -> None:
    """Say how the two zones' balances are measured."""
    world = worlds.l_town()
    first = timetable.SHOWN_FROM - timedelta(days=history_days - 1)
    areas = {tank: _tank_area_m2(tank) for tank in world.level_tanks}
    for code, balance in world.balances.items():
        storage = balance.tank and leakage_contracts.Storage(
            level_point=f"{balance.tank}.level", area_m2=areas[balance.tank]
        )
        leakage.set_up_zone(
            code,
            inlets=[f"{link}.flow" for link in balance.inlets],
            outlets=[f"{link}.flow" for link in balance.outlets],
            storage=storage or None,
            meters=[f"{node}.use" for node in balance.meters],
            price_cents_per_m3=PRICE_CENTS_PER_M3,
            watched_since=clock.local(first).date(),
            by_id=by_id,
        )


def _tank_area_m2(tank: str) -> float:
    """Return the area of a tank of the model."""
    from huoshui.lab.hydraulics import epanet

    with epanet.EpanetProject(worlds.l_town().inp_text) as project:
        return math.pi / 4 * project.tank_diameter_m(tank) ** 2


def judge_history(tell: Callable[[str], None] = lambda text: None) -> None:
    """Judge the nights of the history in their order, and do what was done about its leaks.

    At each past leak the clock is held at the day on which it was noticed, at its repair and some
    nights later, so that jobs, reports and proofs carry the moments they would have carried.
    """
    state, _more = home.load()
    until = clock.local(timetable.SHOWN_FROM).date()
    judged_until = _first_night()
    for leak in sorted(state.leaks, key=lambda one: one.start_at):
        if leak.repaired_at is not None and leak.repaired_at < timetable.SHOWN_FROM:
            tell(f"{clock.local(leak.start_at).date():%Y-%m-%d}")
            judged_until = _live_through(leak, leak.repaired_at, judged_until)
    tell(f"{until:%Y-%m-%d}")
    leakage.backfill(judged_until, until + timedelta(days=1))
    dispatcher.dispatch()
    look_back()
    if _has_a_year():
        desk.look_back(_people_by_post(), _at)
    # The map shall have the network's state to show before the first quarter of an hour is over.
    twin.run_present(timetable.SHOWN_FROM)


def _history_days() -> int:
    return int(str(home.load()[1].get("history_days", timetable.HISTORY_DAYS)))


def _has_a_year() -> bool:
    """Say whether the history is long enough for what people did in it."""
    return timedelta(days=_history_days()) >= SHORTEST_PAST


def _first_night() -> date:
    """Return the first night of the history."""
    return clock.local(timetable.SHOWN_FROM - timedelta(_history_days())).date() + timedelta(1)


def _live_through(leak: leaks.Leak, repaired_at: datetime, judged_until: date) -> date:
    """Notice a past leak, send a crew, repair it and prove it; return the next night."""
    night = clock.local(leak.start_at).date() + timedelta(days=1)
    leakage.backfill(judged_until, night)
    # A burst is looked for every morning. What creeps up is looked for every third one: each look
    # judges the whole year anew, and the suspicion carries its own date anyway.
    look = timedelta(days=3 if leak.grows_d else 1)
    suspicion = None
    while suspicion is None and night <= clock.local(repaired_at).date():
        night = _judge(night, night + look)
        suspicion = _standing(leak.zone)
    if suspicion is None:
        return night
    noticed = night - timedelta(days=1)
    # The leak goes on while the crew looks for it, and the estimate follows until it is repaired.
    night = _judge(night, clock.local(repaired_at).date() + timedelta(days=1))
    _repair_with_a_crew(suspicion, leak, repaired_at, noticed=noticed)
    for _ in range(2):
        night = _judge(night, night + timedelta(days=2))
    return night


def _judge(night: date, until: date) -> date:
    """Judge some nights on the morning of the last of them; return the first after them."""
    if night < until:
        with clock.frozen(_at(until - timedelta(days=1), 8)):
            leakage.backfill(night, until)
            dispatcher.dispatch()
    return max(night, until)


def _standing(zone: str) -> leakage_contracts.SuspectedLeak | None:
    """Return the newest standing suspicion of a zone."""
    found = leakage.suspected_leaks(standing_only=True)
    return next((one for one in found if one.zone_code == zone), None)


def _repair_with_a_crew(
    suspicion: leakage_contracts.SuspectedLeak,
    leak: leaks.Leak,
    repaired_at: datetime,
    *,
    noticed: date,
) -> None:
    """Ask for a job, do it and have it confirmed, each at its own moment of the past."""
    people = {post: User.objects.get(username=username) for username, _name, post in PEOPLE}
    with clock.frozen(_at(noticed, 9)):
        job = leakage.make_job(suspicion.id, by_id=people["leakage_engineer"].pk)
    with clock.frozen(_at(noticed, 10)):
        fieldwork.assign_job(number=job.number, to=people["crew"], by_id=people["dispatcher"].pk)
    with clock.frozen(repaired_at - timedelta(minutes=30)):
        fieldwork.report_job(
            number=job.number,
            by=people["crew"],
            found=fieldwork_contracts.Found.LEAK_REPAIRED,
            found_asset_code=leak.pipe,
            found_size_m3h=leak.size_m3h,
        )
    with clock.frozen(repaired_at):
        fieldwork.close_job(number=job.number, by_id=people["dispatcher"].pk)
        dispatcher.dispatch()


def _at(day: date, hour: int) -> datetime:
    """Return an hour of a local day."""
    return datetime(day.year, day.month, day.day, hour, tzinfo=clock.local_zone())
