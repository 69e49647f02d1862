"""A crew exchanged a meter: the register follows."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from huoshui.areas.customers import contracts, queries
from huoshui.areas.customers.models import MeterExchange, ServicePoint
from huoshui.areas.customers.refusals import Impossible, NoSuch
from huoshui.kernel import audit, clock, events, notices
from huoshui.lab.metering import unmetered

KEEPERS = ("service_manager",)
UNKNOWN, TAKEN = "unknown_meter", "number_taken"
OTHER_ACCOUNT, TOLD_TWICE = "other_account", "told_twice"


@transaction.atomic
def exchange_meter(deed: contracts.Exchanged, *, by_id: int | None) -> contracts.MeterExchange:
    """Put a new meter into the place of an old one; told twice it counts once.

    Twice is with one key, or the same two meters by somebody else of the crew. An old number that
    the register does not have or has at another account than those of the job, or a new one that
    hangs elsewhere, is kept for somebody to settle, because the meter hangs on the wall already.
    Publishes `MeterExchanged`.
    """
    known = queries.exchange_rows().filter(key=deed.key).first()
    if known is not None:
        return queries.exchange_contract(known)
    # Two phones at the same moment: the second waits here until the first can be seen below.
    _locked_point(deed.old_number.strip())
    before = queries.exchange_told_before(deed)
    if before is not None:
        return replace(queries.exchange_contract(before), is_repeated=True)
    now = clock.now()
    stopped_days = 0
    if deed.stopped_from_date is not None:
        stopped_days = max(0, (clock.local(deed.at).date() - deed.stopped_from_date).days)
    row = MeterExchange(
        at=deed.at, old_number=deed.old_number.strip(), old_reading_m3=deed.old_reading_m3,
        new_number=deed.new_number.strip(), start_reading_m3=deed.start_reading_m3,
        stopped_from_date=deed.stopped_from_date, stopped_days=stopped_days,
        job_number=deed.job_number, for_account=deed.account_code.strip(), by_id=by_id,
        recorded_at=now, key=deed.key,
    )  # fmt: skip
    accounts = {row.for_account, *deed.other_accounts} if row.for_account else set()
    _put_in_place(row, row.old_number, row.new_number, accounts=accounts)
    row.save()
    if row.problem:
        notices.send(
            posts=KEEPERS,
            title=_("Exchange of meter %(old)s for %(new)s has no place in the register"),
            values={"old": row.old_number, "new": row.new_number},
            url=reverse("customers:exchanges") + "?show=open",
            level=notices.WARNING,
            key=_notice_key(row),
        )
    _tell(row, by_id, old_number=row.old_number, new_number=row.new_number)
    return queries.exchange_contract(row)


@transaction.atomic
def settle_exchange(pk: int, *, old_number: str, new_number: str, by_id: int) -> None:
    """Give an exchange that had no place in the register its place, with the numbers put right.

    Whoever settles has seen whose meter it is: the account of the job is not asked again. Refuses
    numbers that still do not fit, and an exchange that has its place already.
    """
    row = _to_settle(pk)
    _put_in_place(row, old_number.strip(), new_number.strip())
    if row.problem == UNKNOWN:
        raise NoSuch(_("Meter"), old_number)
    if row.problem == TAKEN:
        raise Impossible(
            _("The new number hangs at another place already."),
            _("Compare it with the photo; one of the two was read wrongly."),
        )
    row.settled_at, row.settled_by_id = clock.now(), by_id
    row.save()
    notices.withdraw(_notice_key(row))
    # What the crew wrote stays with the exchange; trail and event have what the register has.
    _tell(row, by_id, old_number=old_number.strip(), new_number=new_number.strip())


@transaction.atomic
def settle_as_told_twice(pk: int, *, same_as_id: int, by_id: int) -> None:
    """Say that an exchange without a place only tells again of another one; it counts no more.

    Refuses one that is of another job and other meters, or only tells again itself.
    """
    row = _to_settle(pk)
    first = queries.exchanges_alike(row).filter(pk=same_as_id).first()
    if first is None:
        raise NoSuch(_("Exchange"), same_as_id)
    row.problem, row.same_as = TOLD_TWICE, first
    row.settled_at, row.settled_by_id = clock.now(), by_id
    row.save()
    notices.withdraw(_notice_key(row))
    audit.record(
        by_id, "customers.exchange_told_twice", "customers.exchanges",
        {"old_number": row.old_number, "new_number": row.new_number,
         "same_as": f"{first.old_number} → {first.new_number}"},
    )  # fmt: skip


def _to_settle(pk: int) -> MeterExchange:
    row = MeterExchange.objects.select_for_update().filter(pk=pk).first()
    if row is None:
        raise NoSuch(_("Exchange"), pk)
    if row.problem in {"", TOLD_TWICE}:
        raise Impossible(_("This exchange has its place already."), _("Look at its account."))
    return row


def _notice_key(row: MeterExchange) -> str:
    return f"customers.exchange:{row.key}"


def _locked_point(number: str) -> ServicePoint | None:
    points = ServicePoint.objects.select_for_update(of=("self",)).select_related("account")
    return points.filter(meter_number__in=_spellings(number)).first()


def _put_in_place(
    row: MeterExchange, old_number: str, new_number: str, *, accounts: Collection[str] = ()
) -> None:
    """Let the place of the old meter have the new one, or say why that cannot be."""
    point = _locked_point(old_number)
    if point is None:
        row.problem = UNKNOWN
    elif accounts and (point.account.code if point.account else "") not in accounts:
        # One digit mistyped would give the neighbour a meter and two readings, and nobody a word.
        row.problem, point = OTHER_ACCOUNT, None
    elif _hangs_elsewhere(new_number, point):
        row.problem = TAKEN
    else:
        row.problem = ""
        row.point = point
        row.read_before_m3, row.read_before_date = point.reading_m3, point.reading_date
    row.estimated_m3, row.basis = _estimated(row, point)
    if point is None or row.problem:
        return
    # Never two meters at one place: a report that comes late must not bring an older one back.
    later = MeterExchange.objects.filter(point=point, at__gt=row.at).exists()
    if not later:
        point.meter_number, point.tail = new_number, new_number[::-1]
        point.reading_m3 = row.start_reading_m3
        point.reading_date = clock.local(row.at).date()
        point.save(update_fields=["meter_number", "tail", "reading_m3", "reading_date"])


def _spellings(number: str) -> set[str]:
    # Along the index of the numbers: asking without case would read the whole register.
    return {number, number.upper(), number.lower()}


def _hangs_elsewhere(number: str, point: ServicePoint) -> bool:
    others = ServicePoint.objects.filter(meter_number__in=_spellings(number))
    return others.exclude(pk=point.pk).exists()


def _estimated(row: MeterExchange, point: ServicePoint | None) -> tuple[float | None, str]:
    metered_m3 = metered_days = None
    if point is not None and point.reading_m3 is not None and point.reading_date is not None:
        until = row.stopped_from_date or clock.local(row.at).date()
        metered_m3 = row.old_reading_m3 - point.reading_m3
        metered_days = (until - point.reading_date).days
    account = point.account if point else None
    found = unmetered.unmetered_use(
        stopped_days=row.stopped_days, metered_m3=metered_m3, metered_days=metered_days,
        year_m3=account.use_m3_year if account else None,
    )  # fmt: skip
    return found.volume_m3, str(found.basis)


def _tell(
    row: MeterExchange, by_id: int | None, *, old_number: str, new_number: str
) -> None:  # fmt: skip
    account = row.point.account if row.point else None
    subject = f"customers.account:{account.code}" if account else "customers.exchanges"
    audit.record(
        by_id, "customers.meter_exchanged", subject,
        {"old_number": old_number, "new_number": new_number, "problem": row.problem},
    )  # fmt: skip
    events.publish(
        contracts.MeterExchanged(
            exchange_id=row.pk, account_code=account.code if account else "",
            old_number=old_number, old_reading_m3=row.old_reading_m3,
            new_number=new_number, start_reading_m3=row.start_reading_m3,
            stopped_days=row.stopped_days, estimated_m3=row.estimated_m3,
            job_number=row.job_number, at=row.at, by_id=by_id,
        )
    )  # fmt: skip


def note_of_reading(number: str, reading_m3: float) -> contracts.ReadingDoubt | None:
    """Say what speaks against a last reading of a meter, or None."""
    point = ServicePoint.objects.filter(meter_number__in=_spellings(number.strip())).first()
    if point is None or point.reading_m3 is None:
        return None
    if reading_m3 < point.reading_m3:
        return contracts.ReadingDoubt("below_last", point.reading_m3, point.reading_date)
    return None
