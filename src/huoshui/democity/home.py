"""What the demo city keeps between two starts: one small file."""

from __future__ import annotations

import os
from pathlib import Path

import orjson

from huoshui.democity import timetable
from huoshui.democity.simulate import living
from huoshui.kernel import settings

HELD = "held"
"""Says in the file that the shown clock stands because the city is not alive."""


def folder() -> Path:
    """Return the folder of the demo city in the home, making it if need be."""
    path = settings.get().home / "democity"
    path.mkdir(parents=True, exist_ok=True)
    return path


def load(history_days: int = timetable.HISTORY_DAYS) -> tuple[living.State, dict[str, object]]:
    """Return the city's state and what else was kept; a new city where there is none."""
    path = folder() / "state.json"
    if not path.exists():
        return timetable.first_state(history_days), {}
    kept = orjson.loads(path.read_bytes())
    return living.State.of_record(kept["city"]), kept["more"]


def save(state: living.State, more: dict[str, object]) -> None:
    """Keep the state, whole or not at all."""
    path = folder() / "state.json"
    fresh = path.with_suffix(".new")
    with fresh.open("wb") as out:
        out.write(orjson.dumps({"city": state.as_record(), "more": more}))
        out.flush()
        os.fsync(out.fileno())
    fresh.replace(path)


def exists() -> bool:
    """Say whether a city was begun here."""
    return (folder() / "state.json").exists()
