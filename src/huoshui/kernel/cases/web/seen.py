"""Which cases a reader sees, and what they may do with one."""

from __future__ import annotations

from typing import Any

from django.db.models import Prefetch, QuerySet

from huoshui.kernel.accounts import permissions
from huoshui.kernel.cases import declaring, queries, refusals
from huoshui.kernel.cases.declaring import CaseType
from huoshui.kernel.cases.models import Case, CaseClockRun

RETIRED = "cases.read_retired"


def type_or_refusal(user: Any, code: str, short: str = "read") -> CaseType:
    """Return a type that a user may read, or do what ``short`` names with.

    Refuses with `cases.unknown_type` (404) or `accounts.not_allowed` (403).
    """
    found = declaring.case_type(code)
    if found is None:
        raise refusals.UnknownType(code)
    permissions.require(user, found.permission(short))
    return found


def with_all(cases: QuerySet[Case]) -> QuerySet[Case]:
    """Bring along what the rows of a list show: people and the clocks that run."""
    running = CaseClockRun.objects.filter(stopped_at__isnull=True)
    return cases.select_related("owner").prefetch_related(
        Prefetch("clocks", queryset=running, to_attr="running")
    )


def case_or_refusal(user: Any, number: str) -> Case:
    """Return a case that a reader may see; to everybody else it is as if it were not there."""
    found = (
        Case.objects.select_related("owner", "opened_by", "merged_into", "private")
        .filter(number=number.strip().upper())
        .first()
    )
    if found is None or not queries.may_read(user, found):
        raise refusals.UnknownCase(number)
    return found


def may(user: Any, row: Case, short: str) -> bool:
    """Tell whether a user may do what a permission of the case's type allows, where it lies."""
    known = declaring.case_type(row.type_code)
    if known is None:
        return False
    reached = permissions.units_of(user, known.permission(short))
    return reached is None or (row.unit_id is not None and row.unit_id in reached)


def may_see_any(user: Any) -> bool:
    """Tell whether there is any case that a user could see."""
    return bool(queries.readable_types(user)) or permissions.holds(user, RETIRED)


def _scopes() -> list[str]:
    return [
        *(kind.permission(one.code) for kind in declaring.declared() for one in kind.permissions),
        RETIRED,
    ]


# What a caller of the API sees and may do depends on the kind of case, so each endpoint looks for
# itself; a program has to hold something of cases at least.
SOMEBODY = permissions.api(permissions.SIGNED_IN, scopes=_scopes)
