"""Saying what is known of assets, one by one or many at once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from huoshui.areas.network import attributes as table
from huoshui.areas.network import contracts, history
from huoshui.areas.network.actions import common
from huoshui.areas.network.contracts import Attributes
from huoshui.areas.network.models import Asset
from huoshui.areas.network.refusals import AttributesImpossible
from huoshui.kernel import audit, clock, events

Wanted = Mapping[str, Mapping[str, Any]]
"""What is to be known, by code of the asset and code of the attribute; None for "not known"."""


def set_attributes(attributes: Mapping[str, Attributes], *, by_id: int | None) -> int:
    """Set name, material, year or diameter of many assets by code; return how many changed.

    Refuses unknown codes with `network.assets_unknown` and impossible values with
    `network.attributes_impossible`, naming all of them; then nothing is changed.
    """
    return change_attributes(
        {code: _given(wanted) for code, wanted in attributes.items()}, by_id=by_id
    )


def _given(wanted: Attributes) -> dict[str, Any]:
    named = ("name", "material", "laid_year", "diameter_mm")
    given = {name: getattr(wanted, name) for name in named}
    values = {name: value for name, value in given.items() if value is not None}
    return {**wanted.others, **values, **dict.fromkeys(wanted.unknown)}


def change_attributes(
    wanted: Wanted, *, by_id: int | None, why: str = "", valid_from: datetime | None = None
) -> int:
    """Set any attributes of many assets; return how many changed.

    What is replaced stays in the history. Refuses unknown codes (`network.assets_unknown`),
    impossible values (`network.attributes_impossible`, all of them named) and a moment before the
    latest change of an asset (`network.older_than_history`); then nothing is changed.
    """
    with transaction.atomic():
        ids = common.ids_of(wanted)
        rows = _rows(ids)
        problems = [
            problem
            for code, values in wanted.items()
            for problem in impossible(rows[ids[code]], values)
        ]
        if problems:
            raise AttributesImpossible(problems)
        changed = []
        for code, values in wanted.items():
            row = rows[ids[code]]
            before = history.values_of(row)
            for name, value in values.items():
                table.put(row, table.BY_CODE[name], _plain(value))
            after = history.values_of(row)
            if before != after:
                changed.append((row, before, after))
        _save(changed, by_id=by_id, why=why, valid_from=valid_from)
    return len(changed)


def _save(
    changed: list[tuple[Asset, dict[str, Any], dict[str, Any]]],
    *,
    by_id: int | None,
    why: str,
    valid_from: datetime | None,
) -> None:
    if not changed:
        return
    rows = [row for row, _, _ in changed]
    moment = valid_from or clock.now()
    history.check_moment(rows, moment)
    names = {name for _, before, after in changed for name in after if before[name] != after[name]}
    Asset.objects.bulk_update(rows, sorted(names), batch_size=common.ROWS_AT_ONCE)
    history.keep(
        ((row.id, before, after) for row, before, after in changed),
        history.Reason(valid_from=moment, by_id=by_id, why=why),
    )
    common.new_revision(assets=[row.id for row in rows])
    audit.record(
        by_id,
        "network.set_attributes",
        f"network.asset:{rows[0].code}" if len(rows) == 1 else "network.assets",
        {"assets": len(rows), "codes": [row.code for row in rows[:50]], "why": why},
    )
    events.publish(
        contracts.NetworkChanged(
            codes=tuple(row.code for row in rows[: contracts.NAMED_CODES]),
            count=len(rows),
            change_set_id=None,
            by_id=by_id,
            at=clock.now(),
        )
    )


def _rows(ids: Mapping[str, int]) -> dict[int, Asset]:
    wanted = list(ids.values())
    if len(wanted) > common.ROWS_AT_ONCE * 10:
        return {row.id: row for row in Asset.objects.all()}
    found: dict[int, Asset] = {}
    for at in range(0, len(wanted), common.ROWS_AT_ONCE):
        found |= Asset.objects.in_bulk(wanted[at : at + common.ROWS_AT_ONCE])
    return found


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, str) else value


def impossible(row: Asset, values: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with values wanted for an asset, with code, attribute and value."""
    problems = []
    for name, value in values.items():
        attribute = table.BY_CODE.get(name)
        if attribute is None or row.kind not in attribute.kinds:
            if value is not None:
                problems.append(f"{row.code}: {name}")
            continue
        words = table.impossible(attribute, value)
        this_year = clock.local(clock.now()).year
        if words is None and name == "laid_year" and value is not None and value > this_year:
            words = str(this_year)
        if words is not None:
            problems.append(f"{row.code}: {name} {value}: {words}")
    return problems
