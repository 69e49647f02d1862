"""The network of past days: writing down what a change replaces, and taking changes back in mind.

Present values stand in `Asset`. A version keeps what it replaced, so the register of any moment is
the present one with every later change taken back, the newest first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Max, Q

from huoshui.areas.network import attributes, refusals
from huoshui.areas.network.models import Asset, AssetVersion
from huoshui.kernel import clock

IDS_AT_ONCE = 500
ROWS_AT_ONCE = 1000

SHAPE = (
    "model_id", "kind", "zone_id", "start_id", "end_id", "lon", "lat", "line", "surveyed",
    "details", "valid_from", "retired_at",
)  # fmt: skip

COLUMNS: tuple[str, ...] = (
    *SHAPE,
    *(one.code for one in attributes.TABLE if one.column),
)
"""Everything of an asset that has a history. Its number and code never change."""

MOMENTS = frozenset({"valid_from", "retired_at"})

Values = Mapping[str, Any]


@dataclass(frozen=True)
class Reason:
    """Who changes something, why, and from when it holds in the street."""

    valid_from: datetime
    by_id: int | None
    why: str = ""
    change_set_id: int | None = None


def values_of(row: Asset) -> dict[str, Any]:
    """Return all that has a history of a loaded asset, as JSON."""
    return {name: _stored(name, getattr(row, name)) for name in COLUMNS}


def put(row: Asset, values: Values) -> None:
    """Set columns of a loaded asset from JSON; saves nothing."""
    for name, value in values.items():
        is_moment = name in MOMENTS and value is not None
        setattr(row, name, datetime.fromisoformat(value) if is_moment else value)


def _stored(name: str, value: Any) -> Any:
    if name in MOMENTS and value is not None:
        return value.isoformat()
    return str(value) if isinstance(value, str) else value


def keep(changed: Iterable[tuple[int, Values, Values]], reason: Reason) -> int:
    """Write down changes as (asset, values before, values after); return how many had any.

    Only the differences are kept. Call it in the transaction that changes the assets, and only
    for assets that were there before: a new asset replaces nothing.
    """
    now = clock.now()
    rows = []
    for asset_id, before, after in changed:
        different = [name for name in after if before.get(name) != after[name]]
        if not different:
            continue
        rows.append(
            AssetVersion(
                asset_id=asset_id,
                valid_from=reason.valid_from,
                before={name: before.get(name) for name in different},
                after={name: after[name] for name in different},
                why=reason.why[:300],
                change_set_id=reason.change_set_id,
                recorded_at=now,
                recorded_by_id=reason.by_id,
            )
        )
    AssetVersion.objects.bulk_create(rows, batch_size=ROWS_AT_ONCE)
    return len(rows)


def check_moment(rows: Sequence[Asset], valid_from: datetime) -> None:
    """Refuse a change that holds from the future, or from before an asset's latest change.

    Its beginning counts as a change: nothing is known of an asset before it was there.
    """
    if valid_from > clock.now():
        raise refusals.NotYet
    for row in rows:
        if row.valid_from is not None and row.valid_from > valid_from:
            raise refusals.OlderThanHistory(row.code, row.valid_from)
    codes = {row.id: row.code for row in rows}
    ids = list(codes)
    for at in range(0, len(ids), IDS_AT_ONCE):
        later = (
            AssetVersion.objects.filter(
                asset_id__in=ids[at : at + IDS_AT_ONCE], valid_from__gt=valid_from
            )
            .values("asset_id")
            .annotate(latest=Max("valid_from"))
            .order_by("asset_id")
            .first()
        )
        if later:
            raise refusals.OlderThanHistory(codes[later["asset_id"]], later["latest"])


def check_joints(states: Mapping[str, Values], codes: Iterable[str], valid_from: datetime) -> None:
    """Refuse links that begin before their nodes, and nodes that end before their links.

    ``states`` are assets by code with their ends by code, ``codes`` those that change or are new.
    """
    touched = [states[code] for code in codes]
    ends = {one[end] for one in touched for end in ("start", "end") if one[end]}
    younger = Asset.objects.filter(code__in=ends, valid_from__gt=valid_from).order_by("code")
    for node in younger[:1]:
        raise refusals.OlderThanHistory(node.code, node.valid_from or valid_from)
    gone = [code for code in codes if states[code]["retired_at"] and not states[code]["start"]]
    links = Asset.objects.filter(retired_at__gt=valid_from)
    for link in links.filter(Q(start__code__in=gone) | Q(end__code__in=gone)).order_by("code")[:1]:
        raise refusals.OlderThanHistory(link.code, link.retired_at or valid_from)


def replaced_since(moment: datetime) -> dict[int, dict[str, Any]]:
    """Return, by asset, the values that held at ``moment`` where they were changed later."""
    found: dict[int, dict[str, Any]] = {}
    later = AssetVersion.objects.filter(valid_from__gt=moment).order_by("-valid_from", "-id")
    # The oldest change after the moment comes last, and what it replaced is what held then.
    for asset_id, before in later.values_list("asset_id", "before"):
        found.setdefault(asset_id, {}).update(before)
    return found


def as_of(moment: datetime, rows: Iterable[Asset]) -> list[Asset]:
    """Return the assets among ``rows`` that were there at ``moment``, as they were then.

    The rows are changed in memory and must not be saved.
    """
    earlier = replaced_since(moment)
    found = []
    for row in rows:
        if row.id in earlier:
            put(row, earlier[row.id])
        if (row.valid_from is None or row.valid_from <= moment) and (
            row.retired_at is None or row.retired_at > moment
        ):
            found.append(row)
    return found
