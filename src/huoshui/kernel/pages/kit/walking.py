"""Say to SQLite which index leads to a page of a great table: that of the filters, or of the order.

It guesses without knowing how many rows a filter keeps, but the list has just counted them. Many
rows are met soon by walking the table in the order asked for; few are sooner found and then sorted.
"""

from __future__ import annotations

import copy
from typing import Any

from django.db import connections
from django.db.models import F, Func, OrderBy, QuerySet
from django.db.models.expressions import Col
from django.db.models.lookups import Exact, Lookup
from django.db.models.sql.where import WhereNode

# Fifty rows of four thousand in four hundred thousand are met after five thousand.
FEW = 4_000


class Unindexed(Func):
    """A column whose index shall not be used."""

    template = "+%(expressions)s"
    arity = 1


def known_first(rows: QuerySet[Any], sort: str) -> str | OrderBy:
    """Return an order with what is not known at the end of it, either way and on every store."""
    name, back = sort.removeprefix("-"), sort.startswith("-")
    fields = {field.name: field for field in rows.query.get_meta().concrete_fields}
    if name not in fields or not fields[name].null:
        return sort
    return OrderBy(F(name), descending=back, nulls_last=True)


def led(rows: QuerySet[Any], *, total: int) -> QuerySet[Any]:
    """Return the same rows in the same order, with the index named by how many they are."""
    query = rows.query
    if connections[rows.db].vendor != "sqlite" or not query.where or not query.order_by:
        return rows
    first, *then = query.order_by
    ordered = first if isinstance(first, OrderBy) else _plain(str(first))
    name = getattr(ordered.expression, "name", "")
    if not any(field.name == name for field in query.get_meta().concrete_fields):
        return rows
    if total <= FEW:
        sorted_after = copy.copy(ordered)
        sorted_after.expression = Unindexed(F(name))
        return rows.order_by(sorted_after, *then)
    led_rows = rows.all()
    led_rows.query.where = _without_index(query.where, _kept_for(query.get_meta(), name))
    return led_rows


def _plain(order: str) -> OrderBy:
    return OrderBy(F(order.removeprefix("-")), descending=order.startswith("-"))


def _kept_for(meta: Any, order: str) -> set[str]:
    """Return the fields whose value leads to an index in this order, or belongs to all of them."""
    kept = set()
    for index in meta.indexes:
        if index.condition is not None:
            kept |= {one[0].split("__")[0] for one in index.condition.children}
        if len(index.fields) > 1 and order in index.fields[:2]:
            kept.add(index.fields[0])
    return kept


def _without_index(node: WhereNode, kept: set[str]) -> WhereNode:
    found = copy.copy(node)
    found.children = [_one(child, kept) for child in node.children]
    return found


def _one(child: Any, kept: set[str]) -> Any:
    if isinstance(child, WhereNode):
        return _without_index(child, kept)
    if not isinstance(child, Lookup) or not isinstance(child.lhs, Col):
        return child
    if child.lhs.target.name in kept and (
        isinstance(child, Exact) or child.lookup_name == "isnull"
    ):
        return child
    plain = copy.copy(child)
    plain.lhs = Unindexed(child.lhs, output_field=child.lhs.output_field)
    return plain
