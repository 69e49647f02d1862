"""What crews of the demo do every day: routine work that is given, driven to, done and checked.

Before a shift begins the dispatcher gives the crew a few jobs with hours agreed on; the crew does
them at their times, by the shown clock. Everything a job is up to is read from the job, so a demo
that was stopped goes on where it was, and whoever takes such a job to another crew, back, or ends
it has the say. The crew with the phone is left to people.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from huoshui.areas.customers import contracts as customer_contracts
from huoshui.areas.customers import facade as customers
from huoshui.areas.fieldwork import contracts
from huoshui.areas.fieldwork import facade as fieldwork
from huoshui.areas.network import facade as network
from huoshui.democity import crew_day, crews, timetable
from huoshui.kernel import clock, errors
from huoshui.kernel.accounts.models import User

log = logging.getLogger(__name__)

ORIGIN = "democity.routine:"
DISPATCHER = "zhangmin"
CALLED_OFF = "寒潮应急，例行工作顺延"
# Whoever has four jobs is given no more: people shall find room for theirs.
JOBS_A_SHIFT = 3
AHEAD = timedelta(hours=12)
BEFORE = timedelta(hours=5)
STEP = timedelta(minutes=10)
FIRST, LAST, WINDOW = timedelta(minutes=30), timedelta(minutes=150), timedelta(hours=2)
CHECKED_AFTER = timedelta(minutes=5)
AT_HOME = range(8, 20)
LOOK_EVERY_S = 1.0
RELOADED = 20
NEW, ASKED = "XB", 12
DEPOTS = ("D-1", "D-2")
BY_SKILL = {
    "meter_fitting": ("meter_exchange",),
    "pipe_repair": ("surface",),
    "leak_finding": ("leak_search",),
    "valves": ("valve_check", "hydrant_check"),
}
Found = contracts.Found
SAID: dict[str, tuple[Found, str]] = {
    "meter_exchange": (Found.METER_EXCHANGED, "已换新表，铅封完好，用户已签字。"),
    "surface": (Found.REPAIRED, "回填夯实，路面已恢复，围挡已撤。"),
    "leak_search": (Found.NO_LEAK_FOUND, "沿线听音，未发现异常。"),
    "valve_check": (Found.OTHER, "启闭灵活，丝杆已加油，井内已清理。"),
    "hydrant_check": (Found.OTHER, "更换密封圈，试放水正常。"),
}
KIT = {one.code: dict(one.kit) for one in crews.TYPES}


@dataclass
class Routine:
    """Plays the routine of the crews; takes part in the loop that keeps the city alive."""

    now_s: Callable[[], float] = time.monotonic
    _looked_s: float = float("-inf")
    _given: set[tuple[str, datetime]] = field(default_factory=set)
    _left: set[str] = field(default_factory=set)
    _is_called_off: bool = False

    def look(self, *, is_all_called_up: bool = False) -> None:
        """Take the steps whose time has come; never stops the city.

        When every crew is called up to a cold wave, what is not begun is called off.
        """
        if self.now_s() - self._looked_s < LOOK_EVERY_S:
            return
        self._looked_s = self.now_s()
        if is_all_called_up and not self._is_called_off:
            self._call_off()
        self._is_called_off = is_all_called_up
        self.go_on(gives=not is_all_called_up)

    def go_on(self, *, gives: bool = True) -> None:
        """Do what crews have to do until now, then give each the work of its next shift."""
        dispatcher = User.objects.filter(username=DISPATCHER).first()
        if dispatcher is None:
            return
        leaders, to_do = fieldwork.crew_leaders(), fieldwork.to_do()
        for crew, jobs in sorted(to_do.items()):
            if crew in leaders:
                self._work(crew, _routine(jobs), leaders[crew], dispatcher)
        if gives:
            for crew, shift in sorted(fieldwork.shifts_ahead(AHEAD).items()):
                self._give(crew, shift, dispatcher)

    def _call_off(self) -> None:
        by = User.objects.filter(username=DISPATCHER).first()
        for jobs in fieldwork.to_do().values():
            for one in _routine(jobs):
                if by is not None and not one.is_begun:
                    self._try(
                        fieldwork.cancel_job, number=one.number, by_id=by.pk, reason=CALLED_OFF
                    )

    def _try(self, deed: Callable[..., object], *, number: str, **said: object) -> bool:
        """Do something with a job; where it is refused the job is left to people."""
        try:
            deed(number=number, **said)
        except errors.HuoshuiError as problem:
            log.warning("The routine of the demo leaves %s: %s", number, problem)
            self._left.add(number)
            return False
        return True

    def _work(
        self, crew: str, jobs: Sequence[contracts.ToDo], leader: User, dispatcher: User
    ) -> None:
        """Let a crew do its jobs one after the other, each step at its own moment."""
        now, free_at = clock.now(), datetime.min.replace(tzinfo=UTC)
        for one in jobs:
            if one.number in self._left:
                continue
            begun_at = one.begun_at
            if begun_at is None:
                begun_at = max(one.planned_at or now, free_at)
                set_off_at = max(begun_at - timedelta(seconds=one.drive_s), free_at)
                if one.set_off_at is None and set_off_at <= now:
                    with clock.frozen(set_off_at):
                        self._try(fieldwork.set_off, number=one.number, by=leader)
                if begun_at > now:
                    return
                with clock.frozen(begun_at):
                    if not self._try(fieldwork.arrive, number=one.number, by=leader):
                        continue
            free_at = begun_at + timedelta(minutes=one.minutes)
            if free_at + CHECKED_AFTER > now:
                return
            self._try(
                _finish, number=one.number, kind=one.type_code, crew=crew, at=free_at,
                leader=leader, by_id=dispatcher.pk,
            )  # fmt: skip

    def _give(self, crew: str, shift: tuple[datetime, datetime], dispatcher: User) -> None:
        """Ask for the jobs of a crew's shift and give them to it, once."""
        if crew == crew_day.PHONE_CREW or (crew, shift[0]) in self._given:
            return
        self._given.add((crew, shift[0]))
        stem = f"{ORIGIN}{crew}:{shift[0].timestamp():.0f}:"
        origins = [f"{stem}{number}" for number in range(JOBS_A_SHIFT)]
        if fieldwork.job_facts(origins, clock.now() + STEP):
            return
        for origin, begin in zip(origins, hours(shift), strict=True):
            chosen = _choose(crew, begin, random.Random(origin))
            if chosen is not None and begin >= clock.now():
                self._try(
                    _ask, number=origin, crew=crew, begin=begin, chosen=chosen, by_id=dispatcher.pk
                )


