"""Many calls about one thing become one incident, and everybody is called back.

   n-1  200 m  n-2            5 km             far
----o-----------o-----------------------------o----
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from huoshui.areas.hotline import models
from huoshui.areas.hotline.actions import crews, folding, wrapping
from huoshui.areas.hotline.contracts import Noted
from huoshui.areas.hotline.models import IncidentCall
from huoshui.areas.hotline.queries import incidents
from huoshui.areas.hotline.queries.incidents import Spot
from huoshui.areas.hotline.queries.topics import topic
from huoshui.kernel import cases, clock, errors, settings

pytestmark = pytest.mark.django_db
HERE = Spot(117.01, 36.66, "XQ-01")
NEAR = Spot(117.0122, 36.66)  # 0.0022 degrees at 36.66 N are 196 m
FAR = Spot(117.07, 36.66)


def noted(topic_code="no_water", spot=HERE, **more):
    return Noted(
        topic_code, lon=spot.lon, lat=spot.lat, estate_code=spot.estate_code,
        place="光明小区", send_now=False, **more,
    )  # fmt: skip


@pytest.fixture
def first(ring, agent):
    """Somebody without water, an hour ago."""
    return wrapping.wrap_call(ring(began_s_ago=3600).pk, noted(), by_id=agent.pk)


@pytest.fixture
def folded(first, ring, agent):
    """Two callers of one incident."""
    call = wrapping.wrap_call(
        ring("13900000002").pk, noted(spot=NEAR, fold_with=f"call:{first.pk}"), by_id=agent.pk
    )
    return first, call


def proposals(topic_code="no_water", spot=HERE, at=None):
    return incidents.similar(topic(topic_code), spot, at=at or clock.now())


class TestSimilar:
    def test_finds_a_call_about_the_same_thing_nearby(self, first):
        (found,) = proposals(spot=NEAR)

        assert (found.choice, found.callers) == (f"call:{first.pk}", 1)
        assert found.away_m == pytest.approx(196, abs=1)

    def test_finds_a_relative_of_the_topic(self, first):
        assert proposals("low_pressure")

    @pytest.mark.parametrize(
        ("topic_code", "spot"),
        [("no_water", FAR), ("meter_fault", HERE), ("bill", HERE), ("no_water", Spot())],
    )
    def test_leaves_apart_what_is_elsewhere_or_something_else(self, first, topic_code, spot):
        assert proposals(topic_code, spot) == []

    def test_leaves_apart_what_was_long_ago(self, first):
        later = clock.now() + timedelta(minutes=settings.get().calls_fold_minutes)

        assert proposals(at=later) == []

    def test_leaves_apart_what_is_done(self, first):
        cases.act(first.case_number, "cancel", by_id=None, note="误报")

        assert proposals() == []

    def test_prefers_an_incident_to_single_calls(self, folded):
        (found,) = proposals()

        assert (found.incident_id is not None, found.callers) == (True, 2)

    def test_is_the_same_estate_whatever_the_distance(self, first):
        assert proposals(spot=Spot(None, None, "XQ-01"))


class TestFoldCall:
    def test_keeps_both_callers_under_one_case(self, folded):
        first, second = folded

        assert second.case_number == first.case_number
        assert IncidentCall.objects.count() == 2

    def test_opens_no_second_case(self, folded):
        numbers = set(models.Call.objects.values_list("case_number", flat=True))

        assert len(numbers) == 1

    def test_shows_the_next_caller_what_is_known(self, folded):
        (found,) = incidents.here(NEAR)
        folding.say_known(found.incident_id, "抢修中，预计 11 点恢复", by_id=None)

        assert incidents.here(NEAR)[0].known == "抢修中，预计 11 点恢复"
        assert incidents.here(FAR) == []

    def test_refuses_a_call_twice(self, folded):
        first, second = folded

        with pytest.raises(errors.Refused, match="not_now"):
            folding.fold_call(second, f"call:{first.pk}", by_id=None)

    @pytest.mark.parametrize("choice", ["", "incident:999", "call:x", "case:1"])
    def test_refuses_what_is_no_choice(self, ring, choice):
        with pytest.raises(errors.Refused):
            folding.fold_call(ring(), choice, by_id=None)

    def test_folds_alone_from_as_many_callers_as_the_setting_says(
        self, folded, ring, agent, monkeypatch
    ):
        chosen = settings.get().model_copy(update={"calls_fold_alone_from": 2})
        monkeypatch.setattr(settings, "get", lambda: chosen)

        third = wrapping.wrap_call(ring("13900000003").pk, noted(), by_id=agent.pk)
        own = wrapping.wrap_call(ring("13900000004").pk, noted(own_case=True), by_id=agent.pk)

        assert third.case_number == folded[0].case_number
        assert own.case_number != third.case_number


class TestUnfoldCall:
    def test_gives_the_caller_a_case_of_their_own(self, folded, agent):
        first, second = folded

        call = folding.unfold_call(second.pk, by_id=agent.pk)

        assert call.case_number not in ("", first.case_number)
        assert cases.case(call.case_number).is_open

    def test_keeps_the_first_caller_while_others_are_with_them(self, folded, agent):
        with pytest.raises(errors.Refused, match="not_now"):
            folding.unfold_call(folded[0].pk, by_id=agent.pk)


@pytest.fixture
def done(folded):
    """The thing is repaired; two callers wait for a call."""
    number = folded[0].case_number
    cases.act(number, "finish", by_id=None, fields={"result": "repaired"})
    return number, list(IncidentCall.objects.order_by("call__began_at"))


class TestCallBackMember:
    def test_closes_the_case_when_everybody_was_reached(self, done, agent):
        number, (one, two) = done
        folding.call_back_member(one.pk, score=5, by_id=agent.pk)
        assert cases.case(number).is_open

        folding.call_back_member(two.pk, score=4, by_id=agent.pk)

        case = cases.case(number)
        assert (case.state, case.score) == ("closed", 4)

    def test_takes_the_case_up_again_for_one_who_is_not_content(self, done, agent):
        number, (one, _two) = done

        folding.call_back_member(one.pk, score=2, note="还是没水", by_id=agent.pk)

        case = cases.case(number)
        assert (case.state, case.reopened_count) == ("new", 1)

    def test_refuses_before_it_is_done(self, folded, agent):
        member = IncidentCall.objects.first()

        with pytest.raises(errors.Refused, match="not_now"):
            folding.call_back_member(member.pk, score=5, by_id=agent.pk)

    def test_incident_ends_with_its_case_and_begins_again_with_it(self, done, agent):
        number, (one, two) = done
        for member in (one, two):
            folding.call_back_member(member.pk, score=5, by_id=agent.pk)

        folding.follow_case_end(number)
        assert models.Incident.objects.get().closed_at is not None

        folding.follow_case_again(number)
        assert models.Incident.objects.get().closed_at is None
        assert not IncidentCall.objects.filter(called_back_at__isnull=False).exists()


def test_crews_that_close_the_job_of_an_incident_leave_everybody_to_be_called(folded):
    number = folded[0].case_number
    crews.job_closed(crews.origin_of(number), "leak_repaired", None)

    assert cases.case(number).state == "call_back"
    assert IncidentCall.objects.filter(called_back_at__isnull=True).count() == 2


class TestOwnCall:
    """Somebody calls again about their own leak, a topic of which no calls are folded."""

    @pytest.fixture
    def leak(self, ring, agent):
        call = ring("13900000007", began_s_ago=1800)
        mine = noted("leak_at_meter", account_code="A7")
        return wrapping.wrap_call(call.pk, mine, by_id=agent.pk)

    def again(self, ring, number, account=""):
        call = ring(number)
        row = topic("leak_at_meter")
        return incidents.similar(row, FAR, at=clock.now(), but_call=call.pk, account_code=account)

    @pytest.mark.parametrize(
        ("number", "account"), [("13900000007", ""), ("13900000008", "A7"), ("", "A7")]
    )
    def test_is_proposed_by_its_number_or_account(self, leak, ring, number, account):
        (found,) = self.again(ring, number, account)

        assert (found.choice, found.case_number) == (f"call:{leak.pk}", leak.case_number)
        assert found.is_own

    @pytest.mark.parametrize(("number", "account"), [("13900000008", ""), ("", "A8"), ("", "")])
    def test_of_others_is_not(self, leak, ring, number, account):
        assert self.again(ring, number, account) == []

    def test_is_not_proposed_when_its_case_is_over(self, leak, ring, agent):
        cases.act(leak.case_number, "cancel", by_id=None, note="已自行修好")

        assert self.again(ring, "13900000007") == []

    def test_comes_before_what_is_nearer(self, ring, agent):
        for number, spot in (("13900000001", HERE), ("13900000002", NEAR)):
            wrapping.wrap_call(ring(number).pk, noted(spot=spot), by_id=agent.pk)
        call = ring("13900000002")

        found = incidents.similar(topic("no_water"), HERE, at=clock.now(), but_call=call.pk)

        assert [one.is_own for one in found] == [True, False]
