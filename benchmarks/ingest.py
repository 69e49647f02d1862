"""Durable ingest through the real path, beside PostgreSQL fed with the same batches.

    .venv/bin/python -m benchmarks.ingest [--batches 400] [--rounds 3] [--day-rows 12000000]

Ours is ``Historian.accept``: validation, alarm limits, newest values and a journal commit synced
to disk, one batch at a time, one writer, while a second thread flushes into the lake as in the
ingest process. The peer is PostgreSQL with fsync on, given the same batches by binary COPY into a
temporary table and an upsert keyed by (point, time), one transaction a batch, as a table of
readings needs it to survive resent batches. Its cluster is made in a private folder and removed.
Rounds of both alternate, so that a busy machine slows both. Then a day of 12 million readings
goes from journal to lake.
"""

from __future__ import annotations

import argparse
import dataclasses
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from benchmarks import cluster, machine
from huoshui.areas.telemetry import contracts, ingest, validation

POINTS = 20_000
ROWS = 1_000
NAN = float("nan")
START_US = 1_772_323_200_000_000  # 2026-03-01 00:00 UTC
DAY_US = 86_400_000_000
PEER_BATCHES = 60


def points() -> list[validation.WatchedPoint]:
    """Return 20,000 pressure points with a range, four limits, a dead band and a rhythm."""
    return [
        validation.WatchedPoint(
            number, 0.0, 100.0, NAN, (5.0, 10.0, 60.0, 80.0), 0.5, 0, 300_000_000
        )
        for number in range(1, POINTS + 1)
    ]


def batches(count: int, *, seed: int, first: int = 0) -> list[contracts.Batch]:
    """Return batches that go through all points again and again, a few readings beyond limits."""
    rng = np.random.default_rng(seed)
    made = []
    for number in range(first, first + count):
        rows = np.arange(number * ROWS, (number + 1) * ROWS)
        at_us = START_US + rows // POINTS * 1_000_000 + rng.integers(0, 1_000_000, ROWS)
        value = np.round(rng.normal(35.0, 4.0, ROWS), 2)
        value[rng.random(ROWS) < 0.0005] = 65.0
        made.append(
            contracts.Batch(
                "benchmark",
                (rows % POINTS + 1).astype(np.int32),
                at_us,
                value,
                np.zeros(ROWS, np.uint8),
            )
        )
    return made


def open_historian(folder: Path) -> ingest.Historian:
    """Open a fresh historian of these points."""
    return ingest.Historian(folder, points(), lambda: ingest.Moment(START_US + DAY_US))


def ours(folder: Path, given: list[contracts.Batch]) -> dict[str, float]:
    """Return readings per second and times of one accept, with the lake flushed meanwhile."""
    historian = open_historian(folder)
    stopping = threading.Event()

    def upkeep() -> None:
        while not stopping.wait(0.2):
            historian.write_latest()
            if historian.flush_due():
                historian.flush()

    slow = threading.Thread(target=upkeep)
    slow.start()
    took = []
    begun = time.perf_counter()
    for batch in given:
        before = time.perf_counter()
        historian.accept(batch)
        took.append(time.perf_counter() - before)
    whole_s = time.perf_counter() - begun
    stopping.set()
    slow.join()
    historian.close()
    return {
        "readings_per_s": len(given) * ROWS / whole_s,
        "accept_ms_median": statistics.median(took) * 1e3,
        "accept_ms_p99": sorted(took)[int(len(took) * 0.99)] * 1e3,
    }


def peer(connection: Any, given: list[contracts.Batch]) -> float:
    """Return PostgreSQL's readings per second: binary COPY, then upsert by key, durable."""
    begun = time.perf_counter()
    for batch in given:
        with connection.transaction(), connection.cursor() as cursor:
            cursor.execute("TRUNCATE arriving")
            copying = "COPY arriving (point_id, at_us, value, quality) FROM STDIN (FORMAT BINARY)"
            with cursor.copy(copying) as copy:
                copy.set_types(["int4", "int8", "float8", "int2"])
                for row in zip(
                    batch.point_id.tolist(),
                    batch.at_us.tolist(),
                    batch.value.tolist(),
                    batch.quality.tolist(),
                    strict=True,
                ):
                    copy.write_row(row)
            cursor.execute(
                "INSERT INTO reading SELECT point_id, at_us, value, quality FROM arriving"
                " ON CONFLICT (point_id, at_us) DO UPDATE"
                " SET value = excluded.value, quality = excluded.quality"
            )
    return len(given) * ROWS / (time.perf_counter() - begun)


