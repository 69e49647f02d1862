"""The rehearsal of the cold wave in the running demo: people start it, watch it, take part."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.urls import reverse

from huoshui.areas.customers import facade as customers
from huoshui.areas.fieldwork import contracts as field_contracts
from huoshui.areas.fieldwork import facade as fieldwork
from huoshui.areas.hotline import contracts as hotline_contracts
from huoshui.areas.hotline import facade as hotline
from huoshui.areas.surge import facade as surge
from huoshui.democity.cold_wave import office, play, script, town, truth
from huoshui.democity.cold_wave.players import Telephone
from huoshui.democity.cold_wave.script import HOUR_S, MORNING_S, Call, Cure
from huoshui.kernel import clock, errors
from huoshui.kernel.rehearsals import actions as rehearsals

log = logging.getLogger(__name__)

CODE = "cold-wave"
CALLS, JOBS = "calls", "jobs"
OFFER = rehearsals.Offer(
    CODE,
    "冻表寒潮演练",
    "Cold-wave rehearsal",
    "从次日 06:00 到 17:00：36 个小区、一千多个来电、四十个班组一百人。"
    "坐席记录、并单、派工、到场、换表化冻、结单、回访，全部走真实流程。\n"
    "可亲自接 8001 坐席的来电，或亲自派单。停止后已登记的来电、工单都保留，可继续处理；"
    "要恢复演示初始状态，请用 ./huoshui demo --reset 重新开始。",
    "From 06:00 to 17:00 of the next day: 36 estates, more than a thousand calls, forty crews of a "
    "hundred people. Everything goes the way it goes in earnest, from the ring to the call-back.\n"
    "You may take the calls of extension 8001, or give the jobs yourself. After a stop all calls "
    "and jobs stay and can be dealt with; ./huoshui demo --reset begins the demo anew.",
    (
        (CALLS, "我接 8001 坐席的来电", "I take the calls of extension 8001"),
        (JOBS, "我来派单", "I give the jobs"),
    ),
)
LINKS = (
    ("hotline:wall", "热线大屏", "Hotline today"),
    ("hotline:desk", "坐席", "Desk"),
    ("fieldwork:board", "派工台", "Dispatch"),
    ("hotline:report", "热线日报", "Hotline report"),
    ("fieldwork:outlook", "物料缺口", "Stock outlook"),
)
DISPATCHER, MANAGER = "zhangmin", "liwei"
OWN_EXTENSION, OWN_AGENT = "8001", "zhoumei"
BEFORE = timedelta(minutes=20)
ENDS_S = 14 * HOUR_S
LOOK_EVERY_S, TELL_EVERY_S = 0.4, 2.0
BUDGET_S = 0.35
SLOW_EVERY_S = 60.0
# A person's own call: it rings and is talked through at the pace of real people.
RINGS_S, TALKS_S, LEFT_S = 4.0, 20.0, 90.0
Kind, JobState = hotline_contracts.EventKind, field_contracts.JobState


@dataclass
class _Left:
    """A call that a person has: how far it is, by the real clock."""

    call: Call
    number: int
    begun_s: float
    told: int = 1


class OwnSeat(Telephone):
    """A telephone of which one call at a time is left to whoever sits at the demo's own desk."""

    left: _Left | None = None
    is_played = False
    user_id = 0

    def _ring(self, call: Call) -> None:
        free = hotline.seat_state(OWN_EXTENSION) is hotline_contracts.SeatState.READY
        mine = self.is_played and self.left is None and free and call.wait_s and call.talk_s
        if not mine or call.why is script.Why.GIVES_UP:
            super()._ring(call)
            return
        at_s = self._stage.seconds(clock.now())
        number = self._tell(call, Kind.RINGING, at_s, OWN_EXTENSION)
        self.left = _Left(call, number, time.monotonic())

    def look(self) -> None:
        """Go on with the call that is left to a person; note it for them when they do not."""
        left = self.left
        if left is None:
            return
        passed_s = time.monotonic() - left.begun_s
        now_s = self._stage.seconds(clock.now())
        if left.told == 1 and passed_s > RINGS_S:
            self._tell(left.call, Kind.ANSWERED, now_s, OWN_EXTENSION)
            left.told = 2
        elif left.told == 2 and passed_s > TALKS_S:
            self._tell(left.call, Kind.ENDED, now_s)
            left.told = 3
        seen = hotline.call(left.number)
        if seen is not None and seen.kind:
            self._learn(left.call, seen.case_number)
            self.left = None
        elif left.told == 3 and passed_s > LEFT_S:
            self.left = None
            self._agent[OWN_EXTENSION] = self.user_id
            self._keys[left.call.number] = left.number
            self._note(left.call, OWN_EXTENSION)

    def _learn(self, call: Call, case: str) -> None:
        """Let the others know what became of a call that a person noted."""
        self._ledger.noted[str(call.why)] += 1
        if call.trouble is not None and case:
            trouble = self._script.troubles[call.trouble]
            self._ledger.case_of.setdefault(trouble.number, case)
            self._ledger.trouble_of.setdefault(case, trouble)


