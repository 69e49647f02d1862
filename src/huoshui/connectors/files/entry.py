"""What the product asks of this connector: judge options, look into the folder, open a source."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from zoneinfo import ZoneInfo

from huoshui.areas.telemetry.contracts import Checked, ConnectorHealth, OptionFault, Source
from huoshui.connecting.feed import Store
from huoshui.connectors.files import watcher
from huoshui.connectors.files.tables import Mapping
from huoshui.kernel import settings


def folder_of(source: Source) -> Path:
    """Return the source's folder: always below the home, so that no option can lead elsewhere."""
    return settings.get().home / "incoming" / source.code


def faults_of(source: Source) -> list[OptionFault]:
    """Return what is wrong with the options, beyond what the manifest says of each."""
    zone = str(source.options.get("zone") or "")
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        return [OptionFault("zone", "options.zone_unknown", zone)]
    return []


def options_of(source: Source) -> watcher.Options:
    """Return the connector's options of a source."""
    given = {name: "" if value is None else str(value) for name, value in source.options.items()}
    mapping = Mapping(
        time=given.get("time", ""),
        point=given.get("point", ""),
        value=given.get("value", ""),
        quality=given.get("quality", ""),
        zone=given.get("zone") or "Asia/Shanghai",
        code=given.get("code") or "{column}",
        sheet=given.get("sheet", ""),
    )
    return watcher.Options(
        folder=folder_of(source),
        mapping=mapping,
        every_s=float(given.get("every_s") or 5),
        language=given.get("language") or "zh-hans",
    )


def open_source(
    source: Source, store: Store, report: Callable[[ConnectorHealth], None]
) -> watcher.Connector:
    """Return the connector of a source, ready to run."""
    return watcher.Connector(source.code, options_of(source), store, report)


def check_source(source: Source) -> Checked:
    """Say whether the folder can be used, and what waits in it."""
    folder = folder_of(source)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        waiting = sorted(entry.name for entry in os.scandir(folder) if entry.is_file())
    except OSError as fault:
        return Checked(False, "files.folder_unusable", str(fault)[:200])
    if not os.access(folder, os.W_OK):
        return Checked(False, "files.folder_unusable", str(folder))
    samples = ((str(folder), str(len(waiting))),)
    return Checked(True, "check.good", samples=samples)
