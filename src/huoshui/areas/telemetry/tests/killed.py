"""A writer to whom everything happens, and the check that nothing acknowledged was lost.

The child stores batches and tells the number of each through a pipe after its receipt, while a
second thread flushes and compacts without rest. Batch ``k`` is known in advance: readings of
points 1 to 40 at moments no other batch has, and a value at one of a few moments of point 50 that
many batches write to, which only the latest may keep. Every seventh batch is handed in, as from
another process. What happens at a random moment: the disk fills up and has room again, the
clock is set back, and always in the end SIGKILL. Run by the test beside this file and, many times
over, by ``benchmarks/crash.py``.
"""

from __future__ import annotations

import contextlib
import functools
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from huoshui.areas.telemetry import contracts, ingest, refusals, validation
from huoshui.areas.telemetry.store import columns, inbox, lake, readers

BASE_US = 1_767_225_600_000_000  # 2026-01-01
NOW_US = BASE_US + 1_000 * columns.DAY_US
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
    """Return batch ``k``, the same whenever it is asked for.

    One that is handed in may arrive behind later ones, so it leaves the contested moments alone.
    """
    own = np.arange(READINGS)
    point, at_us = own + 1, BASE_US + k * STEP_US + own * 1000
    if not is_handed_in(k):
        point, at_us = np.append(point, CONTESTED), np.append(at_us, contested_us(k))
    return contracts.Batch(
        "killed",
        point.astype(np.int32),
        at_us,
        np.full(len(point), float(k)),
        np.zeros(len(point), np.uint8),
    )


def is_handed_in(k: int) -> bool:
    """Tell whether batch ``k`` goes through the inbox."""
    return k % 7 == 0


def contested_us(k: int) -> int:
    """Return the moment of the contested point that batch ``k`` writes to."""
    return BASE_US - (1 + k % CONTESTED_MOMENTS) * STEP_US


class _Clocks:
    """All clocks of the child: set back by up to four days at SIGUSR1.

    The devices' clocks go on as before, so that their readings lie ahead of ours from then on.
    """

    def __init__(self) -> None:
        self.devices_us = 0
        self.back_us = 0
        self._real = time.time_ns
        self._chance = random.Random(os.getpid())

    def install(self) -> None:
        signal.signal(signal.SIGUSR1, lambda *_: self._set_back())
        time.time_ns = lambda: self._real() - self.back_us * 1000
        time.time = lambda: time.time_ns() / 1e9

    def _set_back(self) -> None:
        self.back_us += self._chance.randrange(4 * columns.DAY_US)

    def __call__(self) -> ingest.Moment:
        return ingest.Moment(self.devices_us - self.back_us)


def child(folder: Path, first: int) -> None:
    """Store batches from ``first`` on until killed, telling each number after its receipt."""
    clocks = _Clocks()
    clocks.install()
    clocks.devices_us = BASE_US + first * STEP_US
    historian = ingest.Historian(folder, points(), clocks)
    # The parent hears by this that the clock and the disk may now be played with.
    os.write(1, b"ready\n")

    def upkeep() -> None:
        while True:
            try:
                historian.flush()
                historian.upkeep(quiet_s=0.0, files_max=2)
                historian.take_in()
                historian.sweep()
            except Exception:
                time.sleep(0.02)

    threading.Thread(target=upkeep, daemon=True).start()
    k = first
    while True:
        clocks.devices_us = BASE_US + k * STEP_US
        some = range(k, k + 1 + k % 3)
        for one in some:
            if is_handed_in(one):
                _until_kept(functools.partial(inbox.put, folder, [batch(one)]))
        straight = [batch(one) for one in some if not is_handed_in(one)]
        _until_kept(functools.partial(historian.accept_many, straight))
        os.write(1, "".join(f"{one}\n" for one in some).encode())
        k = some.stop
        if k % 20 < 3:
            with contextlib.suppress(Exception):
                historian.write_latest()


def _until_kept(store: Callable[[], object]) -> None:
    """Store something; where the disk is full try again, as a broker or a device does."""
    while True:
        try:
            store()
        except (refusals.DiskFull, inbox.InboxUnavailable):
            os.write(1, b"full\n")
            time.sleep(0.01)
        else:
            return


@dataclass
class Killing:
    """One child that was started and killed: what it acknowledged, and what else befell it."""

    first: int
    acknowledged: list[int]
    mode: str = "kill"
    refused: int = 0


