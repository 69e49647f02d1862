"""A job from asking to closing, and everything that is refused on the way."""

import math
from dataclasses import replace
from datetime import timedelta

import pytest

from huoshui.areas.fieldwork import actions, contracts, models, queries, refusals
from huoshui.areas.fieldwork.tests.conftest import NOW
from huoshui.areas.network import facade as network
from huoshui.kernel import clock
from huoshui.kernel.audit.models import AuditRecord
from huoshui.kernel.events.models import Event

Found = contracts.Found
JobState = contracts.JobState


def told() -> list[str]:
    """Names of the events published so far, in order."""
    kinds = Event.objects.order_by("id").values_list("kind", flat=True)
    return [kind.rsplit(".", 1)[1] for kind in kinds if ".fieldwork." in kind]


@pytest.fixture
def job(street, dispatcher, place):
    return actions.request_job(
        place=place, by_id=dispatcher.pk, kind=contracts.JobKind.LEAK_SEARCH, origin="test.thing:1"
    )


@pytest.fixture
def given(job, dispatcher, crew):
    return actions.assign_job(number=job.number, to=crew, by_id=dispatcher.pk)


@pytest.fixture
def reported(given, crew):
    return actions.report_job(
        number=given.number,
        by=crew,
        found=Found.LEAK_REPAIRED,
        found_asset_code="p2",
        found_size_m3h=5.5,
        note="Cracked joint.",
    )


class TestRequestJob:
    def test_numbers_jobs_by_the_citys_day(self, street, dispatcher, place):
        first, second = (actions.request_job(place=place, by_id=dispatcher.pk) for _ in range(2))

        assert [first.number, second.number] == ["J-20260302-001", "J-20260302-002"]

    def test_starts_a_new_count_at_local_midnight(self, job, dispatcher, place):
        clock.advance(timedelta(hours=10))  # 00:00 on 3 March in the city, still 2 March in UTC

        assert actions.request_job(place=place, by_id=None).number == "J-20260303-001"

    def test_numbers_go_on_when_the_clock_is_set_back(self, street, place):
        for minutes in (5, -5, -10):
            with clock.frozen(NOW + timedelta(minutes=minutes)):
                job = actions.request_job(place=place, by_id=None)

        assert job.number == "J-20260302-003"

    def test_learns_zone_and_spot_from_the_asset(self, job):
        assert job.zone_code == "A"
        assert job.lon == pytest.approx(113.607, abs=0.001)

    def test_gives_the_same_job_while_one_of_the_same_origin_is_open(self, job, dispatcher):
        again = actions.request_job(
            place=contracts.Place(zone_code="A"), by_id=dispatcher.pk, origin="test.thing:1"
        )

        assert again.pk == job.pk
        assert told() == ["JobRequested"]

    def test_makes_a_new_one_once_that_is_over(self, job, dispatcher, place):
        actions.cancel_job(number=job.number, by_id=dispatcher.pk, reason="Wrong street.")

        again = actions.request_job(place=place, by_id=None, origin="test.thing:1")

        assert again.pk != job.pk

    @pytest.mark.parametrize("place", [{}, {"lon": 113.6}, {"asset_code": "p2", "lat": 34.7}])
    def test_refuses_a_job_without_a_whole_place(self, street, place):
        with pytest.raises(refusals.NoPlace):
            actions.request_job(place=contracts.Place(**place), by_id=None)

    def test_leaves_the_spot_open_at_an_asset_nobody_has_surveyed(self, street, monkeypatch):
        unplaced = replace(network.asset("p2"), lon=math.nan, lat=math.nan)
        monkeypatch.setattr(network, "asset", lambda code: unplaced)

        job = actions.request_job(place=contracts.Place(asset_code="p2"), by_id=None)

        assert (job.lon, job.lat) == (None, None)

    @pytest.mark.parametrize("nowhere", [{"asset_code": "p99"}, {"zone_code": "Z"}])
    def test_refuses_a_place_the_network_does_not_have(self, street, nowhere):
        with pytest.raises(refusals.UnknownPlace):
            actions.request_job(place=contracts.Place(**nowhere), by_id=None)

    def test_refuses_a_job_due_in_the_past(self, street, place, now):
        with pytest.raises(refusals.DueInThePast):
            actions.request_job(place=place, by_id=None, due_at=now - timedelta(minutes=1))


class TestAssignJob:
    def test_refuses_somebody_who_is_no_crew(self, job, dispatcher, person):
        viewer = person("wei", "viewer")

        with pytest.raises(refusals.NotACrewMember):
            actions.assign_job(number=job.number, to=viewer, by_id=dispatcher.pk)

    def test_can_give_it_to_somebody_else(self, given, dispatcher, leader):
        again = actions.assign_job(number=given.number, to=leader, by_id=dispatcher.pk)

        assert again.assigned_to == leader
        assert told() == ["JobRequested", "JobAssigned", "JobAssigned"]

    def test_refuses_once_it_is_reported(self, reported, dispatcher, leader):
        with pytest.raises(refusals.NotInThisState):
            actions.assign_job(number=reported.number, to=leader, by_id=dispatcher.pk)


