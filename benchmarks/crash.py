"""A thousand random moments of bad luck; nothing acknowledged may be lost or doubled.

    .venv/bin/python -m benchmarks.crash [--moments 1000] [--seed 1] [--workers 2]

A quarter each: SIGKILL of the writer; a full disk (a small file system of its own filled to the
last byte where one may be mounted, a limit on the size of files elsewhere) and then SIGKILL; the
clock set back by up to four days and then SIGKILL; the broker restarted while it delivers, and the
writer killed in between. The children and the checks are those of the short test in
``src/huoshui/areas/telemetry/tests/killed.py``; the broker is a Mosquitto with a lasting session
before the product's own MQTT connector (``benchmarks/crash_broker.py``). Every worker has stores
of its own.
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks import crash_broker, machine
from huoshui.areas.telemetry.store import readers
from huoshui.areas.telemetry.tests import killed

MODES = ("kill", "disk_full", "clock_back")
DISK_MB = 512


def main() -> int:
    """Share the moments out to the workers, add up what they found, and keep the result."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--moments", type=int, default=1_000)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--workers", type=int, default=2)
    chosen = options.parse_args()
    facts = machine.facts("src/huoshui/areas/telemetry", "src/huoshui/connectors", "benchmarks")
    begun = time.monotonic()
    each = -(-chosen.moments // chosen.workers)
    tasks = [(chosen.seed * 1_000 + number, each) for number in range(chosen.workers)]
    with multiprocessing.get_context("spawn").Pool(chosen.workers) as pool:
        answers = pool.starmap(worker, tasks)
    found: dict[str, Any] = {**facts, "took_s": round(time.monotonic() - begun)}
    for answer in answers:
        for name, number in answer.items():
            found[name] = found.get(name, 0) + number
    machine.keep("crash", found)
    return int(any(number for name, number in found.items() if name.startswith("wrong_")))


def worker(seed: int, moments: int) -> dict[str, int]:
    """Live through ``moments`` moments: three quarters at the store, one with the broker."""
    chance = random.Random(seed)
    with_broker = moments // 4 if crash_broker.MOSQUITTO else 0
    with small_disk() as (folder, room):
        found = at_the_store(folder, room, moments - with_broker, chance)
        found["moments_on_a_disk_filled_up"] = (
            found["moments_disk_full"] if isinstance(room, killed.SmallDisk) else 0
        )
    if with_broker:
        with tempfile.TemporaryDirectory(prefix="huoshui-crash-") as made:
            found |= crash_broker.run(Path(made), with_broker, chance)
    return found


@contextmanager
def small_disk() -> Iterator[tuple[Path, killed.Room]]:
    """Give a folder on a disk of its own, or where none may be mounted just a folder."""
    with tempfile.TemporaryDirectory(prefix="huoshui-crash-") as made:
        command = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m", "tmpfs", made]
        mounted = subprocess.run(command, capture_output=True, check=False).returncode == 0
        folder = Path(made) / "historian"
        folder.mkdir()
        try:
            yield folder, killed.SmallDisk(Path(made)) if mounted else killed.Room()
        finally:
            if mounted:
                subprocess.run(["umount", "-l", made], check=False)


def at_the_store(
    folder: Path, room: killed.Room, moments: int, chance: random.Random
) -> dict[str, int]:
    """Kill the writer so often on one store, check after each time and at the end."""
    killings: list[killed.Killing] = []
    wrong_after_kill, first = 0, 0
    for number in range(moments):
        mode = MODES[number % len(MODES)]
        killing = killed.kill_one(folder, first, chance, mode, room)
        killings.append(killing)
        # A reader must see everything even before the next writer has mended anything.
        wrong_after_kill += killed.missing_or_wrong(folder, killing)
        first = max([first, *killing.acknowledged]) + 100
        if number % 20 == 19:
            print(f"{number + 1} moments, {wrong_after_kill} wrong", file=sys.stderr)
            _tidy(folder)
    # One more with a clock that is right, so that the newest values have to be.
    killings.append(killed.kill_one(folder, first, chance))
    historian = killed.open_historian(folder)
    historian.take_in()
    latest_wrong = killed.latest_wrong(historian, killings)
    while historian.flush():
        pass
    historian.close()
    acknowledged = sum(len(one.acknowledged) for one in killings)
    snapshot = readers.Reader(folder)._readings.snapshot()
    return {
        **{f"moments_{mode}": sum(one.mode == mode for one in killings) for mode in MODES},
        "batches_acknowledged": acknowledged,
        "readings_acknowledged": acknowledged * (killed.READINGS + 1),
        "batches_refused_for_want_of_room": sum(one.refused for one in killings),
        "lake_commits": snapshot.version if snapshot else 0,
        "wrong_right_after_the_kill": wrong_after_kill,
        "wrong_in_the_lake_at_the_end": sum(
            killed.missing_or_wrong(folder, one) for one in killings
        ),
        "wrong_doubled_rows": killed.doubled(folder),
        "wrong_contested_moments": killed.contested_wrong(
            folder, killed.newest_contested(killings)
        ),
        "wrong_latest_values": latest_wrong,
    }


def _tidy(folder: Path) -> None:
    """Delete files no snapshot names; in real life they stay for a quarter of an hour."""
    historian = killed.open_historian(folder)
    for table in (historian.lake.readings, historian.keeper.hours.table):
        table.sweep(older_than_s=-1)
    historian.close()


if __name__ == "__main__":
    sys.exit(main())
