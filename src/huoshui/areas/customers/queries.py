"""Reads of accounts, people, places and grids."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Prefetch, Q, QuerySet

from huoshui.areas.customers import contracts, rules
from huoshui.areas.customers.models import (
    Account,
    AccountPerson,
    Estate,
    Grid,
    MeterExchange,
    Phone,
    Premises,
    ServicePoint,
    SpecialCare,
    Supervisor,
)
from huoshui.areas.customers.seeing import Sight
from huoshui.kernel import clock
from huoshui.kernel.accounts import personal

ACCOUNTS_SHOWN = 50
# Two of a crew hand in one exchange within this time; later the same meters are another one.
TOLD_TWICE_WITHIN = timedelta(days=1)
HIGHEST = "\U0010ffff"


def account_rows() -> QuerySet[Account]:
    """Return all accounts with what a list shows of each."""
    return Account.objects.select_related("holder", "premises__estate")


def whole_accounts(rows: QuerySet[Account]) -> QuerySet[Account]:
    """Return accounts with everything that `contract_of` reads, in a few questions."""
    return rows.select_related("holder", "premises__estate").prefetch_related(
        Prefetch("points", ServicePoint.objects.order_by("meter_number")),
        Prefetch("cares", SpecialCare.objects.filter(ended_at__isnull=True), to_attr="care_now"),
        Prefetch("holder__phones", Phone.objects.order_by("-is_first", "id")),
    )


def account(code: str) -> Account | None:
    """Return one account with everything about it."""
    return whole_accounts(Account.objects.filter(code=code)).first()


def contract_of(row: Account, *, masked: bool = True) -> contracts.Account:
    """Return what others may know of an account."""
    holder = row.holder
    company = holder.kind == contracts.PersonKind.COMPANY
    phones = [one.number for one in holder.phones.all()]
    return contracts.Account(
        code=row.code,
        state=row.state,
        tariff=row.tariff,
        holder_name=rules.masked_name(holder.name, is_company=company) if masked else holder.name,
        holder_phones=tuple(personal.mask_phone(one) if masked else one for one in phones),
        is_company=company,
        premises=premises_contract(row.premises),
        meters=tuple(meter_contract(one) for one in row.points.all()),
        balance_cents=row.balance_cents,
        balance_as_of=row.balance_as_of,
        care=next((care_contract(one, masked=masked) for one in row.care_now), None),  # type: ignore[attr-defined]
        key_manager_id=row.key_manager_id,
        is_masked=masked,
    )


def premises_contract(row: Premises) -> contracts.Premises:
    """Return what others may know of a place."""
    estate = row.estate
    return contracts.Premises(
        code=row.code,
        address=row.address,
        estate_code=estate.code if estate else "",
        estate_name=estate.name if estate else "",
        lon=row.lon,
        lat=row.lat,
        connection_code=row.connection_code,
    )


def meter_contract(row: ServicePoint) -> contracts.Meter:
    """Return what others may know of a meter."""
    return contracts.Meter(
        number=row.meter_number,
        connection_code=row.connection_code,
        reading_m3=row.reading_m3,
        reading_date=row.reading_date,
    )


def care_contract(row: SpecialCare, *, masked: bool) -> contracts.Care:
    """Return why an account is in special care."""
    return contracts.Care(
        reason=row.reason,
        contact=rules.masked_name(row.contact_name) if masked else row.contact_name,
        contact_phone=personal.mask_phone(row.contact_phone) if masked else row.contact_phone,
        note=row.note,
        visited_at=row.visited_at,
    )


def _same_number(digits: str) -> Q:
    """Return what keeps a telephone number, with or without the code of its area."""
    wanted = {digits}
    if digits.startswith("0") and len(digits) > 9:
        code = 3 if digits[:3] in rules.AREA_CODES_2 else 4
        wanted.add(digits[code:])
    found = Q(number__in=wanted)
    if 7 <= len(digits) <= 8:
        backwards = digits[::-1]
        found |= Q(tail__gte=backwards, tail__lt=backwards + HIGHEST, number__startswith="0")
    return found


def callers(number: str, *, sight: Sight) -> tuple[contracts.Caller, ...]:
    """Return everybody with this telephone number; a constant number of questions.

    In full only what ``sight`` reaches.
    """
    digits = rules.phone_digits(number)
    if len(digits) < 5:
        return ()
    phones = list(
        Phone.objects.filter(_same_number(digits)).select_related("person").order_by("id")
    )
    people = {one.person_id: one for one in phones}
    if not people:
        return ()
    whose: dict[int, dict[int, str]] = {one: {} for one in people}
    held = Account.objects.filter(holder__in=people).order_by("state", "code")
    for account_id, holder_id in held.values_list("pk", "holder_id"):
        whose[holder_id][account_id] = "holder"
    others = AccountPerson.objects.filter(person__in=people).order_by("account__code")
    for account_id, person_id, role in others.values_list("account_id", "person_id", "role"):
        whose[person_id].setdefault(account_id, role)
    shown = {pk for several in whose.values() for pk in list(several)[:ACCOUNTS_SHOWN]}
    rows = {row.pk: row for row in whole_accounts(Account.objects.filter(pk__in=shown))}
    return tuple(_caller(people[pk], several, rows, sight) for pk, several in whose.items())


def _caller(
    phone: Phone, several: dict[int, str], rows: dict[int, Account], sight: Sight
) -> contracts.Caller:
    person = phone.person
    company = person.kind == contracts.PersonKind.COMPANY
    mine = [rows[pk] for pk in list(several)[:ACCOUNTS_SHOWN] if pk in rows]
    masked = not (sight.everywhere or any(sight.reaches(row) for row in mine))
    return contracts.Caller(
        person_id=person.pk,
        name=rules.masked_name(person.name, is_company=company) if masked else person.name,
        phone=personal.mask_phone(phone.number) if masked else phone.number,
        is_company=company,
        accounts=tuple(contract_of(row, masked=not sight.reaches(row)) for row in mine),
        accounts_total=len(several),
        roles={row.code: several[row.pk] for row in mine},
        is_masked=masked,
    )


def estate_rows() -> QuerySet[Estate]:
    """Return all estates with what a list shows of each."""
    return Estate.objects.select_related("grid__specialist")


def estate_contracts(codes: Iterable[str] | None = None) -> list[contracts.Estate]:
    """Return estates with the number of their accounts."""
    rows = Estate.objects.select_related("grid").order_by("code")
    if codes is not None:
        rows = rows.filter(code__in=list(codes))
    counts = accounts_by_estate([row.pk for row in rows] if codes is not None else None)
    return [
        contracts.Estate(
            code=row.code,
            name=row.name,
            district=row.district,
            lon=row.lon,
            lat=row.lat,
            zone_code=row.zone_code,
            grid_code=row.grid.code if row.grid else "",
            accounts=counts.get(row.pk, 0),
        )
        for row in rows
    ]


def estate_choices() -> list[tuple[str, str]]:
    """Return each estate's name by code, for a filter."""
    return list(Estate.objects.order_by("name").values_list("code", "name"))


