"""A writer that is killed at any moment, and the check that nothing acknowledged was lost.

The child stores batches and tells the number of each through a pipe after its receipt, while a
second thread flushes and compacts without rest. Batch ``k`` is known in advance: readings of
points 1 to 40 at moments no other batch has, and a value at one of a few moments of point 50 that
many batches write to, which only the latest may keep. Run by the test beside this file and, many
times over, by ``benchmarks/crash.py``.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from huoshui.areas.telemetry import contracts, ingest, validation
from huoshui.areas.telemetry.store import columns, lake, readers

BASE_US = 1_767_225_600_000_000  # 2026-01-01
NOW_US = BASE_US + 400 * columns.DAY_US
STEP_US = 60_000_000
READINGS = 40
CONTESTED = 50
CONTESTED_MOMENTS = 8
NAN = float("nan")


def points() -> list[validation.WatchedPoint]:
    """Return the points of the child, without limits."""
    return [
        validation.WatchedPoint(number, NAN, NAN, NAN, (NAN, NAN, NAN, NAN), 0.0, 0, 0)
        for number in range(1, CONTESTED + 1)
    ]


def open_historian(folder: Path) -> ingest.Historian:
    """Open the child's historian."""
    return ingest.Historian(folder, points(), lambda: ingest.Moment(NOW_US))


def batch(k: int) -> contracts.Batch:
    """Return batch ``k``, the same whenever it is asked for."""
    own = np.arange(READINGS)
    return contracts.Batch(
        "killed",
        np.append(own + 1, CONTESTED).astype(np.int32),
        np.append(BASE_US + k * STEP_US + own * 1000, contested_us(k)),
        np.full(READINGS + 1, float(k)),
        np.zeros(READINGS + 1, np.uint8),
    )


def contested_us(k: int) -> int:
    """Return the moment of the contested point that batch ``k`` writes to."""
    return BASE_US - (1 + k % CONTESTED_MOMENTS) * STEP_US


def child(folder: Path, first: int) -> None:
    """Store batches from ``first`` on until killed, telling each number after its receipt."""
    historian = open_historian(folder)

    def upkeep() -> None:
        while True:
            historian.flush()
            historian.upkeep(quiet_s=0.0, files_max=2)
            historian.sweep()

    threading.Thread(target=upkeep, daemon=True).start()
    k = first
    while True:
        some = range(k, k + 1 + k % 3)
        historian.accept_many([batch(one) for one in some])
        os.write(1, "".join(f"{one}\n" for one in some).encode())
        k = some.stop
        if k % 20 < 3:
            historian.write_latest()


@dataclass
class Killing:
    """One child that was started and killed: what it acknowledged, and from where it began."""

    first: int
    acknowledged: list[int]


def kill_one(folder: Path, first: int, chance: random.Random) -> Killing:
    """Start a child, kill it at a random moment, and return what it acknowledged."""
    with subprocess.Popen(
        [sys.executable, __file__, str(folder), str(first)],
        stdout=subprocess.PIPE,
        env=dict(os.environ, PYTHONPATH=os.pathsep.join(path for path in sys.path if path)),
    ) as process:
        assert process.stdout is not None
        told = process.stdout
        if chance.random() < 0.8:
            beginning = told.readline()
            time.sleep(chance.random() * 0.5)
        else:
            # While it opens and mends what the one before left behind.
            beginning = b""
            time.sleep(chance.random() * 1.0)
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGKILL)
        rest = told.read()
    lines = (beginning + rest).split(b"\n")
    # What follows the last line end was cut off by the kill: not told, so not acknowledged.
    return Killing(first, [int(line) for line in lines[:-1]])


def missing_or_wrong(folder: Path, killing: Killing) -> int:
    """Return how many acknowledged readings a reader does not find exactly as they were sent."""
    if not killing.acknowledged:
        return 0
    until_us = BASE_US + (max(killing.acknowledged) + 1) * STEP_US
    found = readers.Reader(folder).readings(
        list(range(1, READINGS + 1)), BASE_US + killing.first * STEP_US, until_us
    )
    wrong = 0
    acknowledged = np.array(killing.acknowledged)
    for number, part in found.items():
        expected = BASE_US + acknowledged * STEP_US + (number - 1) * 1000
        place = np.searchsorted(part.at_us, expected).clip(max=max(len(part) - 1, 0))
        if not len(part):
            wrong += len(expected)
            continue
        same = (part.at_us[place] == expected) & (part.value[place] == acknowledged)
        wrong += int((~same).sum())
    return wrong


def contested_wrong(folder: Path, newest: dict[int, int]) -> int:
    """Return how many contested moments hold something older than the newest acknowledged."""
    part = readers.Reader(folder).readings([CONTESTED], 0, BASE_US)[CONTESTED]
    held = dict(zip(part.at_us.tolist(), part.value.tolist(), strict=True))
    return sum(held.get(moment, -1.0) < k for moment, k in newest.items())


def doubled(folder: Path) -> int:
    """Return how many rows of the lake are there twice: same point, moment and file generation.

    Rows of the contested point may stand in several files on purpose and are left out.
    """
    table = lake.Lake(folder / "lake").readings
    snapshot = table.snapshot()
    if snapshot is None or not snapshot.files:
        return 0
    import duckdb

    paths = [str(table.folder / file.path) for file in snapshot.files]
    row = duckdb.execute(
        "SELECT count(*) - count(DISTINCT (point_id, taken_at))"
        " FROM read_parquet(?, hive_partitioning = false) WHERE point_id <> ?",
        [paths, CONTESTED],
    ).fetchone()
    return int(row[0]) if row else 0


def newest_contested(killings: list[Killing]) -> dict[int, int]:
    """Return the newest acknowledged batch of each contested moment."""
    newest: dict[int, int] = {}
    for killing in killings:
        for k in killing.acknowledged:
            newest[contested_us(k)] = max(newest.get(contested_us(k), -1), k)
    return newest


def latest_wrong(historian: ingest.Historian, killings: list[Killing]) -> int:
    """Return how many newest values are older than the newest acknowledged."""
    newest = max((max(one.acknowledged) for one in killings if one.acknowledged), default=None)
    if newest is None:
        return 0
    values: NDArray[np.float64] = historian.newest.value[:READINGS]
    return int((~(values >= newest)).sum())


if __name__ == "__main__":
    child(Path(sys.argv[1]), int(sys.argv[2]))
