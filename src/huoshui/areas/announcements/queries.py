"""Reads of announcements."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Min, Q, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.urls import reverse

from huoshui.areas.announcements import contracts, models, rules, words
from huoshui.areas.announcements.contracts import DeliveryState, State
from huoshui.areas.customers import facade as customers
from huoshui.kernel import clock
from huoshui.kernel.pages import formats


def announcement_rows() -> QuerySet[Any]:
    """Return all announcements for a list, as values."""
    return models.Announcement.objects.order_by().values(
        "pk", "number", "kind", "state", "title_zh", "title_en", "place", "from_at", "until_at",
        "people_total", "composed_at", "released_at", by=F("composed_by__name"),
    )  # fmt: skip


def announcement(number: str) -> models.Announcement | None:
    """Return one announcement with its people at hand, or None."""
    people = ("composed_by", "submitted_by", "approved_by", "recalled_by")
    return models.Announcement.objects.select_related(*people).filter(number=number).first()


def by_token(token: str) -> models.Announcement | None:
    """Return the announcement behind a public address, while everybody may read it."""
    return models.Announcement.objects.filter(
        token=token, is_public=True, state__in=(*rules.RELEASED, State.RECALLED)
    ).first()


def standing_at(moment: datetime) -> QuerySet[models.Announcement]:
    """Return what is released, not taken back, and not over at a moment."""
    return models.Announcement.objects.filter(
        Q(until_at__gt=moment)
        | Q(until_at__isnull=True, released_at__gt=moment - rules.TOLD_WITHOUT_END),
        state__in=rules.RELEASED,
    ).order_by("-is_urgent", "from_at", "-released_at", "-id")


def public(
    moment: datetime, *, is_past: bool = False, words: Iterable[str] = ()
) -> QuerySet[models.Announcement]:
    """Return what anybody may read: what stands at a moment, or what stood in the year before."""
    standing = standing_at(moment).filter(is_public=True)
    rows = standing
    if is_past:
        rows = (
            models.Announcement.objects.filter(
                is_public=True, state__in=rules.RELEASED, released_at__gt=moment - rules.SHOWN_AFTER
            )
            .exclude(pk__in=standing.order_by().values("pk"))
            .order_by("-released_at", "-id")
        )
    for word in words:
        anywhere = Q()
        for field in ("title_zh", "title_en", "text_zh", "text_en", "place"):
            anywhere |= Q(**{f"{field}__icontains": word})
        rows = rows.filter(anywhere)
    return rows


def public_feed() -> QuerySet[models.Announcement]:
    """Return what was released for everybody in the last year, the latest first."""
    return models.Announcement.objects.filter(
        is_public=True,
        state__in=rules.RELEASED,
        released_at__gt=clock.now() - rules.SHOWN_AFTER,
    ).order_by("-released_at", "-id")


def in_force(
    lon: float | None,
    lat: float | None,
    *,
    account_code: str | None = None,
    estate_code: str | None = None,
) -> list[contracts.Announcement]:
    """Return what somebody at a place should hear now, the urgent first; three queries at most."""
    rows = list(standing_at(clock.now()))
    if not rows:
        return []
    told: set[int] = set()
    if account_code:
        mine = models.Recipient.objects.filter(
            account_code=account_code, announcement__in=[row.pk for row in rows]
        )
        told = set(mine.values_list("announcement_id", flat=True))
    zone = ""
    if estate_code and any(row.zones for row in rows):
        estate = customers.estate(estate_code)
        zone = estate.zone_code if estate else ""
    return [
        contract(row)
        for row in rows
        if row.everyone
        or row.pk in told
        or (estate_code and estate_code in row.estates)
        or (zone and zone in row.zones)
        or (lon is not None and lat is not None and _covers(row, lon, lat))
    ]


def _covers(row: models.Announcement, lon: float, lat: float) -> bool:
    if not row.polygon or row.west is None or row.south is None:
        return False
    if row.east is None or row.north is None:
        return False
    if not (row.west <= lon <= row.east and row.south <= lat <= row.north):
        return False
    return rules.is_inside(lon, lat, [(x, y) for x, y in row.polygon])


def contract(row: models.Announcement) -> contracts.Announcement:
    """Return an announcement as others may tell it, in the reader's language."""
    from huoshui.areas.announcements import wording

    said = wording.for_everybody(row, english=not formats.chinese())
    return contracts.Announcement(
        number=row.number,
        kind=contracts.Kind(row.kind),
        state=contracts.State(row.state),
        is_urgent=row.is_urgent,
        title=said.title,
        text=said.text,
        place=row.place,
        from_at=row.from_at,
        until_at=row.until_at,
        released_at=row.released_at,
        url=reverse("announcements:announcement", args=[row.number]),
        public_url=reverse("announcements:public", args=[row.token]) if row.is_public else "",
    )