def accounts_by_estate(ids: Sequence[int] | None = None) -> dict[int, int]:
    """Return how many accounts that are not closed each estate has, by its number.

    Along two indexes, and without an account's row.
    """
    rows = Account.objects.exclude(state=contracts.AccountState.CLOSED)
    rows = rows.filter(premises__estate__isnull=False)
    if ids is not None:
        rows = rows.filter(premises__estate__in=ids)
    counted = rows.order_by().values_list("premises__estate_id").annotate(n=Count("pk"))
    return dict(counted)


def specialist_of(estate_code: str) -> contracts.Specialist | None:
    """Return who looks after an estate, or None where nobody does."""
    rows = Grid.objects.select_related("specialist", "deputy")
    row = rows.filter(estates__code=estate_code).first()
    return specialist_contract(row) if row else None


def specialist_contract(row: Grid) -> contracts.Specialist:
    """Return the people of a grid."""
    return contracts.Specialist(
        grid_code=row.code,
        grid_name=row.name,
        user_id=row.specialist_id,
        name=row.specialist.name if row.specialist else "",
        phone=row.phone,
        deputy_id=row.deputy_id,
        deputy_name=row.deputy.name if row.deputy else "",
    )


def supervisors_now() -> QuerySet[Supervisor]:
    """Return the supervisors whose term runs today: ``until_date`` is no longer part of it."""
    today = clock.local(clock.now()).date()
    running = Q(until_date__isnull=True) | Q(until_date__gt=today)
    return Supervisor.objects.filter(running, from_date__lte=today).order_by("name")


