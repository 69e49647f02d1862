"""Numbers that count up without a gap and without a collision, however many write at once.

The embedded database has one writer at a time. On PostgreSQL two transactions would read the same
latest number and the second would break on the unique constraint, so the second waits for the
first: on an advisory lock of its transaction, which no row and no table need to exist for.
"""

from __future__ import annotations

from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.models import QuerySet


def alone(name: str, *, using: str = DEFAULT_DB_ALIAS) -> None:
    """Let nobody else past here with the same name until the transaction ends.

    What the one before wrote is seen by whoever asks next. Only inside `transaction.atomic`.
    """
    connection = connections[using]
    if not connection.in_atomic_block:
        msg = f"{name} is locked until the transaction ends, and there is none"
        raise transaction.TransactionManagementError(msg)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])


def latest(rows: QuerySet[Any], field: str, stem: str) -> int:
    """Return the latest count among the numbers that begin with a stem, 0 before the first.

    A number is its stem and a count: ``J-20260302-`` and ``007``. Nobody else is told of this stem
    until the transaction ends, so whoever writes the next number then writes it alone.
    """
    alone(f"{rows.model._meta.label_lower}.{field}:{stem}", using=rows.db)
    found = rows.filter(**{f"{field}__startswith": stem})
    # By the order in which they were written: a count of four digits sorts before one of three,
    # and the clock that is shown may have been set back since.
    newest = found.order_by("-pk").values_list(field, flat=True).first()
    return int(newest.removeprefix(stem)) if newest else 0
