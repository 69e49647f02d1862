"""The API of waves, to read."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from huoshui.areas.surge import facade, models
from huoshui.areas.surge.tests.conftest import BEGAN, NOW
from huoshui.kernel import clock
from huoshui.kernel.accounts import actions as accounts

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(browser, people):
    return browser(people["manager"])


def address(name, *args):
    return reverse(f"api:surge-{name}", args=args)


class TestWaves:
    def test_are_listed_by_whether_they_last(self, wave, people, desk):
        over = facade.declare(name="去年", kind="heat", from_at=NOW - timedelta(days=9),
                              by_id=people["manager"].pk)  # fmt: skip
        facade.end(over, by_id=people["manager"].pk)

        def codes(**asked):
            found = desk.get(address("waves"), asked).json()
            return found["total"], [one["code"] for one in found["items"]]

        assert codes() == (2, [wave, over])
        assert codes(standing=True) == (1, [wave])
        assert codes(standing=False) == (1, [over])
        assert codes(kind="heat") == (1, [over])
        assert codes(limit=1, offset=1) == (2, [over])
        assert desk.get(address("waves"), {"limit": 0}).status_code == 422

    def test_say_what_they_were_declared_with(self, wave, desk):
        found = desk.get(address("wave", wave)).json()

        assert (found["kind"], found["until"], found["crews"]) == ("cold", None, ["Q-01", "Q-02"])
        assert found["from_at"] == BEGAN.isoformat().replace("+00:00", "Z")

    def test_are_counted_now(self, wave, ring, desk):
        ring("frozen_meter", "A101")
        found = desk.get(address("figures", wave)).json()

        assert (found["figures"]["calls"], found["figures"]["minutes_to_crew"]) == (1, None)
        assert found["figures"] == facade.figures(wave)

    def test_compare_the_warned(self, wave, ring, desk):
        ring("frozen_meter", "A101")
        found = desk.get(address("comparison", wave)).json()["at_risk"]

        assert (found["others"], found["ratio"]) == ({"accounts": 4, "hit": 1}, None)

    @pytest.mark.parametrize("name", ["wave", "figures", "comparison", "report"])
    def test_that_do_not_exist_are_refused(self, name, desk):
        answer = desk.get(address(name, "NONE"))
        kind = "report" if name == "report" else "surge"

        assert (answer.status_code, answer.json()["code"]) == (404, f"surge.no_such_{kind}")

    def test_are_not_for_everybody(self, wave, browser):
        stranger = accounts.add_user("p_none", "Nobody", posts=())[0]

        assert browser(stranger).get(address("waves")).status_code == 403


class TestReports:
    def test_stay_as_they_were_counted(self, wave, ring, desk):
        ring("frozen_meter", "A101")
        number = facade.report(wave, by_id=None).number
        with clock.frozen(NOW + timedelta(hours=1)):
            ring("frozen_meter", "A102", minutes_ago=5)
            found = desk.get(address("report", number)).json()

        assert (found["wave"], found["figures"]["calls"]) == (wave, 1)
        assert "calls" in found["listed"]
        assert "complaints" not in found["listed"]
        assert [(one["estate"], one["calls"], one["otherwise"]) for one in found["estates"]] == [
            ("XQ-1", 1, 0)
        ]
        assert [(one["enquiries"], one["repairs"]) for one in found["hours"]] == [(0, 1)]

    def test_open_what_each_figure_counted(self, wave, ring, desk):
        call = ring("frozen_meter", "A101")
        number = facade.report(wave, by_id=None).number

        found = desk.get(address("report-rows", number, "repairs")).json()

        assert [(one["key"], one["topic"], one["estate"]) for one in found["items"]] == [
            (f"call:{call}", "frozen_meter", "XQ-1")
        ]
        assert desk.get(address("report-rows", number, "complaints")).json()["total"] == 0
        answer = desk.get(address("report-rows", number, "nonsense"))
        assert (answer.status_code, answer.json()["code"]) == (404, "surge.no_such_figure")

    def test_of_before_open_without_what_they_did_not_count(self, wave, ring, desk):
        ring("frozen_meter", "A101")
        number = facade.report(wave, by_id=None).number
        row = models.SurgeReport.objects.get(number=number)
        del row.figures["otherwise"], row.keys["otherwise"], row.more["estates"][0]["otherwise"]
        row.save()

        found = desk.get(address("report", number)).json()

        assert "otherwise" not in found["figures"]
        assert found["estates"][0]["otherwise"] is None

    def test_are_listed_by_wave(self, wave, desk):
        number = facade.report(wave, by_id=None).number

        listed = desk.get(address("reports"), {"wave": wave}).json()
        assert (listed["total"], listed["items"][0]["number"]) == (1, number)
        assert desk.get(address("reports"), {"wave": "YJ-1"}).json()["total"] == 0
