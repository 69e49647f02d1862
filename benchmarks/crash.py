"""Kill the historian's writer at 200 random moments; nothing acknowledged may be lost or doubled.

    .venv/bin/python -m benchmarks.crash [--kills 200] [--seed 1]

The child that is killed, and the checks, are those of the short test in
``src/huoshui/areas/telemetry/tests/killed.py``.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from pathlib import Path

from benchmarks import machine
from huoshui.areas.telemetry.tests import killed


def main() -> int:
    """Run all kills on one store, check after each and at the end, and keep the result."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--kills", type=int, default=200)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--folder", type=Path)
    chosen = options.parse_args()
    facts = machine.facts("src/huoshui/areas/telemetry")
    chance = random.Random(chosen.seed)
    with tempfile.TemporaryDirectory(prefix="huoshui-crash-") as made:
        folder = chosen.folder or Path(made)
        killings: list[killed.Killing] = []
        wrong_after_kill, first = 0, 0
        for number in range(1, chosen.kills + 1):
            killing = killed.kill_one(folder, first, chance)
            killings.append(killing)
            # A reader must see everything even before the next writer has mended anything.
            wrong_after_kill += killed.missing_or_wrong(folder, killing)
            first = max([first, *killing.acknowledged]) + 1_000
            if number % 20 == 0:
                print(f"{number} kills, {wrong_after_kill} wrong", file=sys.stderr)
        historian = killed.open_historian(folder)
        latest_wrong = killed.latest_wrong(historian, killings)
        while historian.flush():
            pass
        wrong_in_lake = sum(killed.missing_or_wrong(folder, one) for one in killings)
        contested = killed.contested_wrong(folder, killed.newest_contested(killings))
        snapshot = historian.lake.readings.snapshot()
        historian.close()
        acknowledged = sum(len(one.acknowledged) for one in killings)
        found = {
            **facts,
            "kills": chosen.kills,
            "kills_before_the_first_receipt": sum(not one.acknowledged for one in killings),
            "batches_acknowledged": acknowledged,
            "readings_acknowledged": acknowledged * (killed.READINGS + 1),
            "lake_commits": snapshot.version if snapshot else 0,
            "wrong_right_after_the_kill": wrong_after_kill,
            "wrong_in_the_lake_at_the_end": wrong_in_lake,
            "rows_doubled_in_the_lake": killed.doubled(folder),
            "contested_moments_wrong": contested,
            "latest_values_wrong": latest_wrong,
        }
    machine.keep("crash", found)
    wrong = wrong_after_kill + wrong_in_lake + found["rows_doubled_in_the_lake"]
    return int(wrong + contested + latest_wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
