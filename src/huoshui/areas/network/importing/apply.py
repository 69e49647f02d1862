"""Write a plan into the register, many rows at a time.

A city is some hundred thousand rows. Django makes an object of each, which takes longer than all
the rest of an import; so new rows go to the database as plain tuples. Numbers of rows are read
back by their code: the order in which a database returns them promises nothing.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import orjson
from django.db import connection, models

from huoshui.areas.network import history, rules
from huoshui.areas.network.importing.plan import Change, Plan, Wanted
from huoshui.areas.network.models import Asset, Zone
from huoshui.kernel import clock

ROWS_AT_ONCE = 10_000
CODES_AT_ONCE = 500
UPDATES_AT_ONCE = 100
CACHE_KB = 400_000

Tell = Callable[[int, int], None]


def silent(done: int, total: int) -> None:
    """Tell nobody how far the work is."""


@contextlib.contextmanager
def roomy() -> Iterator[None]:
    """Give SQLite memory for the indexes of a city while a plan is written.

    With its usual share it writes and reads their pages again and again, which on a busy disk takes
    twice as long as all the rest.
    """
    if connection.vendor != "sqlite":
        yield
        return
    with connection.cursor() as cursor:
        before = cursor.execute("PRAGMA cache_size").fetchone()[0]
        cursor.execute(f"PRAGMA cache_size=-{CACHE_KB}")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA cache_size={int(before)}")


def write(plan: Plan, *, by_id: int | None, why: str, tell: Tell = silent) -> None:
    """Make and change what the plan says; call it inside a transaction."""
    zones = _zones(plan)
    nodes = [one for one in plan.new if not rules.is_link(one.kind)]
    links = [one for one in plan.new if rules.is_link(one.kind)]
    total = len(plan.new) + len(plan.changed)
    valid_from = None if plan.register_was_empty else clock.now()
    done = 0
    for part in _parts(nodes):
        _insert(part, {}, zones, valid_from)
        done += len(part)
        tell(done, total)
    ids = _ids({end for one in links for end in (one.start, one.end)})
    for part in _parts(links):
        _insert(part, ids, zones, valid_from)
        done += len(part)
        tell(done, total)
    _change(plan.changed, zones, by_id=by_id, why=why)
    tell(total, total)


def _zones(plan: Plan) -> dict[str, int]:
    """Make the zones that are new; return the numbers of all."""
    Zone.objects.bulk_create([Zone(code=name, name=name) for name in plan.zones_new])
    return dict(Zone.objects.values_list("code", "id"))


def _ids(codes: set[str]) -> dict[str, int]:
    """Return the numbers of assets by code."""
    if len(codes) > CODES_AT_ONCE * 20:
        return dict(Asset.objects.values_list("code", "id").iterator(chunk_size=20_000))
    found: dict[str, int] = {}
    for part in _parts(sorted(codes), CODES_AT_ONCE):
        found |= dict(Asset.objects.filter(code__in=part).values_list("code", "id"))
    return found


def _parts(rows: Sequence[Any], size: int = ROWS_AT_ONCE) -> Iterator[Sequence[Any]]:
    for at in range(0, len(rows), size):
        yield rows[at : at + size]


def _insert(
    rows: Iterable[Wanted], ids: dict[str, int], zones: dict[str, int], valid_from: Any
) -> None:
    """Insert assets as plain tuples, in the columns of the table."""
    fields = [one for one in Asset._meta.concrete_fields if not one.primary_key]
    quote = connection.ops.quote_name
    statement = (
        f"INSERT INTO {quote(Asset._meta.db_table)} "
        f"({', '.join(quote(str(one.column)) for one in fields)}) "
        f"VALUES ({', '.join(['%s'] * len(fields))})"
    )
    given = {"valid_from": valid_from}
    always = {
        one.attname: one.get_db_prep_save(given.get(one.attname, one.get_default()), connection)
        for one in fields
        if not isinstance(one, models.JSONField)
    }
    cells = _Cells(fields, always, ids, zones)
    with connection.cursor() as cursor:
        cursor.executemany(statement, [cells.of(row) for row in rows])


class _Cells:
    """Makes the tuples of rows: the defaults, with what a wanted asset states put over them."""

    def __init__(
        self,
        fields: Sequence[Any],
        always: dict[str, Any],
        ids: dict[str, int],
        zones: dict[str, int],
    ) -> None:
        self.ids, self.zones = ids, zones
        self.at = {one.attname: place for place, one in enumerate(fields)}
        self.as_json = {one.attname for one in fields if isinstance(one, models.JSONField)}
        self.empty = [
            always.get(one.attname)
            if one.attname not in self.as_json or one.null
            else orjson.dumps(one.get_default()).decode()
            for one in fields
        ]

    def of(self, row: Wanted) -> list[Any]:
        """Return what is written of one asset, column by column."""
        cells, at = self.empty.copy(), self.at
        for name, value in row.values.items():
            place = at.get(name)
            if place is None:
                continue
            if name not in self.as_json:
                cells[place] = value
            elif value is not None:
                cells[place] = orjson.dumps(value).decode()
        cells[at["code"]], cells[at["kind"]] = row.code, row.kind
        cells[at["sort_code"]] = rules.natural_key(row.code)
        cells[at["start_id"]] = self.ids[row.start] if row.start else None
        cells[at["end_id"]] = self.ids[row.end] if row.end else None
        cells[at["zone_id"]] = self.zones[row.zone] if row.zone else None
        return cells


def _change(
    changes: Sequence[Change], zones: dict[str, int], *, by_id: int | None, why: str
) -> None:
    """Change known assets, and keep what is replaced as their history."""
    if not changes:
        return
    codes = {code for change in changes for code in change.ends.values()}
    ids: dict[str, int] = {}
    for part in _parts(sorted(codes), CODES_AT_ONCE):
        ids |= dict(Asset.objects.filter(code__in=part).values_list("code", "id"))
    for change in changes:
        for end, code in change.ends.items():
            change.after[f"{end}_id"] = ids[code]
        if change.zone is not None:
            change.after["zone_id"] = zones[change.zone]
    reason = history.Reason(valid_from=clock.now(), by_id=by_id, why=why)
    for part in _parts(changes, ROWS_AT_ONCE):
        history.keep(((one.id, _stored(one.before), _stored(one.after)) for one in part), reason)
        rows = Asset.objects.in_bulk([one.id for one in part])
        names: set[str] = set()
        for one in part:
            row = rows[one.id]
            for name, value in one.after.items():
                setattr(row, name, value)
            names |= one.after.keys()
        Asset.objects.bulk_update(rows.values(), sorted(names), batch_size=UPDATES_AT_ONCE)


def _stored(values: dict[str, Any]) -> dict[str, Any]:
    """Return values as history keeps them: JSON."""
    return {
        name: value.isoformat() if hasattr(value, "isoformat") else value
        for name, value in values.items()
    }
