"""What patrols offer to other areas, through the door of fieldwork."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING

from huoshui.areas.fieldwork import refusals
from huoshui.areas.fieldwork.patrol import actions, kinds, queries, site_actions

if TYPE_CHECKING:
    from huoshui.kernel.accounts.models import User


def patrol_rounds() -> list[str]:
    """Return the numbers of the patrol rounds that are walked."""
    return list(queries.rounds().values_list("code", flat=True))


def make_patrol_round(
    code: str,
    *,
    name: str,
    every_days: int,
    begin_date: date,
    by_id: int | None,
    zone_code: str = "",
    pipes: Iterable[str] = (),
    leak_survey: bool = False,
    name_en: str = "",
) -> None:
    """Make a round of the named pipes, or of all pipes of its zone where none are named.

    Refuses with ``fieldwork.nothing_to_walk``, ``fieldwork.unknown_assets`` or
    ``fieldwork.round_exists``.
    """
    purpose = kinds.Purpose.LEAK_SURVEY if leak_survey else kinds.Purpose.PATROL
    listed = list(pipes)
    chosen = actions.pipes_chosen(zone_code="" if listed else zone_code, codes=listed)
    values = {"name": name, "name_en": name_en, "zone_code": zone_code,
              "every_days": every_days, "begin_date": begin_date, "purpose": purpose}  # fmt: skip
    actions.keep_round(code, values=values, asset_codes=chosen, by_id=by_id, is_new=True)


def take_patrol_walk(
    code: str,
    *,
    by: User,
    began_at: datetime,
    track: Iterable[tuple[float, float, float, float | None]],
    key: str = "",
) -> float:
    """Keep a walk of a round and return which part of its pipes it covered, 0 to 1.

    A place of the track is longitude, latitude, seconds since the beginning and the accuracy in
    metres, or None. The same key again changes nothing.
    """
    row = queries.round_of(code)
    if row is None:
        raise refusals.NoSuch("round", code)
    walk = actions.take_walk(
        row, by=by, began_at=began_at, track=list(track), source=kinds.Source.PHONE, key=key
    )
    return walk.covered_m / walk.length_m if walk.length_m else 0.0


def take_patrol_finding(
    kind: str,
    *,
    by: User,
    lon: float,
    lat: float,
    found_at: datetime,
    round_code: str = "",
    asset_code: str = "",
    note: str = "",
    wants_job: bool = False,
) -> None:
    """Keep what a patroller found; ``kind`` is a code such as ``leak`` or ``cover``."""
    actions.take_finding(
        by=by, kind=kinds.FindingKind(kind), lon=lon, lat=lat, found_at=found_at,
        row=queries.round_of(round_code), asset_code=asset_code, note=note,
        wants_job=wants_job,
    )  # fmt: skip


def register_site(values: Mapping[str, object], *, by_id: int | None) -> str:
    """Register a construction site and return its number; the pipes near it are looked up.

    ``values`` are name, builder, contact, phone, permit, lon, lat, near_m, machine, depth_m,
    begin_date and end_date.
    """
    return site_actions.register_site(values=values, by_id=by_id).number


def note_at_site(
    number: str,
    what: str,
    *,
    by_id: int,
    note: str = "",
    person: str = "",
    asset_code: str = "",
    amount_yuan: float | None = None,
) -> None:
    """Note what happened at a construction site: ``visited``, ``disclosed``, ``damaged``, ..."""
    site_actions.note_at_site(
        number, kinds.SiteStep(what), by_id=by_id, note=note, person=person,
        asset_code=asset_code, amount_yuan=amount_yuan,
    )  # fmt: skip
