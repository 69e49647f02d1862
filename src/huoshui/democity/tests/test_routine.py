"""The routine of the crews of the demo: a working day on the board, whenever somebody looks."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest

from huoshui.areas.customers import facade as customers_facade
from huoshui.areas.fieldwork import contracts
from huoshui.areas.fieldwork import facade as fieldwork
from huoshui.areas.network import facade as network
from huoshui.democity import city, crew_day, crews, customers, routine, timetable, worlds
from huoshui.democity.worlds import ltown
from huoshui.kernel import clock
from huoshui.kernel.accounts import actions as accounts
from huoshui.kernel.accounts.models import User

pytestmark = pytest.mark.django_db
BEGIN = timetable.SHOWN_FROM
STATE = contracts.JobState
HOMES = 40


@pytest.fixture
def people():
    world = worlds.l_town()
    grid = network.local_grid(lon=world.lon, lat=world.lat, x_m=world.x_m, y_m=world.y_m)
    with clock.frozen(BEGIN - timedelta(days=400)):
        for username, name, post in city.PEOPLE:
            accounts.add_user(username, name, posts=(post,))
        assert network.import_inp(ltown.network_path(), crs=grid, by_id=None).ok
    ids = dict(User.objects.values_list("username", "pk"))
    found = {post: ids[username] for username, _name, post in city.PEOPLE}
    pipe = next(one for one in network.assets(kind="pipe") if one.lon == one.lon)
    customers.import_table(
        "estates", "小区.csv",
        [{"小区编号": "XQ-01", "小区名称": "泉水花园", "经度": pipe.lon, "纬度": pipe.lat}],
        found["administrator"],
    )  # fmt: skip
    customers.import_table(
        "accounts", "用户.csv",
        [
            {"户号": f"A{n:03d}", "户名": f"张{n}", "电话": f"1380013{n:04d}",
             "地址": f"泉水花园{n}号楼", "小区": "XQ-01", "经度": pipe.lon, "纬度": pipe.lat,
             "水表号": f"SB{n:03d}", "止码": 100 + n, "抄表日期": "2025-12-25"}
            for n in range(1, HOMES + 1)
        ],
        found["administrator"],
    )  # fmt: skip
    with clock.frozen(BEGIN - crew_day.SINCE):
        depots = [
            ("D-1", "清泉抢修站", pipe.lon, pipe.lat),
            ("D-2", "柳岸材料库", pipe.lon, pipe.lat),
        ]
        fieldwork.set_up_crew_work(found["administrator"], crews.declared(crews.workers(), depots))
    return found


def facts(at):
    origins = [
        f"{routine.ORIGIN}{crew}:{(at0).timestamp():.0f}:{n}"
        for crew in fieldwork.crew_codes() for at0 in shift_begins(at)
        for n in range(routine.JOBS_A_SHIFT)
    ]  # fmt: skip
    return fieldwork.job_facts(origins, at)


def shift_begins(at):
    day = clock.local(at).replace(hour=0, minute=0, second=0, microsecond=0)
    return [day + timedelta(days=d, hours=h) for d in range(-2, 2) for h in (8, 13, 20)]


class TestSetUp:
    def test_leaves_work_that_is_done_under_way_and_planned_when_the_demo_begins(self, people):
        routine.set_up(people)

        with clock.frozen(BEGIN):
            known = facts(BEGIN + timedelta(seconds=1))
            under_way = [one for one in known if one.state == STATE.ASSIGNED and one.arrived_at]
            planned = [one for one in known if one.state == STATE.ASSIGNED and not one.arrived_at]
            done = [one for one in known if one.state == STATE.CLOSED]
            lanes = Counter(one.crew_code for one in (*under_way, *planned))
        assert under_way
        assert len(done) >= 3
        assert len(planned) >= 6
        assert len(lanes) >= 4
        assert max(lanes.values()) <= routine.JOBS_A_SHIFT
        assert crew_day.PHONE_CREW not in lanes

    def test_gives_only_crews_that_are_able_to_do_it(self, people):
        routine.set_up(people)

        by_code = {one.code: set(one.skills) for one in crews.TYPES}
        for one in facts(BEGIN + timedelta(seconds=1)):
            assert by_code[one.type_code] <= set(crews.skills_of(one.crew_code))

    def test_is_not_counted_among_repairs(self, people):
        routine.set_up(people)

        assert facts(BEGIN + timedelta(seconds=1))
        assert not fieldwork.repair_times(since=BEGIN - timedelta(days=9), until=BEGIN)

    def test_does_nothing_twice(self, people):
        routine.set_up(people)
        before = facts(BEGIN + timedelta(seconds=1))
        routine.set_up(people)

        assert facts(BEGIN + timedelta(seconds=1)) == before


class TestRoutine:
    def live(self, hours, **how):
        played = routine.Routine(now_s=iter(range(10_000)).__next__)
        at = BEGIN
        while at <= BEGIN + timedelta(hours=hours):
            with clock.frozen(at):
                played.look(**how)
            at += timedelta(minutes=10)
        return played

    def test_has_something_on_the_time_line_at_every_hour_of_two_days(self, people):
        routine.set_up(people)
        played = routine.Routine(now_s=iter(range(10_000)).__next__)
        least = 99
        for hour in range(1, 2 * 24):
            with clock.frozen(BEGIN + timedelta(hours=hour)):
                played.go_on()
                jobs = [one for day in fieldwork.to_do().values() for one in day]
                least = min(least, len(jobs))
        assert least >= 5
        assert not played._left

    def test_keeps_meters_and_stores_in_step_with_what_was_reported(self, people):
        before = {one: fieldwork.lying(f"V-{one}") for one in fieldwork.crew_codes()}
        routine.set_up(people)
        self.live(30)

        at = BEGIN + timedelta(hours=30)
        done = [one for one in facts(at) if one.state == STATE.CLOSED]
        swapped = [one for one in done if one.type_code == "meter_exchange"]
        codes = [f"A{n:03d}" for n in range(1, HOMES + 1)]
        now_hanging = [one[0].number for one in customers_facade.meters_of(codes).values()]
        assert swapped
        assert sum(one.startswith(routine.NEW) for one in now_hanging) == len(swapped)
        assert {one: fieldwork.lying(f"V-{one}") for one in before} == before

    def test_a_job_that_somebody_took_back_waits_for_people(self, people):
        routine.set_up(people)
        with clock.frozen(BEGIN):
            day = next(iter(fieldwork.to_do().values()))
            number = day[-1].number
            fieldwork.cancel_job(number=number, by_id=people["dispatcher"], reason="改期")
        played = self.live(6)

        assert fieldwork.job(number).state == STATE.CANCELLED
        assert number not in played._left

    def test_calls_off_what_is_not_begun_when_every_crew_is_needed(self, people):
        routine.set_up(people)
        self.live(1, is_all_called_up=True)

        with clock.frozen(BEGIN + timedelta(hours=1)):
            left = [one for day in fieldwork.to_do().values() for one in day]
        assert all(one.is_begun for one in left)
