"""The life of an alarm after ISA-18.2: every state, who moved it, and what comes back by itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest

from huoshui.areas.telemetry import actions, contracts, facade, models, queries_alarms, refusals
from huoshui.areas.telemetry.store.journal import Transition
from huoshui.areas.telemetry.tests import cast
from huoshui.areas.telemetry.tests.cast import HOUR, MINUTE, NOON
from huoshui.kernel import clock
from huoshui.kernel.audit.models import AuditRecord

pytestmark = pytest.mark.django_db

POINT = contracts.PointDeclaration("n1.pressure", "At n1", "n1 压力", "pressure", limit_low=20.0)
NOTHING = {}.__getitem__


def at(minutes: float) -> datetime:
    return contracts.from_us(NOON + round(minutes * MINUTE))


@pytest.fixture
def tell(home: object) -> Callable[..., models.Alarm]:
    """Return what raises or clears the point's alarm at a minute."""
    facade.declare_points([POINT], by_id=None)
    number = facade.point_ids()["n1.pressure"]
    count = iter(range(1, 100))

    def told(raised: bool, minute: float, rule: str = "limit_low") -> models.Alarm:
        one = Transition(number, rule, raised, NOON + round(minute * MINUTE), 15.0, 20.0)
        actions.apply_transitions([Transition(*list(vars(one).values())[:6], id=next(count))])
        return models.Alarm.objects.order_by("-pk").first()  # type: ignore[return-value]

    return told


def state(alarm: models.Alarm) -> str:
    return queries_alarms.state_of(models.Alarm.objects.get(pk=alarm.pk))


def life(alarm: models.Alarm) -> list[str]:
    return list(alarm.entries.order_by("pk").values_list("what", flat=True))


class TestStates:
    def test_acknowledged_while_active_stays_listed_until_normal(self, tell, person) -> None:
        alarm = tell(True, 0)
        assert state(alarm) == "active"
        actions.acknowledge_alarm(alarm.pk, person.id)
        assert state(alarm) == "acknowledged"
        assert models.Alarm.objects.open().count() == 1
        tell(False, 5)

        assert state(alarm) == "cleared"
        assert life(alarm) == ["raised", "acknowledged", "returned", "closed"]

    def test_returned_before_anybody_looked_stays_until_acknowledged(self, tell, person) -> None:
        alarm = tell(True, 0)
        tell(False, 5)
        assert state(alarm) == "returned"
        actions.acknowledge_alarm(alarm.pk, person.id)

        assert state(alarm) == "cleared"

    def test_low_priorities_leave_by_themselves(self, tell) -> None:
        alarm = tell(True, 0, "no_data")
        tell(False, 5, "no_data")

        assert state(alarm) == "cleared"

    def test_coming_again_unseen_takes_one_line_of_the_list_and_two_of_the_record(
        self, tell
    ) -> None:
        first = tell(True, 0)
        tell(False, 1)
        second = tell(True, 2)

        assert (state(first), state(second)) == ("cleared", "active")
        assert models.Alarm.objects.count() == 2

    def test_latched_is_held_until_somebody_resets_it(self, tell, person) -> None:
        actions.save_rule({**RULE, "is_latched": True}, person.id)
        alarm = tell(True, 0)
        with pytest.raises(refusals.AlarmNotResettable):
            actions.reset_alarm(alarm.pk, person.id)
        tell(False, 5)
        actions.acknowledge_alarm(alarm.pk, person.id)
        assert state(alarm) == "latched"
        actions.reset_alarm(alarm.pk, person.id)

        assert state(alarm) == "cleared"
        assert life(alarm)[-2:] == ["reset", "closed"]

    def test_many_are_acknowledged_at_once_each_with_its_record(self, tell, person) -> None:
        one, two = tell(True, 0), tell(True, 1, "no_data")

        assert actions.acknowledge_many([one.pk, two.pk, 999], person.id) == 2
        assert actions.acknowledge_many([one.pk, two.pk], person.id) == 0
        assert AuditRecord.objects.filter(action="telemetry.alarm_acknowledged").count() == 2

    def test_remarks_are_kept_and_need_words(self, tell, person) -> None:
        alarm = tell(True, 0)
        actions.comment(alarm.pk, "  crew is on the way ", person.id)
        with pytest.raises(refusals.ReasonMissing):
            actions.comment(alarm.pk, " ", person.id)

        entry = alarm.entries.get(what="commented")
        assert (entry.text, entry.by_id) == ("crew is on the way", person.id)


RULE = {
    "code": "low", "name_en": "Low", "name_zh": "低", "kind": "limit_low", "state": "live",
    "point_kind": "pressure", "priority": "high", "threshold": 25.0,
}  # fmt: skip


