"""What the journal says about itself to any process: how much waits, and what befell it."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from pathlib import Path

from huoshui.areas.telemetry.store import journal


@dataclass(frozen=True)
class State:
    """What the journal says about itself to any process. ``marks`` are numbers by name."""

    batches: int
    readings: int
    oldest_us: int
    marks: dict[str, int]


def read(folder: Path) -> State | None:
    """Return the state of a folder's journal; None before there is one."""
    path = folder / journal.FILE_NAME
    if not path.exists():
        return None
    connection = journal.connect(path, readonly=True)
    try:
        counts = connection.execute(
            "SELECT count(*), coalesce(sum(count), 0), coalesce(min(received_us), 0) FROM batch"
        ).fetchone()
        marks = dict(connection.execute("SELECT name, value FROM mark").fetchall())
    except sqlite3.OperationalError:
        # The writer is making the file this very moment.
        return None
    finally:
        connection.close()
    batches, readings, oldest_us = counts
    return State(int(batches), int(readings), int(oldest_us), marks)
