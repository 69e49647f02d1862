"""Signs of wear: days out of hours, suggestions out of trends, and what people decide.

The pump runs from 8 to 20 each day; its bearing warms up by 0.2 °C a day from the first of
January on, over a room whose warmth goes up and down.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

import numpy as np
import pytest
from django.urls import reverse

from huoshui.areas.fieldwork import actions as fieldwork
from huoshui.areas.fieldwork import contracts, models
from huoshui.areas.fieldwork.upkeep.condition import (
    actions,
    looking,
    queries,
    readings,
    refusals,
    rules,
)
from huoshui.areas.telemetry import contracts as telemetry_contracts
from huoshui.areas.telemetry import facade as telemetry
from huoshui.kernel import clock
from huoshui.kernel.notices.models import Notice

DAY = timedelta(days=1)
FIRST = date(2026, 1, 1)
DAYS = 120
POINTS = {"bearing": ("temperature", "°C"), "room": ("temperature", "°C"), "flow": ("flow", "m³/h"),
          "power": ("power", "kW")}  # fmt: skip


def midnight(day: date) -> datetime:
    return datetime.combine(day, datetime.min.time(), clock.local_zone())


@pytest.fixture
def town(street, monkeypatch):
    """Four points at p2, hour by hour; ``town["bearing"]`` may be changed."""
    begin_us = telemetry_contracts.to_us(midnight(FIRST))
    hour = np.arange(DAYS * 24)
    day, of_day = hour // 24, hour % 24
    runs = (of_day >= 8) & (of_day < 20)
    room = 15 + 4 * np.sin(day / 6.0)
    kept = {
        "room": room,
        "flow": np.where(runs, 44.0, 0.0),
        # Warming up for an hour, then thirty degrees above the room and more each day.
        "bearing": room + np.where(runs & (of_day > 8), 30 + 0.2 * day, np.where(runs, 12.0, 2.0)),
        "power": np.where(runs, 13.2, 0.0),
    }
    chance = np.random.default_rng(5).normal(0.0, 0.4, hour.size)
    kept["bearing"] = kept["bearing"] + chance

    def points(codes=None, **_named):
        return [
            telemetry_contracts.Point(
                0, code, code, code, *POINTS[code], 1, "p2", "A", *(None,) * 7
            )
            for code in (POINTS if codes is None else codes) if code in POINTS
        ]  # fmt: skip

    def hourly(codes, from_at, until):
        at_us = begin_us + hour * 3_600_000_000
        inside = (at_us >= telemetry_contracts.to_us(from_at)) & (
            at_us < telemetry_contracts.to_us(until)
        )
        return {
            code: telemetry_contracts.HourlySeries(
                at_us[inside], np.ones(inside.sum(), np.int32), *(kept[code][inside],) * 5
            )
            for code in codes
        }

    monkeypatch.setattr(telemetry, "points", points)
    monkeypatch.setattr(telemetry, "hourly", hourly)
    return kept


@pytest.fixture
def bearing(town, greasing):
    """The bearing above its room, while the pump runs; the limit is 48 °C above it."""
    return actions.keep_indicator(
        "ZT-0001",
        {"name": "Grease the bearing", "asset_code": "p2", "point": "bearing", "how": "above",
         "other_point": "room", "while_point": "flow", "while_min": 20.0, "limit": 48.0,
         "warn_days": 60, "job_type": greasing},
        by_id=None,
    )  # fmt: skip


def look_on(day: date) -> int:
    with clock.frozen(midnight(day) + timedelta(hours=9)):
        return looking.look(clock.now())


class TestDays:
    def test_are_the_even_hours_without_the_warming_up(self, bearing):
        # Exact but for the chance of 0.4: 30 above the room on the first day, 0.2 more each day.
        _first, value = readings.days_of(bearing, FIRST + 10 * DAY, 10)

        assert value == pytest.approx(30 + 0.2 * np.arange(10), abs=0.5)

    def test_say_nothing_where_it_stood_still(self, bearing, town):
        town["flow"][24:48] = 0.0
        _first, value = readings.days_of(bearing, FIRST + 3 * DAY, 3)

        assert np.isnan(value).tolist() == [False, True, False]

    def test_of_a_power_per_flow_are_energy_per_water(self, town, bearing):
        # 13.2 kW over 44 m³/h is 0.3 kWh/m³.
        bearing.point, bearing.how, bearing.other_point = "power", "per", "flow"
        _first, value = readings.days_of(bearing, FIRST + 2 * DAY, 2)

        assert value == pytest.approx([0.3, 0.3])
        assert readings.unit_of(bearing) == ("kWh/m³", 4)


class TestSuggestions:
    def test_come_before_the_limit_with_a_band_that_holds_the_truth(self, bearing, dispatcher):
        # 30 + 0.2 d reaches 48 on day 90: 1 April.
        assert look_on(date(2026, 2, 20)) == 1
        row = models.ConditionSuggestion.objects.get()

        assert row.limit_date_min <= date(2026, 4, 1) <= row.limit_date_max
        assert abs(row.limit_date - date(2026, 4, 1)) <= timedelta(days=4)
        assert row.due_date == row.limit_date_min - 7 * DAY
        assert Notice.objects.filter(key="fieldwork.condition:ZT-0001").exists()

    def test_wait_until_the_limit_is_near(self, bearing):
        # On 20 January it is seventy days away, and sixty are asked for.
        assert look_on(date(2026, 1, 20)) == 0

    def test_do_not_come_of_the_weather(self, bearing, town):
        town["bearing"] = town["room"] + 40 + np.random.default_rng(3).normal(0, 1, DAYS * 24)

        assert sum(look_on(FIRST + day * DAY) for day in range(15, 115, 5)) == 0

    def test_are_made_once_and_follow_the_trend(self, bearing):
        made = [look_on(date(2026, 2, 20) + day * DAY) for day in range(3)]
        row = models.ConditionSuggestion.objects.get()

        assert made == [1, 0, 0]
        assert row.evidence["first"] == "2025-12-24"  # sixty days before the last look

    def test_lapse_where_the_trend_goes_back(self, bearing, town):
        look_on(date(2026, 2, 20))
        town["bearing"] = town["room"] + np.where(town["flow"] > 0, 30.0, 2.0)
        look_on(date(2026, 3, 20))

        assert queries.record_of().lapsed == 1
        assert queries.record_of().open == 0

    def test_come_at_once_where_the_limit_is_passed(self, bearing, town):
        town["bearing"] = town["room"] + np.where(town["flow"] > 0, 50.0, 2.0)
        look_on(date(2026, 2, 20))

        assert models.ConditionSuggestion.objects.get().due_date == date(2026, 2, 20)


@pytest.fixture
def suggestion(bearing):
    look_on(date(2026, 2, 20))
    return models.ConditionSuggestion.objects.get()


class TestDeciding:
    def test_accepting_asks_for_the_job_with_its_evidence(self, suggestion, dispatcher):
        job = actions.accept(suggestion.pk, by_id=dispatcher.pk)

        assert job.asset_code == "p2"
        assert "48.0 °C" in job.description
        assert clock.local(job.due_at).date() == suggestion.due_date
        with pytest.raises(refusals.SuggestionDecided):
            actions.accept(suggestion.pk, by_id=dispatcher.pk)

    def test_no_second_one_comes_while_its_job_is_open(self, suggestion, dispatcher):
        actions.accept(suggestion.pk, by_id=dispatcher.pk)

        assert look_on(date(2026, 3, 10)) == 0

    def test_the_trend_begins_anew_when_the_work_is_done(
        self, suggestion, bearing, crew, dispatcher
    ):
        job = actions.accept(suggestion.pk, by_id=dispatcher.pk)
        fieldwork.assign_job(number=job.number, to=crew, by_id=dispatcher.pk)
        fieldwork.report_job(number=job.number, by=crew, found=contracts.Found.REPAIRED, note="new")
        fieldwork.close_job(number=job.number, by_id=dispatcher.pk)
        told = [actions.settle_job(job.number) for _ in range(2)]
        bearing.refresh_from_db()

        assert told == [True, False]
        assert bearing.since_date == date(2026, 3, 3)  # the report was on 2 March
        assert queries.record_of().right == 1

    def test_what_was_wrong_counts_as_false_and_begins_anew(self, suggestion, dispatcher):
        actions.decline(suggestion.pk, reason=rules.Reason.SENSOR, note="", by_id=dispatcher.pk)
        record = queries.record_of()

        assert (record.wrong, record.wrong_frac) == (1, 1.0)
        assert look_on(date(2026, 3, 5)) == 0

    def test_what_came_too_early_comes_again_after_two_weeks(self, suggestion, dispatcher):
        actions.decline(suggestion.pk, reason=rules.Reason.LATER, note="", by_id=dispatcher.pk)

        # It was declined on 2 March.
        assert (look_on(date(2026, 3, 15)), look_on(date(2026, 3, 17))) == (0, 1)
        assert queries.record_of().wrong == 0

    def test_what_the_work_showed_is_said_once_and_after_it(self, suggestion, dispatcher):
        job = actions.accept(suggestion.pk, by_id=dispatcher.pk)
        with pytest.raises(refusals.VerdictNotYet):
            actions.judge(suggestion.pk, verdict=rules.Verdict.WRONG, note="", by_id=dispatcher.pk)
        fieldwork.cancel_job(number=job.number, by_id=dispatcher.pk, reason="looked at, sound")
        actions.judge(suggestion.pk, verdict=rules.Verdict.WRONG, note="", by_id=dispatcher.pk)

        assert queries.record_of().wrong == 1


class TestKeeping:
    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"asset_code": "nowhere"}, "asset_code"),
            ({"point": "unheard"}, "point"),
            ({"other_point": ""}, "other_point"),
            ({"while_min": None}, "while_point"),
            ({"while_max": 10.0}, "while_max"),
            ({"window_days": 7}, "window_days"),
        ],
    )
    def test_refuses_what_cannot_be(self, bearing, changes, field):
        with pytest.raises(refusals.IndicatorNotUsable) as refused:
            actions.keep_indicator("ZT-0001", changes, by_id=None)

        assert list(refused.value.problems) == [field]

    def test_lets_an_open_suggestion_go_when_the_limit_changes(self, suggestion):
        actions.keep_indicator("ZT-0001", {"limit": 60.0}, by_id=None)

        assert queries.record_of().lapsed == 1


class TestApi:
    def test_tells_signs_and_suggestions(self, suggestion, browser, dispatcher):
        desk = browser(dispatcher)
        (sign,) = desk.get(reverse("api:upkeep-signs"), {"asset": "p2"}).json()
        found = desk.get(reverse("api:upkeep-suggestions"), {"state": "open"}).json()

        assert (sign["code"], sign["unit"], sign["limit"]) == ("ZT-0001", "°C", 48.0)
        assert sign["limit_date_min"] <= "2026-04-01" <= sign["limit_date_max"]
        assert (found["total"], found["items"][0]["sign"]) == (1, "ZT-0001")


class TestPages:
    def test_show_chart_facts_and_buttons(self, suggestion, browser, dispatcher):
        desk = browser(dispatcher)
        listed = desk.get(reverse("upkeep:indicators")).content.decode()
        sign = desk.get(reverse("upkeep:indicator", args=["ZT-0001"])).content.decode()
        page = desk.get(reverse("upkeep:suggestion", args=[suggestion.pk])).content.decode()
        all_ = desk.get(reverse("upkeep:suggestions")).content.decode()

        assert "hs-row-alert" in listed
        assert "fieldwork/wear" in sign
        assert "Accept and ask for the job" in page
        assert "Grease the bearing" in all_

    def test_keep_accept_and_decline(self, suggestion, browser, dispatcher, greasing):
        desk = browser(dispatcher)
        new = {"name": "Look at the seal", "asset_code": "p2", "point": "power", "how": "per",
               "other_point": "flow", "limit": "0.4", "is_upper": "on", "window_days": "60",
               "warn_days": "30", "lead_days": "7", "job_type": greasing.pk,
               "form_key": "a"}  # fmt: skip
        kept = desk.post(reverse("upkeep:new-indicator"), new)
        again = desk.post(reverse("upkeep:new-indicator"), new)
        wrong = desk.post(reverse("upkeep:new-indicator"), {**new, "point": "unheard"})
        accepted = desk.post(reverse("upkeep:accept-suggestion", args=[suggestion.pk]))

        assert kept.url == again.url == reverse("upkeep:indicator", args=["ZT-0002"])
        assert wrong.status_code == 422
        assert accepted.url.startswith("/fieldwork/jobs/")

    def test_are_closed_to_those_who_may_only_read(self, suggestion, browser, person):
        desk = browser(person("reader", "viewer"))

        assert desk.get(reverse("upkeep:suggestions")).status_code == 200
        for name in ("accept-suggestion", "decline-suggestion", "judge-suggestion"):
            assert desk.post(reverse(f"upkeep:{name}", args=[suggestion.pk])).status_code == 403
