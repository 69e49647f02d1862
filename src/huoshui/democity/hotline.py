"""The hotline of the demo: a week of calls, what came of them, and now and then a new one."""

from __future__ import annotations

import itertools
import logging
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from huoshui.areas.customers import facade as customers
from huoshui.areas.hotline import contracts
from huoshui.areas.hotline import facade as hotline
from huoshui.democity import chats, timetable
from huoshui.kernel import cases, clock, errors
from huoshui.kernel.accounts.models import User

log = logging.getLogger(__name__)

EXTENSION = "8001"
AGENT = "zhoumei"
LEADER = "wuqiang"
SEED = 96568
DAYS = 7
CALLS_A_DAY = 8
# Topic, how often, what the caller says, what they are told.
TALKS = (
    ("bill", 8, "查询本月水费", "已告知账单金额和缴费期限"),
    ("payment", 4, "询问微信怎么缴费", "已告知关注公众号后绑定户号"),
    ("outage", 4, "问今天是否停水", "该小区今天没有停水计划"),
    ("connection", 2, "商铺想新装水表", "已告知报装材料和窗口地址"),
    ("reading", 2, "抄表数和表盘对不上", "请用户拍照，抄表员三日内复核"),
    ("no_water", 5, "家里突然没水", ""),
    ("low_pressure", 5, "六楼早晚水小，热水器打不着火", ""),
    ("leak_at_meter", 4, "楼道表箱里一直滴水", ""),
    ("meter_fault", 2, "水表不走字", ""),
    ("water_quality", 2, "早上放出来的水发黄", ""),
    ("cover_missing", 1, "路边水表井盖没了", ""),
    ("bill_dispute", 2, "这个月水费比平时多了一倍", ""),
    ("service", 1, "窗口排队太久没人理", ""),
    ("praise_any", 1, "抢修师傅半夜来得快，表扬", ""),
)
ARTICLES = (
    ("防冻保温怎么做", True,
     "1. 用棉布或泡沫包好水表和明管。\n2. 关严楼道门窗。\n3. 夜间低于零下 5 度时保留滴水。\n"
     "4. 冻住后用温毛巾从水龙头一端化冻，切勿用开水或明火。"),
    ("怎样缴水费", True,
     "微信公众号、支付宝生活缴费、银行代扣或营业厅均可。账单日后 20 天内缴清。"),
    ("新装水表需要什么材料", True,
     "身份证或营业执照、房屋产权证明、平面位置图。受理后 2 个工作日内现场勘察。"),
    ("过户更名", True, "双方身份证、产权证明，结清水费后当场办理。"),
    ("水发黄怎么办", True,
     "先放水 5 分钟。整栋楼都发黄时登记报修，派人排放并采样。"),
    ("居民阶梯水价", True,
     "第一级按户年用水量 180 m³ 以内计，第二级 180 至 260 m³，以上为第三级。"),
    ("停水公告口径", False,
     "计划停水提前 24 小时公告，超过 12 小时的提前 48 小时。以系统公告为准，不自行承诺时间。"),
)  # fmt: skip
QUESTIONS = ("水表多久强制检定一次？", "租客能不能只绑定缴费不过户？")
TICKETS = (
    # Number, days ago, days until due, name, telephone, address, topic, what.
    ("SX20260223017", 6, 3, "孙女士", "13805310001", "泉城花园", "low_pressure",
     "连续三天晚上水压低"),
    ("SX20260225031", 4, 3, "孙女士", "13805310001", "泉城花园", "low_pressure",
     "水压还是低，要求彻底解决"),
    ("SX20260226008", 3, 5, "刘先生", "13805310002", "人民路 12 号", "works",
     "路面修复不平，雨天积水"),
    ("SX20260227044", 2, 3, "黄先生", "13805310003", "东城佳苑", "bill_dispute",
     "水费突然增加，要求核实"),
    ("SX20260228012", 1, 2, "周女士", "13805310004", "金泉小区", "no_water",
     "夜里无水无公告"),
)  # fmt: skip


@dataclass(frozen=True)
class Caller:
    """Somebody of the demo city who may call, and where they live."""

    account: str
    name: str
    phone: str
    place: str
    lon: float | None
    lat: float | None
    estate: str
    zone: str


