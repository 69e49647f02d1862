"""What the city sends, and how a closed job mends a pipe."""

import threading
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import numpy as np
import orjson
import pytest

from huoshui.areas.fieldwork import contracts as fieldwork
from huoshui.areas.telemetry import connector_health, contracts
from huoshui.areas.telemetry import facade as telemetry
from huoshui.connecting import messages as payload
from huoshui.democity import home, messages, publisher, timetable
from huoshui.democity.simulate import leaks, living
from huoshui.kernel import clock

AT = datetime(2026, 3, 1, 10, tzinfo=UTC)


class TestPayload:
    BLOCK = living.Block(
        codes=("a.flow", "b.level"),
        from_at=AT,
        step_s=300,
        values=np.array([[1.0, np.nan], [2.5, 2.75]]),
        quality=np.array([[0, 0], [0, 2]], dtype=np.uint8),
    )

    def test_is_read_back_by_the_connector_as_it_was_meant(self):
        found = payload.read(messages.payload(self.BLOCK), {"a.flow": 1, "b.level": 2}.__getitem__)

        assert not found.problems
        readings = sorted(
            zip(found.point_id.tolist(), found.at_us.tolist(), found.value.tolist(), strict=True)
        )
        second = int(AT.timestamp() * 1e6)
        known = [row for row in readings if row[2] == row[2]]
        assert known == [(1, second, 1.0), (2, second, 2.5), (2, second + 300_000_000, 2.75)]
        assert found.quality.max() >= 2

    def test_names_its_source_by_its_step(self):
        assert messages.source(self.BLOCK) == "scada"

    def test_says_nothing_of_quality_when_all_is_good(self):
        good = living.Block(("a.flow",), AT, 300, np.ones((1, 2)), np.zeros((1, 2), np.uint8))

        assert "quality" not in orjson.loads(messages.payload(good))


class TestState:
    def test_reads_back_as_it_was_kept(self, tmp_path, monkeypatch):
        monkeypatch.setattr(home, "folder", lambda: tmp_path)
        state = living.State(
            at=AT,
            levels_m={"T1": 2.5},
            pumps_on={"PUMP_1": True},
            leaks=[leaks.Leak("p1", "n1", "AB", 15.0, AT, repaired_at=AT + timedelta(days=1))],
            coming=2,
        )

        home.save(state, {"speed": 60.0})

        assert home.load() == (state, {"speed": 60.0})

    def test_a_new_city_begins_a_year_before_the_demo(self, tmp_path, monkeypatch):
        monkeypatch.setattr(home, "folder", lambda: tmp_path)

        state, more = home.load()

        assert state.at == timetable.SHOWN_FROM - timedelta(days=365)
        assert len(state.leaks) == 2
        assert not more

    def test_a_short_history_has_no_leak_that_nobody_would_find(self):
        assert not timetable.first_state(30).leaks


def report(state: str, *, ago: timedelta = timedelta(0)) -> None:
    """Say what the connector of the broker says of itself."""
    at = clock.real_now() - ago
    counts = dict.fromkeys(
        (
            *("messages", "messages_again", "messages_refused", "messages_waiting"),
            *("readings_accepted", "readings_refused", "commits", "store_failures"),
        ),
        0,
    )
    broker = next(one for one in telemetry.sources() if one.connector == "mqtt")
    telemetry.report_connector(
        contracts.ConnectorHealth(
            name=broker.code,
            address="127.0.0.1:1883",
            state=state,
            state_since=at,
            note="",
            started_at=at,
            reported_at=at,
            latest_message_at=None,
            messages_per_s=0.0,
            readings_per_s=0.0,
            problems=(),
            **counts,
        )
    )


@pytest.mark.django_db
class TestWaiting:
    """A broker throws away what is sent before anybody has subscribed."""

    @pytest.fixture(autouse=True)
    def _short_patience(self, tmp_path, monkeypatch):
        monkeypatch.setattr(connector_health, "_folder", lambda: tmp_path)
        monkeypatch.setattr(publisher, "LISTENING_PATIENCE_S", 0.3)

    def test_ends_when_the_store_is_connected(self):
        report("connected", ago=-timedelta(seconds=5))

        publisher.wait_until_heard(threading.Event())

    @pytest.mark.parametrize(
        ("state", "ago"),
        [("connecting", timedelta(0)), ("connected", timedelta(minutes=1))],
    )
    def test_takes_no_report_of_before_and_no_other_state(self, state, ago):
        report(state, ago=ago)

        with pytest.raises(publisher.NobodyListens):
            publisher.wait_until_heard(threading.Event())


class City:
    """Stands in for the simulation: it only knows its leaks."""

    def __init__(self, *running):
        self.running = list(running)
        self.repaired = []

    def running_leaks(self):
        return self.running

    def repair_leak(self, pipe):
        self.repaired.append(pipe)


def a_job(*, found_asset="", zone=""):
    return SimpleNamespace(
        report=SimpleNamespace(found_asset_code=found_asset),
        place=fieldwork.Place(zone_code=zone),
    )


class TestRepair:
    OLD = leaks.Leak("p1", "n1", "AB", 15.0, AT)
    NEW = leaks.Leak("p2", "n2", "AB", 9.0, AT + timedelta(days=1))
    HILL = leaks.Leak("p3", "n3", "C", 5.0, AT)

    @pytest.mark.parametrize(
        ("found_asset", "zone", "mended"),
        [
            ("p2", "", "p2"),
            ("", "AB", "p1"),
            ("", "C", "p3"),
            ("p999", "C", "p3"),
            ("p999", "", None),
        ],
    )
    def test_mends_what_the_crew_found(self, monkeypatch, found_asset, zone, mended):
        monkeypatch.setattr(publisher.network, "asset", lambda code: None)
        city = City(self.OLD, self.HILL, self.NEW)

        assert publisher.repair(city, a_job(found_asset=found_asset, zone=zone)) == mended
        assert city.repaired == ([mended] if mended else [])


@pytest.mark.django_db
class TestSpeedOfARehearsal:
    def test_is_not_that_with_which_the_city_begins_again(self, monkeypatch):
        kept = {}
        monkeypatch.setattr(home, "save", lambda state, more: kept.update(more))
        clock.set_now(AT, times=600)
        city = SimpleNamespace(state=SimpleNamespace(at=AT), step=lambda until: ())
        follower = publisher._Follower(city, None, {})
        follower.speed_before = lambda: 600.0
        clock.set_speed(0)  # the rehearsal is held

        follower.catch_up()
        more = dict(kept)
        publisher.begin_clock(more)

        assert (clock.settled_speed(), kept["speed"]) == (600, 600)
        assert publisher.REHEARSED not in more

    def test_is_left_as_people_set_it_after_the_rehearsal(self, monkeypatch):
        kept = {}
        monkeypatch.setattr(home, "save", lambda state, more: (kept.clear(), kept.update(more)))
        clock.set_now(AT, times=60)
        city = SimpleNamespace(state=SimpleNamespace(at=AT), step=lambda until: ())
        follower = publisher._Follower(city, None, {publisher.REHEARSED: True})

        follower.catch_up()
        clock.set_speed(1)
        publisher.begin_clock(dict(kept))

        assert publisher.REHEARSED not in kept
        assert clock.settled_speed() == 1