def was_told(
    account_code: str, kind: contracts.Kind, since: datetime
) -> tuple[contracts.Told, ...]:
    """Return the messages of one kind that went to an account's person since a moment."""
    return tuple(told_accounts([account_code], kind, since).get(account_code, ()))


def told_accounts(
    account_codes: Iterable[str], kind: contracts.Kind, since: datetime
) -> dict[str, list[contracts.Told]]:
    """Return for each account the messages of one kind since a moment, the latest first.

    An account without any is not in the answer. Where one person has several accounts the message
    went to one of them and counts for all.
    """
    codes, found = list(dict.fromkeys(account_codes)), {}
    for at in range(0, len(codes), 500):
        found.update(_told_part(codes[at : at + 500], kind, since))
    return found


def reached_at(numbers: Iterable[str]) -> dict[str, datetime]:
    """Return the accounts to whose person a message of these announcements got through, and when.

    The first message counts, at the moment it arrived or, where no gateway says so, was sent. Two
    queries. Where one person has several accounts, all of them count as told.
    """
    got = models.Delivery.objects.filter(
        announcement__number__in=list(numbers), state__in=rules.GOT_THROUGH
    )
    arrived = Coalesce("delivered_at", "sent_at", "read_at")
    leaders = dict(got.values_list("recipient_id").annotate(at=Min(arrived)).order_by())
    rows = models.Recipient.objects.filter(announcement__number__in=list(numbers))
    found: dict[str, datetime] = {}
    for code, pk, leader in rows.values_list("account_code", "pk", "leader_id"):
        at = leaders.get(leader or pk)
        if at is not None:
            found[code] = min(at, found.get(code, at))
    return found


def released_between(kind: contracts.Kind, since: datetime, until: datetime) -> list[str]:
    """Return the numbers of one kind that were released in a stretch of time, not recalled."""
    rows = models.Announcement.objects.filter(
        kind=kind, released_at__gte=since, released_at__lt=until
    ).exclude(state=contracts.State.RECALLED)
    return list(rows.order_by("released_at").values_list("number", flat=True))


def _told_part(
    codes: list[str], kind: contracts.Kind, since: datetime
) -> dict[str, list[contracts.Told]]:
    rows = models.Recipient.objects.filter(
        account_code__in=codes,
        announcement__kind=kind,
        announcement__released_at__gte=since,
    ).values_list("account_code", "pk", "leader_id")
    led = [(code, leader_id or pk) for code, pk, leader_id in rows]
    messages: dict[int, list[contracts.Told]] = {}
    sent = (
        models.Delivery.objects.filter(recipient__in={pk for _code, pk in led})
        .exclude(state__in=(DeliveryState.LEFT_OUT, DeliveryState.CANCELLED, DeliveryState.HELD))
        .order_by("-id")
        .values_list("recipient_id", "announcement__number", "way", "state", "sent_at")
    )
    for pk, number, way, state, sent_at in sent:
        messages.setdefault(pk, []).append(
            contracts.Told(
                number, kind, contracts.Way(way), contracts.DeliveryState(state), sent_at
            )
        )
    found: dict[str, list[contracts.Told]] = {}
    for code, pk in led:
        if pk in messages:
            found.setdefault(code, []).extend(messages[pk])
    return found