class Rehearsal:
    """Follows what people want of the rehearsal, and plays it by the demo's clock."""

    def __init__(self, now_s: Callable[[], float] = time.monotonic) -> None:
        self._now_s = now_s
        self._wave: play.Wave | None = None
        self._looked_s = self._told_s = float("-inf")
        self._speed_before = 1.0
        self._is_held = False
        self._is_reported = False
        self._surge = ""
        self._slow_s = float("-inf")
        row = rehearsals.rehearsal(CODE)
        self._left_over = [] if row is None else _waves_of(row.links)
        self._calls_since = None if row is None else row.begins_at
        rehearsals.offer(OFFER)

    @property
    def speed_before(self) -> float | None:
        """How fast the clock ran before the rehearsal that goes on; None while there is none.

        Kept by the city on its disk, so that a demo that is stopped or dies in a rehearsal begins
        again as fast as people had it.
        """
        return None if self._wave is None else self._speed_before

    @property
    def is_played(self) -> bool:
        """Whether a rehearsal goes on; the demo's other callers are silent meanwhile."""
        return self._wave is not None

    def look(self) -> None:
        """Take the next steps; never stops the city."""
        if self._now_s() - self._looked_s >= LOOK_EVERY_S:
            self._looked_s = self._now_s()
            if self._left_over or self._calls_since is not None:
                self._clear_up()
            wish = rehearsals.take_wish(CODE)
            if wish is not None:
                self._follow(*wish)
        if self._wave is None or self._is_held:
            if self._now_s() - self._told_s > 10:
                self._told_s = self._now_s()
                rehearsals.tell(CODE)
            return
        self._play(self._wave)

    def _clear_up(self) -> None:
        """End the waves and calls that stood when the demo was stopped in a rehearsal.

        Where the clock now begins before they did, they are ended as soon as it has passed them.
        """
        standing = {one.code: one for one in surge.standing()}
        for code in self._left_over:
            if code in standing and standing[code].from_at < clock.now():
                surge.end(code, by_id=None)
                del standing[code]
        self._left_over = [one for one in self._left_over if one in standing]
        if self._calls_since is not None and self._wave is None:
            with suppress(errors.Refused):  # ahead of the clock
                office.hang_up(self._calls_since)
                self._calls_since = None

    def _follow(self, wanted: str, row: object) -> None:
        speed = float(getattr(row, "speed", 60.0))
        if wanted == "start" and self._wave is None:
            played = set(getattr(row, "played_by_person", ()))
            try:
                self._start(speed, played)
            except errors.HuoshuiError as problem:
                log.warning("The rehearsal could not begin: %s", problem)
                clock.set_speed(self._speed_before or 1.0)
                rehearsals.tell(CODE, state="stopped", happened=(str(problem), str(problem)))
        elif wanted == "hold" and self._wave is not None:
            self._is_held = True
            clock.set_speed(0)
            rehearsals.tell(CODE, state="held", happened=("演练暂停", "On hold"))
        elif wanted == "go_on" and self._wave is not None:
            self._is_held = False
            clock.set_speed(speed)
            rehearsals.tell(CODE, state="running", happened=("演练继续", "It goes on"))
        elif wanted == "stop" and self._wave is not None:
            self._end(
                "stopped", ("演练停止，已登记的来电和工单都保留", "Stopped; what was begun stays")
            )

    def _start(self, speed: float, played: set[str]) -> None:
        rehearsals.tell(CODE, state="preparing", told=[], figures=[], done_frac=0.0)
        self._speed_before = clock.settled_speed()
        clock.set_speed(1)  # else the morning is there before everybody is
        begins_at = _next_morning(clock.now())
        written = script.write(1)
        cast = town.prepare(written, dispatcher=DISPATCHER, manager=MANAGER)
        run = f"{office.RUN}{clock.real_now().timestamp():.0f}"
        wave = play.Wave(written, cast, begins_at, run=run, telephone=OwnSeat)
        own = wave.telephone
        assert isinstance(own, OwnSeat)
        own.is_played, own.user_id = CALLS in played, cast.own_agent
        wave.begin(until_s=MORNING_S, gives=JOBS not in played)
        number = office.warn(written, cast)
        self._surge = office.declare(cast, number)
        office.let_crews_answer(wave, self._surge)
        self._wave, self._is_held, self._is_reported = wave, False, False
        clock.set_speed(speed)
        clock.run_to(begins_at - timedelta(minutes=5))
        wall = [[reverse("surge:wall", args=[self._surge]), "寒潮大屏", "Wall of the wave"]]
        links = wall + [[reverse(name), zh, en] for name, zh, en in LINKS]
        rehearsals.tell(
            CODE, state="running", begins_at=begins_at, links=links,
            happened=("人员、班组、物料就位，时钟走向次日 06:00",
                      "Everybody is there; the clock runs to 06:00"),
        )  # fmt: skip

    def _play(self, wave: play.Wave) -> None:
        assert isinstance(wave.telephone, OwnSeat)
        late = wave.stage.look(BUDGET_S)
        wave.telephone.look()
        if self._now_s() - self._told_s >= TELL_EVERY_S:
            self._told_s = self._now_s()
            self._tell(wave, late)
        if wave.stage.now_s >= ENDS_S:
            self._end("over", ("演练结束", "Over"))

    def _tell(self, wave: play.Wave, late: int) -> None:
        now_s = wave.stage.now_s
        happened = None
        if late > 40 and self._now_s() - self._slow_s > SLOW_EVERY_S:
            self._slow_s = self._now_s()
            happened = (
                f"本机偏慢，有 {late} 件事还没轮到",
                f"This computer is slow: {late} deeds are due",
            )
        elif now_s > MORNING_S + 900 and not self._is_reported:
            self._is_reported = True
            until = wave.stage.moment(MORNING_S)
            try:
                made = surge.report(self._surge, until, by_id=wave.cast.manager)
                happened = (
                    f"17:00 报告 {made.number} 已生成",
                    f"Report {made.number} of 17:00 is made",
                )
            except errors.Refused as refusal:  # somebody may have ended the wave before
                log.warning("The report of 17:00 was refused: %s", refusal)
                happened = ("17:00 报告未能生成", "The report of 17:00 could not be made")
        elif (last := wave.latest()) is not None:
            happened = last
        rehearsals.tell(
            CODE, done_frac=max(0.0, min(1.0, now_s / ENDS_S)), figures=figures(wave),
            happened=happened,
        )  # fmt: skip

    def _end(self, state: str, happened: tuple[str, str]) -> None:
        if self._wave is not None:
            with suppress(errors.Refused):  # somebody may have ended it already
                surge.end(self._surge, by_id=self._wave.cast.manager)
            office.hang_up(self._wave.stage.begins_at)
            done = 1.0 if state == "over" else self._wave.stage.now_s / ENDS_S
            rehearsals.tell(CODE, figures=figures(self._wave), done_frac=max(0.0, done))
        self._wave, self._is_held = None, False
        clock.set_speed(self._speed_before or 1.0)
        rehearsals.tell(CODE, state=state, happened=happened)


