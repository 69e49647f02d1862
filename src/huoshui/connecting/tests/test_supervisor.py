"""Sources follow what is set up while running, and one that dies does not stop the others."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from huoshui.areas.telemetry.contracts import Source
from huoshui.connecting.feed import Backoff
from huoshui.connecting.supervisor import Supervisor
from huoshui.connecting.tests.keeping import Store, eventually

CHANGED = datetime(2026, 3, 1, tzinfo=UTC)


def source(code: str, *, is_enabled: bool = True, **options: object) -> Source:
    return Source(code, "test", code, options, is_enabled, CHANGED)


class World:
    """Connectors that note when they run and stop, and die when their options say so."""

    def __init__(self) -> None:
        self.running: list[str] = []
        self.opened: list[str] = []
        self.store = Store()
        self.supervisor = Supervisor(
            self.store,
            self.store.report,
            {"test": self.open},
            backoff=lambda: Backoff(0.02, 0.05),
        )

    def open(self, one: Source, store: object, report: object) -> _Connector:
        self.opened.append(one.code)
        if one.options.get("broken"):
            raise ValueError("no such option")
        return _Connector(self, one)


class _Connector:
    def __init__(self, world: World, one: Source) -> None:
        self._world, self._source = world, one
        self._stopping = threading.Event()

    def run(self) -> None:
        if self._source.options.get("dies"):
            raise RuntimeError("the library gave up")
        self._world.running.append(self._source.code)
        self._stopping.wait(20)
        self._world.running.remove(self._source.code)

    def stop(self) -> None:
        self._stopping.set()


@pytest.fixture
def world() -> Iterator[World]:
    one = World()
    yield one
    one.supervisor.close()
    assert one.running == []


class TestSupervisor:
    def test_runs_what_is_enabled_and_stops_what_is_paused_or_gone(self, world):
        world.supervisor.follow([source("a"), source("b"), source("c", is_enabled=False)])
        eventually(lambda: sorted(world.running) == ["a", "b"])
        world.supervisor.follow([source("a", is_enabled=False), source("c")])
        eventually(lambda: world.running == ["c"])

    def test_restarts_a_source_only_when_it_changed(self, world):
        world.supervisor.follow([source("a"), source("b")])
        eventually(lambda: len(world.running) == 2)
        world.supervisor.follow([source("a"), source("b", port=2)])
        eventually(lambda: sorted(world.running) == ["a", "b"])

        assert sorted(world.opened) == ["a", "b", "b"]

    @pytest.mark.parametrize("how", ["dies", "broken"])
    def test_starts_again_what_died_and_says_so_while_others_work(self, world, how):
        world.supervisor.follow([source("good"), source("bad", **{how: True})])
        eventually(lambda: world.opened.count("bad") >= 3)

        assert world.running == ["good"]
        assert {(one.name, one.note) for one in world.store.reports} == {
            ("bad", "source.stopped_by_fault")
        }
        world.supervisor.follow([source("good"), source("bad")])
        eventually(lambda: sorted(world.running) == ["bad", "good"])

    def test_leaves_alone_what_no_connector_runs(self, world):
        world.supervisor.follow([Source("x", "http", "x", {}, True, CHANGED)])

        assert world.opened == []
