"""Why a job has no crew: kept while it holds, ended when it does not.

depot + crew a ---- 0.01 ---- crew b ---- 0.01 ---- job       degrees of longitude
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from huoshui.areas.fieldwork import actions, contracts, facade, models, rules, words
from huoshui.areas.fieldwork.actions import giving, stock, waiting
from huoshui.areas.fieldwork.queries import planning as plan_queries
from huoshui.areas.fieldwork.queries import waiting as queries
from huoshui.areas.fieldwork.tests.conftest import NOW
from huoshui.areas.fieldwork.web import board
from huoshui.kernel import clock


@pytest.fixture
def ask(street, dispatcher):
    """Ask for a job at the spot, or some degrees from it."""

    def make(east: float = 0.0, **work: object) -> models.Job:
        place = contracts.Place(lon=113.62 + east, lat=34.75)
        return actions.request_job(
            place=place, by_id=dispatcher.pk, origin=str(work.pop("origin", "")),
            work=contracts.Work(**work),
        )  # fmt: skip

    return make


@pytest.fixture
def waits(ask, make_crew, meter_exchange) -> models.Job:
    """A job that waits, since the only fitter's vehicle has no meter."""
    make_crew("fit", "fit")
    job = ask(type_code="meter", origin="test:1")
    waiting.look_again()
    return job


def reason(job: models.Job) -> str:
    """Return what stands of a job now, in one word; nothing where nothing does."""
    found = queries.standing().get(job.number)
    return found.code if found else ""


class TestLookAgain:
    def test_keeps_the_crew_that_comes_nearest_and_what_it_lacks(self, waits):
        found = queries.standing()[waits.number]

        assert (found.crew_code, found.faults, found.lacking) == ("fit", ("parts",), ("meter",))
        assert (found.from_at, found.looked_at) == (NOW, NOW)

    def test_keeps_the_same_as_who_asks_for_one_job_is_told(self, ask, make_crew, meter_exchange):
        make_crew("near", "weld", east=0.02)
        make_crew("far", "fit", meter=1)
        jobs = [ask(type_code="meter"), ask(), ask(0.03, type_code="meter"),
                ask(window_until=NOW + timedelta(seconds=30))]  # fmt: skip

        waiting.look_again()

        found = queries.standing()
        for job in jobs:
            first = plan_queries.candidates(job, NOW)[0]
            kept = found[job.number]
            assert (kept.crew_code, kept.faults, kept.lacking, kept.arrive_at) == (
                first.crew.code, first.faults, first.lacking, first.arrive_at,
            )  # fmt: skip

    @pytest.mark.parametrize(
        ("skills", "parts", "work", "expected"),
        [
            (("fit",), {"meter": 1}, {"type_code": "meter"}, "able"),
            (("weld",), {"meter": 1}, {"type_code": "meter"}, "skill"),
            (("fit",), {}, {"type_code": "meter"}, "parts"),
            ((), {}, {"window_until": NOW + timedelta(seconds=30)}, "window"),
            ((), {}, {"minutes": 300}, "shift"),
        ],
    )
    def test_names_the_rule_that_fails(
        self, ask, make_crew, meter_exchange, skills, parts, work, expected
    ):
        make_crew("a", *skills, **parts)
        job = ask(**work)

        waiting.look_again()

        assert reason(job) == expected

    def test_calls_a_crew_with_enough_ahead_full(self, ask, make_crew, dispatcher):
        make_crew("a")
        for _one in range(rules.AHEAD_MOST):
            giving.give_to_crew(ask(minutes=5).number, crew_code="a", by_id=dispatcher.pk)
        job = ask(minutes=5)

        waiting.look_again()

        assert reason(job) == "full"

    def test_says_that_there_is_nobody(self, ask, make_crew, day_shift):
        job = ask()
        waiting.look_again()
        assert reason(job) == "no_crew"

        make_crew("a")
        day_shift.days = [["01:00", "02:00"], None, None]
        day_shift.save()
        waiting.look_again()
        assert (reason(job), queries.standing()[job.number].crew_code) == ("off", "")

    def test_begins_anew_only_when_the_reason_is_another(self, waits):
        for minutes in (2, 4):
            with clock.frozen(NOW + timedelta(minutes=minutes)):
                waiting.look_again()
        row = models.JobWait.objects.get()
        assert (row.from_at, row.looked_at) == (NOW, NOW + timedelta(minutes=4))

        way = stock.Way(contracts.Moved.RECEIVED, to_code="V-fit")
        with clock.frozen(NOW + timedelta(minutes=6)):
            stock.move(way, {"meter": 1}, by_id=None)
            assert waiting.look_again() == 1
            assert reason(waits) == "able"
        first, second = models.JobWait.objects.order_by("id")
        assert first.until == second.from_at == NOW + timedelta(minutes=6)
        assert (first.faults, second.faults) == (["parts"], [])

    def test_asks_as_much_for_many_jobs_as_for_few(self, ask, make_crew):
        make_crew("a")
        ask()
        waiting.look_again()  # the ways are known from here on
        asked = []
        for more in (0, 5):
            for _one in range(more):
                ask()
            models.JobWait.objects.all().delete()
            with CaptureQueriesContext(connection) as found:
                assert waiting.look_again() == 1 + more
            asked.append(len(found))

        assert asked[0] == asked[1]


