"""A night of 12 million hourly meter readings: into the lake, its size, and the sums of 200 zones.

    .venv/bin/python -m benchmarks.night [--meters 500000] [--rounds 5] [--only-night]

The readings are made from a seed: 500,000 customer meters, 24 hours, a gamma distribution of
litres with a daily rhythm and many hours without use, read to a litre or a tenth of it. They
arrive hour by hour; 4 of 100 come hours late and 5 of 100 are sent twice, so that more arrive than
are kept. What is measured: journal to lake with compaction and roll-ups, peak memory of the
process, bytes for each reading. Peers of the same run, on the same readings: PostgreSQL with
(point, time) as its key, vacuumed and free to use all processors, and plain DuckDB over one Parquet
file that it sorted itself. All are asked in turns for the hourly sums of 200 zones, and must agree.
Last, a year's night flows of 200 zones from the hourly roll-ups.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from benchmarks import machine
from benchmarks.ingest import postgresql
from huoshui.areas.telemetry import contracts, ingest, validation
from huoshui.areas.telemetry.store import readers

ZONES = 200
HOURS = 24
ROWS = 10_000
NAN = float("nan")
START_US = 1_772_323_200_000_000  # 2026-03-01 00:00 UTC, a Sunday
HOUR_US = 3_600_000_000
DAY_US = 24 * HOUR_US
LATE_FRAC, AGAIN_FRAC = 0.04, 0.05
THREADS = 2


def points(count: int) -> list[validation.WatchedPoint]:
    """Return customer meters that can show 0 to 5,000 litres an hour."""
    none = (NAN, NAN, NAN, NAN)
    return [
        validation.WatchedPoint(number, 0.0, 5_000.0, NAN, none, 0.0, 0, 0)
        for number in range(1, count + 1)
    ]


def zone_of(meters: int) -> NDArray[np.int32]:
    """Return the zone of each meter number; meter 0 does not exist."""
    zones = np.random.default_rng(7).integers(0, ZONES, meters + 1).astype(np.int32)
    zones[0] = -1
    return zones


def arrivals(meters: int) -> Iterator[contracts.Batch]:
    """Yield batches as a night's read-out sends them, late and repeated readings among them."""
    rng = np.random.default_rng(20260301)
    size = rng.gamma(2.0, 4.0, meters)
    # Half of the meters resolve a tenth of a litre, and one in ten reads past the full hour.
    decimals = rng.integers(0, 2, meters)
    past_us = np.where(rng.random(meters) < 0.1, rng.integers(1, 3_600, meters) * 1_000_000, 0)
    waiting: list[tuple[int, Any, Any, Any]] = []
    for hour in range(HOURS + 6):
        parts: list[tuple[Any, Any, Any]] = []
        if hour < HOURS:
            rhythm = 0.25 + 0.75 * np.sin(np.pi * max(hour - 4, 0) / 20) ** 2
            litres = rng.gamma(0.7, size * rhythm).clip(max=5_000)
            litres = np.where(decimals, np.round(litres, 1), np.round(litres))
            number = np.arange(1, meters + 1, dtype=np.int32)
            late = rng.random(meters) < LATE_FRAC
            again = rng.random(meters) < AGAIN_FRAC
            at_us = START_US + hour * HOUR_US + past_us
            parts.append((number[~late], at_us[~late], litres[~late]))
            again &= ~late
            parts.append((number[again], at_us[again], litres[again]))
            hours_late = int(rng.integers(1, 6))
            waiting.append((hour + hours_late, number[late], at_us[late], litres[late]))
        parts += [item[1:] for item in waiting if item[0] == hour]
        for number, at, litres in parts:
            for start in range(0, len(number), ROWS):
                cut = slice(start, start + ROWS)
                yield contracts.Batch(
                    "meters",
                    number[cut],
                    at[cut].astype(np.int64),
                    litres[cut].astype(np.float64),
                    np.zeros(len(number[cut]), np.uint8),
                )


def fill(folder: Path, meters: int) -> int:
    """Put the night into a fresh journal; return how many readings arrived."""
    historian = open_historian(folder, meters)
    arrived, some = 0, []
    for batch in arrivals(meters):
        some.append(batch)
        arrived += len(batch)
        if len(some) == 20:
            historian.accept_many(some)
            some = []
    if some:
        historian.accept_many(some)
    historian.close()
    return arrived


def open_historian(folder: Path, meters: int) -> ingest.Historian:
    """Open the historian two days after the night began."""
    return ingest.Historian(folder, points(meters), lambda: ingest.Moment(START_US + 2 * DAY_US))


