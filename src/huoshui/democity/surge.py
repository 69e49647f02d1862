"""The cold wave of last January as the demo city lived it, and the plans it has learned from it.

Small, and made of real calls and cases; whoever looks at it sees every page of a wave filled.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

from huoshui.areas.customers import facade as customers
from huoshui.areas.hotline import facade as hotline
from huoshui.areas.surge import contracts
from huoshui.areas.surge import facade as surge
from huoshui.democity import frost_crews, timetable
from huoshui.democity import hotline as desk
from huoshui.kernel import cases, clock

SEED = 107
BEGAN = datetime(2026, 1, 6, 22, 0, tzinfo=UTC)
ENDED = BEGAN + timedelta(days=2, hours=12)
WARNED_AT = BEGAN - timedelta(days=3)
LIST, LIST_NAME = "frost", "易冻户"
# Days from the first one: low and high, as the weather service told them.
COLD_DAYS = ((-2, -4, 5), (-1, -8, 1), (0, -13, -4), (1, -12, -3), (2, -7, 2))
ENQUIRIES = (
    ("frost", "问水表怎样保温", "已告知包裹棉布、夜间留细流"),
    ("outage", "问今天是否停水", "未停水，可能为冻表，已指导化冻"),
    ("bill", "问上月水费", "已告知账单"),
)
# What was found: result of the case, what was written, how often.
FOUND = (
    ("meter_exchanged", "表体冻裂，已更换水表并包保温棉", 4),
    ("thawed", "温水化冻，恢复供水，已提醒保温", 4),
    ("repaired", "表前管冻裂，已更换短管", 3),
    ("customers_own", "户内管冻结，已指导用户处理", 1),
)
STEPS = """发布专项提醒，上门或电话告知易冻户
抢修班组集结，车辆、水表、保温棉装车
96568 全员上岗，重复来电按小区合并
先特殊关照户、后户数多的楼栋
每日 17:00 出报告，换表当日登记新旧止码"""


def set_up(people: Mapping[str, int]) -> None:
    """Keep plans, forecast and prices, and live through last January's wave, once."""
    if surge.surges():
        return
    by_id = people["administrator"]
    known = {one.code: one.zone_code for one in customers.estates()}
    exposed = customers.exposed_accounts()
    if not known or not exposed:
        return
    surge.keep_risk_list(
        code=LIST, name=LIST_NAME, by_id=by_id,
        entries=[
            contracts.AtRisk(one, contracts.RiskReason.EXPOSED_METER, "楼道水表外露")
            for one in exposed
        ],
    )  # fmt: skip
    dice = random.Random(SEED)
    warned = [one for one in exposed if dice.random() < 0.6]
    with clock.frozen(WARNED_AT):
        surge.mark_warned(LIST, warned, how=contracts.WarnedHow.VISIT, by_id=by_id)
        surge.keep_forecast(
            {
                (BEGAN + timedelta(days=n, hours=8)).date(): (float(low), float(high))
                for n, low, high in COLD_DAYS
            },
            by_id=by_id,
        )
    _wave(people, dice, _frozen(exposed, set(warned), dice))
    _prepared(by_id)


def _frozen(exposed: list[str], warned: set[str], dice: random.Random) -> list[str]:
    """Return whose meters freeze: of the warned fewer, and some who are on no list."""
    return [one for one in exposed if dice.random() < (0.1 if one in warned else 0.32)][:26]


def _prepared(by_id: int) -> None:
    surge.keep_plan(
        "cold",
        {"name": "寒潮供水保障预案", "kind": contracts.Kind.COLD, "limit_c": -8.0, "nights": 2,
         "ahead_days": 5, "risk_list": LIST, "steps": STEPS,
         "minimums": [["meter_dn15", 240, 11, 3], ["pipe_wrap", 160, 11, 3]]},
        by_id=by_id,
    )  # fmt: skip
    surge.keep_plan(
        "heat",
        {"name": "高温供水保障预案", "kind": contracts.Kind.HEAT, "limit_c": 37.0, "nights": 2,
         "ahead_days": 5, "steps": "错峰调度，清水池夜间蓄满\n低压片区应急送水"},
        by_id=by_id,
    )  # fmt: skip
    today = clock.local(timetable.SHOWN_FROM).date()
    mild = ((1, 11), (2, 13), (0, 9), (-1, 8), (3, 12))
    surge.keep_forecast(
        {
            today + timedelta(days=n): (float(low), float(high))
            for n, (low, high) in enumerate(mild)
        },
        by_id=by_id,
    )
    surge.keep_prices(
        {"hour": 4_500, "meter_dn15": 9_800, "pipe_wrap": 3_500, "clamp_dn100": 21_000}, by_id=by_id
    )


