"""What the board's island asks for: all at first, then only what changed; two people at once."""

from __future__ import annotations

import json

import pytest
from django.urls import reverse

from huoshui.areas.fieldwork import actions, contracts, models, refusals
from huoshui.areas.fieldwork.actions import giving, planning
from huoshui.areas.fieldwork.queries import crews as crew_queries
from huoshui.areas.fieldwork.tests.conftest import NOW
from huoshui.areas.fieldwork.web import board, board_schemas

SPOT = contracts.Place(lon=113.62, lat=34.75)


@pytest.fixture
def ask(street, dispatcher):
    return lambda **more: actions.request_job(place=SPOT, by_id=dispatcher.pk, **more)


def view(client, **query):
    answer = client.get(reverse("api:fieldwork-board-view"), query)
    assert answer.status_code == 200, answer.content
    return answer.json()


def rows(found):
    return {row[0]: dict(zip(found["columns"], row, strict=True)) for row in found["jobs"]}


class TestView:
    def test_answers_as_its_schema_says(self, browser, dispatcher, ask, make_crew):
        make_crew("a", "fit")
        ask(title="Wet road")

        found = view(browser(dispatcher))

        assert board_schemas.BoardView.model_validate(found).columns == list(found["columns"])
        (row,) = rows(found).values()
        assert (row["title"], row["lon"], row["crew"]) == ("Wet road", 113.62, "")
        assert row["due"] > found["at"] == int(NOW.timestamp())

    def test_is_packed_where_the_browser_takes_it(self, browser, dispatcher, ask):
        ask()
        url, client = reverse("api:fieldwork-board-view"), browser(dispatcher)

        packed = client.get(url, headers={"accept-encoding": "gzip"})

        assert packed.headers["Content-Encoding"] == "gzip"
        assert "Content-Encoding" not in client.get(url).headers

    def test_sends_only_what_changed_since_a_step(self, browser, dispatcher, ask, make_crew):
        make_crew("a")
        client = browser(dispatcher)
        ask()
        cursor = view(client)["cursor"]
        assert view(client, after=cursor)["jobs"] == []

        later = ask()

        assert list(rows(view(client, after=cursor))) == [later.number]

    def test_says_404_for_a_proposal_nobody_asked_for(self, browser, dispatcher, street):
        answer = browser(dispatcher).get(reverse("api:fieldwork-board-view"), {"plan": 99})

        assert answer.status_code == 404


class TestChanges:
    def test_carry_the_day_of_the_crew_that_lost_a_job(self, ask, make_crew, dispatcher):
        make_crew("a")
        make_crew("b")
        lost, kept = ask(), ask()
        for one in (lost, kept):
            giving.give_to_crew(one.number, crew_code="a", by_id=dispatcher.pk)
        cursor, _items = board.changes(None)

        giving.give_to_crew(lost.number, crew_code="b", by_id=dispatcher.pk)
        cursor, items = board.changes(cursor)

        assert {one["row"][0] for one in items if one["key"] == "job"} == {lost.number, kept.number}
        assert {one["crew"]["code"] for one in items if one["key"] == "crew"} == {"a", "b"}
        assert items[-1] == {"key": "cursor", "cursor": cursor[0]}

        giving.take_back(lost.number, by_id=dispatcher.pk)
        _cursor, items = board.changes(cursor)
        assert {one["crew"]["code"] for one in items if one["key"] == "crew"} == {"b"}


class TestTwoPeople:
    def post(self, client, **body):
        return client.post(
            reverse("api:fieldwork-board-move"), json.dumps(body), "application/json"
        )

    def test_the_second_is_told_and_overwrites_nothing(
        self, browser, dispatcher, person, ask, make_crew
    ):
        make_crew("a")
        make_crew("b")
        job = ask()
        other = browser(person("wang", "dispatcher"))
        assert self.post(other, job=job.number, crew="a", seen="").status_code == 200

        answer = self.post(browser(dispatcher), job=job.number, crew="b", seen="")

        said = answer.json()
        assert (answer.status_code, said["code"]) == (409, "fieldwork.given_meanwhile")
        assert "Wang gave job" in said["message"]
        assert said["data"]["crew"] == "a"
        job.refresh_from_db()
        assert job.crew.code == "a"

    def test_the_second_may_do_it_all_the_same(self, browser, dispatcher, ask, make_crew):
        make_crew("a")
        make_crew("b")
        job = ask()
        giving.give_to_crew(job.number, crew_code="a", by_id=dispatcher.pk)

        assert self.post(browser(dispatcher), job=job.number, crew="b", seen="a").status_code == 200

    def test_taking_back_looks_as_well(self, dispatcher, ask, make_crew):
        make_crew("a")
        job = ask()

        with pytest.raises(refusals.GivenMeanwhile):
            giving.take_back(job.number, by_id=dispatcher.pk, seen="a")

    def test_a_place_in_a_day_that_changed_is_refused(self, dispatcher, ask, make_crew):
        make_crew("a")
        there, new, job = ask(), ask(), ask()
        for one in (there, new):
            giving.give_to_crew(one.number, crew_code="a", by_id=dispatcher.pk)

        with pytest.raises(refusals.DayChanged):
            giving.give_to_crew(job.number, crew_code="a", at_place=1, by_id=dispatcher.pk,
                                seen="", seen_day=[there.number])  # fmt: skip

        job.refresh_from_db()
        assert job.crew is None
        giving.give_to_crew(job.number, crew_code="a", at_place=1, by_id=dispatcher.pk,
                            seen="", seen_day=[there.number, new.number])  # fmt: skip
        job.refresh_from_db()
        assert (job.crew.code, job.planned_order) == ("a", 1)

    def test_a_day_of_which_something_was_finished_takes_it_at_the_same_place(
        self, dispatcher, ask, make_crew
    ):
        crew = make_crew("a")
        done, there, late, job = ask(), ask(), ask(), ask()
        for one in (done, there, late):
            giving.give_to_crew(one.number, crew_code="a", by_id=dispatcher.pk)
        leader = giving.leader_of(crew)
        actions.report_job(number=done.number, by=leader, found=contracts.Found.OTHER, note="ok")

        seen = [done.number, there.number, late.number]
        giving.give_to_crew(job.number, crew_code="a", at_place=2, by_id=dispatcher.pk,
                            seen="", seen_day=seen)  # fmt: skip

        assert [one.number for one in crew_queries.to_do(crew.pk)] == [
            there.number, job.number, late.number,
        ]  # fmt: skip

    def test_a_day_that_lost_a_job_to_another_crew_did_change(self, dispatcher, ask, make_crew):
        make_crew("a")
        make_crew("b")
        gone, job = ask(), ask()
        giving.give_to_crew(gone.number, crew_code="b", by_id=dispatcher.pk)

        with pytest.raises(refusals.DayChanged):
            giving.give_to_crew(job.number, crew_code="a", at_place=1, by_id=dispatcher.pk,
                                seen="", seen_day=[gone.number])  # fmt: skip

    def test_a_proposal_is_not_overwritten_either(self, dispatcher, ask, make_crew):
        make_crew("a")
        job = ask()
        plan = models.Plan.objects.create(
            from_at=NOW, until=NOW, state=contracts.PlanState.PROPOSED, asked_at=NOW
        )
        models.PlanStop.objects.create(plan=plan, job=job)

        with pytest.raises(refusals.ProposalChanged):
            planning.move(plan.pk, job_number=job.number, crew_code="a", at_place=None,
                          by_id=dispatcher.pk, seen="b")  # fmt: skip
