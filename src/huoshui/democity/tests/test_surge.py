"""Last January's wave of the demo: what its pages count comes from the same records."""

from __future__ import annotations

from datetime import timedelta

import pytest

from huoshui.areas.customers import facade as customers_facade
from huoshui.areas.fieldwork import facade as fieldwork
from huoshui.areas.surge import facade as surge_facade
from huoshui.areas.surge import queries
from huoshui.areas.surge.queries import afterwards
from huoshui.areas.surge.queries.counting import Gathered
from huoshui.democity import city, crew_day, crews, customers, frost_crews, surge, timetable
from huoshui.democity import hotline as desk
from huoshui.kernel import clock
from huoshui.kernel.accounts import actions as accounts
from huoshui.kernel.accounts.models import User
from huoshui.kernel.events import dispatcher

pytestmark = pytest.mark.django_db
WATCHED = ("meter_dn15", "pipe_wrap")
STORES = ("D-1", "D-2", *(f"V-Q-{n:02d}" for n in range(1, 7)))


@pytest.fixture
def people():
    with clock.frozen(timetable.SHOWN_FROM - timedelta(days=400)):
        for username, name, post in city.PEOPLE:
            accounts.add_user(username, name, posts=(post,))
    ids = dict(User.objects.values_list("username", "pk"))
    return {post: ids[username] for username, _name, post in city.PEOPLE}


@pytest.fixture
def town(people):
    """An estate of sixty homes whose meters hang in the cold, and six crews."""
    customers.import_table(
        "estates", "小区.csv",
        [{"小区编号": "XQ-03", "小区名称": "柳岸新村", "经度": 117.0, "纬度": 36.6}],
        people["administrator"],
    )  # fmt: skip
    customers.import_table(
        "accounts", "用户.csv",
        [
            {"户号": f"A{n:03d}", "户名": f"张{n}", "电话": f"1380013{n:04d}",
             "地址": f"柳岸新村{n}号楼", "小区": "XQ-03", "经度": 117.0, "纬度": 36.6,
             "水表号": f"SB{n:03d}", "止码": 100 + n, "抄表日期": "2025-12-25",
             "年用水量": 120, "水表外露": "是"}
            for n in range(1, 61)
        ],
        people["administrator"],
    )  # fmt: skip
    with clock.frozen(timetable.SHOWN_FROM - crew_day.SINCE):
        depots = [("D-1", "清泉抢修站", 117.0, 36.6), ("D-2", "柳岸材料库", 117.01, 36.6)]
        work = crews.declared(crews.workers()[:12], depots)
        fieldwork.set_up_crew_work(people["administrator"], work)


def lying():
    return {store: {part: fieldwork.lying(store).get(part, 0) for part in WATCHED}
            for store in STORES}  # fmt: skip


@pytest.fixture
def wave(people, town):
    with clock.frozen(timetable.SHOWN_FROM):
        desk.hotline.take_seat(user_id=people["hotline_agent"], extension=desk.EXTENSION)
        before = lying()
        surge.set_up(people)
        (found,) = surge_facade.surges()
        return before, Gathered(queries.surge(found.code), clock.now())


def exchanges(found):
    return sum(one["cases"] for one in afterwards.causes(found)
               if one["result"] == "meter_exchanged")  # fmt: skip


class TestWave:
    """Living through it takes seconds, so that few tests ask much each."""

    def test_counts_bills_parts_and_hours_from_the_same_records(self, wave):
        _before, found = wave
        bills = afterwards.meters_to_settle(found)
        assert exchanges(found) >= 3
        assert len(bills) == exchanges(found)
        assert afterwards.parts_of_jobs(found)["meter_dn15"] == exchanges(found)
        assert not [one for one in bills if one["problem"]]
        assert all(one["days"] > 0 for one in bills)
        for one in bills:
            (meter,) = customers_facade.meters_of([one["account"]])[one["account"]]
            assert meter.number == one["new_number"]

        hours, known, unknown = afterwards.hours_worked(found)
        assert (known, unknown) == (len(found.cases), 0)
        assert known >= 8
        # Two people to a crew, ten minutes to two hours at each place.
        assert known * 2 * 10 / 60 <= hours <= known * 2 * 110 / 60

        causes = afterwards.causes(found)
        with clock.frozen(timetable.SHOWN_FROM):
            dispatcher.dispatch()
        # What the areas tell each other is carried later, and changes nothing of it.
        again = Gathered(found.surge, timetable.SHOWN_FROM)
        assert afterwards.causes(again) == causes
        assert len(again.jobs) == len(found.cases)

    def test_has_crews_at_one_place_at_a_time_and_stores_as_full_as_before(self, wave):
        before, found = wave
        assert lying() == before

        of_crew = {}
        for one in sorted(found.jobs, key=lambda job: job.arrived_at):
            assert of_crew.get(one.crew_code, one.arrived_at) <= one.arrived_at
            of_crew[one.crew_code] = one.done_at

        told = fieldwork.repair_times(since=surge.BEGAN, until=surge.ENDED)
        mended = {one.number for one in found.jobs if one.found != frost_crews.Found.OTHER}
        assert {one.number for one in told if one.repaired_at} >= mended
