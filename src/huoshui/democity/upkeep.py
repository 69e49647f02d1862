"""Maintenance of the demo city: plans as a clerk imports them, their past, a breakdown, a retrofit.

The past is lived through day by day: plans ask, crews report, a second person closes. Some work is
late, one time is given up, one Sunday the sweeping was missed.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import date, datetime, timedelta

from huoshui.areas.fieldwork import contracts
from huoshui.areas.fieldwork import facade as fieldwork
from huoshui.areas.network import facade as network
from huoshui.democity import customers, timetable
from huoshui.kernel import cases, clock
from huoshui.kernel.accounts.models import User

SEED = 53
DAY, WEEK = timedelta(days=1), timedelta(days=7)
Kind, Priority = contracts.JobKind, contracts.Priority
PARTS = (
    contracts.NamedThing("grease", "润滑脂", "Grease", "kg"),
    contracts.NamedThing("pump_seal", "机械密封", "Mechanical seal", "套"),
    contracts.NamedThing("paint", "防腐漆", "Anti-corrosion paint", "桶"),
)
STOCK = (("grease", 25), ("pump_seal", 2), ("paint", 10))
TYPES = (
    contracts.TypeDeclaration("pump_check", "水泵月度保养", "Monthly care of a pump",
                              Kind.INSPECTION, Priority.LOW, 45, (), (("grease", 1),)),
    contracts.TypeDeclaration("pump_service", "水泵定时检修", "Service of a pump", Kind.REPAIR,
                              Priority.NORMAL, 240, (), (("pump_seal", 1), ("grease", 2))),
    contracts.TypeDeclaration("bearing", "轴承检修", "Service of a bearing", Kind.REPAIR,
                              Priority.NORMAL, 180, (), (("grease", 1),)),
    contracts.TypeDeclaration("coating", "防腐刷漆", "Anti-corrosion painting", Kind.OTHER,
                              Priority.LOW, 360, (), (("paint", 4),)),
    contracts.TypeDeclaration("tank_cleaning", "水池清洗消毒", "Clean and disinfect a tank",
                              Kind.OTHER, Priority.NORMAL, 300),
    contracts.TypeDeclaration("sweeping", "日常清扫", "Daily sweeping", Kind.OTHER, Priority.LOW,
                              40),
    contracts.TypeDeclaration("reducing_valve", "减压阀保养", "Care of a reducing valve",
                              Kind.INSPECTION, Priority.LOW, 60, ("valves",)),
)  # fmt: skip
HEADS = ("计划编号", "保养项目", "设施编号", "工单类型", "班组", "周期天数", "运行小时",
         "运行时间测点", "运行门限", "起始月", "截止月", "开始时间", "结束时间", "高温避让起",
         "高温避让止", "高温门限", "日常", "前后照片", "提前天数", "上次日期", "要求")  # fmt: skip
FIRST = date(2025, 7, 2)
SWEPT_FROM = date(2026, 2, 14)
SWEEPING_MISSED = date(2026, 2, 22)
LATE_SHARE = 0.14


def set_up(people: Mapping[str, int]) -> None:
    """Make plans and their past once; without the survey of valves there is nothing to do."""
    if fieldwork.offers.maintenance_codes() or network.asset("FM-101") is None:
        return
    by_id = people["administrator"]
    lon, lat = network.places(["T1"])["T1"]
    store = contracts.StoreDeclaration("D-3", "机电材料间", lon, lat, STOCK)
    fieldwork.set_up_crew_work(by_id, contracts.CrewWork(parts=PARTS, types=TYPES, stores=(store,)))
    with clock.frozen(_at(FIRST - DAY, 15)):
        customers.import_table("maintenance-plans", "设备保养计划 2025.csv", _plans(), by_id)
    staff = {post: User.objects.get(pk=people[post]) for post in ("dispatcher", "crew")}
    _live_through(staff)
    with clock.frozen(_at(SWEPT_FROM, 17)):
        rows = [_row("BY-0030", "T1 水塔周边及溢流口清扫", "T1", "日常清扫", 1, SWEPT_FROM,
                     班组="Q-06", 开始时间="08:10", 结束时间="10:30", 高温避让起="12:00",
                     高温避让止="15:00", 高温门限="35", 日常="是", 提前天数="0",
                     要求="清扫塔周，清除溢流口杂物")]  # fmt: skip
        customers.import_table("maintenance-plans", "日常清扫.csv", rows, by_id)
    _watch_for_wear(by_id)
    _sweep(staff)
    _break_down(staff)
    _retrofit(people)


def _row(
    code: str, name: str, asset: str, kind: str, days: int, done: date, **more: str
) -> customers.ROW:
    said: customers.ROW = {"计划编号": code, "保养项目": name, "设施编号": asset, "工单类型": kind,
            "周期天数": str(days), "上次日期": done.isoformat(), **more}  # fmt: skip
    return {head: said.get(head, "") for head in HEADS}


def _plans() -> list[customers.ROW]:
    """Return the list of the maintenance office, as it keeps it in Excel."""
    found = [
        _row("BY-0001", "1 号加压泵月度保养", "PUMP_1", "水泵月度保养", 30, date(2025, 6, 12),
             班组="Q-03", 提前天数="10", 要求="检查振动、温升、盘根滴水，补润滑油"),
        _row("BY-0002", "1 号加压泵定时检修", "PUMP_1", "水泵定时检修", 365, date(2025, 4, 16),
             班组="Q-02", 提前天数="12", 运行小时="3000", 运行时间测点="PUMP_1.flow", 运行门限="1",
             要求="换机械密封，校联轴器，测绝缘"),
        _row("BY-0003", "1 号加压泵机组防腐刷漆", "PUMP_1", "防腐刷漆", 365, date(2025, 5, 20),
             班组="Q-03", 起始月="4", 截止月="10", 前后照片="是", 提前天数="21",
             要求="除锈，底漆一道、面漆两道，记录漆种和厚度"),
        _row("BY-0004", "T1 水塔清洗消毒", "T1", "水池清洗消毒", 365, date(2025, 6, 20),
             班组="Q-06", 前后照片="是", 提前天数="14", 要求="清洗后水质合格方可投用"),
    ]  # fmt: skip
    number = 5
    for valve in (f"PRV-{n}" for n in range(1, 4)):
        found.append(_row(f"BY-{number:04d}", f"{valve} 减压阀保养", valve, "减压阀保养", 120,
                          date(2025, 4, 8) + number * 3 * DAY, 班组="Q-05", 提前天数="10",
                          要求="清洗导阀和过滤网，校核阀后压力"))  # fmt: skip
        number += 1
    for n, valve in enumerate(f"FM-{n}" for n in range(101, 114)):
        found.append(_row(f"BY-{number:04d}", f"{valve} 阀门启闭与润滑", valve, "阀门保养", 150,
                          date(2025, 4, 2) + n * 9 * DAY, 班组=("Q-04", "Q-05")[n % 2],
                          提前天数="10", 要求="全程启闭一次，除锈润滑，记录圈数"))  # fmt: skip
        number += 1
    return [one for one in found if network.asset(str(one["设施编号"])) is not None]


def _live_through(staff: Mapping[str, User]) -> None:
    """Once a week ask for what falls due and do what was asked for the week before."""
    dice = random.Random(SEED)
    given_up = False
    day = FIRST
    while day < clock.local(timetable.SHOWN_FROM).date():
        waiting = [one for one in _open() if one.requested_at < _at(day, 0)]
        for job in waiting:
            if dice.random() < LATE_SHARE or (job.title.startswith("FM-102") and day.year == 2026):
                continue  # not this week
            if job.title.startswith("FM-104") and not given_up:
                given_up = True
                with clock.frozen(_at(day, 9)):
                    fieldwork.cancel_job(
                        number=job.number, by_id=staff["dispatcher"].pk,
                        reason="道路改造围挡，阀井无法进入",
                    )  # fmt: skip
                continue
            _do(job.number, day, 14, staff, dice.choice(NOTES))
        with clock.frozen(_at(day, 16)):
            fieldwork.offers.look_after_maintenance()
        day += WEEK


NOTES = ("正常", "正常，已补油", "启闭灵活，已润滑", "螺栓锈蚀，已除锈涂油", "轻微渗水，已紧固")


def _open() -> list[contracts.Job]:
    return [one for one in fieldwork.open_jobs() if one.origin.startswith("fieldwork.upkeep:")]


def _do(number: str, day: date, hour: int, staff: Mapping[str, User], note: str) -> None:
    """Give a job to somebody, have it reported and closed by a second person."""
    with clock.frozen(_at(day, hour)):
        fieldwork.assign_job(number=number, to=staff["crew"], by_id=staff["dispatcher"].pk)
        fieldwork.report_job(
            number=number, by=staff["crew"], found=contracts.Found.OTHER, note=note
        )
    with clock.frozen(_at(day, hour + 1)):
        fieldwork.close_job(number=number, by_id=staff["dispatcher"].pk)


def _watch_for_wear(by_id: int) -> None:
    """Watch a bearing over its room, its vibration, and what a pumped cubic metre takes."""
    common = {"asset_code": "PUMP_1", "while_point": "PUMP_1.flow", "while_min": 20.0,
              "job_type": "bearing", "crew": "Q-03"}  # fmt: skip
    signs = (
        ("ZT-0001", {"name": "1 号加压泵轴承温升，检修轴承", "point": "PUMP_1.bearing",
                     "limit": 45.0, "how": "above", "other_point": "PUMP_1.room", "window_days": 45,
                     "instructions": "测轴承间隙，清洗换脂，必要时更换轴承"}),
        ("ZT-0002", {"name": "1 号加压泵轴承振动，检修轴承", "point": "PUMP_1.vibration",
                     "limit": 4.5, "how": "alone", "window_days": 45}),
        ("ZT-0003", {"name": "1 号加压泵单位电耗，检查叶轮口环", "point": "PUMP_1.power",
                     "limit": 0.34, "how": "per", "other_point": "PUMP_1.flow",
                     "job_type": "pump_service"}),
    )  # fmt: skip
    for code, said in signs:
        fieldwork.offers.watch_wear(code, {**common, **said}, by_id=by_id)


def _sweep(staff: Mapping[str, User]) -> None:
    """Sweep every morning, except one."""
    day = SWEPT_FROM + DAY
    while day <= clock.local(timetable.SHOWN_FROM).date():
        with clock.frozen(_at(day, 6)):
            fieldwork.offers.look_after_maintenance()
        for job in _open():
            if job.title.startswith("T1 水塔周边") and day != SWEEPING_MISSED:
                _do(job.number, day, 9, staff, "已清扫")
        day += DAY
    with clock.frozen(timetable.SHOWN_FROM):
        fieldwork.offers.look_after_maintenance()


def _break_down(staff: Mapping[str, User]) -> None:
    """On a night of February the seal of the pump fails and the sump of the pump house fills."""
    dispatcher, crew = staff["dispatcher"], staff["crew"]
    alarm = _at(date(2026, 2, 17), 21) + timedelta(minutes=40)

    def after(minutes: int) -> datetime:
        return alarm + timedelta(minutes=minutes)

    with clock.frozen(alarm):
        job = fieldwork.request_job(
            place=contracts.Place(asset_code="PUMP_1"), by_id=dispatcher.pk, kind=Kind.REPAIR,
            priority=Priority.URGENT, title="1 号加压泵机械密封失效，泵坑进水",
            description="泵停运，高区由 T1 水塔供水；泵坑水位上涨，再涨将淹没电机",
        )  # fmt: skip
        case = fieldwork.offers.pair_breakdown(job.number, by_id=dispatcher.pk)
        fieldwork.assign_job(number=job.number, to=crew, by_id=dispatcher.pk)
        fieldwork.offers.measure_breakdown(
            case, "报警：泵坑水位高", by_id=dispatcher.pk, level_m=0.62, inflow_m3h=5.4,
            outflow_m3h=0.0, area_m2=6.5, edge_level_m=1.15,
        )  # fmt: skip
    for minutes, what, level_m, inflow_m3h, outflow_m3h in (
        (25, "到场，关小泵前阀门", 0.91, 2.8, 0.0),
        (40, "投入便携排水泵", 0.98, 2.8, 2.4),
        (95, "更换盘根应急，渗水减小；电缆接头绝缘处理", 0.88, 0.6, 2.4),
    ):
        with clock.frozen(after(minutes)):
            fieldwork.offers.measure_breakdown(
                case, what, by_id=crew.pk, level_m=level_m, inflow_m3h=inflow_m3h,
                outflow_m3h=outflow_m3h,
            )  # fmt: skip
    with clock.frozen(after(118)):
        fieldwork.report_job(
            number=job.number, by=crew, found=contracts.Found.OTHER,
            note="应急盘根密封，泵恢复运行，需停机更换机械密封",
        )  # fmt: skip
        cases.act(case, "hold", by_id=crew.pk,
                  fields={"ended_at": clock.now().isoformat(), "spilled": "no"})  # fmt: skip
        for kind, text, hours, yuan in (
            ("hours", "两人夜间抢修", 4.0, 60.0), ("parts", "盘根 2 根", None, 96.0),
            ("bought", "电缆防水接头", None, 185.0),
        ):  # fmt: skip
            fieldwork.offers.add_repair_line(
                case, kind, text, by_id=crew.pk, hours=hours, yuan=yuan, who="赵磊等"
            )
    with clock.frozen(after(240)):
        fieldwork.close_job(number=job.number, by_id=dispatcher.pk)


def _retrofit(people: Mapping[str, int]) -> None:
    """Water stands in the chamber of a reducing valve; a float switch does what firms quote for."""
    if network.asset("PRV-1") is None:
        return
    leader, manager = people["crew_leader"], people["manager"]
    with clock.frozen(_at(date(2025, 11, 10), 10)):
        number = cases.open_case(
            "fieldwork.retrofit", "PRV-1 阀井积水自动排水改造", by_id=leader, place="PRV-1",
            fields={"symptom": "雨后阀井积水，导阀和电缆长期浸水，每次需人工抽水",
                    "in_use_since": "2016-10-01"},
            links=[("network.asset", "PRV-1")],
        ).number  # fmt: skip
    lines = (
        (date(2025, 11, 12), "quote", "整体更换智能排水装置",
         {"who": "甲安装公司", "yuan": 26_000.0}),
        (date(2025, 11, 13), "quote", "更换电动排水装置", {"who": "乙水泵厂", "yuan": 23_800.0}),
        (date(2025, 11, 14), "option", "外购成套装置", {"is_good": False}),
        (date(2025, 11, 14), "option", "库存潜水泵加浮球开关，沿井壁挂装", {"is_good": True}),
    )  # fmt: skip
    later = (
        (date(2025, 11, 24), "hours", "安装、接线、试运行", {"who": "刘洋、赵磊", "hours": 15.0,
                                                      "yuan": 60.0}),
        (date(2025, 11, 24), "bought", "浮球开关、电缆、支架", {"yuan": 1_260.0}),
        (date(2025, 11, 24), "parts", "库存潜水泵 1 台", {"yuan": 980.0}),
        (date(2025, 12, 3), "observed", "雨后 6 小时排空，无积水", {"is_good": True}),
        (date(2025, 12, 22), "observed", "浮球卡滞一次，加装防护罩", {"is_good": False}),
        (date(2026, 1, 18), "observed", "连续运行正常，无积水", {"is_good": True}),
        (date(2026, 1, 20), "sister", "同型阀井，建议推广", {"asset_code": "PRV-2"}),
        (date(2026, 1, 20), "sister", "同型阀井，建议推广", {"asset_code": "PRV-3"}),
    )  # fmt: skip

    def write(rows: object) -> None:
        for day, kind, text, said in rows:  # type: ignore[attr-defined]
            with clock.frozen(_at(day, 15)):
                fieldwork.offers.add_repair_line(
                    number, kind, text, by_id=leader, type_code="fieldwork.retrofit", **said
                )

    def act(day: date, step: str, by_id: int, **said: object) -> None:
        with clock.frozen(_at(day, 16)):
            cases.act(number, step, by_id=by_id, fields=said)

    write(lines)
    act(date(2025, 11, 14), "weigh", leader, scheme="库存潜水泵加浮球开关，沿井壁挂装，就近取电",
        load_check="井壁荷载增加 18 kg，电缆为防水型并加漏电保护，不影响检修")  # fmt: skip
    act(date(2025, 11, 17), "approve", manager)
    write(later[:3])
    act(date(2025, 11, 25), "build", leader, in_service_date="2025-11-24", watch_until="2026-01-24")
    write(later[3:])
    act(
        date(2026, 1, 26), "verify", manager, result="两个月无积水，浮球加防护罩后正常", papers=True
    )


def _at(day: date, hour: int) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=clock.local_zone())
