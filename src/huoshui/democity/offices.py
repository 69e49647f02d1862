"""The organisation of the demo's water group, and where its people sit."""

from __future__ import annotations

from datetime import date

from huoshui.areas.network import facade as network
from huoshui.areas.network.contracts import Duty
from huoshui.kernel import clock
from huoshui.kernel.accounts.models import User
from huoshui.kernel.organisation import actions, tree
from huoshui.kernel.organisation.models import Kind, Unit

FOUNDED = date(2019, 4, 1)
RENAMED = date(2025, 7, 1)

# Code, above, kind, Chinese and English name; each stands behind the one it belongs to.
UNITS = (
    ("HQ", "", Kind.GROUP, "汇泉水务集团", "Huiquan Water Group"),
    ("HQ-01", "HQ", Kind.DEPARTMENT, "集团运营管理部", "Group Operations"),
    ("HQ-02", "HQ", Kind.DEPARTMENT, "信息中心", "Information Centre"),
    ("HQ-03", "HQ", Kind.DEPARTMENT, "审计部", "Internal Audit"),
    ("QQ", "HQ", Kind.BRANCH, "清泉供水分公司", "Qingquan Supply Branch"),
    ("QQ-01", "QQ", Kind.DEPARTMENT, "调度中心", "Control Centre"),
    ("QQ-02", "QQ", Kind.DEPARTMENT, "漏损控制办公室", "Leakage Office"),
    ("QQ-03", "QQ", Kind.DEPARTMENT, "管网运行部", "Network Operations"),
    ("QQ-0301", "QQ-03", Kind.TEAM, "抢修一班", "Repair Crew 1"),
    ("QQ-0302", "QQ-03", Kind.TEAM, "巡线班", "Patrol"),
    ("QQ-04", "QQ", Kind.DEPARTMENT, "客户服务部", "Customer Service"),
    ("GG", "HQ", Kind.BRANCH, "高岗供水分公司", "Gaogang Supply Branch"),
    ("GG-01", "GG", Kind.STATION, "高岗加压站", "Gaogang Booster Station"),
    ("GG-02", "GG", Kind.DEPARTMENT, "营业所", "Customer Office"),
)
TEAMS = (
    ("QQ-03", (Duty.OPERATION,), None, FOUNDED),
    ("QQ-0302", (Duty.PATROL,), None, FOUNDED),
    ("QQ-02", (Duty.LEAKAGE,), "chenjing", RENAMED),
    ("QQ-0301", (Duty.REPAIR,), "liuyang", FOUNDED),
    ("HQ-02", (Duty.DATA,), "wangjianguo", FOUNDED),
)
"""Unit, duties, whom to ask, and since when: the same for every zone that is in no other."""

SEATS = {
    "wangjianguo": "HQ-02",
    "liwei": "HQ-01",
    "zhangmin": "QQ-01",
    "chenjing": "QQ-02",
    "liuyang": "QQ-0301",
    "zhaolei": "QQ-0301",
    "wuqiang": "QQ-04",
    "zhoumei": "QQ-04",
    "zhengli": "QQ-04",
    "sunli": "HQ-03",
}


def set_up(by_id: int | None) -> None:
    """Make the units and let the people belong to them, once."""
    if tree.on().nodes:
        return
    units: dict[str, Unit] = {}
    for code, above, kind, name_zh, name_en in UNITS:
        units[code] = actions.add_unit(
            code,
            name_zh=name_zh,
            name_en=name_en,
            kind=kind,
            parent=units.get(above),
            from_date=FOUNDED,
            by_id=by_id,
        )
    # The office became a department of its own last summer; what it was before stays on record.
    if clock.local(clock.now()).date() >= RENAMED:
        actions.change_unit(
            units["QQ-02"],
            from_date=RENAMED,
            name_zh="漏损控制部",
            name_en="Leakage Control",
            kind=Kind.DEPARTMENT,
            parent=units["QQ"],
            by_id=by_id,
        )
    for username, code in SEATS.items():
        actions.place_user(
            User.objects.get(username=username), units[code], from_date=FOUNDED, by_id=by_id
        )


def give_teams(by_id: int | None) -> None:
    """Make teams responsible for the zones that are in no other, once."""
    given = network.teams()
    top = [code for code, above in network.zone_parents().items() if above is None]
    units = {one.code: one for one in Unit.objects.all()}
    for zone in top:
        if given[zone]:
            continue
        for code, duties, username, since in TEAMS:
            person = User.objects.get(username=username) if username else None
            network.give_team(
                zone, duties, units[code], person=person, from_date=since, by_id=by_id
            )
