"""What is told arrives at least once, and only if it happened."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from huoshui.kernel import clock, events
from huoshui.kernel.events import dispatcher, outbox
from huoshui.kernel.events.models import Delivery, Event

AT = datetime(2026, 3, 1, 10, tzinfo=UTC)


@dataclass(frozen=True)
class LampLit:
    """An event of an imaginary area."""

    lamp: str
    at: datetime
    watts: float = 60.0
    colors: tuple[str, ...] = ()
    by_id: int | None = None


@dataclass(frozen=True)
class LampBroken:
    lamp: str


@pytest.fixture
def listeners(monkeypatch):
    """An empty registry of listeners for one test."""
    monkeypatch.setattr(outbox, "_listeners", {})


@pytest.fixture
def heard(listeners):
    """What the listener ``tests.hear`` was told."""
    told: list[LampLit] = []
    events.listen(LampLit, told.append, name="tests.hear")
    return told


def publish(event):
    with transaction.atomic():
        events.publish(event)


def make_due():
    Delivery.objects.update(due_at=clock.real_now() - timedelta(seconds=1))


@pytest.mark.django_db
class TestPublish:
    def test_carries_every_kind_of_value_unchanged(self, heard):
        told = LampLit(lamp="灯1", at=AT, watts=1.5, colors=("red", "blue"), by_id=None)
        publish(told)

        dispatcher.dispatch()

        assert heard == [told]

    def test_is_carried_in_one_go_behind_many_others(self, heard):
        many = 2 * dispatcher.BATCH + 1
        for number in range(many):
            publish(LampLit(lamp=str(number), at=AT))

        dispatcher.dispatch()

        assert [one.lamp for one in heard] == [str(number) for number in range(many)]

    def test_tells_nothing_when_the_deed_is_undone(self, heard):
        with transaction.atomic():
            events.publish(LampLit("1", AT))
            transaction.set_rollback(True)

        dispatcher.dispatch()

        assert heard == []

    @pytest.mark.parametrize(
        "event",
        [LampLit("1", datetime(2026, 3, 1)), LampLit("1", AT, colors={"red"})],  # noqa: DTZ001
        ids=["moment without zone", "set"],
    )
    def test_refuses_what_cannot_travel(self, heard, event):
        with pytest.raises((TypeError, ValueError), match="LampLit"), transaction.atomic():
            events.publish(event)


@pytest.mark.django_db(transaction=True)
class TestPublishOutside:
    def test_refuses_without_a_transaction(self, listeners):
        with pytest.raises(transaction.TransactionManagementError, match="atomic"):
            events.publish(LampLit("1", AT))


class TestListen:
    def test_refuses_two_listeners_of_one_name(self, heard):
        with pytest.raises(ValueError, match=r"tests\.hear"):
            events.listen(LampBroken, print, name="tests.hear")

    def test_refuses_what_is_not_a_dataclass(self, listeners):
        with pytest.raises(TypeError):
            events.listen(int, print, name="tests.hear")


@pytest.mark.django_db
class TestDispatch:
    def test_hands_each_event_to_each_listener_once(self, heard):
        also: list[LampLit] = []
        events.listen(LampLit, also.append, name="tests.also_hear")
        publish(LampLit("1", AT))
        publish(LampLit("2", AT))

        for _ in range(3):
            dispatcher.dispatch()

        assert [one.lamp for one in heard] == ["1", "2"]
        assert [one.lamp for one in also] == ["1", "2"]

    def test_hands_it_over_again_after_a_crash_between_work_and_note(self, heard, monkeypatch):
        publish(LampLit("1", AT))

        class PowerCut(BaseException):
            """Nothing of ours catches this, as nothing catches ``kill -9``."""

        def cut(*args, **kwargs):
            raise PowerCut

        with monkeypatch.context() as patch:
            patch.setattr(dispatcher.Delivery.objects.all().__class__, "update", cut)
            dispatcher_spread_first()
            with pytest.raises(PowerCut):
                dispatcher.deliver(Delivery.objects.select_related("event").get())
        assert len(heard) == 1

        dispatcher.dispatch()

        assert len(heard) == 2
        assert Delivery.objects.get().state == "done"

    def test_does_not_hold_up_others_when_one_listener_fails(self, heard):
        events.listen(LampLit, fail, name="tests.fail")
        publish(LampLit("1", AT))
        publish(LampLit("2", AT))

        dispatcher.dispatch()

        assert len(heard) == 2
        failed = Delivery.objects.filter(listener="tests.fail")
        assert {one.state for one in failed} == {"waiting"}
        assert all("lamp shop is closed" in one.error for one in failed)
        assert all(one.due_at > clock.real_now() for one in failed)

    def test_tries_again_with_growing_pauses_and_then_lays_it_aside(self, listeners):
        events.listen(LampLit, fail, name="tests.fail")
        publish(LampLit("1", AT))
        for _ in range(dispatcher.ATTEMPTS_MAX):
            dispatcher.dispatch()
            make_due()

        dispatcher.dispatch()

        letter = Delivery.objects.get()
        assert (letter.state, letter.attempts) == ("dead", dispatcher.ATTEMPTS_MAX)
        pauses = [dispatcher.pause_after(n).total_seconds() for n in range(1, 12)]
        assert pauses == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]

    def test_sends_a_dead_letter_again_when_asked(self, heard):
        publish(LampLit("1", AT))
        dispatcher.spread()
        Delivery.objects.update(state="dead", attempts=10)

        dispatcher.send_again(Delivery.objects.get().id, by_id=None)
        dispatcher.dispatch()

        assert len(heard) == 1

    def test_understands_an_event_of_an_older_version(self, heard):
        Event.objects.create(
            kind=outbox.kind_of(LampLit),
            payload={"lamp": "1", "at": {"at": AT.isoformat()}, "bulb": "E27"},
            published_at=AT,
        )

        dispatcher.dispatch()

        assert heard == [LampLit("1", AT)]

    def test_keeps_the_letter_of_a_listener_that_is_gone(self, heard):
        publish(LampLit("1", AT))
        dispatcher.spread()
        outbox._listeners.clear()

        dispatcher.dispatch()

        assert "no listener is called tests.hear" in Delivery.objects.get().error


@pytest.mark.django_db
class TestTidy:
    def test_removes_only_what_arrived_some_days_ago(self, heard):
        for lamp in "123":
            publish(LampLit(lamp, AT))
        dispatcher.dispatch()
        old, dead, _recent = Delivery.objects.order_by("id")
        Delivery.objects.filter(id=old.id).update(done_at=clock.real_now() - timedelta(days=4))
        Delivery.objects.filter(id=dead.id).update(state="dead", done_at=None)

        dispatcher.tidy()

        assert [event.payload["lamp"] for event in Event.objects.order_by("id")] == ["2", "3"]


def fail(event):
    raise ConnectionError("the lamp shop is closed")


def dispatcher_spread_first():
    """Make out the deliveries by plain inserts, since the crash to come breaks every update."""
    for event in Event.objects.filter(spread=False):
        Delivery.objects.create(event=event, listener="tests.hear", due_at=clock.real_now())
        event.spread = True
        event.save()