# How far the messages have come ----------------------------------------------------------------


@dataclass(frozen=True)
class WayProgress:
    """The messages of one channel: how many in each state, why not, what they cost."""

    way: str
    states: dict[str, int]
    reasons: dict[str, int]
    cost_cents: Decimal

    @property
    def label(self) -> Any:
        """What the channel is called."""
        return words.WAYS[self.way]

    def of(self, *states: str) -> int:
        """Return how many are in any of some states."""
        return sum(self.states.get(state, 0) for state in states)

    @property
    def meant(self) -> int:
        """How many were to leave at all."""
        total = sum(self.states.values())
        return total - self.of(DeliveryState.LEFT_OUT)

    @property
    def open(self) -> int:
        """How many are still to go."""
        return self.of(*rules.OPEN)

    @property
    def through(self) -> int:
        """How many left us and were not lost."""
        return self.of(*rules.GOT_THROUGH)

    @property
    def delivered(self) -> int:
        """How many are known to have arrived."""
        return self.of(DeliveryState.DELIVERED, DeliveryState.READ)

    @property
    def read(self) -> int:
        """How many were opened."""
        return self.of(DeliveryState.READ)

    @property
    def failed(self) -> int:
        """How many did not get through."""
        return self.of(DeliveryState.FAILED)

    @property
    def left_out(self) -> int:
        """How many were not to leave: no contact data, opted out, reached otherwise."""
        return self.of(DeliveryState.LEFT_OUT)


def progress(row: models.Announcement) -> list[WayProgress]:
    """Return how far each channel has come, in the order of the announcement; one query."""
    counted = (
        models.Delivery.objects.filter(announcement=row)
        .order_by()
        .values_list("way", "state", "reason")
        .annotate(n=Count("pk"), cost=Sum("cost_cents"))
    )
    states: dict[str, dict[str, int]] = {}
    reasons: dict[str, dict[str, int]] = {}
    costs: dict[str, Decimal] = {}
    for way, state, reason, n, cost in counted:
        at = states.setdefault(way, {})
        at[state] = at.get(state, 0) + n
        costs[way] = costs.get(way, Decimal(0)) + (cost or 0)
        if reason and state in (DeliveryState.FAILED, DeliveryState.LEFT_OUT):
            why = reasons.setdefault(way, {})
            why[reason] = why.get(reason, 0) + n
    order = [way for way in row.ways if way in states]
    return [WayProgress(way, states[way], reasons.get(way, {}), costs[way]) for way in order]


def delivery_rows() -> QuerySet[Any]:
    """Return all messages for a list, as values."""
    return (
        models.Delivery.objects.order_by()
        .values(
            "pk", "way", "state", "reason", "reason_text", "attempts", "next_at", "sent_at",
            "delivered_at", "read_at", "cost_cents", name=F("recipient__name"),
            account=F("recipient__account_code"), phone=F("recipient__phone"),
            email=F("recipient__email"), wechat=F("recipient__wechat"),
            why=F("recipient__why"), estate=F("recipient__estate_code"),
            number=F("announcement__number"),
        )
    )  # fmt: skip


def recipient_rows() -> QuerySet[Any]:
    """Return the accounts that announcements are for, as values."""
    return (
        models.Recipient.objects.order_by()
        .values(
            "pk", "name", "phone", "wechat", "email", "opted_out", "why",
            account=F("account_code"), estate=F("estate_code"),
            leads_to=F("leader__account_code"), number=F("announcement__number"),
        )
    )  # fmt: skip


def wordings(*, offered_only: bool = False) -> QuerySet[models.Wording]:
    """Return the texts to begin with."""
    rows = models.Wording.objects.all()
    return rows.filter(is_offered=True).order_by("kind", "name") if offered_only else rows
