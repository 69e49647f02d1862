"""Whom a notice can reach: people with accounts, chosen by place, estate, zone or connection."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.db.models import Q, QuerySet

from huoshui.areas.customers import contracts
from huoshui.areas.customers.models import Account, OptOut, Phone, Premises, SpecialCare
from huoshui.areas.customers.queries import in_batches

AT_ONCE = 2_000


def recipients(
    *,
    polygon: Sequence[tuple[float, float]] | None,
    estates: Iterable[str],
    zones: Iterable[str],
    accounts: Iterable[str],
    connections: Iterable[str],
    everyone: bool = False,
) -> Iterator[contracts.Recipient]:
    """Yield the holder of each account that any of the choices names, each account once."""
    if everyone:
        yield from _everyone()
        return
    seen: set[int] = set()
    for chosen in _chosen(polygon, list(estates), list(zones), list(accounts), list(connections)):
        fresh = [pk for pk in chosen if pk not in seen]
        seen.update(fresh)
        for batch in in_batches(fresh, AT_ONCE):
            yield from _of(batch)


def _chosen(
    polygon: Sequence[tuple[float, float]] | None,
    estates: list[str],
    zones: list[str],
    accounts: list[str],
    connections: list[str],
) -> Iterator[Iterable[int]]:
    open_rows = Account.objects.exclude(state=contracts.AccountState.CLOSED).order_by("id")
    if estates or zones:
        here = Q(premises__estate__code__in=estates) | Q(premises__estate__zone_code__in=zones)
        yield open_rows.filter(here).values_list("pk", flat=True).iterator()
    for batch in in_batches(accounts):
        yield open_rows.filter(code__in=batch).values_list("pk", flat=True)
    for batch in in_batches(connections):
        fed = Q(premises__connection_code__in=batch) | Q(points__connection_code__in=batch)
        yield open_rows.filter(fed).values_list("pk", flat=True)
    if polygon:
        yield _inside(polygon, open_rows)


def _inside(ring: Sequence[tuple[float, float]], rows: QuerySet[Account]) -> list[int]:
    """Return the accounts whose place lies within a ring of longitude and latitude."""
    import shapely

    shape = shapely.make_valid(shapely.Polygon(ring))
    west, south, east, north = shape.bounds
    near = Premises.objects.filter(lon__range=(west, east), lat__range=(south, north)).order_by()
    found = list(near.values_list("pk", "lon", "lat"))
    if not found:
        return []
    ids, lons, lats = zip(*found, strict=True)
    shapely.prepare(shape)
    within = shapely.contains_xy(shape, lons, lats)
    wanted = [pk for pk, inside in zip(ids, within, strict=True) if inside]
    accounts: list[int] = []
    for batch in in_batches(wanted, AT_ONCE):
        accounts += rows.filter(premises__in=batch).values_list("pk", flat=True)
    return accounts


NOTHING: frozenset[str] = frozenset()
TOLD = (
    "pk", "code", "holder_id", "holder__name", "holder__wechat_openid", "holder__email",
    "premises__estate__code",
)  # fmt: skip


def _everyone() -> Iterator[contracts.Recipient]:
    """Yield the holders of all open accounts, walking along the key."""
    rows = Account.objects.exclude(state=contracts.AccountState.CLOSED).order_by("pk")
    cared, declined = _cared(SpecialCare.objects.all()), _declined(OptOut.objects.all())
    last = 0
    while batch := list(rows.filter(pk__gt=last).values_list(*TOLD)[:AT_ONCE]):
        last = batch[-1][0]
        yield from _told(batch, cared, declined)


def _of(ids: list[int]) -> Iterator[contracts.Recipient]:
    """Yield the holders of some accounts."""
    rows = list(Account.objects.filter(pk__in=ids).order_by("pk").values_list(*TOLD))
    cared = _cared(SpecialCare.objects.filter(account__in=ids))
    declined = _declined(OptOut.objects.filter(person__in={row[2] for row in rows}))
    yield from _told(rows, cared, declined)


def _cared(rows: QuerySet[SpecialCare]) -> set[int]:
    return set(rows.filter(ended_at__isnull=True).values_list("account_id", flat=True))


def _declined(rows: QuerySet[OptOut]) -> dict[int, frozenset[str]]:
    found: dict[int, set[str]] = {}
    for person_id, channel in rows.values_list("person_id", "channel"):
        found.setdefault(person_id, set()).add(channel)
    return {person_id: frozenset(channels) for person_id, channels in found.items()}


def _told(
    rows: list[tuple[Any, ...]], cared: set[int], declined: dict[int, frozenset[str]]
) -> Iterator[contracts.Recipient]:
    """Yield what is kept of the people behind some rows of `TOLD`: there may be 100,000."""
    numbers = Phone.objects.filter(person__in={row[2] for row in rows})
    phones = dict(numbers.order_by("is_first", "-id").values_list("person_id", "number"))
    for pk, code, person_id, name, openid, email, estate_code in rows:
        yield contracts.Recipient(
            account_code=code,
            person_name=name,
            phone=phones.get(person_id, ""),
            wechat_openid=openid,
            email=email,
            estate_code=estate_code or "",
            opted_out=declined.get(person_id, NOTHING),
            person_id=person_id,
            is_special_care=pk in cared,
        )
