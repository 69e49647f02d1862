"""Disk full, clock set back and SIGKILL at random moments of ingest, flush and compaction."""

from __future__ import annotations

import random
import sys
from pathlib import Path

import pytest

from huoshui.areas.telemetry.tests import killed

KILLS = 12
MODES = ("kill", "disk_full", "clock_back")


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
class TestKilledWriter:
    def test_loses_and_doubles_nothing_it_acknowledged(self, tmp_path: Path) -> None:
        chance = random.Random(20260301)
        killings, first = [], 0
        for number in range(KILLS):
            killing = killed.kill_one(tmp_path, first, chance, MODES[number % len(MODES)])
            killings.append(killing)
            assert killed.missing_or_wrong(tmp_path, killing) == 0
            first = max([first, *killing.acknowledged]) + 100

        assert sum(len(one.acknowledged) for one in killings) > KILLS
        assert sum(one.refused for one in killings if one.mode == "disk_full") > 0
        historian = killed.open_historian(tmp_path)
        try:
            historian.take_in()
            assert killed.latest_wrong(historian, killings) == 0
            while historian.flush():
                pass
            assert [killed.missing_or_wrong(tmp_path, one) for one in killings] == [0] * KILLS
            assert killed.contested_wrong(tmp_path, killed.newest_contested(killings)) == 0
            assert killed.doubled(tmp_path) == 0
        finally:
            historian.close()
