"""Who is to be told: gathered from the register of customers, with the reason, each person once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from huoshui.areas.announcements import channels, refusals, rules, setups, wording
from huoshui.areas.announcements.contracts import Risk
from huoshui.areas.announcements.models import Announcement, Delivery, OptOut
from huoshui.areas.customers import contracts as customers_contracts
from huoshui.areas.customers import facade as customers
from huoshui.areas.network import contracts as network_contracts
from huoshui.areas.network import facade as network

CODES_AT_ONCE = 500


@dataclass
class Chosen:
    """One account whose person is to be told, with every reason."""

    recipient: customers_contracts.Recipient
    why: list[str]

    @property
    def key(self) -> str:
        """By what it is known that two accounts are of one person."""
        one = self.recipient
        return rules.person_key(
            phone=one.phone, wechat=one.wechat_openid, email=one.email, account=one.account_code
        )


@dataclass
class WayCount:
    """How many people one channel reaches, and why it does not reach the rest."""

    way: str
    reached: int = 0
    opted_out: int = 0
    no_address: int = 0
    estimate_cents: Decimal = Decimal(0)


@dataclass
class Count:
    """What a choice of people comes to."""

    people: int = 0
    accounts: int = 0
    unreached: int = 0
    ways: dict[str, WayCount] = field(default_factory=dict)

    def as_json(self) -> dict[str, dict[str, Any]]:
        """Return the counts of each channel as they are kept."""
        return {
            way: {
                "reached": one.reached,
                "opted_out": one.opted_out,
                "no_address": one.no_address,
                "estimate_cents": str(one.estimate_cents),
            }
            for way, one in self.ways.items()
        }

    @property
    def estimate_cents(self) -> Decimal:
        """What sending would cost."""
        return sum((one.estimate_cents for one in self.ways.values()), Decimal(0))


def gathered(row: Announcement) -> list[Chosen]:
    """Return everybody whom an announcement's choice means, each account once.

    Refuses with `announcements.unknown_asset` where the outage starts at an asset that is not
    there.
    """
    found: dict[str, Chosen] = {}
    risks = set(row.risks)
    for choice, recipients in _choices(row):
        for one in recipients:
            why = f"estate:{one.estate_code}" if choice == "estate" else choice
            known = found.get(one.account_code)
            if known is None:
                found[one.account_code] = Chosen(one, [why])
            elif why not in known.why:
                known.why.append(why)
    chosen = list(found.values())
    if risks:
        # Lists of risks narrow what was chosen by place; alone they mean everybody on any of them.
        exposed = set(customers.exposed_accounts()) if Risk.FROST in risks else set()
        for each in chosen:
            one = each.recipient
            cared = Risk.SPECIAL_CARE in risks and one.is_special_care
            for why, is_on in (("risk", cared), ("frost", one.account_code in exposed)):
                if is_on and why not in each.why:
                    each.why.append(why)
        chosen = [each for each in chosen if {"risk", "frost"} & set(each.why)]
    return chosen


def _choices(row: Announcement) -> Iterator[tuple[str, Iterable[customers_contracts.Recipient]]]:
    by_place = row.polygon or row.estates or row.zones or row.trace_asset
    listed = list(row.listed.values_list("account_code", flat=True))
    only_risk = bool(row.risks) and not by_place and not listed
    if row.everyone:
        yield "everyone", customers.recipients(everyone=True)
    if only_risk and Risk.FROST in row.risks:
        yield "frost", customers.recipients(accounts=customers.exposed_accounts())
    if only_risk and Risk.SPECIAL_CARE in row.risks:
        yield "risk", customers.recipients(accounts=customers.special_care_accounts())
    if row.polygon:
        yield "polygon", customers.recipients(polygon=[(lon, lat) for lon, lat in row.polygon])
    if row.estates:
        # One question for all of them: a town has hundreds of estates.
        yield "estate", customers.recipients(estates=row.estates)
    for code in row.zones:
        yield f"zone:{code}", customers.recipients(zones=(code,))
    if row.trace_asset:
        yield "trace", customers.recipients(connections=connections_of(row))
    if listed:
        yield "list", customers.recipients(accounts=listed)


def connections_of(row: Announcement) -> list[str]:
    """Return the connections that a trace from the announcement's asset finds.

    Refuses with `announcements.unknown_asset`.
    """
    direction = network_contracts.TraceDirection(row.trace_direction)
    traced = network.trace(row.trace_asset, direction)
    if traced is None:
        raise refusals.UnknownAsset(row.trace_asset)
    return network.connections_on(traced.codes)


def opted_out() -> set[tuple[str, str]]:
    """Return which addresses told us over their channel that they want no more, as (way, where)."""
    return set(OptOut.objects.values_list("way", "address"))


def reach(
    one: customers_contracts.Recipient, way: str, declined: set[tuple[str, str]]
) -> tuple[str, str]:
    """Return where a person is reached over a channel, and else why not."""
    address = channels.KNOWN[way].address(one.phone, one.wechat_openid, one.email)
    if not address:
        return "", rules.NO_ADDRESS
    if way in one.opted_out or (way, address) in declined:
        return "", rules.OPTED_OUT
    return address, ""


def declined_since(rows: Sequence[Delivery]) -> set[int]:
    """Return which messages nobody wants any more: told us, or the hotline, since they were queued.

    A message may wait for the morning, for a second person or for another attempt; what its reader
    says in the meantime counts.
    """
    ways = {row.way for row in rows}
    where = {row.pk: address_of(row) for row in rows}
    told = set(
        OptOut.objects.filter(way__in=ways, address__in=set(where.values())).values_list(
            "way", "address"
        )
    )
    codes = {row.recipient.account_code for row in rows}
    kept = {one.account_code: one.opted_out for one in customers.recipients(accounts=codes)}
    return {
        row.pk
        for row in rows
        if (row.way, where[row.pk]) in told
        or row.way in kept.get(row.recipient.account_code, frozenset())
    }


def address_of(row: Delivery) -> str:
    """Return where a message goes."""
    person = row.recipient
    return channels.KNOWN[row.way].address(person.phone, person.wechat, person.email)


def leaders(chosen: Iterable[Chosen]) -> dict[str, Chosen]:
    """Return the first account of each person: messages go to it."""
    found: dict[str, Chosen] = {}
    for one in chosen:
        found.setdefault(one.key, one)
    return found


def count(row: Announcement, chosen: list[Chosen]) -> Count:
    """Return what a choice comes to: people, channels, who is not reached, what it costs."""
    people = leaders(chosen)
    declined = opted_out()
    standing = setups.standing()
    result = Count(people=len(people), accounts=len(chosen))
    ways = [way for way in row.ways if way in channels.KNOWN]
    for way in ways:
        result.ways[way] = WayCount(way)
    prices = {way: _price(row, standing[way]) for way in ways}
    for one in people.values():
        reached = False
        for way in ways:
            told = result.ways[way]
            address, why = reach(one.recipient, way, declined)
            if address and not (reached and row.first_way_only):
                told.reached += 1
                told.estimate_cents += prices[way]
            elif why == rules.OPTED_OUT:
                told.opted_out += 1
            elif why == rules.NO_ADDRESS:
                told.no_address += 1
            reached = reached or bool(address)
        result.unreached += not reached
    return result


def _price(row: Announcement, standing: setups.Standing) -> Decimal:
    words = wording.for_person(row, name="王先生", account="00000000")
    return standing.config.price_cents * standing.channel.parts(words.title, words.text)


def samples(row: Announcement, people: Iterable[Mapping[str, Any]]) -> list[wording.Words]:
    """Return the words as some of the people would read them."""
    return [
        wording.for_person(row, name=one["name"], account=one["account_code"]) for one in people
    ]


def personal_ways(row: Announcement) -> list[str]:
    """Return the channels of an announcement that go to single people, in their order."""
    return [way for way in row.ways if way in rules.PERSONAL_WAYS]


def is_chosen(row: Announcement) -> bool:
    """Tell whether an announcement says whom it is for."""
    return bool(
        row.everyone
        or row.polygon
        or row.estates
        or row.zones
        or row.trace_asset
        or row.risks
        or row.listed.exists()
    )


def needs_people(row: Announcement) -> bool:
    """Tell whether an announcement goes to single people at all."""
    return any(way in rules.PERSONAL_WAYS for way in row.ways)
