"""The health page tells what befell the store, and that nothing was lost."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from django.utils import translation

from huoshui.areas.telemetry import refusals, store_health
from huoshui.areas.telemetry.store import inbox, state
from huoshui.areas.telemetry.tests import cast
from huoshui.areas.telemetry.tests.cast import DAY, MINUTE, NOON


def texts(level: str) -> list[str]:
    with translation.override("en"):
        return [str(one.text) for one in store_health.findings() if one.level == level]


class TestFindings:
    def test_are_calm_after_an_orderly_end(self, home: Path) -> None:
        for _ in range(2):
            historian = cast.historian(home, [cast.pressure(1)])
            historian.accept(cast.batch((1, NOON, 30.0)))
            historian.close()

        assert texts("warning") + texts("failing") == []
        assert len(texts("ok")) == 1

    def test_tell_of_a_kill(self, home: Path) -> None:
        historian = cast.historian(home, [cast.pressure(1)])
        historian.accept(cast.batch((1, NOON, 30.0)))
        # As SIGKILL leaves it: the lock is gone with the process, nothing else was done.
        historian._held.close()
        cast.historian(home, [cast.pressure(1)]).close()
        historian.close()

        assert any("without warning" in text for text in texts("ok"))

    def test_tell_of_a_full_disk_when_there_is_room_again(
        self, home: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        historian = cast.historian(home, [cast.pressure(1)])
        historian.journal._write.execute("PRAGMA max_page_count=1")
        with pytest.raises(refusals.DiskFull):
            historian.accept(cast.columns([1] * 9000, range(NOON, NOON + 9000), list(range(9000))))
        historian.journal._write.execute("PRAGMA max_page_count=1000000")
        historian.accept(cast.batch((1, NOON, 30.0)))
        historian.close()

        assert any("could not be stored" in text for text in texts("warning"))

    def test_tell_of_a_clock_set_back_until_it_is_right_again(self, home: Path) -> None:
        clock = cast.Clock(NOON + 2 * DAY)
        historian = cast.historian(home, [cast.pressure(1)], clock)
        historian.accept(cast.batch((1, NOON, 30.0)))
        clock.now_us = NOON
        historian.accept(cast.batch((1, NOON + MINUTE, 30.0)))
        historian.close()

        assert any("set back" in text for text in texts("warning"))

    def test_tell_of_hand_overs_that_nobody_takes(
        self, home: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        cast.historian(home, [cast.pressure(1)]).close()
        inbox.put(home, [cast.batch((1, NOON, 30.0))])
        now = time.time()
        monkeypatch.setattr(inbox.time, "time", lambda: now + 100)

        assert any("handed over" in text for text in texts("failing"))

    def test_tell_of_a_journal_that_is_not_emptied(
        self, home: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        historian = cast.historian(home, [cast.pressure(1)])
        historian.accept(cast.batch((1, NOON, 30.0)))
        historian.close()
        found = state.read(home)
        assert found is not None
        monkeypatch.setattr(store_health.time, "time", lambda: found.oldest_us / 1e6 + 1000)

        assert any("waited for the lake" in text for text in texts("failing"))
