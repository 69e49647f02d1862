"""Narrow cases by the fields that their type declares, by an index for each such field.

What a case holds of its own fields lies in one column. Each field by which people narrow lists gets
an index of that value and the opening, of the cases of its type alone; they are made after every
migration, from the declarations, and dropped when a declaration does not name the field any more.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from django.db import connections, transaction
from django.db.models import BooleanField, QuerySet
from django.db.models.expressions import RawSQL

from huoshui.kernel.cases import declaring
from huoshui.kernel.cases.declaring import CaseType, Field

TABLE = "cases_case"
NAMED = "case_field_"
# What people choose from or give bounds for; words are found by the search.
KINDS = ("choice", "yes_no", "person", "number", "date", "moment")


def narrowing(case_type: CaseType) -> tuple[Field, ...]:
    """Return the fields by which cases of a type can be narrowed; never personal data."""
    return tuple(one for one in case_type.fields if one.kind in KINDS and not one.private)


def equal(rows: QuerySet[Any], code: str, value: Any) -> QuerySet[Any]:
    """Keep the cases of which a field holds exactly this."""
    return _compared(rows, code, "=", value)


def between(rows: QuerySet[Any], code: str, least: Any = None, most: Any = None) -> QuerySet[Any]:
    """Keep the cases of which a field lies within bounds, both of them included."""
    if least is not None:
        rows = _compared(rows, code, ">=", least)
    return rows if most is None else _compared(rows, code, "<=", most)


def _compared(rows: QuerySet[Any], code: str, sign: str, value: Any) -> QuerySet[Any]:
    vendor = connections[rows.db].vendor
    given = value if vendor == "sqlite" else json.dumps(value)
    mark = "%s" if vendor == "sqlite" else "%s::jsonb"
    found = f"{_expression(vendor, code, TABLE)} {sign} {mark}"
    kept = rows.filter(RawSQL(found, [given], output_field=BooleanField()))
    if sign == "=" or vendor == "sqlite":
        return kept
    # JSON puts its kinds in one order: a text of an older declaration is above every number.
    kind = "number" if isinstance(value, (int, float)) else "string"
    same = f"jsonb_typeof({_expression(vendor, code, TABLE)}) = '{kind}'"
    return kept.filter(RawSQL(same, [], output_field=BooleanField()))


def of_type(rows: QuerySet[Any], type_code: str) -> QuerySet[Any]:
    """Keep the cases of a type, said so that a database sees which indexes hold them."""
    plain = f'"{TABLE}"."type_code" = \'{_checked(type_code)}\''
    return rows.filter(RawSQL(plain, [], output_field=BooleanField()))


def _checked(word: str) -> str:
    """Return a code that may stand in a statement; every declared one may."""
    if not word.replace("_", "").replace(".", "").isalnum() or not word.isascii():
        msg = f"{word!r} is no plain code"
        raise ValueError(msg)
    return word


def _expression(vendor: str, code: str, table: str = "") -> str:
    column = f'"{table}"."values"' if table else '"values"'
    if vendor == "sqlite":
        return f"json_extract({column}, '$.{_checked(code)}')"
    return f"({column} -> '{_checked(code)}')"


def _wanted(vendor: str, types: Iterable[CaseType]) -> dict[str, str]:
    """Return the statements that make the indexes, by name."""
    found = {}
    for case_type in types:
        for field in narrowing(case_type):
            body = (
                f'ON "{TABLE}" ({_expression(vendor, field.code)}, "opened_at")'
                f" WHERE \"type_code\" = '{_checked(case_type.code)}'"
            )
            digest = hashlib.sha256(body.encode()).hexdigest()[:16]
            found[f"{NAMED}{digest}"] = body
    return found


def ensure(using: str = "default") -> tuple[int, int]:
    """Make the indexes that are missing and drop those nobody needs; return how many of each."""
    connection = connections[using]
    if TABLE not in connection.introspection.table_names():
        return 0, 0
    wanted = _wanted(connection.vendor, declaring.declared())
    with transaction.atomic(using=using), connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(
                "SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = %s", [TABLE]
            )
        else:
            cursor.execute("SELECT indexname FROM pg_indexes WHERE tablename = %s", [TABLE])
        there = {name for (name,) in cursor.fetchall() if name.startswith(NAMED)}
        for name in sorted(there - set(wanted)):
            cursor.execute(f'DROP INDEX "{name}"')
        for name in sorted(set(wanted) - there):
            cursor.execute(f'CREATE INDEX "{name}" {wanted[name]}')
    return len(set(wanted) - there), len(there - set(wanted))