def standing_care(codes: Iterable[str]) -> dict[str, SpecialCare]:
    """Return the special care in force of accounts, by code."""
    rows = SpecialCare.objects.filter(ended_at__isnull=True, account__code__in=list(codes))
    return {row.account.code: row for row in rows.select_related("account")}


def in_batches(values: Iterable[Any], size: int = 500) -> Iterator[list[Any]]:
    """Yield values in lists short enough for one question."""
    batch: list[Any] = []
    for one in values:
        batch.append(one)
        if len(batch) >= size:
            yield batch
            batch = []
    if batch:
        yield batch


def exchange_rows() -> QuerySet[MeterExchange]:
    """Return all exchanges of meters with their places, the latest first."""
    rows = MeterExchange.objects.select_related("point__account", "point__premises__estate", "by")
    return rows.order_by("-at", "-id")


def exchanges_that_count() -> QuerySet[MeterExchange]:
    """Return the exchanges without those that only tell again of another."""
    return exchange_rows().filter(same_as__isnull=True)


def exchanges_to_settle() -> QuerySet[MeterExchange]:
    """Return the exchanges that have no place in the register yet."""
    return exchanges_that_count().exclude(problem="")


def exchange_told_before(deed: contracts.Exchanged) -> MeterExchange | None:
    """Return the exchange of the same two meters that was told before, within a day or the job."""
    same = exchange_rows().filter(
        old_number__iexact=deed.old_number.strip(), new_number__iexact=deed.new_number.strip()
    )
    row = same.filter(_told_near(deed.at, deed.job_number)).order_by("pk").first()
    return row.same_as or row if row else None


def exchanges_alike(row: MeterExchange) -> QuerySet[MeterExchange]:
    """Return what may be the same exchange as one: of its job, or with a number of it that day."""
    number = Q(old_number__iexact=row.old_number) | Q(new_number__iexact=row.new_number)
    alike = number & _told_near(row.at, "")
    if row.job_number:
        alike |= Q(job_number=row.job_number)
    return exchanges_that_count().filter(alike).exclude(pk=row.pk)


def _told_near(at: datetime, job_number: str) -> Q:
    near = Q(at__range=(at - TOLD_TWICE_WITHIN, at + TOLD_TWICE_WITHIN))
    return near | Q(job_number=job_number) if job_number else near


def exchange_contract(row: MeterExchange) -> contracts.MeterExchange:
    """Return what others may know of an exchange."""
    point = row.point
    estate = point.premises.estate if point else None
    return contracts.MeterExchange(
        id=row.pk,
        at=row.at,
        account_code=point.account.code if point and point.account else "",
        estate_code=estate.code if estate else "",
        old_number=row.old_number,
        old_reading_m3=row.old_reading_m3,
        new_number=row.new_number,
        start_reading_m3=row.start_reading_m3,
        stopped_from_date=row.stopped_from_date,
        stopped_days=row.stopped_days,
        estimated_m3=row.estimated_m3,
        basis=row.basis,
        problem=row.problem,
        job_number=row.job_number,
    )
