"""How far a post that is limited to a part of the organisation reaches."""

from __future__ import annotations

from typing import Any, TypeVar

from django.db.models import QuerySet

from huoshui.kernel.accounts import permissions

Rows = TypeVar("Rows", bound=QuerySet[Any])


def scope(rows: Rows, user: Any, code: str, field: str = "unit") -> Rows:
    """Keep the rows whose unit lies where ``user`` holds ``code``.

    ``field`` leads from a row to its unit. Somebody whose post is not limited sees all rows; rows
    of no unit are seen by them only.
    """
    reached = permissions.units_of(user, code)
    return rows if reached is None else rows.filter(**{f"{field}__in": reached})