@contextmanager
def postgresql() -> Iterator[Any]:
    """Give a connection to a private PostgreSQL cluster with fsync on; None where it is absent."""
    with cluster.running() as server:
        if server is None:
            yield None
            return
        import psycopg

        with psycopg.connect(server.words, autocommit=True) as peer_:
            peer_.execute(
                "CREATE TABLE reading (point_id int4, at_us int8, value float8, quality int2,"
                " PRIMARY KEY (point_id, at_us))"
            )
            peer_.execute("CREATE TEMP TABLE arriving (LIKE reading)")
            yield peer_


def day_to_lake(folder: Path, rows: int) -> dict[str, Any]:
    """Return how long a day of readings takes from the journal to sorted, compacted files."""
    historian = open_historian(folder)
    step = 100
    for first in range(0, rows // ROWS, step):
        # A day is 600 turns of 20,000 points: one every 144 seconds.
        historian.accept_many(
            [
                dataclasses.replace(b, at_us=START_US + (b.at_us - START_US) * 144)
                for b in batches(step, seed=first, first=first)
            ]
        )
    begun = time.perf_counter()
    moved, flushes = 0, 0
    while part := historian.flush():
        moved, flushes = moved + part, flushes + 1
    flushed_s = time.perf_counter() - begun
    historian.moment = lambda: ingest.Moment(START_US + 2 * DAY_US)
    begun = time.perf_counter()
    historian.upkeep(quiet_s=0)
    compacted_s = time.perf_counter() - begun
    historian.sweep()
    snapshot = historian.lake.readings.snapshot()
    historian.close()
    stored = sum(file.size for file in snapshot.files) if snapshot else 0
    return {
        "readings": moved,
        "commits": flushes,
        "journal_to_lake_s": round(flushed_s, 2),
        "compaction_and_hours_s": round(compacted_s, 2),
        "bytes_per_reading": round(stored / max(moved, 1), 2),
        "memory_peak_mb": round(_memory_peak_mb()),
    }


def _memory_peak_mb() -> float:
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Measure both in turns, then the day, and keep the result."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--batches", type=int, default=2_000)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--day-rows", type=int, default=12_000_000)
    chosen = options.parse_args()
    found: dict[str, Any] = machine.facts("src/huoshui/areas/telemetry", "benchmarks/ingest.py")
    mine, theirs = [], []
    with postgresql() as connection:
        for number in range(chosen.rounds):
            given = batches(chosen.batches, seed=number, first=number * chosen.batches)
            with tempfile.TemporaryDirectory(prefix="huoshui-ingest-") as made:
                mine.append(ours(Path(made), given))
            if connection is not None:
                theirs.append(peer(connection, given[:PEER_BATCHES]))
            print(mine[-1], theirs[-1:])
        if connection is not None:
            found["peer"] = f"PostgreSQL {connection.info.server_version // 10000}"
    rate = statistics.median(one["readings_per_s"] for one in mine)
    found |= {
        "points": POINTS,
        "readings_per_batch": ROWS,
        "rounds": chosen.rounds,
        "readings_per_s": round(rate),
        "accept_ms_median": round(statistics.median(one["accept_ms_median"] for one in mine), 2),
        "accept_ms_p99": round(statistics.median(one["accept_ms_p99"] for one in mine), 2),
    }
    if theirs:
        found["peer_readings_per_s"] = round(statistics.median(theirs))
        found["ratio_to_peer"] = round(rate / statistics.median(theirs), 1)
    found["memory_mb_after_ingest"] = round(psutil.Process().memory_info().rss / 2**20)
    if chosen.day_rows:
        with tempfile.TemporaryDirectory(prefix="huoshui-day-") as made:
            found["day"] = day_to_lake(Path(made), chosen.day_rows)
    machine.keep("ingest", found)


if __name__ == "__main__":
    main()
