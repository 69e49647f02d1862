"""The door for other areas: what people at a place are told, and whom we told."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from huoshui.areas.announcements import actions, comparing, contracts, queries


def in_force(
    lon: float | None = None,
    lat: float | None = None,
    *,
    account_code: str | None = None,
    estate_code: str | None = None,
) -> list[contracts.Announcement]:
    """Return the announcements that somebody at a place should hear now, the urgent ones first.

    What is released, not taken back and not over: for everybody, for the estate, for the account's
    person, or with an area drawn around the place. In the reader's language.
    """
    return queries.in_force(lon, lat, account_code=account_code, estate_code=estate_code)


def was_told(
    account_code: str, kind: contracts.Kind, since: datetime
) -> tuple[contracts.Told, ...]:
    """Return the messages of one kind that were meant for an account's person since a moment.

    Empty: nobody was told. `Told.got_through` says whether one left us and was not lost.
    """
    return queries.was_told(account_code, kind, since)


def told_accounts(
    account_codes: Iterable[str], kind: contracts.Kind, since: datetime
) -> dict[str, list[contracts.Told]]:
    """Return the same for many accounts, for comparing the warned with those not warned."""
    return queries.told_accounts(account_codes, kind, since)


def reached_at(numbers: Iterable[str]) -> dict[str, datetime]:
    """Return the accounts to whose person a message of these announcements got through."""
    return queries.reached_at(numbers)


def released_between(kind: contracts.Kind, since: datetime, until: datetime) -> list[str]:
    """Return the numbers of one kind that were released in a stretch of time, not recalled."""
    return queries.released_between(kind, since, until)


def compare_by(happenings: contracts.Happenings) -> None:
    """Offer a kind of thing by which the told are compared with the others, such as calls."""
    comparing.offer(happenings)


def compose(
    *,
    kind: contracts.Kind,
    title_zh: str,
    text_zh: str,
    by_id: int | None,
    title_en: str = "",
    text_en: str = "",
    place: str = "",
    from_at: datetime | None = None,
    until_at: datetime | None = None,
    polygon: Sequence[tuple[float, float]] = (),
    estates: Iterable[str] = (),
    zones: Iterable[str] = (),
    accounts: Iterable[str] = (),
    everyone: bool = False,
    ways: Iterable[contracts.Way] = (contracts.Way.POSTER,),
    staff_posts: Iterable[str] = (),
) -> str:
    """Begin an announcement as a draft that a person completes; return its number.

    Refuses as `actions.compose` and `actions.choose_people` do.
    """
    said = actions.Composed(
        kind=kind, title_zh=title_zh, text_zh=text_zh, title_en=title_en, text_en=text_en,
        place=place, from_at=from_at, until_at=until_at,
    )  # fmt: skip
    row = actions.compose(said, by_id=by_id)
    actions.choose_people(
        row.number, everyone=everyone, polygon=polygon, estates=estates, zones=zones, by_id=by_id
    )
    if listed := list(accounts):
        actions.list_accounts(row.number, listed, by_id=by_id)
    actions.choose_ways(row.number, ways, staff_posts=staff_posts, by_id=by_id)
    return row.number


def submit(number: str, *, by_id: int | None) -> contracts.State:
    """Hand a draft in; return whether it is released or waits for a second person."""
    return contracts.State(actions.submit(number, by_id=by_id).state)


def release(number: str, *, by_id: int) -> None:
    """Release an announcement that another person handed in."""
    actions.release(number, by_id=by_id)


def texts() -> list[str]:
    """Return the names of the texts to begin with."""
    return list(queries.wordings(offered_only=True).values_list("name", flat=True))


def keep_text(
    *,
    kind: contracts.Kind,
    name: str,
    title_zh: str,
    text_zh: str,
    title_en: str = "",
    text_en: str = "",
    by_id: int | None,
) -> None:
    """Keep a text to begin with. Refuses with `announcements.unknown_variable`."""
    actions.save_wording(
        None, kind=kind, name=name, title_zh=title_zh, text_zh=text_zh, title_en=title_en,
        text_en=text_en, by_id=by_id,
    )  # fmt: skip
