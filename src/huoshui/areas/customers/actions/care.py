"""Special care: who is in it, by whose consent, and the visits that it obliges us to."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from huoshui.areas.customers import rules
from huoshui.areas.customers.contracts import CareEnded, CareReason
from huoshui.areas.customers.models import Account, CareVisit, SpecialCare
from huoshui.areas.customers.refusals import AlreadyInCare, CareNeedsVisit, Impossible, NoSuch
from huoshui.kernel import audit, clock, events

ACCOUNT = _("Account")


def require_may_cut_off(account_code: str, at: datetime) -> None:
    """Return if an account may be cut off.

    Refuses with `customers.no_such` and `customers.care_needs_visit`.
    """
    if not Account.objects.filter(code=account_code).exists():
        raise NoSuch(ACCOUNT, account_code)
    care = SpecialCare.objects.filter(account__code=account_code, ended_at__isnull=True).first()
    visited = care.visited_at if care else None
    if not rules.may_be_cut_off(in_care=care is not None, visited_at=visited, now=at):
        raise CareNeedsVisit(account_code, visited.isoformat() if visited else "")


def begin_care(
    account_code: str,
    *,
    reason: CareReason,
    consent_date: date,
    consent_by: str,
    note: str = "",
    contact_name: str = "",
    contact_phone: str = "",
    by_id: int | None,
) -> SpecialCare:
    """Take an account into special care, with the consent of whom it is about.

    Refuses with `customers.no_such`, `customers.already_in_care` and `customers.impossible`.
    """
    now = clock.now()
    if consent_date > clock.local(now).date():
        raise Impossible(
            _("The consent cannot be of a day to come."), _("Write the day on which it was given.")
        )
    if not consent_by.strip():
        raise Impossible(
            _("Nobody is named who gave the consent."), _("Name the person or a relative.")
        )
    with transaction.atomic():
        account = Account.objects.select_for_update().filter(code=account_code).first()
        if account is None:
            raise NoSuch(ACCOUNT, account_code)
        if account.cares.filter(ended_at__isnull=True).exists():
            raise AlreadyInCare(account_code)
        care = SpecialCare.objects.create(
            account=account,
            reason=str(reason),
            note=note.strip()[:300],
            consent_date=consent_date,
            consent_by=consent_by.strip()[:100],
            contact_name=contact_name.strip()[:100],
            contact_phone=rules.phone_digits(contact_phone)[:40],
            from_at=now,
            added_by_id=by_id,
        )
        audit.record(
            by_id,
            "customers.care_begun",
            f"customers.account:{account_code}",
            {"reason": str(reason), "from_date": consent_date.isoformat()},
        )
    return care


def end_care(account_code: str, *, why: str, by_id: int | None) -> None:
    """End the special care of an account. Publishes `CareEnded`; refuses `customers.no_such`."""
    with transaction.atomic():
        care = _standing(account_code)
        care.ended_at = clock.now()
        care.save(update_fields=["ended_at"])
        audit.record(
            by_id, "customers.care_ended", f"customers.account:{account_code}", {"why": why[:300]}
        )
        events.publish(CareEnded(account_code=account_code, at=care.ended_at, by_id=by_id))


def visit(
    account_code: str,
    *,
    by_id: int | None,
    visited_at: datetime | None = None,
    met: bool = True,
    note: str = "",
    paid_cents: int | None = None,
) -> CareVisit:
    """Record a visit to somebody in special care.

    Refuses with `customers.no_such`, and with `customers.impossible` what is yet to come.
    """
    now = clock.now()
    at = visited_at or now
    if at > now:
        raise Impossible(_("A visit cannot lie in the future."), _("Correct the moment."))
    with transaction.atomic():
        care = _standing(account_code)
        row = CareVisit.objects.create(
            care=care, visited_at=at, by_id=by_id, met=met, note=note.strip()[:500],
            paid_cents=paid_cents, recorded_at=now,
        )  # fmt: skip
        # Who met nobody has knocked, and knows nothing: it does not count as a visit.
        if met and (care.visited_at is None or care.visited_at < at):
            care.visited_at = at
            care.save(update_fields=["visited_at"])
        audit.record(
            by_id, "customers.care_visited", f"customers.account:{account_code}",
            {"at": at.isoformat(), "met": met},
        )  # fmt: skip
    return row


def _standing(account_code: str) -> SpecialCare:
    rows = SpecialCare.objects.select_for_update()
    care = rows.filter(account__code=account_code, ended_at__isnull=True).first()
    if care is None:
        raise NoSuch(_("Special care of account"), account_code)
    return care
