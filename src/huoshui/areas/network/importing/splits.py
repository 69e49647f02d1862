"""Pipes that people split after they came from a file, when the file brings the whole pipe again.

    file      A ------------------- B        the register    A --- P --- N --- part --- B

Written as the file has it, the whole pipe would lie beside the part that was cut off. So either
ours stays, which is the rule, or the pipe becomes whole again and its parts are taken out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from huoshui.areas.network.contracts import ImportProblem, Kind

if TYPE_CHECKING:
    from huoshui.areas.network.importing.plan import Change, Wanted

SHAPE = ("lon", "lat", "line", "surveyed", "length_m")


@dataclass(frozen=True)
class Known:
    """What is there of one asset that the file does not have."""

    id: int
    kind: str
    start: str
    end: str


@dataclass
class Splits:
    """What became of split pipes in one comparison."""

    problems: list[ImportProblem] = field(default_factory=list)
    gone: dict[str, Known] = field(default_factory=dict)
    """Parts and nodes that are taken out again, by code."""


def settle(
    changes: list[Change], wanted: Mapping[str, Wanted], ours: Mapping[str, Known], *, whole: bool
) -> Splits:
    """Find changes that would make a split pipe whole, and keep ours or take the file's.

    ``ours``: what is in the register and not in the file, by code. Where ours stays, shape, ends
    and length leave the change. Where something else hangs on the split it stays in any case.
    """
    found = Splits()
    beside: dict[str, list[str]] = {}
    for code, one in ours.items():
        for end in (one.start, one.end):
            if end:
                beside.setdefault(end, []).append(code)
    for change in changes:
        if change.kind != Kind.PIPE or not change.ends or "retired_at" in change.after:
            continue
        parts: list[str] = []
        for end, to in change.ends.items():
            parts += _chain(change.ends_before[end], to, wanted, ours, beside)
        if not parts:
            continue
        nodes = {end for part in parts for end in (ours[part].start, ours[part].end) if end in ours}
        branches = sorted(
            link for node in nodes for link in beside.get(node, ()) if link not in parts
        )
        if whole and not branches:
            found.gone |= {code: ours[code] for code in (*parts, *sorted(nodes))}
            continue
        code = "split_has_branch" if whole else "split_here"
        listed = ", ".join(branches if whole else parts)
        found.problems.append(
            ImportProblem(code=code, fatal=False, subject=change.code, value=listed)
        )
        change.ends.clear()
        for name in (*SHAPE, "start_id", "end_id"):
            change.before.pop(name, None)
            change.after.pop(name, None)
    return found


def _chain(
    start: str, to: str, wanted: Mapping[str, Any], ours: Mapping[str, Known],
    beside: Mapping[str, list[str]],
) -> list[str]:  # fmt: skip
    """Return our pipes that lead from a node of ours to a node of the file; none if none do."""
    if start in wanted or start not in ours:
        return []
    came: dict[str, tuple[str, str]] = {start: ("", "")}
    edge = [start]
    while edge and to not in came:
        node = edge.pop(0)
        for code in beside.get(node, ()):
            link = ours[code]
            other = link.end if link.start == node else link.start
            if link.kind == Kind.PIPE and other not in came and (other in ours or other == to):
                came[other] = (node, code)
                if other != to:
                    edge.append(other)
    parts, node = [], to
    while node in came and node != start:
        node, part = came[node]
        parts.append(part)
    return parts


def retired(code: str, one: Known, at: datetime) -> dict[str, Any]:
    """Return what a change says that takes an asset out."""
    return {
        "id": one.id,
        "code": code,
        "kind": one.kind,
        "before": {"retired_at": None},
        "after": {"retired_at": at},
    }
