"""A call becomes one case: a repair, an enquiry, a complaint."""

from __future__ import annotations

from datetime import timedelta

import pytest

from huoshui.areas.fieldwork import contracts as fieldwork_contracts
from huoshui.areas.fieldwork import facade as fieldwork
from huoshui.areas.hotline import case_types, models, queries, tasks
from huoshui.areas.hotline.actions import crews, wrapping
from huoshui.areas.hotline.contracts import Noted, SeatState
from huoshui.areas.network import facade as network
from huoshui.areas.network.contracts import ZoneDeclaration
from huoshui.kernel import cases, clock, errors
from huoshui.kernel.organisation import actions as organisation

pytestmark = pytest.mark.django_db
PLACE = {"place": "光明小区3号楼", "lon": 117.01, "lat": 36.66}


class TestWrapCall:
    def test_opens_a_repair_and_sends_a_crew(self, ring, agent):
        call = wrapping.wrap_call(ring().pk, Noted("no_water", **PLACE), by_id=agent.pk)

        case = cases.case(call.case_number)
        assert (case.type_code, case.state, case.priority) == (case_types.REPAIR, "sent", "high")
        assert case.deadline_at - clock.now() < timedelta(minutes=61)
        assert call.kind == "repair"

    def test_leaves_a_repair_without_a_place_for_somebody_to_send(self, ring, agent):
        call = wrapping.wrap_call(ring().pk, Noted("no_water"), by_id=agent.pk)

        assert cases.case(call.case_number).state == "new"

    def test_gives_a_burst_half_an_hour(self, ring, agent):
        call = wrapping.wrap_call(ring().pk, Noted("burst", **PLACE), by_id=agent.pk)

        case = cases.case(call.case_number)
        assert timedelta(minutes=29) < case.deadline_at - clock.now() <= timedelta(minutes=30)

    def test_counts_an_enquiry_as_no_repair_and_answers_it_at_once(self, ring, agent):
        call = wrapping.wrap_call(ring().pk, Noted("bill", answer="35.60 元"), by_id=agent.pk)

        case = cases.case(call.case_number)
        assert (case.type_code, case.state) == (case_types.ENQUIRY, "answered")
        assert case.fields["answer"] == "35.60 元"
        figures = queries.day_figures(clock.now() - timedelta(hours=1), clock.now())
        assert (figures.counts["enquiry"], figures.counts["repair"]) == (1, 0)

    def test_opens_no_case_for_a_wrong_number(self, ring, agent):
        call = wrapping.wrap_call(ring().pk, Noted("wrong_number"), by_id=agent.pk)

        assert (call.case_number, call.kind) == ("", "wrong_number")
        counts = queries.day_figures(clock.now() - timedelta(hours=1), clock.now()).counts
        assert (counts["wrong_number"], counts["enquiry"], counts["unsorted"]) == (1, 0, 0)

    def test_keeps_an_enquiry_open_that_is_to_be_followed_up(self, ring, agent):
        call = wrapping.wrap_call(ring().pk, Noted("bill", follow_up=True), by_id=agent.pk)

        assert cases.case(call.case_number).is_open

    def test_gives_the_case_to_the_unit_of_the_place(self, ring, agent):
        unit = organisation.add_unit("east", name_zh="城东供水所")
        network.assign_zones([ZoneDeclaration(code="E-1", name="城东一区")], by_id=None)
        network.give_zone("E-1", unit, by_id=None)

        call = wrapping.wrap_call(ring().pk, Noted("no_water", zone_code="E-1"), by_id=agent.pk)

        assert cases.case(call.case_number).unit_id == unit.pk

    def test_gives_it_to_the_unit_that_the_topic_names_wherever_it_is(self, ring, agent):
        place, laboratory = (
            organisation.add_unit(code, name_zh=code) for code in ("east", "laboratory")
        )
        network.assign_zones([ZoneDeclaration(code="E-1", name="城东一区")], by_id=None)
        network.give_zone("E-1", place, by_id=None)
        models.Topic.objects.filter(code="water_quality").update(unit_code="laboratory")

        call = wrapping.wrap_call(
            ring().pk, Noted("water_quality", zone_code="E-1"), by_id=agent.pk
        )

        assert cases.case(call.case_number).unit_id == laboratory.pk

    def test_notes_a_call_whose_topic_names_a_unit_that_is_no_more(self, ring, agent):
        models.Topic.objects.filter(code="no_water").update(unit_code="gone")

        call = wrapping.wrap_call(ring().pk, Noted("no_water"), by_id=agent.pk)

        assert cases.case(call.case_number).unit_id is None

    def test_makes_one_case_however_often_it_is_noted(self, ring, agent):
        call = ring()
        first = wrapping.wrap_call(call.pk, Noted("no_water"), by_id=agent.pk)

        again = wrapping.wrap_call(call.pk, Noted("low_pressure", note="三楼"), by_id=agent.pk)

        assert again.case_number == first.case_number
        assert (again.topic.code, again.note) == ("low_pressure", "三楼")

    def test_frees_the_seat(self, ring, agent):
        call = ring()
        assert models.AgentSeat.objects.get().state == SeatState.WRAP_UP

        wrapping.wrap_call(call.pk, Noted("bill"), by_id=agent.pk)

        assert models.AgentSeat.objects.get().state == SeatState.READY

    @pytest.mark.parametrize("topic", ["", "repair", "nothing_like_this"])
    def test_refuses_what_is_no_topic_of_the_second_level(self, ring, agent, topic):
        with pytest.raises(errors.Refused, match="needs_value"):
            wrapping.wrap_call(ring().pk, Noted(topic), by_id=agent.pk)

    def test_refuses_a_call_that_nobody_answered(self, ring, agent):
        with pytest.raises(errors.Refused, match="not_now"):
            wrapping.wrap_call(ring(answered=False).pk, Noted("bill"), by_id=agent.pk)