def kill_one(
    folder: Path, first: int, chance: random.Random, mode: str = "kill", room: Room | None = None
) -> Killing:
    """Start a child, let ``mode`` befall it, kill it at a random moment; return what it told.

    ``mode`` is "kill", "disk_full" or "clock_back".
    """
    with subprocess.Popen(
        [sys.executable, __file__, str(folder), str(first)],
        stdout=subprocess.PIPE,
        env=dict(os.environ, PYTHONPATH=os.pathsep.join(path for path in sys.path if path)),
    ) as process:
        assert process.stdout is not None
        told = process.stdout
        beginning = b""
        if mode != "kill" or chance.random() < 0.8:
            told.readline()
            time.sleep(chance.random() * 0.2)
            if mode == "disk_full":
                with (room or Room()).taken(process.pid, chance):
                    time.sleep(chance.random() * 0.2)
                    if chance.random() < 0.3:
                        process.kill()
            elif mode == "clock_back":
                process.send_signal(signal.SIGUSR1)
            time.sleep(chance.random() * 0.2)
        else:
            # While it opens and mends what the one before left behind.
            time.sleep(chance.random() * 1.0)
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGKILL)
        lines = (beginning + told.read()).split(b"\n")
    # What follows the last line end was cut off by the kill: not told, so not acknowledged.
    numbers = [int(line) for line in lines[:-1] if line.isdigit()]
    return Killing(first, numbers, mode, lines.count(b"full"))


class Room:
    """The child's disk. Here: a limit on the size of its files, which any user may set."""

    @contextlib.contextmanager
    def taken(self, pid: int, chance: random.Random) -> Iterator[None]:
        """Leave the child no room, or next to none, for a while."""
        import resource

        nothing = (chance.choice((0, 100, 5_000, 50_000)), resource.RLIM_INFINITY)
        endless = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, nothing)
        try:
            yield
        finally:
            with contextlib.suppress(ProcessLookupError):
                resource.prlimit(pid, resource.RLIMIT_FSIZE, endless)


class SmallDisk(Room):
    """A file system of its own that is filled to the last byte."""

    def __init__(self, folder: Path) -> None:
        self.ballast = folder / "ballast"

    @contextlib.contextmanager
    def taken(self, pid: int, chance: random.Random) -> Iterator[None]:
        """Fill the disk, or all but a few pages of it, for a while."""
        free = os.statvfs(self.ballast.parent)
        left = chance.choice((0, 0, 1, 5, 20)) * 4096
        try:
            with self.ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
                size = max(free.f_bavail * free.f_frsize - left, 4096)
                os.posix_fallocate(file.fileno(), 0, size)
                # What the child takes away meanwhile is filled up page by page.
                file.seek(size)
                while not left:
                    file.write(bytes(4096))
            yield
        finally:
            self.ballast.unlink(missing_ok=True)


def missing_or_wrong(folder: Path, killing: Killing) -> int:
    """Return how many acknowledged readings a reader does not find exactly as they were sent.

    Batches that still wait in the inbox are on disk, and not yet a reader's business.
    """
    waiting = {int(b.value[0]) for name in inbox.names(folder) for b in inbox.read(folder, name)}
    told = [k for k in killing.acknowledged if k not in waiting]
    if not told:
        return 0
    until_us = BASE_US + (max(told) + 1) * STEP_US
    found = readers.Reader(folder).readings(
        list(range(1, READINGS + 1)), BASE_US + killing.first * STEP_US, until_us
    )
    wrong = 0
    acknowledged = np.array(told)
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
            if is_handed_in(k):
                continue
            newest[contested_us(k)] = max(newest.get(contested_us(k), -1), k)
    return newest


def latest_wrong(historian: ingest.Historian, killings: list[Killing]) -> int:
    """Return how many newest values are older than the newest acknowledged.

    A reading that lay ahead of a clock set back is stored, but was never the newest.
    """
    told = [one for one in killings if one.acknowledged and one.mode != "clock_back"]
    newest = max((max(one.acknowledged) for one in told), default=None)
    if newest is None:
        return 0
    values: NDArray[np.float64] = historian.newest.value[:READINGS]
    return int((~(values >= newest)).sum())


if __name__ == "__main__":
    child(Path(sys.argv[1]), int(sys.argv[2]))