def callers(count: int) -> list[Caller]:
    """Return so many customers with a telephone, the same ones each time."""
    zones = {one.code: one.zone_code for one in customers.estates()}
    everybody = customers.recipients(estates=list(zones))
    known = sorted((one for one in everybody if one.phone), key=lambda one: one.account_code)
    dice = random.Random(SEED)
    chosen = dice.sample(known, min(count, len(known)))
    found = []
    for one in chosen:
        account = customers.account(one.account_code)
        if account is not None:
            place = account.premises
            found.append(
                Caller(one.account_code, one.person_name, one.phone, place.address, place.lon,
                       place.lat, place.estate_code, zones.get(place.estate_code, ""))
            )  # fmt: skip
    return found


def set_up(people: Mapping[str, int], known: list[Caller] | None = None) -> None:
    """Let the agent sit down, fill knowledge base and rota, and live through a week, once.

    ``known`` are who may call; by default customers of the register.
    """
    week_ago = timetable.SHOWN_FROM - timedelta(days=DAYS)
    if hotline.seat_state(EXTENSION) is not None:
        return
    agent, leader = people["hotline_agent"], people["service_manager"]
    hotline.take_seat(user_id=agent, extension=EXTENSION)
    with clock.frozen(week_ago):
        for title, is_public, text in ARTICLES:
            hotline.write_article(
                title=title, text=text, is_public=is_public, by_id=agent, approved_by_id=leader
            )
        begin = clock.local(week_ago).replace(hour=8, minute=0, second=0, microsecond=0)
        evening = begin + timedelta(hours=12)
        # The last night of the second week is left open: the rota shows it.
        hotline.plan_shift(user_id=agent, from_at=begin, until=evening, days=14, by_id=leader)
        hotline.plan_shift(
            user_id=leader, from_at=evening, until=evening + timedelta(hours=12), days=13,
            by_id=leader,
        )  # fmt: skip
    for question in QUESTIONS:
        hotline.keep_question(question, by_id=agent)
    _tickets(people)
    chats.set_up(people)
    if known is None:
        known = callers(DAYS * CALLS_A_DAY + 6)
    if known:
        _week(known, people)
        _judge(people)


def _tickets(people: Mapping[str, int]) -> None:
    for number, days_ago, days_due, name, phone, address, topic, text in TICKETS:
        received = timetable.SHOWN_FROM - timedelta(days=days_ago, hours=3)
        values = {
            "received_at": received, "due_at": received + timedelta(days=days_due),
            "caller_name": name, "caller_number": phone, "address": address, "text": text,
        }  # fmt: skip
        with clock.frozen(received + timedelta(hours=1)):
            case = hotline.take_city_ticket(
                number, values, topic_code=topic, by_id=people["service_manager"]
            )
        if days_ago >= 3:
            with clock.frozen(received + timedelta(days=2)):
                cases.act(
                    case, "reply", by_id=people["service_manager"],
                    fields={"survey": "已到现场核实", "reply": "已联系来电人并说明处理情况"},
                )  # fmt: skip


def _week(known: list[Caller], people: Mapping[str, int]) -> None:
    """Let a week's people call, and do what came of it."""
    dice = random.Random(SEED + 1)
    who = itertools.cycle(known)
    topics = [one for one in TALKS for _ in range(one[1])]
    for day in range(DAYS, 0, -1):
        for n in range(CALLS_A_DAY):
            minutes = 7 * 60 + (n * 13 * 60) // CALLS_A_DAY + dice.randrange(60)
            local = clock.local(timetable.SHOWN_FROM - timedelta(days=day - 1))
            at = local.replace(hour=0, minute=0) + timedelta(minutes=minutes)
            if at >= timetable.SHOWN_FROM - timedelta(minutes=10):
                continue
            caller = next(who)
            gives_up = dice.random() < 0.06
            call = ring(caller.phone, at, answered=not gives_up, wait_s=dice.choice((4, 6, 9, 22)))
            if not gives_up:
                topic, _often, said, answer = dice.choice(topics)
                _note(call, caller, at, topic, said, answer, people, done=day > 1)
    # Neighbours, or the calls would not be about one thing.
    _incident([one for one in known if one.estate == known[-1].estate][-6:], people)


