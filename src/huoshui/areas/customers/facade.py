"""The only door to customers for other areas.

from huoshui.areas.customers import facade as customers

Personal data is masked unless a reader is named who may see it in full; what they saw is recorded.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any

from huoshui.areas.customers import (
    actions,
    contracts,
    key_accounts,
    models,
    queries,
    refusals,
    rules,
    searching,
    seeing,
)
from huoshui.areas.customers import recipients as reaching
from huoshui.kernel import audit, clock


def _note(reader: Any, codes: Iterable[str]) -> None:
    """Record that a reader saw personal data of accounts."""
    for code in codes:
        audit.record_read(reader.pk, "customers.unmasked", f"customers.account:{code}")


def by_phone(number: str, *, reader: Any = None) -> tuple[contracts.Caller, ...]:
    """Return everybody with a telephone number, with their accounts, meters, balance and care.

    Written in any way: with +86, blanks or an area code. Masked, unless ``reader`` is a user who
    may see personal data there; that reading is recorded with each account.
    """
    found = queries.callers(number, sight=seeing.sight_of(reader))
    _note(reader, [row.code for one in found for row in one.accounts if not row.is_masked])
    return found


def may_see(reader: Any, estate_code: str = "") -> bool:
    """Say whether a reader may see people of an estate in full; without a code, of anywhere.

    Whoever then shows somebody in full records it.
    """
    return seeing.sight_of(reader).reaches_estate(estate_code)


def seen_estates(reader: Any, estate_codes: Iterable[str]) -> set[str]:
    """Return the estates whose people a reader may see in full, of those that are named."""
    sight = seeing.sight_of(reader)
    return {code for code in estate_codes if sight.reaches_estate(code)}


def find(text: str, limit: int = searching.LIMIT) -> list[contracts.Found]:
    """Return the accounts that fit an address, a name, pinyin, a number, or parts of them.

    Masked: a reader who knows a telephone number finds the account, and sees no more of it.
    """
    return searching.as_found(searching.find(text, limit))


def account(code: str, *, reader: Any = None) -> contracts.Account | None:
    """Return one account, or None; masked as in `by_phone`."""
    row = queries.account(code)
    if row is None:
        return None
    seen = seeing.sight_of(reader).reaches(row)
    if seen:
        _note(reader, [code])
    return queries.contract_of(row, masked=not seen)


def accounts_fed_by(connection_codes: Iterable[str]) -> list[str]:
    """Return the codes of the open accounts that connections of the network feed."""
    return [
        one.account_code
        for one in reaching.recipients(
            polygon=None, estates=(), zones=(), accounts=(), connections=connection_codes
        )
    ]


def premises(code: str) -> contracts.Premises | None:
    """Return one place of use, or None."""
    row = models.Premises.objects.select_related("estate").filter(code=code).first()
    return queries.premises_contract(row) if row else None


def estates() -> list[contracts.Estate]:
    """Return all estates by code, each with the number of its accounts."""
    return queries.estate_contracts()


def estate_names() -> dict[str, str]:
    """Return what each estate is called, by its code; far quicker than `estates`."""
    return dict(queries.estate_choices())


def estate(code: str) -> contracts.Estate | None:
    """Return one estate, or None."""
    return next(iter(queries.estate_contracts([code])), None)


def owners_groups() -> list[contracts.OwnersGroup]:
    """Return the owners' chat groups that the register names, one for each estate, by its code."""
    rows = models.Estate.objects.exclude(owners_group="").order_by("code")
    return [
        contracts.OwnersGroup(*row)
        for row in rows.values_list("owners_group", "code", "property_manager", "property_phone")
    ]


def specialist_of(estate_code: str) -> contracts.Specialist | None:
    """Return who looks after an estate, or None."""
    return queries.specialist_of(estate_code)


