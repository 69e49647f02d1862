"""What looks forgotten in a set of changes: it can be applied, but somebody should look first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from huoshui.areas.network import contracts
from huoshui.areas.network.changing import Draft, Problem
from huoshui.areas.network.contracts import ChangeDeed, Kind, Status

Step = tuple[int, str, str, Mapping[str, Any]]


def of(draft: Draft, steps: Iterable[Step]) -> list[Problem]:
    """Return what the steps leave behind that will not calculate: joined to nothing, no diameter.

    Each is told with the step that made the asset, or took its last pipe. The codes are explained
    in `choices.CHANGE_WARNINGS`.
    """
    made: dict[str, int] = {}
    left_at: dict[str, int] = {}
    for position, deed, code, _wanted in steps:
        if deed == ChangeDeed.CREATE:
            made.setdefault(code, position)
        elif deed == ChangeDeed.RETIRE and code in draft.now:
            for end in ("start", "end"):
                if draft.now[code][end]:
                    left_at[str(draft.now[code][end])] = position
    fresh = {code for code in draft.created if draft.now[code]["retired_at"] is None}
    joined = _joined(draft, fresh)
    found = []
    for code in fresh:
        if code not in made:
            continue
        one, position = draft.now[code], made[code]
        if code not in joined:
            found.append(Problem(position, "joins_nothing", code))
        is_used = one["kind"] == Kind.PIPE and one["status"] == Status.IN_USE
        if is_used and one["diameter_mm"] is None:
            found.append(Problem(position, "no_diameter", code))
    for code, position in left_at.items():
        gone = code in draft.now and draft.now[code]["retired_at"] is not None
        if not gone and not draft.links_at(code):
            found.append(Problem(position, "left_alone", code))
    return sorted(found, key=lambda one: (one.position, one.asset, one.code))


def _joined(draft: Draft, fresh: set[str]) -> set[str]:
    """Return the new assets that hang, over other new ones, on something that was there before."""
    beside: dict[str, set[str]] = {}
    for code, one in draft.now.items():
        if one["kind"] in contracts.LINK_KINDS and one["retired_at"] is None:
            for end in (one["start"], one["end"]):
                beside.setdefault(code, set()).add(end)
                beside.setdefault(end, set()).add(code)
    known = [
        code
        for code in beside
        if code not in fresh and (code not in draft.now or draft.now[code]["retired_at"] is None)
    ]
    reached, edge = set(known), known
    while edge:
        edge = [after for code in edge for after in beside[code] if after not in reached]
        reached |= set(edge)
    return reached & fresh
