"""Rounds to the plants of the demo: every asset asked by its own list, nothing after the demo."""

from __future__ import annotations

from datetime import timedelta

import pytest

from huoshui.areas.fieldwork import facade as fieldwork
from huoshui.areas.network import facade as network
from huoshui.democity import city, plant_checks, timetable, worlds
from huoshui.democity.worlds import ltown
from huoshui.kernel import clock
from huoshui.kernel.accounts import actions as accounts
from huoshui.kernel.accounts.models import User
from huoshui.kernel.audit.models import AuditRecord

pytestmark = pytest.mark.django_db


@pytest.fixture
def rounds():
    world = worlds.l_town()
    grid = network.local_grid(lon=world.lon, lat=world.lat, x_m=world.x_m, y_m=world.y_m)
    with clock.frozen(timetable.SHOWN_FROM - timedelta(days=400)):
        for username, name, post in city.PEOPLE:
            accounts.add_user(username, name, posts=(post,))
        assert network.import_inp(ltown.network_path(), crs=grid, by_id=None).ok
        network.assign_zones(world.zones, by_id=None)
    ids = dict(User.objects.values_list("username", "pk"))
    plant_checks.set_up({post: ids[username] for username, _name, post in city.PEOPLE})
    return fieldwork.check_rounds()


class TestSetUp:
    def test_asks_each_asset_of_a_mixed_round_by_its_own_list(self, rounds, client):
        client.force_login(User.objects.get(username="liuyang"))
        given = client.get("/api/v1/fieldwork/checks/phone").json()
        lists = {one["code"]: {each["code"]: each["list"] for each in one["assets"]}
                 for one in given["rounds"]}  # fmt: skip
        valve = network.asset(plant_checks.METERED)

        assert sorted(rounds) == sorted(lists)
        assert lists["SB-04"] == {
            "PUMP_1": "JC-BENG", "T1": "JC-CHI", "PRV-1": "JC-JIANYA", valve.start: "JC-BIAOJING",
        }  # fmt: skip
        assert lists["SB-05"] == {"PUMP_1": "JC-BENG-YUE"}

    def test_changes_nothing_after_the_moment_that_the_demo_shows(self, rounds):
        deeds = ("network.set_attributes", "fieldwork.check_taken")
        rows = AuditRecord.objects.filter(action__in=deeds)
        moments = list(rows.values_list("shown_at", flat=True))

        assert moments
        assert max(moments) < timetable.SHOWN_FROM