def to_lake(folder: Path, meters: int, answer: Any) -> None:
    """Move the journal to the lake as the ingest process does, and tell how it went."""
    historian = open_historian(folder, meters)
    begun = time.perf_counter()
    moved = 0
    while part := historian.flush():
        moved += part
    flushed_s = time.perf_counter() - begun
    historian.upkeep(quiet_s=0)
    all_s = time.perf_counter() - begun
    snapshot = historian.lake.readings.snapshot()
    assert snapshot is not None
    kept = sum(file.rows for file in snapshot.files)
    size = sum(file.size for file in snapshot.files)
    historian.close()
    answer.put(
        {
            "readings_arrived": moved,
            "readings_kept": kept,
            "journal_to_lake_s": round(flushed_s, 2),
            "with_compaction_and_hours_s": round(all_s, 2),
            "bytes_per_reading": round(size / kept, 2),
            "memory_peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        }
    )


def timed(rounds: int, ask: Callable[[], Any]) -> tuple[float, Any]:
    """Return the median time of a question and its answer."""
    took, answer = [], None
    for _ in range(rounds):
        begun = time.perf_counter()
        answer = ask()
        took.append(time.perf_counter() - begun)
    return statistics.median(took), answer


def compared(rounds: int, asked: dict[str, Callable[[], NDArray[np.float64]]]) -> dict[str, Any]:
    """Put the question to each in turns, so that all meet the same machine; compare the medians.

    The first turn warms the caches of all and is not counted; the answers must agree.
    """
    took: dict[str, list[float]] = {name: [] for name in asked}
    for turn in range(rounds + 1):
        answers = {}
        for name, ask in asked.items():
            taken, answers[name] = timed(1, ask)
            if turn:
                took[name].append(taken)
        for answer in answers.values():
            np.testing.assert_allclose(answers["ours"], answer)
    median = {name: statistics.median(found) for name, found in took.items()}
    told: dict[str, Any] = {"zones": ZONES, "rounds": rounds}
    told |= {f"{name}_s": round(found, 3) for name, found in median.items()}
    told["times_duckdb"] = round(median["ours"] / median["duckdb"], 2)
    if "postgresql" in median:
        told["faster_than_postgresql"] = round(median["postgresql"] / median["ours"], 1)
    return told


def ours(folder: Path, zones: NDArray[np.int32]) -> NDArray[np.float64]:
    """Return the hourly sums of the zones, as the product answers."""
    reader = readers.Reader(folder)
    return reader.hourly_sums(zones, ZONES, START_US, START_US + DAY_US).total


def duckdb_peer(
    folder: Path, meters: int, zones: NDArray[np.int32]
) -> Callable[[], NDArray[np.float64]]:
    """Sort the readings into one plain Parquet file; return the question to DuckDB."""
    snapshot_files = sorted((folder / "lake" / "readings").glob("day=*/*.parquet"))
    db = duckdb.connect(config={"threads": THREADS})
    db.execute("SET TimeZone = 'UTC'")
    plain = folder / "plain.parquet"
    db.execute(
        "COPY (SELECT point_id, taken_at, value FROM read_parquet(?, hive_partitioning = false)"
        " QUALIFY row_number() OVER (PARTITION BY point_id, taken_at ORDER BY flush DESC) = 1"
        f" ORDER BY point_id, taken_at) TO '{plain}' (FORMAT parquet, COMPRESSION zstd)",
        [[str(path) for path in snapshot_files]],
    )
    dimension = pa.table({"point_id": np.arange(1, meters + 1, dtype=np.int32), "zone": zones[1:]})
    db.register("dimension", dimension)
    db.execute("CREATE TABLE meter AS SELECT * FROM dimension")

    def ask() -> NDArray[np.float64]:
        rows = db.execute(
            "SELECT zone, epoch_us(date_trunc('hour', taken_at)) AS hour, sum(value) AS total"
            f" FROM read_parquet('{plain}') JOIN meter USING (point_id)"
            f" WHERE taken_at >= make_timestamptz({START_US})"
            f" AND taken_at < make_timestamptz({START_US + DAY_US}) GROUP BY ALL"
        ).fetchnumpy()
        return _matrix(rows["zone"], rows["hour"], rows["total"])

    return ask


def _matrix(zone: Any, hour: Any, total: Any) -> NDArray[np.float64]:
    found = np.zeros((ZONES, HOURS))
    found[zone, (np.asarray(hour) - START_US) // HOUR_US] = total
    return found


def postgresql_peer(
    connection: Any, meters: int, zones: NDArray[np.int32], folder: Path
) -> Callable[[], NDArray[np.float64]]:
    """Copy the same readings into a keyed table; return the question to PostgreSQL."""
    plain = duckdb.sql(f"SELECT * FROM read_parquet('{folder / 'plain.parquet'}')")
    assert plain is not None
    connection.execute("CREATE TABLE meter (point_id int4 PRIMARY KEY, zone int2)")
    with connection.cursor() as cursor:
        with cursor.copy("COPY meter FROM STDIN") as copy:
            for number in range(1, meters + 1):
                copy.write_row((number, int(zones[number])))
        copying = "COPY reading (point_id, at_us, value, quality) FROM STDIN"
        with cursor.copy(copying) as copy:
            for batch in plain.to_arrow_reader(100_000):
                at = batch.column("taken_at").cast(pa.int64()).to_pylist()
                rows = zip(
                    batch.column("point_id").to_pylist(),
                    at,
                    batch.column("value").to_pylist(),
                    strict=True,
                )
                copy.write("".join(f"{p}\t{t}\t{v}\t0\n" for p, t, v in rows))
    # Room for its hash table of meters, and as many processes as there are processors.
    connection.execute("SET work_mem = '128MB'")
    connection.execute(f"SET max_parallel_workers_per_gather = {THREADS}")
    connection.execute("VACUUM (ANALYZE) reading")
    connection.execute("ANALYZE meter")

    def ask() -> NDArray[np.float64]:
        rows = connection.execute(
            "SELECT zone, at_us / 3600000000 * 3600000000, sum(value)"
            " FROM reading JOIN meter USING (point_id)"
            " WHERE at_us >= %s AND at_us < %s AND quality < 3 GROUP BY 1, 2",
            (START_US, START_US + DAY_US),
        ).fetchall()
        zone, hour, total = zip(*rows, strict=True)
        return _matrix(np.array(zone), np.array(hour), np.array(total))

    return ask


def year(folder: Path) -> dict[str, Any]:
    """Return how long the night flows of 200 inlets over a year take."""
    historian = ingest.Historian(
        folder, points(ZONES), lambda: ingest.Moment(START_US + 367 * DAY_US)
    )
    rng = np.random.default_rng(5)
    number = np.arange(1, ZONES + 1, dtype=np.int32)
    for first in range(0, 365, 31):
        at = START_US + np.arange(first * 24, min(first + 31, 365) * 24) * HOUR_US
        value = rng.gamma(20.0, 1.5, (len(at), ZONES)).round(2)
        historian.accept(
            contracts.Batch(
                "inlets",
                np.tile(number, len(at)),
                np.repeat(at, ZONES),
                value.ravel(),
                np.zeros(value.size, np.uint8),
            )
        )
        historian.flush()
        historian.upkeep(quiet_s=0)
    while historian.upkeep(quiet_s=0):
        pass
    historian.close()
    reader = readers.Reader(folder)

    def ask() -> Any:
        return reader.daily_means(
            number.tolist(),
            [(START_US + day * DAY_US + 18 * HOUR_US) for day in range(365)],
            2 * HOUR_US,
        )

    first_s, _ = timed(1, ask)
    again_s, table = timed(5, ask)
    return {
        "zones": ZONES,
        "nights": int(np.isfinite(table).sum() // ZONES),
        "first_s": round(first_s, 3),
        "again_s": round(again_s, 3),
    }


def main() -> None:
    """Measure everything in turn and keep the result."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--meters", type=int, default=500_000)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--only-night", action="store_true", help="Leave the year out.")
    chosen = options.parse_args()
    found: dict[str, Any] = machine.facts("src/huoshui/areas/telemetry", "benchmarks/night.py")
    zones = zone_of(chosen.meters)
    with tempfile.TemporaryDirectory(prefix="huoshui-night-") as made:
        folder = Path(made)
        fill(folder, chosen.meters)
        # A process of its own, so that its peak of memory is its own.
        context = multiprocessing.get_context("spawn")
        answer = context.Queue()
        mover = context.Process(target=to_lake, args=(folder, chosen.meters, answer))
        mover.start()
        found |= {"meters": chosen.meters, **answer.get()}
        mover.join()
        with postgresql() as connection:
            asked = {
                "ours": lambda: ours(folder, zones),
                "duckdb": duckdb_peer(folder, chosen.meters, zones),
            }
            if connection is not None:
                asked["postgresql"] = postgresql_peer(connection, chosen.meters, zones, folder)
            found["zone_sums"] = compared(chosen.rounds, asked)
            if connection is not None:
                [size] = connection.execute("SELECT pg_total_relation_size('reading')").fetchone()
                found["postgresql_bytes_per_reading"] = round(size / found["readings_kept"], 1)
    if chosen.only_night:
        print(found)
        return
    with tempfile.TemporaryDirectory(prefix="huoshui-year-") as made:
        found["night_flow_year"] = year(Path(made))
    machine.keep("night", found)


if __name__ == "__main__":
    main()
