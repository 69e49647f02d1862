"""Which nodes of a server are wanted, and what their values mean."""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from asyncua import ua

from huoshui.areas.telemetry.contracts import Quality, to_us
from huoshui.connecting import columns as columns_of

LINES_MAX = 20_000


@dataclass(frozen=True)
class WantedNode:
    """One node and the code of the point it feeds."""

    point: str
    node_id: str


@dataclass(frozen=True)
class Fault:
    """A line that cannot be used: its number, a code of the manifest's words, the value."""

    line: int
    code: str
    value: str = ""


def read_list(text: str) -> tuple[list[WantedNode], list[Fault]]:
    """Read lines of ``point, node``; without a point the node's own words are its code.

    Never raises for anything a person may write.
    """
    found: list[WantedNode] = []
    faults: list[Fault] = []
    seen: set[str] = set()
    lines = text.splitlines()
    if len(lines) > LINES_MAX:
        return [], [Fault(LINES_MAX, "list.too_long", str(len(lines)))]
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        one = _line(line)
        if one is None:
            faults.append(Fault(number, "list.node_wrong", line.strip()[:80]))
        elif not columns_of.is_code(one.point):
            faults.append(Fault(number, "list.point_wrong", one.point[:80]))
        elif one.point in seen:
            faults.append(Fault(number, "list.point_twice", one.point))
        else:
            seen.add(one.point)
            found.append(one)
    return found, faults


def _line(line: str) -> WantedNode | None:
    mark = "\t" if "\t" in line else ","
    try:
        cells = [cell.strip() for cell in next(csv.reader([line], delimiter=mark))]
        point, node_id = (cells[0], cells[1]) if len(cells) > 1 else ("", cells[0])
        node = ua.NodeId.from_string(node_id)
    except (csv.Error, StopIteration, IndexError, ValueError, TypeError, ua.UaError):
        return None
    return WantedNode(point or code_of(node), node_id)


def code_of(node_id: ua.NodeId) -> str:
    """Return the code of a node nobody named: its identifier, which is what engineers know."""
    return str(node_id.Identifier)[:120]


def quality_of(status: Any) -> Quality:
    """Return our flag of a status code: its two highest bits say good, uncertain or bad.

    OPC 10000-4, section 7.39.1.
    """
    value = int(getattr(status, "value", status) or 0)
    severity = value >> 30
    if severity == 0:
        return Quality.GOOD
    return Quality.DOUBTFUL if severity == 1 else Quality.BAD


@dataclass(frozen=True)
class Sample:
    """One value as it came, in our own terms. NaN where there is none."""

    at_us: int
    value: float
    quality: int


def sample_of(data: ua.DataValue, now: datetime) -> Sample | None:
    """Return a reading, or None where the value is nothing that a point could hold."""
    at = data.SourceTimestamp or data.ServerTimestamp or now
    if at.tzinfo is None:
        at = at.replace(tzinfo=UTC)
    at_us = to_us(at)
    if not columns_of.EARLIEST_US <= at_us < columns_of.LATEST_US:
        # Devices without a clock stamp 1601; the moment of receipt is the best that is known.
        at_us = to_us(now)
    quality = quality_of(data.StatusCode)
    raw = data.Value.Value if data.Value is not None else None
    if raw is None:
        return Sample(at_us, math.nan, int(Quality.MISSING))
    if isinstance(raw, bool):
        return Sample(at_us, float(raw), int(quality))
    if isinstance(raw, (int, float)):
        value = float(raw)
        if not math.isfinite(value) or abs(value) > columns_of.LARGEST:
            return Sample(at_us, math.nan, int(Quality.MISSING))
        return Sample(at_us, value, int(quality))
    return None


def points_of(wanted: Sequence[WantedNode]) -> dict[str, str]:
    """Return the code of each node by its identifier as the server writes it."""
    return {ua.NodeId.from_string(one.node_id).to_string(): one.point for one in wanted}
