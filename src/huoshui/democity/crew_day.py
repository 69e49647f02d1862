"""What crews of the demo did and have to do: a year of repairs, and a day for one of them."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import timedelta

from huoshui.areas.customers import contracts as customer_contracts
from huoshui.areas.customers import facade as customers
from huoshui.areas.fieldwork import contracts
from huoshui.areas.fieldwork import facade as fieldwork
from huoshui.democity import timetable
from huoshui.kernel import clock
from huoshui.kernel.accounts.models import User

SEED = 76
REPAIRS = 30
SINCE = timedelta(days=372)
PHONE_CREW = "Q-01"
ESTATE = "XQ-01"
Cause, Found, Priority = contracts.Cause, contracts.Found, contracts.Priority
CAUSES = (
    Cause.AGEING, Cause.AGEING, Cause.AGEING, Cause.JOINT, Cause.JOINT, Cause.THIRD_PARTY,
    Cause.GROUND, Cause.FITTING, Cause.FITTING, Cause.PRESSURE,
)  # fmt: skip
NOTES = (
    "更换抱箍，管道恢复正常",
    "接口重新打口，试压合格",
    "换闸阀密封件，无渗漏",
    "焊补后回填，路面已恢复",
)
DAY = (
    ("meter_exchange", 0, Priority.NORMAL, 10, "用户反映表慢，到期一并更换。敲门前先打电话。"),
    ("pipe_leak", None, Priority.URGENT, 4, "路面渗水，怀疑支管接口漏。先关阀再开挖。"),
    ("meter_exchange", 2, Priority.NORMAL, 30, "到期换表，表在楼道井内。"),
    ("hydrant_check", None, Priority.LOW, 78, "出水口盖缺失，补盖并试放水。"),
    ("meter_exchange", 4, Priority.LOW, 150, "到期换表。"),
)  # fmt: skip


def set_up(
    people: Mapping[str, int],
    leaders: Mapping[str, User],
    places: Sequence[tuple[str, float, float]],
) -> None:
    """Tell a year of repairs, and give one crew its day."""
    dice = random.Random(SEED)
    for number in range(REPAIRS):
        _repair(number, dice, people, leaders, places)
    accounts = [one.account_code for one in customers.recipients(estates=[ESTATE])][:12]
    _yesterday(people, leaders, accounts)
    for number, (work, place, priority, hours, text) in enumerate(DAY):
        account = accounts[place] if place is not None and place < len(accounts) else ""
        _today(number, work, account, priority, hours, text, people, dice.choice(places))


def _repair(
    number: int, dice: random.Random, people: Mapping[str, int], leaders: Mapping[str, User],
    places: Sequence[tuple[str, float, float]],
) -> None:  # fmt: skip
    """One repair that is over: called, given, driven to, repaired, checked."""
    called = timetable.SHOWN_FROM - timedelta(days=360) * ((REPAIRS - number) / REPAIRS)
    called += timedelta(minutes=dice.randrange(0, 1440) - 720)
    cause = dice.choice(CAUSES)
    # Winter breaks more by frost, and everything takes longer then.
    winter = clock.local(called).month in (12, 1, 2)
    cause = Cause.FROST if winter and dice.random() < 0.6 else cause
    code, leader = dice.choice(sorted(leaders.items()))
    asset, lon, lat = dice.choice(places)
    given = called + timedelta(minutes=dice.randrange(3, 22))
    there = given + timedelta(minutes=dice.randrange(9, 42))
    done = there + timedelta(minutes=dice.randrange(35, 190) * (1.3 if winter else 1.0))
    back = done + timedelta(minutes=dice.randrange(5, 35))
    with clock.frozen(called + timedelta(minutes=1)):
        job = fieldwork.request_job(
            place=contracts.Place(asset_code=asset, lon=lon, lat=lat), called_at=called,
            by_id=people["dispatcher"], priority=Priority.URGENT,
            origin=f"democity.repairs:{number}", work=contracts.Work("pipe_leak"),
        )  # fmt: skip
    with clock.frozen(given):
        fieldwork.give_to_crew(number=job.number, crew_code=code, by_id=people["dispatcher"])
    with clock.frozen(there):
        fieldwork.arrive(number=job.number, by=leader)
    with clock.frozen(back + timedelta(minutes=10)):
        fieldwork.report_job(
            number=job.number, by=leader, found=Found.LEAK_REPAIRED, found_asset_code=asset,
            note=dice.choice(NOTES),
        )  # fmt: skip
    with clock.frozen(back + timedelta(hours=3)):
        dispatcher = User.objects.get(pk=people["dispatcher"])
        fieldwork.tell_moments(
            number=job.number, repaired_at=done, water_back_at=back, cause=cause, by=dispatcher
        )
        fieldwork.close_job(number=job.number, by_id=people["dispatcher"])


def _yesterday(
    people: Mapping[str, int], leaders: Mapping[str, User], accounts: Sequence[str]
) -> None:
    """Two meters that the crew exchanged the day before; one of them had stopped."""
    leader = leaders.get(PHONE_CREW)
    if leader is None:
        return
    for number, account in enumerate(accounts[8:10]):
        meter = customers.meters_of([account])[account][0]
        at = timetable.SHOWN_FROM - timedelta(hours=20 - 2 * number)
        address, place = place_of(account)
        title = f"换表：{address}"
        with clock.frozen(at - timedelta(hours=3)):
            job = fieldwork.request_job(
                place=place, title=title, by_id=people["dispatcher"],
                origin=f"democity.exchanged:{number}", work=contracts.Work("meter_exchange"),
            )  # fmt: skip
            fieldwork.give_to_crew(
                number=job.number, crew_code=PHONE_CREW, by_id=people["dispatcher"]
            )
        with clock.frozen(at):
            fieldwork.arrive(number=job.number, by=leader)
            stopped = clock.local(at).date() - timedelta(days=9) if number else None
            customers.exchange_meter(
                customer_contracts.Exchanged(
                    key=f"democity:{number}", at=at, old_number=meter.number,
                    old_reading_m3=(meter.reading_m3 or 0.0) + 4.0,
                    new_number=f"SB26{number + 1:05d}", start_reading_m3=0.0,
                    stopped_from_date=stopped, job_number=job.number,
                ),
                by_id=leader.pk,
            )  # fmt: skip
            fieldwork.report_job(
                number=job.number, by=leader, found=Found.OTHER, note="已换新表，铅封完好。"
            )
        with clock.frozen(at + timedelta(hours=1)):
            fieldwork.close_job(number=job.number, by_id=people["dispatcher"])


def _today(
    number: int, work: str, account: str, priority: contracts.Priority, hours: int, text: str,
    people: Mapping[str, int], spot: tuple[str, float, float],
) -> None:  # fmt: skip
    title, place = "", contracts.Place(spot[0], "", *spot[1:])
    if account:
        address, place = place_of(account)
        title = f"换表：{address}"
    with clock.frozen(timetable.SHOWN_FROM - timedelta(minutes=50 - 7 * number)):
        job = fieldwork.request_job(
            place=place, title=title, description=text, by_id=people["dispatcher"],
            priority=priority, due_at=timetable.SHOWN_FROM + timedelta(hours=hours),
            origin=f"democity.day:{number}", work=contracts.Work(work),
        )  # fmt: skip
        fieldwork.give_to_crew(number=job.number, crew_code=PHONE_CREW, by_id=people["dispatcher"])


def homes() -> list[str]:
    """Return the accounts of the estates."""
    estates = [one.code for one in customers.estates()]
    return [one.account_code for one in customers.recipients(estates=estates)]


def place_of(account: str) -> tuple[str, contracts.Place]:
    """Return the address and the place of a customer's meter."""
    found = customers.account(account)
    assert found is not None, account
    where = found.premises
    zones = {one.code: one.zone_code for one in customers.estates()}
    return where.address, contracts.Place(
        zone_code=zones.get(where.estate_code, ""), lon=where.lon, lat=where.lat,
        account_code=account,
    )  # fmt: skip