def recipients(
    *,
    polygon: Sequence[tuple[float, float]] | None = None,
    estates: Iterable[str] = (),
    zones: Iterable[str] = (),
    accounts: Iterable[str] = (),
    connections: Iterable[str] = (),
    everyone: bool = False,
) -> Iterator[contracts.Recipient]:
    """Yield whom a notice can reach: the holder of each open account that a choice names, once.

    ``polygon`` is a ring of (longitude, latitude); ``everyone`` names all open accounts. Names and
    numbers are in full, for sending:
    whoever shows them to people masks them (`masked_name`, the kernel's `mask_phone`).
    """
    return reaching.recipients(
        polygon=polygon, estates=estates, zones=zones, accounts=accounts, connections=connections,
        everyone=everyone,
    )  # fmt: skip


def masked_name(name: str, *, is_company: bool = False) -> str:
    """Return a name as readers see it who may not see it in full: 王*国."""
    return rules.masked_name(name, is_company=is_company)


def special_care(account_codes: Iterable[str]) -> dict[str, contracts.Care]:
    """Return the special care in force of accounts, masked, by code."""
    rows = queries.standing_care(account_codes)
    return {code: queries.care_contract(row, masked=True) for code, row in rows.items()}


def special_care_accounts() -> list[str]:
    """Return the codes of all accounts in special care."""
    rows = models.SpecialCare.objects.filter(ended_at__isnull=True)
    return list(rows.order_by("account__code").values_list("account__code", flat=True))


def exposed_accounts() -> list[str]:
    """Return the codes of the open accounts with a meter that is exposed to frost."""
    rows = models.Account.objects.exclude(state=contracts.AccountState.CLOSED)
    exposed = models.ServicePoint.objects.filter(is_exposed=True, account__isnull=False)
    tagged = rows.filter(pk__in=exposed.values("account")).order_by("code")
    return list(tagged.values_list("code", flat=True))


def may_cut_off(account_code: str, *, at: datetime | None = None) -> None:
    """Return if an account's supply may be cut off; whoever cuts off asks this first.

    Refuses with `customers.care_needs_visit` where the account is in special care and nobody
    visited within `rules.CARE_VISIT_VALID`, and with `customers.no_such`.
    """
    actions.require_may_cut_off(account_code, at or clock.now())


def hang_board(estate_code: str, *, place: str, by_id: int | None) -> int:
    """Record that a notice board hangs in an estate; return its number."""
    return actions.hang_board(estate_code, place=place, by_id=by_id).pk


def end_care(account_code: str, *, why: str, by_id: int | None) -> None:
    """End the special care of an account. Publishes `CareEnded`."""
    actions.end_care(account_code, why=why, by_id=by_id)


def begin_care(
    account_code: str,
    *,
    reason: contracts.CareReason,
    consent_date: date,
    consent_by: str,
    note: str = "",
    contact_name: str = "",
    contact_phone: str = "",
    by_id: int | None,
) -> None:
    """Take an account into special care, with the consent of whom it is about."""
    actions.begin_care(
        account_code,
        reason=reason,
        consent_date=consent_date,
        consent_by=consent_by,
        note=note,
        contact_name=contact_name,
        contact_phone=contact_phone,
        by_id=by_id,
    )


def record_visit(account_code: str, *, note: str = "", by_id: int | None) -> None:
    """Record a visit of now to somebody in special care."""
    actions.visit(account_code, note=note, by_id=by_id)


def add_supervisor(
    name: str,
    *,
    kind: contracts.SupervisorKind,
    organisation: str = "",
    from_date: date | None = None,
    by_id: int | None,
) -> int:
    """Appoint a citizen who watches our service; return the number."""
    row = actions.add_supervisor(
        name, kind=kind, organisation=organisation, from_date=from_date, by_id=by_id
    )
    return row.pk


def key_account_codes() -> list[str]:
    """Return the accounts that are looked after in person, who uses most first."""
    return [one["code"] for one in key_accounts.rows()]


