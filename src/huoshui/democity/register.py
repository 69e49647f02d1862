"""What people did to the network's register in the past: surveys, drawings, checks and reports.

Everything is done by whom it would have been done by, at its own moment.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import numpy as np

from huoshui.areas.network import facade as network
from huoshui.areas.network.contracts import Asset, ChangeDeed, Kind, Material, ReportState, Trouble
from huoshui.democity import customers, worlds
from huoshui.kernel import clock

Step = tuple[ChangeDeed, str, Mapping[str, Any]]

VALVES = 13
AWAY_FROM_NODE_M = 3.0
SURVEYED = date(2025, 6, 18)
REPLACED_PIPE, REPLACED = "p427", date(2025, 8, 12)
# How each valve of the survey was found: state, per cent open, operability, day, who.
FOUND = (
    ("open", 100, "operable", "2025-06-18 09:40", "赵磊"),
    ("open", 100, "operable", "2025-06-18 10:25", "赵磊"),
    ("open", 100, "stiff", "2025-06-18 14:10", "赵磊"),
    ("open", 100, "operable", "2025-06-19 09:05", "刘洋"),
    ("part", 60, "operable", "2025-09-03 22:15", "刘洋"),
    ("open", 100, "seized", "2025-06-19 11:30", "刘洋"),
    ("open", 100, "operable", "2025-06-19 15:20", "赵磊"),
    ("open", 100, "buried", "2025-06-20 10:00", "赵磊"),
    ("open", 100, "operable", "2025-12-14 21:40", "赵磊"),
    ("open", 100, "operable", "2025-06-20 14:45", "刘洋"),
    ("open", 100, "not_found", "2025-06-23 09:30", "刘洋"),
    ("open", 100, "operable", "2025-06-23 11:10", "赵磊"),
)
KINDS = ("gate", "butterfly")


def live_through(people: Mapping[str, int], at: Callable[[date, int], datetime]) -> None:
    """Do all of it in the order in which it happened; ``people`` are numbers by post."""
    engineer, manager = people["leakage_engineer"], people["manager"]
    chosen = list(_pipes_for_valves())
    with clock.frozen(at(date(2025, 6, 24), 10)):
        survey = network.draw_change(
            "阀门普查补录（第一批）",
            [step for number, pipe in enumerate(chosen) for step in _valve(number, pipe)],
            why="2025 年 6 月阀门普查，现场核实后补录",
            valid_from=at(SURVEYED, 8),
            by_id=engineer,
        )
        network.submit_change(survey, by_id=engineer)
    with clock.frozen(at(date(2025, 6, 25), 9)):
        network.approve_change(survey, words="与普查记录一致，同意", by_id=manager)
        _put_into_zones(chosen, manager)
    with clock.frozen(at(date(2025, 8, 13), 9)):
        replaced = network.draw_change(
            f"{REPLACED_PIPE} 爆管抢修后换管",
            [(ChangeDeed.MODIFY, REPLACED_PIPE, {"attributes": {
                "material": str(Material.DUCTILE_IRON), "laid_year": REPLACED.year}})],
            why="爆管后整段更换为球墨铸铁管",
            valid_from=at(REPLACED, 6),
            by_id=engineer,
        )  # fmt: skip
        network.submit_change(replaced, by_id=engineer)
    with clock.frozen(at(date(2025, 8, 13), 15)):
        network.approve_change(replaced, words="竣工资料齐全", by_id=manager)
    with clock.frozen(at(date(2025, 12, 15), 9)):
        customers.import_table("valves", "阀门普查 2025.csv", _facts(chosen), people["manager"])
    _reports(people, at)
    with clock.frozen(at(date(2026, 2, 27), 15)):
        waiting = network.draw_change(
            "明湖雅苑二期接水支管", list(_branch("n187", "XQ02")),
            why="报装工程 2026-014，管径 DN100，已通水试压", by_id=engineer,
        )  # fmt: skip
        network.submit_change(waiting, by_id=engineer)
    with clock.frozen(at(date(2026, 2, 28), 10)):
        network.draw_change(
            "柳岸新村老旧支管改造（方案）", list(_branch("n297", "XQ03")),
            why="待设计图确认走向", by_id=engineer,
        )  # fmt: skip
    with clock.frozen(at(date(2026, 3, 1), 4)):
        network.check_network(by_id=None)
    with clock.frozen(at(date(2026, 3, 1), 9)):
        network.accept_findings(
            "connection_far", at_most=1, reason="独立院落，接户管沿田埂敷设，现场核实无误",
            by_id=engineer,
        )  # fmt: skip


def _pipes_for_valves() -> Iterator[Asset]:
    """Return mains far from each other, each long enough for a valve near its end."""
    mains = [
        pipe
        for pipe in network.assets(kind="pipe")
        if len(pipe.line) > 1 and (pipe.diameter_mm or 0) >= 150 and (pipe.length_m or 0) >= 40
        and pipe.code != REPLACED_PIPE
    ]  # fmt: skip
    places = np.array([(pipe.lon * 0.8, pipe.lat) for pipe in mains])
    if not len(mains):
        return
    far = np.full(len(mains), np.inf)
    at = 0
    for _ in range(min(VALVES, len(mains))):
        yield mains[at]
        far = np.minimum(far, np.hypot(*(places - places[at]).T))
        at = int(far.argmax())


def _put_into_zones(chosen: Sequence[Asset], by_id: int) -> None:
    """Let each valve belong to the zone of its main."""
    codes: dict[str | None, list[str]] = {}
    for number, pipe in enumerate(chosen):
        codes.setdefault(pipe.zone, []).append(_valve_code(number))
    network.assign_zones(
        [
            replace(zone, assets=tuple(codes[zone.code]))
            for zone in worlds.l_town().zones
            if zone.code in codes
        ],
        by_id=by_id,
    )


def _valve_code(number: int) -> str:
    return f"FM-{101 + number}"


def _valve(number: int, pipe: Asset) -> Iterator[Step]:
    """Put a valve where a pipe ends: the pipe's latest metres become it."""
    (lon, lat), (to_lon, to_lat) = pipe.line[-2], pipe.line[-1]
    span_m = customers.DEGREE_M * float(np.hypot((to_lon - lon) * 0.8, to_lat - lat))
    share = max(0.5, 1 - AWAY_FROM_NODE_M / max(span_m, 1.0))
    code = _valve_code(number)
    node, rest = f"{code}-J", f"{pipe.code}-S"
    place = {"lon": lon + share * (to_lon - lon), "lat": lat + share * (to_lat - lat)}
    yield ChangeDeed.SPLIT, pipe.code, {**place, "node_code": node, "new_code": rest}
    yield ChangeDeed.RETIRE, rest, {}
    yield (
        ChangeDeed.CREATE,
        code,
        {
            "kind": str(Kind.VALVE),
            "start": node,
            "end": pipe.end,
            "attributes": {
                "valve_kind": KINDS[(pipe.diameter_mm or 0) > 200],
                "diameter_mm": pipe.diameter_mm,
                "turns": 21 + 3 * (number % 5),
                "closes": "clockwise",
                # The latest one was found on an old drawing: nobody knows how it stands.
                "is_boundary": number == VALVES - 1,
            },
        },
    )