def ring(phone: str, at: datetime, *, answered: bool = True, wait_s: int = 6) -> int:
    """Let somebody call at a past moment, talk and hang up; return the call."""
    told = [contracts.ToldEvent("1", contracts.EventKind.RINGING, at, EXTENSION)]
    end = at + timedelta(seconds=35)
    if answered:
        moment = at + timedelta(seconds=wait_s)
        told.append(contracts.ToldEvent("2", contracts.EventKind.ANSWERED, moment, EXTENSION))
        end = moment + timedelta(seconds=110)
    told.append(contracts.ToldEvent("3", contracts.EventKind.ENDED, end))
    number = 0
    with clock.frozen(end):
        for event in told:
            number = hotline.take_event(
                f"demo-{at.timestamp():.0f}-{phone[-4:]}", event, caller_number=phone
            )
    return number


def noted(caller: Caller, topic: str, said: str, answer: str, **more: Any) -> contracts.Noted:
    """Return what an agent notes of a caller."""
    return contracts.Noted(
        topic, account_code=caller.account, person_name=caller.name, place=caller.place,
        lon=caller.lon, lat=caller.lat, estate_code=caller.estate, zone_code=caller.zone,
        note=said, answer=answer, send_now=False, **more,
    )  # fmt: skip


def _note(
    call: int, caller: Caller, at: datetime, topic: str, said: str, answer: str,
    people: Mapping[str, int], *, done: bool,
) -> None:  # fmt: skip
    agent = people["hotline_agent"]
    with clock.frozen(at + timedelta(minutes=3)):
        number = hotline.note_call(call, noted(caller, topic, said, answer), by_id=agent)
    fact = cases.case(number)
    if fact is None or not fact.is_open or not done:
        return
    if fact.type_code == "hotline.repair":
        with clock.frozen(at + timedelta(minutes=35)):
            cases.act(number, "arrive", by_id=people["dispatcher"])
        with clock.frozen(at + timedelta(minutes=95)):
            cases.act(
                number, "finish", by_id=people["dispatcher"],
                fields={"result": "repaired", "found": "已处理，恢复正常"},
            )  # fmt: skip
        with clock.frozen(at + timedelta(hours=3)):
            cases.call_back(number, True, score=5, by_id=agent, note="用户满意")
    elif fact.type_code == "hotline.complaint":
        with clock.frozen(at + timedelta(hours=2)):
            cases.act(number, "take", by_id=people["service_manager"],
                      owner_id=people["service_manager"])  # fmt: skip


def _incident(known: list[Caller], people: Mapping[str, int]) -> None:
    """Let neighbours call about the same thing this afternoon; nobody has been there yet."""
    begin = timetable.SHOWN_FROM - timedelta(minutes=75)
    number, leading = "", 0
    for n, caller in enumerate(known):
        at = begin + timedelta(minutes=9 * n)
        call = ring(caller.phone, at)
        fold = {"fold_with": f"call:{leading}"} if leading else {}
        with clock.frozen(at + timedelta(minutes=3)):
            number = hotline.note_call(
                call, noted(caller, "low_pressure", "水很小，邻居家也一样", "", **fold),
                by_id=people["hotline_agent"],
            )  # fmt: skip
        leading = leading or call
    hotline.say_known(
        number,
        "附近管道疑似漏水，巡线班正在查找，请先储备生活用水。",
        by_id=people["service_manager"],
    )


def _judge(people: Mapping[str, int]) -> None:
    """Let the manager listen to two calls."""
    heard = hotline.calls(since=timetable.SHOWN_FROM - timedelta(days=3))
    with_case = [one for one in heard if one.kind in ("repair", "complaint")][:2]
    for n, one in enumerate(with_case):
        scores = dict.fromkeys(
            ("greeting", "understanding", "correctness", "solution", "manner"), 5 - n
        )
        hotline.judge_call(
            one.id, scores=scores, root="pressure", note="听取了用户诉求，答复清楚",
            improvement="高层水压问题先查二供泵房，再派抢修" if n else "",
            owner_id=people["service_manager"] if n else None,
            due_date=(timetable.SHOWN_FROM + timedelta(days=14)).date() if n else None,
            by_id=people["manager"],
        )  # fmt: skip


# The present ----------------------------------------------------------------------------------

