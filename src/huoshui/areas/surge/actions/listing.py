"""Lists of those whom some trouble hits harder, and who of them was told by a person of ours."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from huoshui.areas.customers import contracts as customer_contracts
from huoshui.areas.customers import facade as customers
from huoshui.areas.surge import contracts, models, refusals
from huoshui.kernel import audit, clock

AT_ONCE = 500
STRENGTH = (
    contracts.RiskReason.FROZEN_BEFORE, contracts.RiskReason.EXPOSED_METER,
    contracts.RiskReason.SPECIAL_CARE, contracts.RiskReason.OTHER,
)  # fmt: skip


@transaction.atomic
def keep_risk_list(
    code: str,
    *,
    name: str,
    kind: contracts.Kind,
    entries: Iterable[contracts.AtRisk],
    by_id: int | None,
    add_only: bool = False,
) -> models.RiskList:
    """Keep a list as it is given; whoever stays on it keeps the word that they were told.

    An account stands in it once, with the strongest of its reasons. With ``add_only`` nobody is
    taken off; who is, stays with their tellings for the waves that counted them. Accounts that we
    do not know are refused together, by name, and so is special care that is not in the register.
    """
    wanted: dict[str, contracts.AtRisk] = {}
    for one in entries:
        before = wanted.get(one.account_code)
        if before is None or STRENGTH.index(one.reason) < STRENGTH.index(before.reason):
            wanted[one.account_code] = one
    estates = {
        one.account_code: one.estate_code for one in customers.recipients(accounts=sorted(wanted))
    }
    unknown = sorted(set(wanted) - set(estates))
    if unknown:
        raise refusals.NeedsValue(
            "account_code",
            _("These accounts are not open: %(codes)s.") % {"codes": ", ".join(unknown[:10])},
        )
    _refuse_without_care(wanted.values())
    row, _new = models.RiskList.objects.update_or_create(
        code=code,
        defaults={"name": name.strip()[: models.NAME_LENGTH], "kind": kind,
                  "changed_at": clock.now()},
    )  # fmt: skip
    known = {one.account_code: one for one in row.entries.all()}
    taken_off = 0
    if not add_only:
        gone = [one.pk for account, one in known.items() if account not in wanted]
        taken_off = _take_off(gone, by_id)
    models.RiskEntry.objects.bulk_create(
        (
            models.RiskEntry(
                risk_list=row, account_code=one.account_code, estate_code=estates[one.account_code],
                reason=one.reason, note=one.note.strip()[:200],
            )
            for one in wanted.values()
            if one.account_code not in known
        ),
        batch_size=AT_ONCE,
    )  # fmt: skip
    changed = []
    for account, one in wanted.items():
        entry = known.get(account)
        if entry is None:
            continue
        is_back = entry.taken_off_at is not None
        if is_back or (entry.reason, entry.note) != (one.reason, one.note):
            entry.reason, entry.note = one.reason, one.note.strip()[:200]
            entry.estate_code = estates[account]
            entry.taken_off_at = entry.taken_off_by_id = None
            changed.append(entry)
    models.RiskEntry.objects.bulk_update(
        changed, ["reason", "note", "estate_code", "taken_off_at", "taken_off_by"],
        batch_size=AT_ONCE,
    )  # fmt: skip
    audit.record(
        by_id, "surge.risk_list_kept", f"surge.risk_list:{code}",
        {"name": row.name, "customers": row.entries.listed().count(), "taken_off": taken_off},
    )  # fmt: skip
    return row


def _refuse_without_care(entries: Iterable[contracts.AtRisk]) -> None:
    """Refuse special care that nobody consented to: it is copied from the register only."""
    said = {one.account_code for one in entries if one.reason == contracts.RiskReason.SPECIAL_CARE}
    unknown = sorted(said - set(customers.special_care(said))) if said else []
    if unknown:
        raise refusals.NeedsValue(
            "reason",
            _("These accounts are not in special care: %(codes)s.")
            % {"codes": ", ".join(unknown[:10])},
        )


def _take_off(keys: Sequence[int], by_id: int | None) -> int:
    """Note of some entries that they were taken off now, and by whom; return how many."""
    taken = 0
    for place in range(0, len(keys), AT_ONCE):
        rows = models.RiskEntry.objects.listed().filter(pk__in=keys[place : place + AT_ONCE])
        taken += rows.update(taken_off_at=clock.now(), taken_off_by_id=by_id)
    return taken


@transaction.atomic
def take_off(code: str, account_codes: Iterable[str], *, by_id: int | None) -> int:
    """Take customers off a list; what they were told stays. Returns how many were on it."""
    row = models.RiskList.objects.filter(code=code).first()
    if row is None:
        raise refusals.NoSuch("list", code)
    wanted, keys = set(account_codes), []
    for key, account in row.entries.listed().values_list("pk", "account_code"):
        if account in wanted:
            keys.append(key)
    taken = _take_off(keys, by_id)
    if taken:
        row.changed_at = clock.now()
        row.save(update_fields=["changed_at"])
        audit.record(by_id, "surge.risk_taken_off", f"surge.risk_list:{code}", {"customers": taken})
    return taken


def follow_care(event: customer_contracts.CareEnded) -> None:
    """Take an account whose special care ended off the lists that have it for that reason."""
    rows = models.RiskEntry.objects.listed().filter(
        account_code=event.account_code, reason=contracts.RiskReason.SPECIAL_CARE
    )
    # Taken into care again before the news came: then it holds.
    if not rows or customers.special_care([event.account_code]):
        return
    for code in list(rows.values_list("risk_list__code", flat=True)):
        take_off(code, [event.account_code], by_id=event.by_id)


def from_register() -> list[contracts.AtRisk]:
    """Return whom the register says to be at risk of frost: exposed meters, special care."""
    exposed = contracts.RiskReason.EXPOSED_METER
    care = contracts.RiskReason.SPECIAL_CARE
    return [
        *(contracts.AtRisk(code, exposed) for code in customers.exposed_accounts()),
        *(contracts.AtRisk(code, care) for code in customers.special_care_accounts()),
    ]


def gather_risks(code: str, *, name: str, by_id: int | None) -> models.RiskList:
    """Add whom the register knows to be at risk of frost to a list.

    Nobody is taken off but whose special care, the only reason, is not in the register any more.
    """
    open_accounts = {
        one.account_code
        for one in customers.recipients(accounts=sorted({e.account_code for e in from_register()}))
    }
    entries = [one for one in from_register() if one.account_code in open_accounts]
    in_care = models.RiskEntry.objects.listed().filter(
        risk_list__code=code, reason=contracts.RiskReason.SPECIAL_CARE
    )
    listed = set(in_care.values_list("account_code", flat=True))
    over = listed - set(customers.special_care(listed)) if listed else set()
    if over:
        take_off(code, over, by_id=by_id)
    return keep_risk_list(
        code, name=name, kind=contracts.Kind.COLD, entries=entries, by_id=by_id, add_only=True
    )


@transaction.atomic
def mark_warned(
    code: str,
    account_codes: Iterable[str],
    *,
    how: contracts.WarnedHow,
    by_id: int | None,
    at: datetime | None = None,
) -> int:
    """Keep that customers of a list were told at the door, by telephone or in a group.

    Each telling is kept, so that one winter is not taken for another. Returns how many were told
    that were not kept already as told in this way at this moment.
    """
    row = models.RiskList.objects.filter(code=code).first()
    if row is None:
        raise refusals.NoSuch("list", code)
    wanted = list(dict.fromkeys(account_codes))
    at, how, marked = at or clock.now(), contracts.WarnedHow(how), 0
    for place in range(0, len(wanted), AT_ONCE):
        rows = row.entries.listed().filter(account_code__in=wanted[place : place + AT_ONCE])
        known = models.RiskWarning.objects.filter(entry__in=rows, at=at, how=how)
        new = list(rows.exclude(pk__in=known.values("entry_id")).values_list("pk", flat=True))
        models.RiskWarning.objects.bulk_create(
            models.RiskWarning(entry_id=pk, at=at, how=how, by_id=by_id) for pk in new
        )
        marked += len(new)
        rows.filter(Q(warned_at__isnull=True) | Q(warned_at__lt=at)).update(
            warned_at=at, warned_how=how, warned_by_id=by_id
        )
    audit.record(
        by_id, "surge.risk_warned", f"surge.risk_list:{code}",
        {"customers": marked, "how": str(how)},
    )  # fmt: skip
    return marked