def set_up(people: Mapping[str, int]) -> None:
    """Let the crews work through the afternoon before the demo begins."""
    routine = Routine()
    at = timetable.SHOWN_FROM - BEFORE
    while at <= timetable.SHOWN_FROM:
        with clock.frozen(at):
            routine.go_on()
        at += STEP


def hours(shift: tuple[datetime, datetime]) -> list[datetime]:
    """Return when the windows of a shift's jobs begin: evenly, on half hours."""
    first, last = shift[0] + FIRST, max(shift[0] + FIRST, shift[1] - LAST)
    apart = (last - first) / (JOBS_A_SHIFT - 1)
    half = timedelta(minutes=30)
    return [first + half * round(apart * number / half) for number in range(JOBS_A_SHIFT)]


def _routine(jobs: Sequence[contracts.ToDo]) -> list[contracts.ToDo]:
    return [one for one in jobs if one.origin.startswith(ORIGIN) and one.type_code in SAID]


def _choose(crew: str, begin: datetime, dice: random.Random) -> tuple[str, contracts.Place] | None:
    """Return work that a crew can do at an hour, and where; nobody is called on at night."""
    skills = crews.skills_of(crew)
    known = {one.code for one in fieldwork.job_types()}
    kinds = [one for skill in skills for one in BY_SKILL.get(skill, ()) if one in known]
    homes = crew_day.homes() if clock.local(begin).hour in AT_HOME else []
    kinds = [one for one in kinds if one != "meter_exchange" or homes]
    if not kinds:
        return None
    kind = dice.choice(kinds)
    if kind == "meter_exchange":
        return kind, crew_day.place_of(_due(homes, dice))[1]
    at = {"valve_check": "valve", "hydrant_check": "junction"}.get(kind, "pipe")
    found = [one for one in network.assets(kind=at) if one.lon == one.lon]
    if not found:
        return None
    asset = dice.choice(found)
    return kind, contracts.Place(asset.code, lon=asset.lon, lat=asset.lat)


