"""The register as plain rows, of now or of a past moment, for those who write files."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from huoshui.areas.network import attributes, drawing, history
from huoshui.areas.network.contracts import LINK_KINDS
from huoshui.areas.network.models import Asset, ValveTurn, Zone
from huoshui.kernel import clock

Row = dict[str, Any]

NAMES = ("id", "code", *history.COLUMNS)
ROWS_AT_ONCE = 20_000


def rows(at: datetime | None = None) -> list[Row]:
    """Return what was in the network at a moment, nodes before links, by number of creation.

    Each row has the columns of the register, ``start`` and ``end`` and ``zone`` as codes, and in
    ``stands`` how a link stands: "open", "closed", or "" where nobody said.
    """
    replaced = history.replaced_since(at) if at else {}
    every = list(_read(replaced))
    codes = {row["id"]: row["code"] for row in every}
    zones = dict(Zone.objects.values_list("id", "code"))
    present = [row for row in every if _is_there(row, at)]
    turns = ValveTurn.objects.standing_at(at or clock.now())
    openings = dict(turns.values_list("valve_id", "opening_frac"))
    for row in present:
        row["start"] = codes.get(row["start_id"], "")
        row["end"] = codes.get(row["end_id"], "")
        row["zone"] = zones.get(row["zone_id"], "")
        row["stands"] = (row["details"] or {}).get("normal_state", "")
        if row["id"] in openings:
            row["stands"] = "closed" if openings[row["id"]] < drawing.CLOSED_FRAC else "open"
    present.sort(key=lambda row: (row["kind"] in LINK_KINDS, row["id"]))
    return present


def _read(replaced: dict[int, Row]) -> Iterator[Row]:
    found = Asset.objects.order_by("id").values(*NAMES)
    for row in found.iterator(chunk_size=ROWS_AT_ONCE):
        yield row | replaced.get(row["id"], {})


def _moment(value: Any) -> datetime | None:
    return datetime.fromisoformat(value) if isinstance(value, str) else value


def _is_there(row: Row, at: datetime | None) -> bool:
    retired_at, valid_from = _moment(row["retired_at"]), _moment(row["valid_from"])
    if at is None:
        return retired_at is None
    return (valid_from is None or valid_from <= at) and (retired_at is None or retired_at > at)


def value(row: Row, attribute: attributes.Attribute) -> Any:
    """Return what is known of a row; None where nothing is."""
    if not attribute.column:
        return (row["details"] or {}).get(attribute.code)
    found = row[attribute.code]
    return None if found == "" else found