class TestAReason:
    def test_stands_no_longer_than_the_job_waits(self, waits, dispatcher):
        giving.give_to_crew(waits.number, crew_code="fit", by_id=dispatcher.pk)
        assert reason(waits) == ""
        giving.take_back(waits.number, by_id=dispatcher.pk)
        assert reason(waits) == ""

        waiting.look_again()
        assert reason(waits) == "parts"
        actions.cancel_job(number=waits.number, by_id=dispatcher.pk, reason="Twice.")
        assert reason(waits) == ""
        assert not models.JobWait.objects.filter(until=None).exists()

    def test_is_not_said_once_nobody_has_looked_for_long(self, waits):
        with clock.frozen(NOW + rules.LOOKED_LATELY + timedelta(seconds=1)):
            assert reason(waits) == ""

    def test_is_looked_for_at_once_where_none_was_found_yet(self, waits):
        models.JobWait.objects.all().delete()

        found = queries.of_job(waits)

        assert found is not None
        assert (found.crew_code, found.faults, found.lacking) == ("fit", ("parts",), ("meter",))

    def test_can_be_counted_again_of_a_past_moment(self, waits, dispatcher):
        later = NOW + timedelta(minutes=20)
        with clock.frozen(later):
            giving.give_to_crew(waits.number, crew_code="fit", by_id=dispatcher.pk)

        def code(minutes: int) -> str:
            at = NOW + timedelta(minutes=minutes)
            (fact,) = facade.job_facts(["test:1"], at)
            return fact.waits.code if fact.waits else ""

        assert [code(1), code(19), code(21)] == ["parts", "parts", ""]


class TestIsShown:
    def test_on_the_page_of_the_job_with_its_moment(self, waits, browser, dispatcher):
        page = browser(dispatcher).get(f"/fieldwork/jobs/{waits.number}/").content.decode()

        assert "Nearest is Crew fit: lacks parts (Meter)" in page
        assert "14:00" in page

    def test_on_the_board_and_to_who_looks_on(self, waits, ask, browser, dispatcher):
        view = browser(dispatcher).get("/api/v1/fieldwork/board/view").json()
        assert view["waits"][waits.number]["faults"] == ["parts"]
        assert view["waits"][waits.number]["crew"] == "Crew fit"

        cursor, _items = board.changes(None)
        other = ask()
        waiting.look_again()
        _cursor, items = board.changes(cursor)
        (told,) = [one for one in items if one["key"] == "wait"]
        assert (told["job"], told["wait"]["faults"]) == (other.number, [])

    def test_in_words_for_every_rule(self):
        for code in (*words.RULES, "able", *words.NOBODY):
            faults = [] if code == "able" else [code]
            assert words.why_waiting("Crew 7", faults, []) != code
        assert words.why_waiting("", ["off"], []) == str(words.NOBODY["off"])
