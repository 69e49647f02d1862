"""Breakdowns in two jobs, and small retrofits.

The lift pump at p2 fails after rain: the well has 40 m², its edge is at 3.5 m, the water at 2.0 m.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from huoshui.areas.fieldwork import actions as fieldwork
from huoshui.areas.fieldwork import contracts, models
from huoshui.areas.fieldwork.tests.conftest import NOW
from huoshui.areas.fieldwork.upkeep import case_types, refusals, repairs
from huoshui.areas.fieldwork.upkeep.repairs import Line, Well
from huoshui.kernel import cases, clock, errors

BREAKDOWN, RETROFIT = case_types.BREAKDOWN, case_types.RETROFIT
ALARM = Well(level_m=2.0, inflow_m3h=90.0, outflow_m3h=0.0, area_m2=40.0, edge_level_m=3.5)


@pytest.fixture
def job(street, dispatcher) -> models.Job:
    return fieldwork.request_job(
        place=contracts.Place(asset_code="p2"), by_id=dispatcher.pk, title="Lift pump 2 failed",
        description="Sewage is about to run over", kind=contracts.JobKind.REPAIR,
        priority=contracts.Priority.URGENT,
    )  # fmt: skip


@pytest.fixture
def broken(job, dispatcher) -> models.Breakdown:
    return repairs.pair_of_job(job.number, by_id=dispatcher.pk)


class TestPair:
    def test_makes_a_case_and_the_permanent_repair_of_one_press(self, job, browser, dispatcher):
        answer = browser(dispatcher).post(reverse("upkeep:pair", args=[job.number]))
        row = models.Breakdown.objects.get()
        fact = cases.case(row.case_number)

        assert answer.url == reverse("cases:case", args=[row.case_number])
        assert (row.stop_gap, row.permanent.asset_code) == (job, "p2")
        assert row.permanent.due_at == NOW + timedelta(days=14)
        assert (fact.type_code, fact.fields["impact"]) == (BREAKDOWN, "Sewage is about to run over")
        linked = cases.linked(repairs.JOB, row.permanent.number)
        assert [one.number for one in linked] == [row.case_number]

    def test_is_made_once_for_a_job(self, broken, dispatcher):
        for one in (broken.stop_gap, broken.permanent):
            with pytest.raises(refusals.PairedAlready):
                repairs.pair_of_job(one.number, by_id=dispatcher.pk)

        assert models.Job.objects.count() == 2

    def test_is_made_of_a_case_that_was_opened_by_hand(self, street, dispatcher):
        fact = cases.open_case(BREAKDOWN, "Pump stands still", by_id=dispatcher.pk)
        row = repairs.pair_of_case(fact.number, "p1", by_id=dispatcher.pk)
        repairs.pair_of_case(fact.number, "p1", by_id=dispatcher.pk)

        assert models.Job.objects.count() == 2
        assert (row.stop_gap.priority, row.permanent.priority) == ("urgent", "normal")

    def test_shows_each_job_the_other(self, broken, browser, dispatcher):
        page = browser(dispatcher).get(reverse("fieldwork:job", args=[broken.stop_gap.number]))

        assert broken.permanent.number in page.content.decode()
        assert broken.case_number in page.content.decode()


class TestMeasure:
    def test_says_the_minutes_at_the_alarm_and_after_each_measure(self, broken, dispatcher):
        def after(what, well):
            return repairs.measure(broken.case_number, what, well, by_id=dispatcher.pk)

        # 1.5 m × 40 m² = 60 m³; in 90 m³/h that is 40 minutes.
        assert after("alarm", ALARM).minutes_left == pytest.approx(40.0)
        # The valve is throttled to 60 m³/h, a small pump takes out 20: 60 m³ ÷ 40 m³/h = 90 min.
        throttled = after("valve throttled", Well(level_m=2.0, inflow_m3h=60.0, outflow_m3h=20.0))
        assert throttled.minutes_left == pytest.approx(90.0)
        # What is taken out is more than what comes: it does not rise.
        assert after(
            "pump runs", Well(level_m=1.8, inflow_m3h=60.0, outflow_m3h=80.0)
        ).minutes_left is None  # fmt: skip

    def test_keeps_a_deed_without_figures(self, broken, dispatcher):
        found = repairs.measure(
            broken.case_number, "cable joint dried", Well(), by_id=dispatcher.pk
        )

        assert (found.minutes_left, found.volume_m3) == (None, None)

    def test_reads_the_points_where_no_figure_is_given(self, broken, dispatcher, monkeypatch):
        shown = {"well.level": 2.0, "well.inflow": 90.0}
        monkeypatch.setattr(repairs.readings, "newest", lambda code, now, within: shown.get(code))
        well = Well(
            level_point="well.level", inflow_point="well.inflow", area_m2=40.0, edge_level_m=3.5
        )
        found = repairs.measure(broken.case_number, "alarm", well, by_id=dispatcher.pk)

        assert found.minutes_left == pytest.approx(40.0)

    def test_reads_no_point_for_a_deed_that_is_told_later(self, broken, dispatcher, monkeypatch):
        reads = {"w.level": 2.0, "w.flow": 2.0}
        monkeypatch.setattr(repairs.readings, "newest", lambda code, now, within: reads.get(code))
        well = Well(level_point="w.level", inflow_point="w.flow", room_m3=10.0)

        late = repairs.measure(
            broken.case_number, "Pump stopped", well, at=clock.now() - timedelta(hours=2),
            by_id=dispatcher.pk,
        )  # fmt: skip

        assert (late.level_m, late.minutes_left) == (None, None)

    def test_knows_an_edge_at_the_zero_of_the_levels(self, broken, dispatcher):
        well = Well(level_m=-2.0, edge_level_m=0.0, area_m2=30.0, inflow_m3h=60.0)

        row = repairs.measure(broken.case_number, "Alarm", well, by_id=dispatcher.pk)

        assert (row.volume_m3, row.minutes_left) == (60.0, 60.0)

    def test_takes_a_meter_that_reads_a_little_below_zero_for_still(self, broken, dispatcher):
        well = Well(room_m3=10.0, inflow_m3h=60.0, outflow_m3h=-0.1)

        row = repairs.measure(broken.case_number, "Pump off", well, by_id=dispatcher.pk)

        assert row.minutes_left == pytest.approx(10.0)

    def test_refuses_a_moment_to_come_and_a_closed_case(self, broken, dispatcher):
        with pytest.raises(refusals.NotYetMeasured):
            repairs.measure(
                broken.case_number, "x", Well(), at=NOW + timedelta(hours=1), by_id=dispatcher.pk
            )
        cases.act(broken.case_number, "cancel", by_id=dispatcher.pk, note="false alarm")
        with pytest.raises(refusals.CaseNotHere):
            repairs.measure(broken.case_number, "x", Well(), by_id=dispatcher.pk)

    def test_is_written_down_on_its_form(self, broken, browser, dispatcher):
        url = reverse("upkeep:measure", args=[broken.case_number])
        form = {"what": "alarm", "at": "2026-03-02T13:55", "level_m": "2", "inflow_m3h": "90",
                "edge_level_m": "3.5", "well_area_m2": "40"}  # fmt: skip
        client = browser(dispatcher)
        assert client.post(url, form).status_code == 302
        page = client.get(reverse("cases:case", args=[broken.case_number])).content.decode()

        assert "It runs over in 40 min." in page
        assert "[m³/h] Empty: the newest reading" in client.get(url).content.decode()


class TestBreakdown:
    def test_goes_from_alarm_to_closed_with_downtime_cause_and_cost(
        self, broken, dispatcher, leader
    ):
        number = broken.case_number
        with clock.frozen(NOW + timedelta(hours=2)):
            cases.act(
                number, "hold", by_id=dispatcher.pk,
                fields={"ended_at": (NOW + timedelta(hours=2)).isoformat(), "spilled": "no"},
            )  # fmt: skip
        for kind, text, given in (
            (Line.HOURS, "stop-gap", {"hours": 6.0, "yuan": 50.0}),
            (Line.PARTS, "cable joint", {"yuan": 380.0}),
            (Line.BOUGHT, "crane", {"yuan": 900.0}),
        ):
            repairs.add_line(number, BREAKDOWN, kind, text, by_id=dispatcher.pk, **given)
        cases.act(number, "repair", by_id=dispatcher.pk, fields={"cause": "water"})
        with pytest.raises(errors.Refused):
            cases.act(number, "close", by_id=dispatcher.pk)
        rows = repairs.lines(number)
        closed = cases.act(number, "close", by_id=leader.pk)

        assert repairs.costs(rows).own_yuan == 6 * 50 + 380 + 900
        assert repairs.downtime_s(closed) == 2 * 3600
        assert closed.state_kind == "done"

    def test_does_not_close_without_the_environmental_record(self, broken, dispatcher):
        with pytest.raises(errors.Refused):
            cases.act(
                broken.case_number, "repair", by_id=dispatcher.pk,
                fields={"cause": "wear", "ended_at": NOW.isoformat()},
            )  # fmt: skip


class TestRetrofit:
    """The float tube of a travelling bridge: quoted 60,000 yuan, made by a drag chain."""

    @pytest.fixture
    def number(self, street, dispatcher) -> str:
        fact = cases.open_case(
            RETROFIT, "Cable of the bridge", by_id=dispatcher.pk,
            fields={"symptom": "skews, noise, float tube sinks"},
        )  # fmt: skip
        return fact.number

    def add(self, number, dispatcher, kind, text, **given):
        return repairs.add_line(number, RETROFIT, kind, text, by_id=dispatcher.pk, **given)

    def test_saves_the_cheapest_quote_less_its_own_cost(self, number, dispatcher):
        self.add(number, dispatcher, Line.QUOTE, "new tube", who="A", yuan=60_000)
        dear = self.add(number, dispatcher, Line.QUOTE, "new tube", who="B", yuan=58_000)
        self.add(number, dispatcher, Line.HOURS, "two shifts", hours=15, yuan=60)
        self.add(number, dispatcher, Line.BOUGHT, "drag chain", yuan=4_200)

        # 58,000 - (15 × 60 + 4,200), the struck quote left out: 60,000 - 5,100.
        assert repairs.costs(repairs.lines(number)).saved_yuan == 52_900
        repairs.strike_line(number, RETROFIT, dear.pk, by_id=dispatcher.pk)
        assert repairs.costs(repairs.lines(number)).saved_yuan == 54_900

    def test_says_nothing_of_a_saving_without_a_quote_or_a_cost(self, number, dispatcher):
        assert repairs.costs([]).saved_yuan is None
        self.add(number, dispatcher, Line.QUOTE, "new tube", who="A", yuan=60_000)
        assert repairs.costs(repairs.lines(number)).saved_yuan is None

    def test_is_approved_and_verified_by_a_second_person(self, number, dispatcher, leader):
        def act(step, by, **fields):
            return cases.act(number, step, by_id=by.pk, fields=fields)

        act("weigh", dispatcher, scheme="tank chain", load_check="12 kg less on the bridge")
        with pytest.raises(errors.Refused):
            act("approve", dispatcher)
        act("approve", leader)
        act("build", dispatcher, in_service_date="2026-03-02", watch_until="2026-04-02")
        with pytest.raises(errors.Refused):
            act("verify", dispatcher, result="no skew, no noise", papers=True)
        done = act("verify", leader, result="no skew, no noise", papers=True)

        assert done.state == "verified"

    def test_finds_its_sister_machines_by_the_asset(self, number, dispatcher, browser):
        self.add(number, dispatcher, Line.SISTER, "same bridge", asset_code="p1")

        assert [one.number for one in cases.linked(repairs.ASSET, "p1")] == [number]
        page = browser(dispatcher).get(reverse("cases:case", args=[number])).content.decode()
        assert reverse("network:asset", args=["p1"]) in page

    @pytest.mark.parametrize(
        ("kind", "given"),
        [
            (Line.QUOTE, {"yuan": 5.0}),
            (Line.HOURS, {"hours": 3.0}),
            (Line.OBSERVED, {}),
            (Line.SISTER, {}),
        ],
    )
    def test_refuses_a_line_that_lacks_something(self, number, dispatcher, kind, given):
        with pytest.raises(refusals.LineIncomplete):
            self.add(number, dispatcher, kind, "x", **given)

    def test_takes_lines_on_its_form_and_says_what_lacks(self, number, dispatcher, browser):
        client = browser(dispatcher)
        url = reverse("upkeep:retrofit-line", args=[number])
        lacking = client.post(url, {"kind": "quote", "text": "new tube", "yuan": "60000"})
        full = client.post(
            url, {"kind": "quote", "text": "new tube", "yuan": "60000", "who": "Firm A"}
        )

        assert (lacking.status_code, full.status_code) == (422, 302)
        assert models.CaseLine.objects.get().who == "Firm A"

    def test_adds_a_cost_once_that_is_sent_twice(self, number, dispatcher, browser):
        client = browser(dispatcher)
        url = reverse("upkeep:retrofit-line", args=[number])
        assert 'name="form_key"' in client.get(url).content.decode()

        for _ in range(2):
            said = {"kind": "parts", "text": "tube", "yuan": "900", "form_key": "a"}
            assert client.post(url, said).status_code == 302

        assert repairs.costs(repairs.lines(number)).goods_yuan == 900

    def test_offers_no_quotes_to_a_breakdown(self, broken, dispatcher):
        with pytest.raises(refusals.LineIncomplete):
            repairs.add_line(
                broken.case_number, BREAKDOWN, Line.QUOTE, "x", who="A", yuan=1.0,
                by_id=dispatcher.pk,
            )  # fmt: skip