class TestShelving:
    def test_ends_by_itself_and_the_alarm_calls_again(self, tell, person) -> None:
        alarm = tell(True, 0)
        actions.shelve([alarm.pk], until=at(60), reason="new meter", by_id=person.id)
        assert state(alarm) == "shelved"
        assert models.Alarm.objects.waiting().count() == 0
        with clock.frozen(at(59)):
            assert actions.tend_alarms(NOTHING) == 0
        with clock.frozen(at(60)):
            actions.tend_alarms(NOTHING)

        assert state(alarm) == "active"
        assert life(alarm) == ["raised", "shelved", "unshelved"]

    def test_covers_the_same_condition_when_it_comes_again(self, tell, person) -> None:
        alarm = tell(True, 0)
        actions.shelve([alarm.pk], until=at(60), reason="new meter", by_id=person.id)
        tell(False, 1)
        assert state(alarm) == "cleared"
        again = tell(True, 2)
        other = tell(True, 3, "no_data")

        assert (state(again), state(other)) == ("shelved", "active")

    @pytest.mark.parametrize(
        ("minutes", "reason", "refusal"),
        [
            (60, " ", refusals.ReasonMissing),
            (0, "x", refusals.ShelvedTooLong),
            (8 * 24 * 60, "x", refusals.ShelvedTooLong),
        ],
    )
    def test_needs_a_reason_and_an_end_in_sight(
        self, tell, person, minutes: int, reason: str, refusal: type[Exception]
    ) -> None:
        alarm = tell(True, 0)
        with pytest.raises(refusal):
            actions.shelve([alarm.pk], until=at(minutes), reason=reason, by_id=person.id)
        assert state(alarm) == "active"

    def test_is_ended_by_a_person_once(self, tell, person) -> None:
        alarm = tell(True, 0)
        (made,) = actions.shelve([alarm.pk], until=at(60), reason="x", by_id=person.id)
        actions.unshelve(made.pk, person.id)

        assert state(alarm) == "active"
        with pytest.raises(refusals.NotSuppressed):
            actions.unshelve(made.pk, person.id)

    def test_shelved_once_more_the_later_word_counts(self, tell, person) -> None:
        alarm = tell(True, 0)
        actions.shelve([alarm.pk], until=at(600), reason="x", by_id=person.id)
        (made,) = actions.shelve([alarm.pk], until=at(30), reason="sooner", by_id=person.id)
        with clock.frozen(at(30)):
            actions.tend_alarms(NOTHING)

        assert state(alarm) == "active"
        assert models.Suppression.objects.get(ended_by=person.id).until == at(600)
        assert models.Suppression.objects.get(ended_by=None).pk == made.pk


class TestOutOfService:
    def test_silences_every_alarm_of_the_point_until_it_is_back(self, tell, person) -> None:
        alarm = tell(True, 0)
        actions.take_out_of_service("n1.pressure", reason="repair", by_id=person.id)
        later = tell(True, 1, "no_data")
        assert (state(alarm), state(later)) == ("out_of_service", "out_of_service")
        with pytest.raises(refusals.AlreadyOutOfService):
            actions.take_out_of_service("n1.pressure", reason="repair", by_id=person.id)
        with clock.frozen(at(60 * 24 * 30)):
            actions.tend_alarms(NOTHING)
        assert state(alarm) == "out_of_service"
        actions.return_to_service(models.Suppression.objects.get().pk, person.id)

        assert (state(alarm), state(later)) == ("active", "active")
        assert AuditRecord.objects.filter(action="telemetry.out_of_service").count() == 1

    def test_comes_before_a_shelving_that_ends(self, tell, person) -> None:
        alarm = tell(True, 0)
        actions.shelve([alarm.pk], until=at(60), reason="x", by_id=person.id)
        actions.take_out_of_service("n1.pressure", reason="repair", by_id=person.id)
        with clock.frozen(at(61)):
            actions.tend_alarms(NOTHING)

        assert state(alarm) == "out_of_service"


class TestByDesign:
    def test_is_silent_while_the_formula_holds(self, tell, person) -> None:
        actions.save_rule({**RULE, "suppress_while": "{n1.pressure} < 1"}, person.id)
        alarm = tell(True, 0)
        actions.tend_alarms(lambda names: {"n1.pressure": 0.5})
        assert state(alarm) == "by_design"
        assert actions.tend_alarms(lambda names: {"n1.pressure": 0.5}) == 0
        actions.tend_alarms(lambda names: {"n1.pressure": float("nan")})

        # What is not known does not hold: rather an alarm too many.
        assert state(alarm) == "active"
        assert life(alarm) == ["raised", "suppressed", "unsuppressed"]

    def test_calls_again_when_the_rule_loses_its_formula(self, tell, person) -> None:
        actions.save_rule({**RULE, "suppress_while": "{n1.pressure} < 1"}, person.id)
        alarm = tell(True, 0)
        actions.tend_alarms(lambda names: {"n1.pressure": 0.5})
        assert state(alarm) == "by_design"
        actions.save_rule({**RULE, "suppress_while": ""}, person.id)
        actions.tend_alarms(lambda names: {"n1.pressure": 0.5})

        assert state(alarm) == "active"


