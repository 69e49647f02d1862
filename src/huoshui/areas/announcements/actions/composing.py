"""Composing an announcement: its words, its people, its channels; all while it is a draft."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from huoshui.areas.announcements import audience, models, refusals, rules
from huoshui.areas.announcements.contracts import Kind, Risk, State, Way
from huoshui.areas.customers import facade as customers
from huoshui.areas.network import contracts as network_contracts
from huoshui.areas.network import facade as network
from huoshui.kernel import audit, clock, jobs

ROWS_AT_ONCE = 2_000


@dataclass(frozen=True, kw_only=True)
class Composed:
    """The words of an announcement as somebody typed them."""

    kind: Kind
    title_zh: str
    text_zh: str
    title_en: str = ""
    text_en: str = ""
    place: str = ""
    from_at: datetime | None = None
    until_at: datetime | None = None
    is_urgent: bool | None = None
    is_public: bool = True

    def cleaned(self) -> Composed:
        """Return it without blanks at the ends; urgent by its kind where nobody said.

        Refuses with `announcements.ends_before_it_begins` and `announcements.unknown_variable`.
        """
        said = replace(
            self,
            title_zh=self.title_zh.strip(),
            text_zh=self.text_zh.strip(),
            title_en=self.title_en.strip(),
            text_en=self.text_en.strip(),
            place=self.place.strip(),
            is_urgent=self.kind in rules.URGENT_KINDS if self.is_urgent is None else self.is_urgent,
        )
        if said.from_at and said.until_at and said.until_at <= said.from_at:
            raise refusals.EndsBeforeItBegins
        text = "\n".join((said.title_zh, said.text_zh, said.title_en, said.text_en))
        unknown = rules.unknown_variables(text)
        if unknown:
            known = (*rules.PUBLIC_VARIABLES, *rules.PERSONAL_VARIABLES)
            raise refusals.UnknownVariable(unknown, known)
        return said


@dataclass(frozen=True, kw_only=True)
class Outage:
    """An asset from which a trace finds who is cut off."""

    asset_code: str
    direction: network_contracts.TraceDirection


def compose(said: Composed, *, by_id: int | None) -> models.Announcement:
    """Begin an announcement as a draft. Audited. Refuses as `Composed.cleaned` does."""
    words = said.cleaned()
    now = clock.now()
    with transaction.atomic():
        row = models.Announcement(
            number=_next_number(now),
            composed_by_id=by_id,
            composed_at=now,
            edited_by=[by_id] if by_id else [],
            changed_at=now,
            ways=[Way.POSTER],
        )
        _take_words(row, words)
        row.save()
        audit.record(by_id, "announcements.composed", subject(row), {"title": row.title_zh})
    return row


def reword(number: str, said: Composed, *, by_id: int | None) -> models.Announcement:
    """Change the words of a draft. Audited. Refuses as `Composed.cleaned` does."""
    words = said.cleaned()
    with transaction.atomic():
        row = draft(number, changed_by=by_id)
        before = {"title": row.title_zh, "text": row.text_zh}
        _take_words(row, words)
        row.changed_at = clock.now()
        row.save()
        after = {"title": row.title_zh, "text": row.text_zh}
        if before != after:
            detail = {"before": before, "after": after}
            audit.record(by_id, "announcements.reworded", subject(row), detail)
    return row


def _take_words(row: models.Announcement, words: Composed) -> None:
    for name in (
        "kind", "title_zh", "text_zh", "title_en", "text_en", "place", "from_at", "until_at",
        "is_urgent", "is_public",
    ):  # fmt: skip
        setattr(row, name, getattr(words, name))


def choose_people(
    number: str,
    *,
    by_id: int | None,
    everyone: bool = False,
    polygon: Sequence[tuple[float, float]] = (),
    estates: Iterable[str] = (),
    zones: Iterable[str] = (),
    risks: Iterable[Risk] = (),
    outage: Outage | None = None,
) -> models.Announcement:
    """Say who is to be told; who was gathered before is forgotten. Audited.

    Refuses with `announcements.area_impossible`, `announcements.unknown_choice`,
    `announcements.unknown_asset`.
    """
    corners = [(float(lon), float(lat)) for lon, lat in polygon]
    if corners and not rules.is_polygon(corners):
        raise refusals.AreaImpossible
    wanted_estates, wanted_zones = sorted(set(estates)), sorted(set(zones))
    unknown = sorted(set(wanted_estates) - set(customers.estate_names()))
    unknown += sorted(set(wanted_zones) - set(network.zone_names()))
    if unknown:
        raise refusals.UnknownChoice(unknown)
    if outage and network.asset(outage.asset_code) is None:
        raise refusals.UnknownAsset(outage.asset_code)
    with transaction.atomic():
        row = draft(number, changed_by=by_id)
        row.everyone, row.polygon = everyone, [list(corner) for corner in corners]
        box = rules.bounds(corners) if corners else (None, None, None, None)
        row.west, row.south, row.east, row.north = box
        row.estates, row.zones, row.risks = wanted_estates, wanted_zones, sorted(risks)
        row.trace_asset = outage.asset_code if outage else ""
        row.trace_direction = str(outage.direction) if outage else ""
        _forget_people(row)
        row.save()
        chosen = {
            "everyone": everyone, "corners": len(corners), "estates": wanted_estates,
            "zones": wanted_zones, "risks": sorted(risks), "asset": row.trace_asset,
        }  # fmt: skip
        detail = {key: value for key, value in chosen.items() if value}
        audit.record(by_id, "announcements.people_chosen", subject(row), detail)
    return row


def list_accounts(number: str, codes: Iterable[str], *, by_id: int | None) -> int:
    """Take the accounts of a list instead of those of the list before; return how many. Audited."""
    wanted = list(dict.fromkeys(codes))
    with transaction.atomic():
        row = draft(number, changed_by=by_id)
        row.listed.all().delete()
        models.ListedAccount.objects.bulk_create(
            (models.ListedAccount(announcement=row, account_code=code) for code in wanted),
            batch_size=ROWS_AT_ONCE,
        )
        _forget_people(row)
        row.save()
        audit.record(by_id, "announcements.list_brought", subject(row), {"accounts": len(wanted)})
    return len(wanted)


def choose_ways(
    number: str,
    ways: Iterable[Way],
    *,
    first_way_only: bool = False,
    staff_posts: Iterable[str] = (),
    by_id: int | None,
) -> models.Announcement:
    """Say how people are told, the channels in their order. Audited.

    Refuses with `announcements.no_channel`. A channel that is off may be chosen in a draft; it
    must be on when the announcement is handed in.
    """
    wanted = [str(Way(way)) for way in dict.fromkeys(ways)]
    if not wanted:
        raise refusals.NoChannel
    with transaction.atomic():
        row = draft(number, changed_by=by_id)
        if (row.ways, row.first_way_only) != (wanted, first_way_only):
            # What each channel reaches has to be counted anew.
            _forget_people(row)
        row.ways, row.first_way_only = wanted, first_way_only
        row.staff_posts = sorted(staff_posts)
        row.changed_at = clock.now()
        row.save()
        audit.record(by_id, "announcements.channels_chosen", subject(row), {"channels": wanted})
    return row


def discard(number: str, *, by_id: int | None) -> None:
    """Throw a draft away. Audited."""
    with transaction.atomic():
        row = draft(number)
        audit.record(by_id, "announcements.discarded", subject(row), {"title": row.title_zh})
        row.delete()


# Gathering --------------------------------------------------------------------------------


def gather(number: str, *, by_id: int | None) -> audience.Count:
    """Find who is meant, keep each account with its reasons, and count; a draft only.

    Refuses with `announcements.unknown_asset`.
    """
    row = models.Announcement.objects.filter(number=number).first()
    if row is None:
        raise refusals.NoSuchAnnouncement(number)
    jobs.progress(0, 3)
    chosen = audience.gathered(row)
    jobs.progress(1, 3)
    counted = audience.count(row, chosen)
    with transaction.atomic():
        row = draft(number)
        models.Recipient.objects.filter(announcement=row).delete()
        _keep_people(row, chosen)
        row.people_total, row.accounts_total = counted.people, counted.accounts
        row.estimate_cents, row.counted = counted.estimate_cents, counted.as_json()
        row.gathered_at = clock.now()
        row.save()
        audit.record_read(by_id, "announcements.people_gathered", subject(row))
    jobs.progress(3, 3)
    return counted


@jobs.task(label=_("Find the people of an announcement"))  # type: ignore[untyped-decorator]
def gather_in_background(number: str, by_id: int | None = None) -> None:
    """Gather the people of a draft in the worker, with progress."""
    gather(number, by_id=by_id)


def _keep_people(row: models.Announcement, chosen: Sequence[audience.Chosen]) -> None:
    """Keep the first account of each person, then the others, which lead to it."""
    leading = audience.leaders(chosen)
    keys = {one.recipient.account_code: key for key, one in leading.items()}
    made = models.Recipient.objects.bulk_create(
        [_recipient(row, one) for one in leading.values()], batch_size=ROWS_AT_ONCE
    )
    by_key = {keys[one.account_code]: one.pk for one in made}
    followers = []
    for one in chosen:
        if one.recipient.account_code not in keys:
            follower = _recipient(row, one)
            follower.leader_id = by_key[one.key]
            followers.append(follower)
    models.Recipient.objects.bulk_create(followers, batch_size=ROWS_AT_ONCE)


def _recipient(row: models.Announcement, one: audience.Chosen) -> models.Recipient:
    who = one.recipient
    return models.Recipient(
        announcement=row,
        account_code=who.account_code,
        estate_code=who.estate_code,
        name=who.person_name[:120],
        phone=who.phone[:40],
        wechat=who.wechat_openid[:64],
        email=who.email[:254],
        opted_out=",".join(sorted(who.opted_out)),
        why=",".join(one.why)[:120],
    )


# What all of them need ----------------------------------------------------------------------


def subject(row: models.Announcement) -> str:
    """Return what the audit trail calls an announcement."""
    return f"announcements.announcement:{row.number}"


def locked(number: str) -> models.Announcement:
    """Return an announcement for changing it. Refuses one that is not there."""
    row = models.Announcement.objects.select_for_update(of=("self",)).filter(number=number).first()
    if row is None:
        raise refusals.NoSuchAnnouncement(number)
    return row


def draft(number: str, *, changed_by: int | None = None) -> models.Announcement:
    """Return a draft for changing it. Refuses what was handed in already.

    Whoever changes it is written down, because nobody releases what they had a hand in.
    """
    row = locked(number)
    if row.state != State.DRAFT:
        raise refusals.NotInThisState(number, row.state)
    if changed_by and changed_by not in row.edited_by:
        row.edited_by = [*row.edited_by, changed_by]
    return row


def _forget_people(row: models.Announcement) -> None:
    row.recipients.all().delete()
    row.people_total, row.accounts_total, row.gathered_at = None, 0, None
    row.counted = {}
    row.changed_at = clock.now()


def _next_number(now: datetime) -> str:
    # SQLite writes under one lock and the number is unique, so two cannot share one.
    stem = f"N{clock.local(now):%Y%m%d}-"
    latest = (
        models.Announcement.objects.filter(number__startswith=stem)
        .order_by("-id")
        .values_list("number", flat=True)
        .first()
    )
    return f"{stem}{int(latest.removeprefix(stem)) + 1 if latest else 1:02d}"