def _due(homes: Sequence[str], dice: random.Random) -> str:
    """Return somebody whose meter hangs since before the demo, if there is one among a few."""
    asked = dice.sample(homes, min(ASKED, len(homes)))
    meters = customers.meters_of(asked)
    old = [one for one in asked if not meters[one][0].number.startswith(NEW)]
    return (old or asked)[0]


def _ask(
    *, number: str, crew: str, begin: datetime, chosen: tuple[str, contracts.Place], by_id: int
) -> None:
    kind, place = chosen
    title = ""
    if place.account_code:
        title = f"到期换表：{crew_day.place_of(place.account_code)[0]}"
    job = fieldwork.request_job(
        place=place, title=title, by_id=by_id, priority=contracts.Priority.LOW,
        due_at=begin + 2 * WINDOW, origin=number,
        work=contracts.Work(kind, window_from_at=begin, window_until=begin + WINDOW),
    )  # fmt: skip
    fieldwork.give_to_crew(number=job.number, crew_code=crew, by_id=by_id)


def _finish(*, number: str, kind: str, crew: str, at: datetime, leader: User, by_id: int) -> None:
    """Report a job when its time is over, with its parts; a second person checks it soon after."""
    found, note = SAID[kind]
    with clock.frozen(at):
        _use(number, kind, crew, leader)
        if kind == "meter_exchange":
            _exchange(number, at, leader)
        fieldwork.report_job(number=number, by=leader, found=found, note=note)
    with clock.frozen(at + CHECKED_AFTER):
        fieldwork.close_job(number=number, by_id=by_id)


def _use(number: str, kind: str, crew: str, leader: User) -> None:
    """Take the parts of a job from the vehicle and load as many again; a low store is filled up."""
    depot, vehicle = DEPOTS[crews.place_in_line(crew) % len(DEPOTS)], f"V-{crew}"
    for part, quantity in KIT.get(kind, {}).items():
        wanted = {part: quantity}
        if fieldwork.lying(depot).get(part, 0) <= quantity:
            filled = {part: RELOADED}
            fieldwork.move_parts(filled, to_code=depot, note="例行补库", by_id=leader.pk)
        fieldwork.move_parts(wanted, from_code=depot, to_code=vehicle, by_id=leader.pk)
        fieldwork.issue_parts(wanted, from_code=vehicle, job_number=number, by_id=leader.pk)


def _exchange(number: str, at: datetime, leader: User) -> None:
    """Write down the exchange of a meter, under a number made of that of the job."""
    job = fieldwork.job(number)
    assert job is not None, number
    account = job.place.account_code
    meter = customers.meters_of([account])[account][0]
    dice = random.Random(number)
    customers.exchange_meter(
        customer_contracts.Exchanged(
            key=f"{ORIGIN}{number}", at=at, old_number=meter.number,
            old_reading_m3=(meter.reading_m3 or 0.0) + dice.randrange(2, 12),
            new_number=f"{NEW}{number.removeprefix('J-20').replace('-', '')}", start_reading_m3=0.0,
            stopped_from_date=None, job_number=number, account_code=account,
        ),
        by_id=leader.pk,
    )  # fmt: skip
