"""Planning visits to key accounts; what comes of a visit is in its case."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.utils.translation import gettext as _

from huoshui.areas.customers import key_accounts, visit_types
from huoshui.kernel import audit, cases


def plan_visits(accounts: Iterable[int], *, by_id: int | None) -> int:
    """Open a visit for each key account that has none planned; return how many are new.

    ``accounts`` are keys; the manager of an account is responsible.
    """
    wanted = set(accounts)
    made: list[str] = []
    with transaction.atomic():
        for row in key_accounts.rows():
            if row["pk"] not in wanted or row["planned"]:
                continue
            account = row["account"]
            place = account.premises
            opened = cases.open_case(
                visit_types.KEY_VISIT,
                _("Visit to account %(code)s") % {"code": account.code},
                fields={"why": "complaint" if row["raised"] else "use"},
                lon=place.lon,
                lat=place.lat,
                place=place.address,
                owner_id=account.key_manager_id,
                links=[(key_accounts.ACCOUNT, account.code)],
                by_id=by_id,
            )
            made.append(opened.number)
        if made:
            audit.record(by_id, "customers.visits_planned", "customers.accounts",
                         {"count": len(made), "codes": made})  # fmt: skip
    return len(made)
