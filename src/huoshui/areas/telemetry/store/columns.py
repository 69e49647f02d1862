"""Readings as columns: to Arrow bytes and back, in order, one per point and moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

DAY_US = 86_400_000_000
HOUR_US = 3_600_000_000

_JOURNAL_SCHEMA = pa.schema(
    [("point_id", pa.int32()), ("at_us", pa.int64()), ("value", pa.float64()), ("q", pa.uint8())]
)
# For 1,000 readings LZ4 takes 0.03 ms and makes 14 kB, zstd 0.11 ms and 9 kB, and both fill one
# page of the journal, where they stay for seconds. The library's threads would double either.
_OPTIONS = pa.ipc.IpcWriteOptions(compression="lz4", use_threads=False)


@dataclass(frozen=True)
class Columns:
    """Readings side by side. ``rank`` grows with arrival: of two at one moment the higher wins."""

    point_id: NDArray[np.int32]
    at_us: NDArray[np.int64]
    value: NDArray[np.float64]
    quality: NDArray[np.uint8]
    rank: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.point_id)

    def take(self, rows: NDArray[np.intp] | NDArray[np.bool_] | slice) -> Columns:
        """Return the given rows, in the given order."""
        return Columns(
            self.point_id[rows],
            self.at_us[rows],
            self.value[rows],
            self.quality[rows],
            self.rank[rows],
        )


def empty() -> Columns:
    """Return no readings."""
    return Columns(
        np.empty(0, np.int32),
        np.empty(0, np.int64),
        np.empty(0, np.float64),
        np.empty(0, np.uint8),
        np.empty(0, np.int64),
    )


def concat(parts: Sequence[Columns]) -> Columns:
    """Return all parts one after the other."""
    parts = [part for part in parts if len(part)]
    if not parts:
        return empty()
    if len(parts) == 1:
        return parts[0]
    return Columns(
        np.concatenate([part.point_id for part in parts]),
        np.concatenate([part.at_us for part in parts]),
        np.concatenate([part.value for part in parts]),
        np.concatenate([part.quality for part in parts]),
        np.concatenate([part.rank for part in parts]),
    )


def encode(
    point_id: NDArray[np.int32],
    at_us: NDArray[np.int64],
    value: NDArray[np.float64],
    quality: NDArray[np.uint8],
) -> memoryview:
    """Return a batch as one self-describing Arrow IPC stream, compressed."""
    batch = pa.RecordBatch.from_arrays(
        [pa.array(point_id), pa.array(at_us), pa.array(value), pa.array(quality)],
        schema=_JOURNAL_SCHEMA,
    )
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, _JOURNAL_SCHEMA, options=_OPTIONS) as stream:
        stream.write_batch(batch)
    return memoryview(sink.getvalue())


def decode(body: bytes, sequence: int) -> Columns:
    """Return what :func:`encode` made, ranked by the batch's sequence."""
    table = pa.ipc.open_stream(body).read_next_batch()
    point_id, at_us, value, quality = (
        column.to_numpy(zero_copy_only=False) for column in table.columns
    )
    return Columns(point_id, at_us, value, quality, np.full(len(point_id), sequence, np.int64))


def latest_of_each(columns: Columns) -> Columns:
    """Return the readings sorted by (point, time), only the highest ranked of each moment.

    Readings of equal rank must come in order of arrival; the later one wins.
    """
    if len(columns) < 2:
        return columns
    key = _key(columns)
    if key is not None and bool(np.all(key[1:] > key[:-1])):
        return columns
    by_rank = bool(np.all(columns.rank[1:] >= columns.rank[:-1]))
    if not by_rank:
        columns = columns.take(np.argsort(columns.rank, kind="stable"))
        key = _key(columns)
    if key is None:
        order = np.lexsort((columns.at_us, columns.point_id))
        at, point = columns.at_us[order], columns.point_id[order]
        differs = (at[1:] != at[:-1]) | (point[1:] != point[:-1])
    else:
        order = np.argsort(key, kind="stable")
        sorted_key = key[order]
        differs = sorted_key[1:] != sorted_key[:-1]
    # Stable sorting left equal moments in order of arrival, so the last of each run wins.
    return columns.take(order[np.append(differs, True)])


def _key(columns: Columns) -> NDArray[np.int64] | None:
    """Return point and moment as one sortable number, or None where they need over 62 bits.

    One integer key sorts three times as fast as two columns.
    """
    earliest = int(columns.at_us.min())
    at_bits = (int(columns.at_us.max()) - earliest).bit_length()
    if at_bits + int(columns.point_id.max()).bit_length() > 62:
        return None
    key: NDArray[np.int64] = (columns.point_id.astype(np.int64) << at_bits) | (
        columns.at_us - earliest
    )
    return key