def _next_morning(now: datetime) -> datetime:
    """Return the next 06:00 of the city that is not too near."""
    local = clock.local(now + BEFORE)
    morning = local.replace(hour=6, minute=0, second=0, microsecond=0)
    return morning if morning >= local else morning + timedelta(days=1)


def _waves_of(links: list[list[str]]) -> list[str]:
    """Return the waves that stand and of which a rehearsal shows the wall."""
    shown = {address for address, *_names in links}
    return [one.code for one in surge.standing() if reverse("surge:wall", args=[one.code]) in shown]


def figures(wave: play.Wave) -> list[object]:
    """Return what the script says has happened so far, beside what the product counts."""
    now = clock.now() + timedelta(seconds=1)  # what happened at this very moment counts
    until_s = max(0.0, min(wave.stage.now_s, float(MORNING_S)))
    said = truth.count(wave.script, int(until_s))
    there = hotline.figures(wave.stage.begins_at, wave.stage.moment(until_s))
    until = wave.stage.moment(until_s)
    calls = hotline.call_facts(wave.stage.begins_at, now)
    repairs = [one for one in calls if one.kind == "repair" and one.began_at < until]
    folded = sum(one.incident_id is not None and not one.leads for one in repairs)
    cases = {one.case_number for one in repairs if one.case_number}
    jobs = Counter(one.state for one in fieldwork.job_facts(map(hotline.job_origin, cases), now))
    done = jobs[JobState.DONE] + jobs[JobState.CLOSED]
    exchanged = customers.meter_exchanges(since=wave.stage.begins_at, until=clock.now())
    return list(rehearsals.counted((
        ("来电", "Calls", said.calls, there["all"]),
        ("咨询", "Enquiries", said.enquiries, there["enquiry"]),
        ("报修", "Repair reports", said.repairs, there["repair"]),
        ("刚接听、待记录", "Not noted yet", None, there["unsorted"]),
        ("其中并单", "of these folded", said.folded, folded),
        ("报修事项", "Things to repair", said.troubles, len(cases)),
        ("已派班组", "Given to crews", None, jobs[JobState.ASSIGNED] + done),
        ("待派", "Waiting for a crew", None, jobs[JobState.REQUESTED]),
        ("现场完成", "Done on site", None, done),
        ("换表", "Meters exchanged", wave.ledger.cured(Cure.EXCHANGE), len(exchanged)),
    )))  # fmt: skip