def _facts(chosen: Sequence[Asset]) -> list[customers.ROW]:
    """Return what the survey wrote down of each valve, and later turns."""
    return [
        {
            "阀门编号": _valve_code(number),
            "启闭状态": state,
            "开度": percent,
            "操作时间": day,
            "操作人": who,
            "可操作性": operability,
            "检查时间": day,
            "检查人": who,
        }
        for number, (state, percent, operability, day, who) in enumerate(FOUND)
        if number < len(chosen)
    ]


def _branch(node: str, stem: str) -> Iterator[Step]:
    """Draw a new branch of two pipes that goes on from a node."""
    lon, lat = network.places([node])[node]
    before = node
    for number in (1, 2):
        lon, lat = lon + 0.0005, lat + 0.00004
        fresh = f"{stem}-J{number}"
        yield ChangeDeed.CREATE, fresh, {
            "kind": str(Kind.JUNCTION), "lon": lon, "lat": lat, "attributes": {},
        }  # fmt: skip
        yield ChangeDeed.CREATE, f"{stem}-P{number}", {
            "kind": str(Kind.PIPE),
            "start": before,
            "end": fresh,
            "attributes": {
                "diameter_mm": 100, "material": str(Material.DUCTILE_IRON), "laid_year": 2026,
            },
        }  # fmt: skip
        before = fresh


def _reports(people: Mapping[str, int], at: Callable[[date, int], datetime]) -> None:
    """Let passers-by report something by the codes on the valves."""
    with clock.frozen(at(date(2026, 1, 20), 17)):
        muddy = network.receive_report(
            _valve_code(3),
            trouble=Trouble.QUALITY,
            text="早上放出来的水有点黄，放几分钟以后变清。",
            address="192.0.2.10",
        )
    if muddy is not None:
        with clock.frozen(at(date(2026, 1, 21), 11)):
            network.settle_report(
                muddy,
                state=ReportState.LOOKED_AT,
                answer="已冲洗管道末梢，浊度恢复正常，已回复。",
                by_id=people["dispatcher"],
            )
    with clock.frozen(at(date(2026, 3, 1), 16)):
        network.receive_report(
            _valve_code(7),
            trouble=Trouble.COVER,
            text="井盖松动，车辆经过有响声，在小区北门外非机动车道上。",
            address="192.0.2.23",
        )
