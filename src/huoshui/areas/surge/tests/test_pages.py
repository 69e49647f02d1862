"""The pages of waves, as those who use them."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import translation

from huoshui.areas.fieldwork import facade as fieldwork
from huoshui.areas.surge import actions, contracts, facade, models, queries, tasks
from huoshui.areas.surge.tests.conftest import NOW, job_of
from huoshui.areas.surge.web import shown, wall
from huoshui.kernel import audit, clock
from huoshui.kernel.audit import models as audit_models

pytestmark = pytest.mark.django_db
QUERY_COUNTS = json.loads(Path(__file__).with_name("query_counts.json").read_text("utf-8"))


@pytest.fixture(autouse=True)
def _fresh_wall():
    wall._kept.clear()


@pytest.fixture
def manager(people, browser):
    return browser(people["manager"])


@pytest.fixture
def cold(wave, ring):
    """Three repairs, one of them a duplicate, and an enquiry."""
    first = ring("frozen_meter", "A101", minutes_ago=120)
    ring("frozen_meter", "A102", minutes_ago=110, fold_with=f"call:{first}")
    ring("frozen_meter", "A201", minutes_ago=100)
    ring("frost", "A103", minutes_ago=90)
    return first


def text(response):
    assert response.status_code == 200, response.status_code
    return response.content.decode()


class TestLists:
    @pytest.mark.parametrize("rows", [1, 8])
    @pytest.mark.parametrize("name", ["surge:surges", "surge:reports", "surge:plans"])
    def test_cost_the_same_for_few_and_many(
        self, manager, crews, rows, name, django_assert_max_num_queries
    ):
        for n in range(rows):
            code = facade.declare(
                name=f"W{n}", kind="storm", from_at=NOW - timedelta(hours=2), by_id=None
            )
            facade.report(code)
            facade.keep_plan(f"p{n}", {"name": f"P{n}", "kind": "storm"}, by_id=None)

        with django_assert_max_num_queries(QUERY_COUNTS[name]):
            assert "YJ-2026-01" in text(manager.get(reverse(name))) or name == "surge:plans"

    @pytest.mark.parametrize("rows", [1, 4])
    def test_of_those_at_risk_cost_the_same(
        self, people, browser, wave, rows, django_assert_max_num_queries
    ):
        entries = [contracts.AtRisk(f"A10{n + 1}", contracts.RiskReason.OTHER) for n in range(rows)]
        facade.keep_risk_list(code="frost", name="易冻户", entries=entries, by_id=None)
        reader = browser(people["service_manager"])

        for name in ("surge:risk-lists", "surge:risks"):
            with django_assert_max_num_queries(QUERY_COUNTS[name]):
                assert "易冻户" in text(reader.get(reverse(name), {"list": "frost"}))

    def test_open_what_a_figure_counts(self, manager, wave, cold, django_assert_max_num_queries):
        with django_assert_max_num_queries(QUERY_COUNTS["surge:figure"]):
            page = text(manager.get(reverse("surge:figure"), {"surge": wave, "figure": "repairs"}))

        assert page.count(reverse("hotline:call", args=[cold])) >= 1
        assert "光明小区" in page

    def test_are_empty_for_a_figure_that_there_is_not(self, manager, wave, cold):
        asked = {"surge": wave, "figure": "secrets"}

        assert f"/calls/{cold}/" not in text(manager.get(reverse("surge:figure"), asked))


class TestSurgePage:
    def test_shows_figures_that_lead_to_their_lists(self, manager, wave, cold):
        page = text(manager.get(reverse("surge:surge", args=[wave])))

        assert f"{reverse('surge:figure')}?surge={wave}&amp;figure=folded" in page
        assert "一月寒潮" in page

    def test_is_closed_to_who_has_no_post_for_it(self, people, browser, wave):
        crew = browser(people["crew"])

        assert crew.get(reverse("surge:surge", args=[wave])).status_code == 403
        assert crew.get(reverse("surge:wall", args=[wave])).status_code == 403
        assert crew.post(reverse("surge:end", args=[wave])).status_code == 403

    def test_declares_one(self, manager, crews):
        given = {"name": "寒潮", "kind": "cold", "from_at": "2026-01-07T06:00"}

        answer = manager.post(reverse("surge:declare"), given)

        assert answer.status_code == 302
        assert [one.name for one in facade.standing()] == ["寒潮"]

    @pytest.mark.parametrize("name", ["surge:declare", "surge:make-report", "surge:forecast"])
    def test_gives_its_forms_a_key(self, manager, wave, name):
        page = text(manager.get(reverse(name, args=[wave] if "report" in name else [])))

        assert 'name="form_key"' in page

    def test_ends_one(self, manager, wave):
        manager.post(reverse("surge:end", args=[wave]))

        assert facade.standing() == []

    def test_lets_a_crew_answer(self, people, browser, wave):
        crew = browser(people["crew"])
        url = reverse("surge:answer", args=[wave])
        assert "抢修1组" in text(crew.get(url))

        crew.post(url)

        calls = queries.crew_calls(queries.surge(wave).pk)
        assert [one.answered_at is not None for one in calls] == [True, False]


class TestWall:
    def test_shows_no_personal_data(self, manager, wave, cold):
        page = text(manager.get(reverse("surge:wall", args=[wave])))

        assert "光明小区" in page
        for private in ("张1", "1380000", "1390000", "1号楼", "A101"):
            assert private not in page, private

    def test_answers_with_its_parts_alone(self, manager, wave, cold):
        page = text(manager.get(reverse("surge:wall", args=[wave]), {"parts": "1"}))

        assert page.count("data-part=") == 4
        assert "<html" not in page
        spots = json.loads(page.split('type="application/json">')[1].split("</script>")[0])
        assert [(one["name"], one["calls"], one["open"]) for one in spots] == [
            ("光明小区", 2, 1), ("泉水花园", 1, 1),
        ]  # fmt: skip

    def test_hears_of_every_deed(self):
        before, items = tasks.changed(None)
        assert items == []

        audit.record(None, "surge.ended", "surge.surge:X", {})

        after, items = tasks.changed(before)
        assert (after, items) == (before + 1, [{"key": "changed", "at": before + 1}])
        assert tasks.changed(after) == (after, [])


class TestReport:
    def test_is_made_and_opens_what_it_counted_then(
        self, manager, wave, cold, ring, django_assert_max_num_queries
    ):
        answer = manager.post(
            reverse("surge:make-report", args=[wave]), {"until": "2026-01-07T08:00"}
        )
        row = models.SurgeReport.objects.get()
        assert answer.url == reverse("surge:report", args=[row.number])
        ring("frozen_meter", "A301", minutes_ago=80)

        page = text(manager.get(answer.url))

        assert row.number in page
        with django_assert_max_num_queries(QUERY_COUNTS["surge:report-figure"]):
            listed = text(
                manager.get(
                    reverse("surge:report-figure"), {"report": row.number, "figure": "repairs"}
                )
            )
        assert "柳岸新村" not in listed

    def test_stands_beside_another(self, manager, wave, cold):
        first = actions.make_report(wave, until=NOW - timedelta(minutes=105), by_id=None)
        second = actions.make_report(wave, until=None, by_id=None)

        page = text(
            manager.get(reverse("surge:report", args=[second.number]), {"with": first.number})
        )

        assert first.number in page
        assert "(+1)" in page

    def test_is_given_as_excel(self, manager, wave, cold):
        row = actions.make_report(wave, until=None, by_id=None)

        answer = manager.get(reverse("surge:report", args=[row.number]), {"format": "xlsx"})

        assert answer.status_code == 200
        assert b"".join(answer.streaming_content)[:2] == b"PK"


class TestRanking:
    def test_shows_the_terms_and_gives_them_after_a_second_look(self, people, browser, wave, cold):
        dispatcher = browser(people["dispatcher"])
        facade.keep_forecast({NOW.date(): (-20.0, -6.0)}, by_id=None)
        number = job_of(cold)
        fieldwork.set_priority(number=number, priority="low", by_id=people["dispatcher"].pk)
        url = reverse("surge:ranking", args=[wave])
        assert "Special care" in text(dispatcher.get(url))

        page = text(dispatcher.get(url, {"look": "1"}))
        assert f'value="{number}"' in page
        dispatcher.post(reverse("surge:give-priorities", args=[wave]), {"job": [number]})

        assert fieldwork.job(number).priority == "high"


class TestAfterwards:
    def test_says_that_there_is_no_ratio_without_anybody_hit(self, manager, wave):
        page = text(manager.get(reverse("surge:after", args=[wave])))

        assert "there is no ratio" in page

    def test_names_lines_without_a_price(self, manager, wave, cold):
        page = text(manager.get(reverse("surge:after", args=[wave])))
        assert "1 line has no price" in page

        manager.post(reverse("surge:prices"), {"hour": "45.50"})

        page = text(manager.get(reverse("surge:after", args=[wave])))
        assert models.Price.objects.get(code="hour").price_cents == 4550
        assert "no price" not in page

    def test_lists_meters_whose_bill_is_split(self, manager, wave, django_assert_max_num_queries):
        with django_assert_max_num_queries(QUERY_COUNTS["surge:meters"]):
            assert "一月寒潮" in text(manager.get(reverse("surge:meters"), {"surge": wave}))


class TestPreparing:
    def test_keeps_a_plan_with_minimums(self, manager, crews):
        given = {"code": "cold", "name": "寒潮", "kind": "cold", "limit_c": "-8", "nights": "2",
                 "ahead_days": "5", "minimums": "meter 40 11 3"}  # fmt: skip

        assert manager.post(reverse("surge:new-plan"), given).status_code == 302

        row = models.EmergencyPlan.objects.get()
        assert (row.limit_c, row.minimums) == (-8.0, [["meter", 40, 11, 3]])
        assert "≤" in text(manager.get(reverse("surge:plans")))

    def test_shows_and_takes_the_parts_of_a_plan_by_name(self, manager, crews):
        facade.keep_plan(
            "cold", {"name": "寒潮", "kind": "cold", "minimums": [["meter", 40, 11, 3]]}, by_id=None
        )
        with translation.override("en"):
            name = shown.part_names()["meter"]
        url = reverse("surge:plan", args=["cold"])
        assert f"{name} 40 11 3" in text(manager.get(url))

        manager.post(url, {"name": "寒潮", "kind": "cold", "nights": "2", "ahead_days": "5",
                           "minimums": f" {name}  60 12 2"})  # fmt: skip

        assert models.EmergencyPlan.objects.get().minimums == [["meter", 60, 12, 2]]

    @pytest.mark.parametrize("line", ["meter", "meter x 1 2", "nothing 40 11 3", "meter 40 13 3"])
    def test_names_a_line_that_cannot_be_read(self, manager, crews, line):
        given = {"code": "cold", "name": "寒潮", "kind": "cold", "nights": "2", "ahead_days": "5",
                 "minimums": line}  # fmt: skip

        answer = manager.post(reverse("surge:new-plan"), given)

        assert answer.status_code == 422
        assert line in answer.content.decode()

    def test_changes_and_retires_a_plan(self, manager, crews):
        facade.keep_plan("storm", {"name": "暴雨", "kind": "storm"}, by_id=None)
        url = reverse("surge:plan", args=["storm"])
        assert "暴雨" in text(manager.get(url))

        manager.post(url, {"name": "暴雨", "kind": "storm", "nights": "1", "ahead_days": "3",
                           "is_retired": "on"})  # fmt: skip

        assert not queries.plans().exists()

    def test_types_a_forecast_that_proposes(self, manager, crews):
        facade.keep_plan(
            "cold", {"name": "寒潮", "kind": "cold", "limit_c": -8.0, "nights": 2}, by_id=None
        )
        days = [NOW.date() + timedelta(days=n) for n in (1, 2)]
        given = {f"{name}_{day}": str(value) for day in days
                 for name, value in (("low", -9), ("high", -1))}  # fmt: skip

        manager.post(reverse("surge:forecast"), given)

        (row,) = queries.proposals()
        page = text(manager.get(reverse("surge:proposal", args=[row.pk])))
        assert "Declare a wave" in page
        assert "寒潮" in text(manager.get(reverse("surge:surges")))
        manager.post(reverse("surge:set-aside", args=[row.pk]), {"reason": "误报"})
        assert queries.proposals()[0].state == "set_aside"

    def test_marks_who_was_told(self, people, browser, wave):
        reader = browser(people["service_manager"])
        entry = models.RiskEntry.objects.get(account_code="A101")

        reader.post(
            f"{reverse('surge:risks')}?list=frost", {"bulk": "told_visit", "id": [str(entry.pk)]}
        )

        entry.refresh_from_db()
        assert (entry.warned_how, entry.warned_at) == ("visit", NOW)

    def test_counts_a_telling_once_that_is_sent_twice(self, people, browser, wave):
        reader = browser(people["service_manager"])
        entry = models.RiskEntry.objects.get(account_code="A101")
        said = {"bulk": "told_visit", "id": [str(entry.pk)], "form_key": "k"}

        for second in range(2):
            with clock.frozen(NOW + timedelta(seconds=second)):
                reader.post(f"{reverse('surge:risks')}?list=frost", said)

        assert entry.tellings.count() == 1

    def test_takes_off_and_shows_who_was(self, people, browser, wave):
        reader = browser(people["service_manager"])
        entry = models.RiskEntry.objects.get(account_code="A101")
        reader.post(f"{reverse('surge:risks')}?list=frost",
                    {"bulk": "take_off", "id": [str(entry.pk)]})  # fmt: skip

        listed = text(reader.get(reverse("surge:risks"), {"list": "frost"}))
        gone = text(reader.get(reverse("surge:risks"), {"list": "frost", "show": "off"}))

        assert ("A101" in listed, "A102" in listed) == (False, True)
        assert ("A101" in gone, "A102" in gone) == (True, False)
        assert gone.count("Service_Manager") > listed.count("Service_Manager")
        assert ('value="take_off"' in listed, 'value="take_off"' in gone) == (True, False)

    def test_shows_a_note_on_special_care_to_who_may_see_the_person(
        self, people, browser, wave, in_care
    ):
        in_care("A103")
        entries = [contracts.AtRisk("A103", contracts.RiskReason.SPECIAL_CARE, "独居，有氧气机")]
        facade.keep_risk_list(code="frost", name="易冻户", entries=entries, by_id=None)
        seen = audit_models.AuditRecord.objects.filter(action="surge.risk_notes_read")

        # A specialist sees the people of their own estates only, and this is none of them.
        other = text(browser(people["grid_specialist"]).get(reverse("surge:risks")))
        assert ("独居" in other, "***" in other, seen.count()) == (False, True, 0)
        full = text(browser(people["service_manager"]).get(reverse("surge:risks")))
        assert "独居，有氧气机" in full
        assert [one.by_id for one in seen] == [people["service_manager"].pk]