def _wave(people: Mapping[str, int], dice: random.Random, frozen: list[str]) -> None:
    leader = people["manager"]
    with clock.frozen(BEGAN - timedelta(hours=2)):
        code = surge.declare(
            name="一月寒潮供水保障", kind=contracts.Kind.COLD, from_at=BEGAN, risk_list=LIST,
            by_id=leader, text="全体抢修人员待命，接单即出。",
        )  # fmt: skip
        for call in surge.surges()[0].crews:
            surge.acknowledge(code, crew_code=call, by_id=people["dispatcher"])
    callers = [*_callers(frozen), *desk.callers(44)]
    waves = list(_calls(callers, len(frozen), dice))
    crews = frost_crews.Crews(people, random.Random(SEED + 1))
    for at, caller, topic in waves:
        _live(at, caller, topic, people, dice, crews)
    for day in range(2):
        five = BEGAN + timedelta(days=day, hours=11)
        with clock.frozen(five + timedelta(minutes=2)):
            surge.report(code, five, by_id=leader)
    with clock.frozen(ENDED + timedelta(minutes=5)):
        surge.end(code, by_id=leader, at=ENDED)
        surge.report(code, by_id=leader)
    crews.refill(ENDED + timedelta(days=3))


def _callers(accounts: list[str]) -> Iterator[desk.Caller]:
    zones = {one.code: one.zone_code for one in customers.estates()}
    for one in customers.recipients(accounts=accounts):
        seen = customers.account(one.account_code)
        if seen is not None and one.phone:
            place = seen.premises
            yield desk.Caller(
                one.account_code, one.person_name, one.phone, place.address, place.lon, place.lat,
                place.estate_code, zones.get(place.estate_code, ""),
            )  # fmt: skip


def _calls(
    callers: list[desk.Caller], frozen: int, dice: random.Random
) -> Iterator[tuple[datetime, desk.Caller, str]]:
    """Yield who calls when about what: meters that froze early in the day, enquiries around."""
    found = []
    for number, caller in enumerate(callers):
        day = 0 if number % 3 else 1
        hour = dice.choice((0, 0, 1, 1, 1, 2, 2, 3, 4, 5, 6, 8, 9))
        at = BEGAN + timedelta(days=day, hours=hour, minutes=dice.randrange(60), seconds=number)
        if number < frozen:
            topic = "frozen_meter"
        else:
            topic = dice.choice(("frost", "frost", "outage", "bill", "no_water", "wrong_number"))
        found.append((at, caller, topic))
        if topic == "frozen_meter" and dice.random() < 0.2:
            found.append((at + timedelta(hours=2), caller, "delay"))
    yield from sorted(found, key=lambda one: one[0])


def _live(
    at: datetime, caller: desk.Caller, topic: str, people: Mapping[str, int],
    dice: random.Random, crews: frost_crews.Crews,
) -> None:  # fmt: skip
    agent = people["hotline_agent"]
    gives_up = topic in ("frost", "bill") and dice.random() < 0.08
    call = desk.ring(caller.phone, at, answered=not gives_up, wait_s=dice.choice((5, 9, 14, 40)))
    if gives_up:
        return
    said = {code: (text, answer) for code, text, answer in ENQUIRIES}
    text, answer = said.get(topic, ("家里没水，水表可能冻了", ""))
    note = desk.noted(caller, topic, text, answer)
    with clock.frozen(at + timedelta(minutes=3)):
        number = hotline.note_call(call, note, by_id=agent)
    fact = cases.case(number) if number else None
    if fact is None or not fact.is_open:
        return
    if fact.type_code == "hotline.complaint":
        with clock.frozen(at + timedelta(hours=1)):
            cases.act(number, "reply", by_id=people["service_manager"],
                      fields={"reply": "已联系班组，当日到场", "root": "报修集中"})  # fmt: skip
        return
    result, what = dice.choice([one[:2] for one in FOUND for _ in range(one[2])])
    done = crews.repair(number, caller, topic, frost_crews.Outcome(result, what))
    with clock.frozen(done + timedelta(hours=2)):
        cases.call_back(number, True, score=dice.choice((4, 5, 5)), by_id=agent, note="用户满意")