def choose_key_manager(account_code: str, user_id: int | None, *, by_id: int | None) -> None:
    """Say who looks after a large customer in person; None ends it."""
    actions.choose_key_manager(account_code, user_id, by_id=by_id)


def exchange_meter(deed: contracts.Exchanged, *, by_id: int | None) -> contracts.MeterExchange:
    """Put a new meter into the place of an old one, as a crew reports it.

    Never refuses: what has no place in the register, or whose old meter belongs to another account
    than the job, is kept with its ``problem`` for somebody to settle. Publishes ``MeterExchanged``.
    What somebody else told before comes back ``is_repeated`` and changes nothing.
    """
    return actions.exchange_meter(deed, by_id=by_id)


def doubt_of_reading(meter_number: str, reading_m3: float) -> contracts.ReadingDoubt | None:
    """Say what speaks against a reading of a meter that the register knows, or None."""
    return actions.note_of_reading(meter_number, reading_m3)


def meter_exchanges(*, since: datetime, until: datetime) -> tuple[contracts.MeterExchange, ...]:
    """Return the exchanges of meters from a moment until another, the earliest first."""
    rows = queries.exchanges_that_count().filter(at__gte=since, at__lt=until).order_by("at", "id")
    return tuple(queries.exchange_contract(row) for row in rows)


def meters_of(account_codes: Iterable[str]) -> dict[str, tuple[contracts.Meter, ...]]:
    """Return the meters of accounts with their latest readings, by the account's code."""
    found: dict[str, tuple[contracts.Meter, ...]] = {}
    for batch in queries.in_batches(sorted(set(account_codes))):
        rows = models.ServicePoint.objects.filter(account__code__in=batch).order_by("pk")
        for row in rows.select_related("account"):
            code = row.account.code if row.account else ""
            found[code] = (*found.get(code, ()), queries.meter_contract(row))
    return found


def addresses_of(account_codes: Iterable[str]) -> dict[str, str]:
    """Return where the water of accounts is used, by the account's code."""
    found: dict[str, str] = {}
    for batch in queries.in_batches(sorted(set(account_codes))):
        rows = models.Account.objects.filter(code__in=batch)
        found.update(rows.values_list("code", "premises__address"))
    return found


def file_finding(
    supervisor_id: int,
    *,
    topic: contracts.FindingTopic,
    text: str,
    owner_id: int,
    by_id: int | None,
) -> str:
    """File what a supervisor found; return the number of its case."""
    return actions.file_finding(
        supervisor_id, topic=topic, text=text, owner_id=owner_id, by_id=by_id
    ).number


def keep_voice(
    *,
    kind: contracts.VoiceKind,
    form: contracts.VoiceForm,
    text: str,
    person_id: int | None = None,
    unit_code: str = "",
    account_code: str = "",
    order_code: str = "",
    received_at: datetime | None = None,
    by_id: int | None,
) -> None:
    """Register praise or complaint about somebody of our staff, or a unit of ours."""
    actions.keep_voice(
        kind=kind,
        form=form,
        text=text,
        person_id=person_id,
        unit_code=unit_code,
        account_code=account_code,
        order_code=order_code,
        received_at=received_at,
        by_id=by_id,
    )


__all__ = [
    "account",
    "accounts_fed_by",
    "add_supervisor",
    "addresses_of",
    "begin_care",
    "by_phone",
    "doubt_of_reading",
    "end_care",
    "estate",
    "estate_names",
    "estates",
    "exchange_meter",
    "exposed_accounts",
    "file_finding",
    "find",
    "hang_board",
    "keep_voice",
    "masked_name",
    "may_cut_off",
    "may_see",
    "meter_exchanges",
    "meters_of",
    "owners_groups",
    "premises",
    "recipients",
    "record_visit",
    "refusals",
    "seen_estates",
    "special_care",
    "special_care_accounts",
    "specialist_of",
]
