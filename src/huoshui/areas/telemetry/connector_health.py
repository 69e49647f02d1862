"""The latest health report of each connector: one small file each in the home's ``run`` folder.

A file and not a table: connectors report every second, from another process, and a report older
than a minute is worth nothing. The operational database is spared the writes.
"""

from __future__ import annotations

import os
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from huoshui.areas.telemetry.contracts import ConnectorHealth, ConnectorProblem
from huoshui.kernel import settings

_MOMENTS = ("state_since", "started_at", "reported_at", "latest_message_at")


def _folder() -> Path:
    return settings.get().home / "run" / "connectors"


def keep(health: ConnectorHealth) -> None:
    """Replace the report of that connector, so that a reader never sees half of one."""
    folder = _folder()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{health.name}.json"
    fresh = path.with_suffix(".new")
    fresh.write_bytes(orjson.dumps(asdict(health)))
    os.replace(fresh, path)


def reports() -> list[ConnectorHealth]:
    """Return the latest report of every connector that ever ran here, by name."""
    found = []
    for path in sorted(_folder().glob("*.json")):
        try:
            found.append(_read(orjson.loads(path.read_bytes())))
        except (OSError, ValueError, TypeError, KeyError):
            # Written by another version. It will be replaced within a second of its next start.
            continue
    return found


def _read(row: dict[str, Any]) -> ConnectorHealth:
    for name in _MOMENTS:
        row[name] = datetime.fromisoformat(row[name]) if row[name] else None
    row["problems"] = tuple(
        ConnectorProblem(**{**one, "seen_at": datetime.fromisoformat(one["seen_at"])})
        for one in row["problems"]
    )
    return ConnectorHealth(**row)
