"""The latest health report of each source: one small file each in the home's ``run`` folder.

A file and not a table: connectors report every second, from another process, and a report older
than a minute is worth nothing. The operational database is spared the writes.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
from django.urls import reverse
from django.utils.translation import gettext as _

from huoshui.areas.telemetry.contracts import ConnectorHealth, ConnectorProblem, Source
from huoshui.kernel import clock, health, settings
from huoshui.kernel.pages import formats

# A connector reports every second; after this it is not well, whatever it said before.
SILENT_AFTER = timedelta(seconds=15)
# A sender's clock may be this far ahead of ours, and readings this late, without a word on the
# health page. The historian waits for what is more than five minutes ahead.
AHEAD_S = 60.0
LATE_S = 3600.0
# Waits for callers, who may come seldom: nobody reports while nothing comes.
PASSIVE = frozenset({"http"})

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


def state_of(source: Source, report: ConnectorHealth | None) -> str:
    """Return how a source is: paused, what it reports, or that it does not report."""
    if not source.is_enabled:
        return "paused"
    if report is None:
        return "waiting" if source.connector in PASSIVE else "silent"
    if source.connector in PASSIVE or report.state == "stopped":
        return report.state
    silent = clock.real_now() - report.reported_at > SILENT_AFTER
    return "silent" if silent else report.state


def findings() -> Iterator[health.Finding]:
    """Say which sources do not work, and whose clocks are wrong."""
    from huoshui.areas.telemetry import sources

    by_code = {one.name: one for one in reports()}
    for source in sources.sources():
        report = by_code.get(source.code)
        manifest = sources.connectors().get(source.connector)
        state = state_of(source, report)
        url = reverse("telemetry:source", args=[source.code])
        if state == "disconnected" and report is not None and manifest is not None:
            words = manifest.says(report.note)
            yield health.Finding(
                "failing",
                _("Data source %(name)s: %(fault)s") % {"name": source.title, "fault": words},
                manifest.remedy(report.note),
                url,
            )
        elif state == "silent" and source.changed_at is not None:
            yield health.Finding(
                "failing",
                _("Data source %(name)s does not report.") % {"name": source.title},
                _("Start the part “ingest”; if it runs, look into its log."),
                url,
            )
        if report is not None and state == "connected":
            yield from _clock_findings(source, report, url)


def _clock_findings(source: Source, report: ConnectorHealth, url: str) -> Iterator[health.Finding]:
    delay_s = report.delay_s
    # In the demo a city's hour may pass in a minute; the way here takes as long as ever.
    if delay_s is None or clock.speed() > 2:
        return
    span = formats.duration(timedelta(seconds=abs(delay_s)))
    if delay_s < -AHEAD_S:
        yield health.Finding(
            "warning",
            _("The clock of data source %(name)s is %(span)s ahead of ours.")
            % {"name": source.title, "span": span},
            _("Set the clock of the device, or let it follow a time server."),
            url,
        )
    elif delay_s > LATE_S:
        yield health.Finding(
            "warning",
            _("Readings of data source %(name)s come %(span)s late.")
            % {"name": source.title, "span": span},
            _("If the device sends at once, its clock is slow: set it."),
            url,
        )
