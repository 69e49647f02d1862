"""Two people reported one job: what counts, field by field; plain Python."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

FIELDS = ("found", "found_asset_code", "found_size_m3h", "note")


@dataclass(frozen=True, slots=True)
class Merged:
    """The values that count, and those on which the two differ: field to (earlier, later)."""

    values: dict[str, Any]
    differing: dict[str, tuple[Any, Any]]


def merge(earlier: Mapping[str, Any], later: Mapping[str, Any]) -> Merged:
    """Return both reports as one: the later value counts, an empty one never replaces another.

    Notes are put under each other, because two people may both have seen something.
    """
    values: dict[str, Any] = {}
    differing: dict[str, tuple[Any, Any]] = {}
    for field in FIELDS:
        first, second = earlier.get(field), later.get(field)
        if field == "note":
            said = [text.strip() for text in (first or "", second or "") if text and text.strip()]
            values[field] = "\n".join(dict.fromkeys(said))
            continue
        values[field] = first if second in (None, "") else second
        if first not in (None, "") and second not in (None, "") and first != second:
            differing[field] = (first, second)
    return Merged(values, differing)
