"""The process is killed with SIGKILL at random moments of ingest, flush and compaction."""

from __future__ import annotations

import random
import sys
from pathlib import Path

import pytest

from huoshui.areas.telemetry.tests import killed

KILLS = 10


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
class TestKilledWriter:
    def test_loses_and_doubles_nothing_it_acknowledged(self, tmp_path: Path) -> None:
        chance = random.Random(20260301)
        killings, first = [], 0
        for _ in range(KILLS):
            killing = killed.kill_one(tmp_path, first, chance)
            killings.append(killing)
            assert killed.missing_or_wrong(tmp_path, killing) == 0
            first = max([first, *killing.acknowledged]) + 1_000

        assert sum(len(one.acknowledged) for one in killings) > KILLS
        historian = killed.open_historian(tmp_path)
        try:
            assert killed.latest_wrong(historian, killings) == 0
            while historian.flush():
                pass
            assert [killed.missing_or_wrong(tmp_path, one) for one in killings] == [0] * KILLS
            assert killed.contested_wrong(tmp_path, killed.newest_contested(killings)) == 0
            assert killed.doubled(tmp_path) == 0
        finally:
            historian.close()