class TestWaiting:
    def test_sounds_again_and_goes_up_a_post_once(self, tell, person) -> None:
        rule = {**RULE, "repeat_every_s": 300, "escalate_after_s": 600, "escalate_to": "manager"}
        actions.save_rule(rule, person.id)
        alarm = tell(True, 0)
        for minute in (4, 5, 9, 10, 11, 20):
            with clock.frozen(at(minute)):
                actions.tend_alarms(NOTHING)

        assert life(alarm) == ["raised", "repeated", "repeated", "escalated", "repeated"]

    def test_begins_to_wait_when_it_is_no_longer_shelved(self, tell, person) -> None:
        rule = {**RULE, "repeat_every_s": 300, "escalate_after_s": 600, "escalate_to": "manager"}
        actions.save_rule(rule, person.id)
        alarm = tell(True, 0)
        actions.shelve([alarm.pk], until=at(60), reason="x", by_id=person.id)
        for minute in (30, 60, 61, 65, 69, 70):
            with clock.frozen(at(minute)):
                actions.tend_alarms(NOTHING)

        assert life(alarm) == [
            "raised", "shelved", "unshelved", "repeated", "repeated", "escalated",
        ]  # fmt: skip

    def test_late_readings_do_not_go_up_a_post_as_they_arrive(self, tell, person) -> None:
        actions.save_rule({**RULE, "escalate_after_s": 600, "escalate_to": "manager"}, person.id)
        alarm = tell(True, -120)  # two hours old when it comes, at minute 0
        steps = []
        for minute in (0, 5, 9, 10):
            with clock.frozen(at(minute)):
                actions.tend_alarms(NOTHING)
            steps.append(life(alarm)[-1])

        assert steps == ["raised", "raised", "raised", "escalated"]

    @pytest.mark.parametrize("must_acknowledge", [True, False])
    def test_coming_and_going_goes_up_a_post_all_the_same(
        self, tell, person, must_acknowledge
    ) -> None:
        rule = {**RULE, "escalate_after_s": 600, "escalate_to": "manager"}
        actions.save_rule({**rule, "must_acknowledge": must_acknowledge}, person.id)
        escalated = []
        for minute in range(40):
            with clock.frozen(at(minute)):
                # Four minutes of five it stands.
                if minute % 5 in (0, 4):
                    tell(minute % 5 == 0, minute)
                actions.tend_alarms(NOTHING)
            rows = models.AlarmEntry.objects.filter(what="escalated")
            escalated.append(rows.count())

        # Ten minutes on the list, or ten of standing alone: 4 + 4 + 2 of them at minute 12.
        first = 10 if must_acknowledge else 12
        assert escalated.index(1) == first
        assert escalated[-1] == 1

    def test_coming_again_much_later_begins_anew(self, tell, person) -> None:
        rule = {**RULE, "escalate_after_s": 600, "escalate_to": "manager"}
        actions.save_rule({**rule, "must_acknowledge": False}, person.id)
        tell(True, 0)
        for minute in (9, 60):
            with clock.frozen(at(minute)):
                alarm = tell(minute == 60, minute)
        with clock.frozen(at(65)):
            actions.tend_alarms(NOTHING)

        assert life(alarm) == ["raised"]

    def test_acknowledged_is_left_in_peace(self, tell, person) -> None:
        rule = {**RULE, "repeat_every_s": 300, "escalate_after_s": 600, "escalate_to": "manager"}
        actions.save_rule(rule, person.id)
        alarm = tell(True, 0)
        actions.acknowledge_alarm(alarm.pk, person.id)
        with clock.frozen(at(60)):
            assert actions.tend_alarms(NOTHING) == 0
        assert life(alarm) == ["raised", "acknowledged"]


class TestSpans:
    def test_are_what_stood_within_the_period(self, tell) -> None:
        tell(True, 0)
        tell(False, 10)
        tell(True, 20)
        found = queries_alarms.alarm_spans(["n1.pressure"], at(5), at(15))

        assert [(one.from_at, one.until) for one in found] == [(at(0), at(10))]
        assert len(queries_alarms.alarm_spans(["n1.pressure"], at(15), at(30))) == 1
        assert queries_alarms.alarm_spans(["n1.pressure"], at(10), at(20)) == []


def test_a_reading_that_fires_is_an_alarm_by_its_rule(
    home: object, person: SimpleNamespace
) -> None:
    """The whole way: rule as data, engine, journal, row."""
    from huoshui.areas.telemetry import keeping

    facade.declare_points([POINT], by_id=None)
    actions.save_rule(
        {**RULE, "kind": "rate", "code": "fast", "threshold": 10.0, "window_s": 600,
         "message_zh": "压力骤变", "message_en": "Pressure jumps", "priority": "critical"},
        person.id,
    )  # fmt: skip
    number = facade.point_ids()["n1.pressure"]
    with clock.frozen(contracts.from_us(NOON + HOUR)):
        historian = keeping.open_historian()
        historian.accept(cast.batch(*((number, NOON + n * MINUTE, 40.0 - n) for n in range(11))))
        keeping.keep_alarms(historian)
        historian.close()
    alarm = models.Alarm.objects.get()

    assert (alarm.rule, alarm.code, alarm.priority) == ("rate", "fast", "critical")
    # One metre a minute is 60 an hour.
    assert alarm.data["value"] == 60.0
    assert alarm.data["said_zh"] == "压力骤变"
    assert alarm.raised_at - contracts.from_us(NOON) == timedelta(minutes=5)
