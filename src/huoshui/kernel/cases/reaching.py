"""Which cases a reader reaches: those of their units, and by name those they have or opened."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.db.models import BooleanField, F, Func, Q
from django.db.models.lookups import In

from huoshui.kernel.accounts import permissions
from huoshui.kernel.cases.declaring import CaseType
from huoshui.kernel.pages.kit.walking import Unindexed

if TYPE_CHECKING:
    from huoshui.kernel.accounts.models import User

TABLE = '"cases_case"'
# So many are read by their keys and sorted in a tenth of a second; more are soon met by walking
# the order that a list asks for.
FEW = 30_000


def of_types(user: User, types: Iterable[CaseType]) -> Q:
    """Keep the cases of some types that a reader reaches, and nothing of other types.

    Types in which the reader reaches the same units stand together, so that a database looks for
    those once however many types there are.
    """
    everywhere: list[str] = []
    limited: dict[frozenset[int], list[str]] = defaultdict(list)
    for one in types:
        units = permissions.units_of(user, one.permission("read"))
        (everywhere if units is None else limited[units]).append(one.code)
    wanted = Q(type_code__in=everywhere)
    for units, codes in limited.items():
        wanted |= _within("type_code", codes) & _in_units(user, units)
    return wanted


def of_type(user: User, case_type: CaseType) -> Q:
    """Keep what a reader reaches among the cases of one type."""
    units = permissions.units_of(user, case_type.permission("read"))
    return Q() if units is None else _in_units(user, units)


class Among(Func):
    """Whether a key is among those that some statements give; not led by another index."""

    def __init__(self, key: Any, keys: str = "", given: Iterable[Any] = ()) -> None:
        super().__init__(key, output_field=BooleanField())
        self.keys, self.given = keys, tuple(given)

    def as_sql(  # type: ignore[override]
        self, compiler: Any, connection: Any, **more: Any
    ) -> tuple[str, tuple[Any, ...]]:
        """Return the question with its values."""
        inside, values = compiler.compile(self.get_source_expressions()[0])
        return f"{inside} IN ({self.keys})", (*values, *self.given)


def _within(column: str, keys: Iterable[Any]) -> Q:
    """Keep rows by a column whose index SQLite shall not begin at."""
    if connection.vendor != "sqlite":
        return Q(**{f"{column}__in": list(keys)})
    return Q(In(Unindexed(F(column)), list(keys)))


def _in_units(user: User, units: frozenset[int]) -> Q:
    """Keep the cases of units, and what somebody has or opened wherever it lies.

    Given three alternatives SQLite begins at an order or at a type and walks through a million
    rows. Few are told by their keys instead, which three indexes give; many are met soon in any
    order, so that it must not begin at one of the three.
    """
    asked: dict[str, tuple[int, ...]] = {"owner_id": (user.pk,), "opened_by_id": (user.pk,)}
    if units:
        asked["unit_id"] = tuple(sorted(units))
    parts = [
        (f'{TABLE}."{column}" IN ({", ".join(["%s"] * len(keys))})', keys)
        for column, keys in asked.items()
    ]
    if _are_few(parts):
        found = " UNION ".join(
            f'SELECT {TABLE}."id" FROM {TABLE} WHERE {inside}' for inside, _keys in parts
        )
        return Q(Among(F("pk"), found, (key for _inside, keys in parts for key in keys)))
    wanted = Q()
    for column, keys in asked.items():
        wanted |= _within(column, keys)
    return wanted


def _are_few(parts: list[tuple[str, tuple[int, ...]]]) -> bool:
    counts = " + ".join(
        f'(SELECT count(*) FROM (SELECT 1 FROM {TABLE} WHERE {inside} LIMIT %s) AS "some")'
        for inside, _keys in parts
    )
    given = [one for _inside, keys in parts for one in (*keys, FEW + 1)]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {counts}", given)
        return int(cursor.fetchone()[0]) <= FEW