class TestReportJob:
    def test_keeps_what_was_found(self, reported):
        report = queries.latest_report(reported.pk)

        assert (report.found, report.found_asset_code, report.found_size_m3h) == (
            "leak_repaired",
            "p2",
            5.5,
        )
        assert told()[-1] == "JobDone"

    def test_refuses_a_crew_member_without_the_job(self, given, person):
        other = person("zhao", "crew")

        with pytest.raises(refusals.NotYourJob):
            actions.report_job(number=given.number, by=other, found=Found.NO_LEAK_FOUND)

    def test_lets_a_crew_leader_report_for_the_crew(self, given, leader):
        done = actions.report_job(number=given.number, by=leader, found=Found.NO_LEAK_FOUND)

        assert done.state == JobState.DONE

    def test_refuses_a_job_nobody_has(self, job, leader):
        with pytest.raises(refusals.NotInThisState):
            actions.report_job(number=job.number, by=leader, found=Found.NO_LEAK_FOUND)

    def test_refuses_an_asset_the_network_does_not_have(self, given, crew):
        with pytest.raises(refusals.UnknownPlace):
            actions.report_job(
                number=given.number, by=crew, found=Found.LEAK_REPAIRED, found_asset_code="p99"
            )

    @pytest.mark.parametrize("found", [Found.LEAK_REPAIRED, Found.LEAK_FOUND_NOT_REPAIRED])
    def test_refuses_a_leak_that_is_nowhere(self, given, crew, found):
        with pytest.raises(refusals.LeakWithoutPlace):
            actions.report_job(number=given.number, by=crew, found=found)

    def test_refuses_more_photos_than_are_kept(self, given, crew):
        with pytest.raises(refusals.TooManyPhotos):
            actions.report_job(
                number=given.number, by=crew, found=Found.NO_LEAK_FOUND, photo_ids=range(13)
            )


class TestCloseJob:
    def test_needs_a_second_person(self, given, leader):
        actions.report_job(number=given.number, by=leader, found=Found.NO_LEAK_FOUND)

        with pytest.raises(refusals.SamePersonMayNotClose) as refused:
            actions.close_job(number=given.number, by_id=leader.pk)

        assert refused.value.code == "fieldwork.same_person_may_not_close"
        assert refused.value.next_step
        assert models.Job.objects.get(pk=given.pk).state == JobState.DONE

    def test_tells_what_was_found_and_where(self, reported, dispatcher, crew):
        actions.close_job(number=reported.number, by_id=dispatcher.pk)

        payload = Event.objects.order_by("-id").first().payload
        assert told()[-1] == "JobClosed"
        assert payload["origin"] == "test.thing:1"
        assert payload["result"] == "leak_repaired"
        assert payload["found_asset_code"] == "p2"

    def test_refuses_what_nobody_reported(self, given, dispatcher):
        with pytest.raises(refusals.NotInThisState):
            actions.close_job(number=given.number, by_id=dispatcher.pk)

    def test_refuses_twice(self, reported, dispatcher, person):
        actions.close_job(number=reported.number, by_id=dispatcher.pk)

        with pytest.raises(refusals.NotInThisState):
            actions.close_job(number=reported.number, by_id=person("ma", "manager").pk)


class TestReturnJob:
    def test_goes_back_to_the_same_crew_who_may_report_again(self, reported, dispatcher, crew):
        back = actions.return_job(
            number=reported.number, by_id=dispatcher.pk, reason="No photo of the repair."
        )

        assert (back.state, back.assigned_to) == (JobState.ASSIGNED, crew)
        actions.report_job(number=reported.number, by=crew, found=Found.NO_LEAK_FOUND)
        assert models.JobReport.objects.filter(job=reported).count() == 2

    def test_refuses_without_a_reason(self, reported, dispatcher):
        with pytest.raises(refusals.ReasonMissing):
            actions.return_job(number=reported.number, by_id=dispatcher.pk, reason="  ")


class TestCancelJob:
    def test_refuses_without_a_reason(self, job, dispatcher):
        with pytest.raises(refusals.ReasonMissing):
            actions.cancel_job(number=job.number, by_id=dispatcher.pk, reason="")

    def test_refuses_a_closed_job(self, reported, dispatcher):
        actions.close_job(number=reported.number, by_id=dispatcher.pk)

        with pytest.raises(refusals.NotInThisState):
            actions.cancel_job(number=reported.number, by_id=dispatcher.pk, reason="Late.")


class TestHistory:
    def test_keeps_every_step_with_person_and_reason(self, reported, dispatcher, crew):
        actions.return_job(number=reported.number, by_id=dispatcher.pk, reason="Where is it?")

        steps = [(step.what, step.by) for step in queries.timeline(reported.pk)]
        assert steps == [
            ("requested", dispatcher),
            ("assigned", dispatcher),
            ("reported", crew),
            ("returned", dispatcher),
        ]

    def test_is_audited(self, reported):
        found = AuditRecord.objects.filter(subject=f"fieldwork.job:{reported.number}")

        assert [record.action for record in found.order_by("sequence")] == [
            "fieldwork.job_requested",
            "fieldwork.job_assigned",
            "fieldwork.job_reported",
        ]