FIRST_AFTER_S = 45.0
PAUSE_S = (50.0, 110.0)
RING_S = 8.0
TALK_S = 45.0
PATIENCE_S = 300.0
ROTA_EVERY_S = 30.0
ROTA_AHEAD = timedelta(days=7)


def plan_on() -> None:
    """Plan the rota a week further where it ends within a week of the shown clock.

    The gap of the first fortnight stays; after a pause of the demo it goes on with today.
    """
    now, planned = clock.now(), hotline.planned_until()
    if planned is not None and planned >= now + ROTA_AHEAD:
        return
    people = dict(User.objects.filter(username__in=(AGENT, LEADER)).values_list("username", "pk"))
    if len(people) < 2:
        return
    begin = _morning(now - timedelta(hours=8))
    if planned is not None:
        last = _morning(planned)
        begin = max(begin, last if last >= planned else last + timedelta(days=1))
    evening, leader = begin + timedelta(hours=12), people[LEADER]
    hotline.plan_shift(user_id=people[AGENT], from_at=begin, until=evening, days=7, by_id=leader)
    hotline.plan_shift(
        user_id=leader, from_at=evening, until=evening + timedelta(hours=12), days=7, by_id=leader
    )


def _morning(at: datetime) -> datetime:
    return clock.local(at).replace(hour=8, minute=0, second=0, microsecond=0)


class Callers:
    """Lets somebody call now and then, at the pace of real people; one call at a time.

    Who sits at the desk answers; a call that nobody notes for some minutes is noted by a colleague,
    so that the demo does not stand still when nobody plays the agent.
    """

    def __init__(
        self,
        known: list[Caller] | None = None,
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._dice = random.Random()
        self._known = known
        self._now_s = now_s
        self._next_s = now_s() + FIRST_AFTER_S
        self._rota_s = 0.0
        self._call: tuple[int, str, Caller, datetime, float] | None = None
        self._told = 0

    def look(self) -> None:
        """Take the next step of a call if it is time; never stops the city."""
        try:
            if self._now_s() >= self._rota_s:
                self._rota_s = self._now_s() + ROTA_EVERY_S
                plan_on()
            if self._call is not None:
                self._go_on()
            elif self._now_s() >= self._next_s:
                self._begin()
        except errors.HuoshuiError as problem:
            log.warning("A call of the demo went wrong: %s", problem)
            self._call = None
            self._rest()

    def _rest(self) -> None:
        self._next_s = self._now_s() + self._dice.uniform(*PAUSE_S)

    def _begin(self) -> None:
        self._rest()
        hour = clock.local(clock.now()).hour
        if hotline.seat_state(EXTENSION) is not contracts.SeatState.READY or not 7 <= hour < 22:
            return
        if self._known is None:
            self._known = callers(200)
        if not self._known:
            return
        caller = self._dice.choice(self._known)
        now = clock.now()
        ref = f"live-{now.timestamp():.0f}"
        event = contracts.ToldEvent("1", contracts.EventKind.RINGING, now, EXTENSION)
        number = hotline.take_event(ref, event, caller_number=caller.phone)
        self._call, self._told = (number, ref, caller, now, self._now_s()), 1

    def _go_on(self) -> None:
        assert self._call is not None
        number, ref, caller, at, begun_s = self._call
        passed_s = self._now_s() - begun_s
        # The moments are those of a real call: the shown clock runs much faster than people talk.
        if self._told == 1 and passed_s > RING_S:
            moment = at + timedelta(seconds=RING_S)
            event = contracts.ToldEvent("2", contracts.EventKind.ANSWERED, moment, EXTENSION)
            hotline.take_event(ref, event)
            self._told = 2
        elif self._told == 2 and passed_s > RING_S + TALK_S:
            moment = at + timedelta(seconds=RING_S + TALK_S)
            hotline.take_event(ref, contracts.ToldEvent("3", contracts.EventKind.ENDED, moment))
            self._told = 3
        elif self._told == 3:
            seen = hotline.call(number)
            if seen is not None and not seen.kind and passed_s > PATIENCE_S:
                topic, _often, said, answer = self._dice.choice(TALKS)
                note = noted(caller, topic, said, answer)
                agent = User.objects.get(username=AGENT)
                hotline.note_call(number, note, by_id=agent.pk)
            elif seen is not None and not seen.kind:
                return
            self._call = None
            self._rest()