@pytest.fixture
def sent(ring, agent):
    """A repair that was sent to a crew."""
    return wrapping.wrap_call(ring().pk, Noted("no_water", **PLACE), by_id=agent.pk).case_number


class TestCrews:
    def test_get_one_job_for_a_repair(self, sent, agent):
        moved = cases.CaseMoved(
            sent, case_types.REPAIR, "send", "new", "sent", clock.now(), agent.pk
        )

        tasks.case_moved(moved)
        tasks.case_moved(moved)

        jobs = fieldwork.open_jobs(origin=crews.origin_of(sent))
        assert [job.place.lon for job in jobs] == [117.01]

    def test_get_a_second_job_that_is_waited_for_since_the_case_was_taken_up_again(
        self, sent, agent
    ):
        first_call = models.Call.objects.get(case_number=sent).began_at
        crews.ask_for_job(sent, by_id=agent.pk)
        (job,) = fieldwork.open_jobs(origin=crews.origin_of(sent))
        cases.act(sent, "finish", by_id=None, fields={"result": "repaired"})
        with clock.frozen(first_call + timedelta(days=2)):
            cases.call_back(sent, False, by_id=agent.pk, note="还是没水")
            again_at = clock.now()
        fieldwork.cancel_job(number=job.number, by_id=None, reason="Done.")
        with clock.frozen(again_at + timedelta(minutes=9)):
            cases.act(sent, "send", by_id=agent.pk)
            crews.ask_for_job(sent, by_id=agent.pk)
            (again,) = fieldwork.open_jobs(origin=crews.origin_of(sent))
            times = fieldwork.repair_times(since=first_call, until=clock.now())

        called_at = {one.number: one.called_at for one in times}
        assert again.number != job.number
        assert called_at[again.number] == again_at

    def test_get_the_job_once_somebody_says_where_it_is(self, ring, agent):
        number = wrapping.wrap_call(
            ring().pk, Noted("no_water", place="光明小区"), by_id=agent.pk
        ).case_number
        fact = cases.case(number)
        if fact.state == "new":
            cases.act(number, "send", by_id=agent.pk)
        crews.ask_for_job(number, by_id=agent.pk)
        assert not fieldwork.open_jobs(origin=crews.origin_of(number))

        cases.edit(number, by_id=agent.pk, lon=117.02, lat=36.67)
        tasks.case_placed(
            cases.CasePlaced(
                number, case_types.REPAIR, "sent", 117.02, 36.67, clock.now(), agent.pk
            )
        )

        (job,) = fieldwork.open_jobs(origin=crews.origin_of(number))
        assert (job.place.lon, job.place.lat) == (117.02, 36.67)

    def test_get_a_job_of_the_type_that_the_topic_names(self, ring, agent):
        exchange = fieldwork_contracts.TypeDeclaration(
            "frozen_meter", "冻表更换", "Exchange a frozen meter",
            fieldwork_contracts.JobKind.REPAIR, fieldwork_contracts.Priority.HIGH, 30,
            kit=(("meter", 1),),
        )  # fmt: skip
        meter = fieldwork_contracts.NamedThing("meter", "水表", "Meter", "只")
        standard = fieldwork_contracts.CrewWork(parts=(meter,), types=(exchange,))
        fieldwork.set_up_crew_work(None, standard)
        for topic in ("frozen_meter", "leak_at_meter"):
            note = Noted(topic, own_case=True, **PLACE)
            case = wrapping.wrap_call(ring().pk, note, by_id=agent.pk).case_number
            crews.ask_for_job(case, by_id=agent.pk)

        # The type that leaks name is not there: a job without a type is better than none.
        assert len(fieldwork.waiting_jobs()) == 2
        assert fieldwork.parts_short() == {"meter": 1}

    def test_being_there_is_said_on_the_case_once(self, sent):
        crews.job_begun(crews.origin_of(sent))
        crews.job_begun(crews.origin_of(sent))

        assert cases.case(sent).state == "on_site"

    @pytest.mark.parametrize(
        ("found", "result"),
        [("thawed", "thawed"), ("meter_exchanged", "meter_exchanged"), ("repaired", "repaired"),
         ("no_leak_found", "nothing_found")],
    )  # fmt: skip
    def test_what_was_found_is_the_result_of_the_case(self, sent, found, result):
        crews.job_closed(crews.origin_of(sent), found, None)

        assert cases.case(sent).fields["result"] == result

    def test_end_of_a_job_asks_for_a_call_back_once(self, sent):
        crews.job_closed(crews.origin_of(sent), "leak_repaired", None)
        crews.job_closed(crews.origin_of(sent), "leak_repaired", None)

        case = cases.case(sent)
        assert (case.state, case.fields["result"]) == ("call_back", "repaired")

    def test_cancelled_job_leaves_the_case_open(self, sent):
        crews.job_cancelled(crews.origin_of(sent), "下错地址")

        assert cases.case(sent).state == "sent"

    def test_jobs_of_others_mean_nothing_here(self, sent):
        crews.job_closed("leakage.leak:7", "leak_repaired", None)

        assert cases.case(sent).state == "sent"
