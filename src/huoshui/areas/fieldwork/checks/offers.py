"""What checks offer to other areas, through the door of fieldwork."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from huoshui.areas.fieldwork import refusals
from huoshui.areas.fieldwork.checks import actions, queries, rules
from huoshui.areas.fieldwork.checks.kinds import ItemKind

if TYPE_CHECKING:
    from huoshui.kernel.accounts.models import User

# Code, Chinese and English words, kind, unit, low, high, whether it is needed and wants a job.
ItemSaid = tuple[str, str, str, str, str, float | None, float | None, bool, bool]


def check_rounds() -> list[str]:
    """Return the numbers of the rounds to plants that are made."""
    return list(queries.rounds().values_list("code", flat=True))


def make_check_list(
    code: str, *, name_zh: str, name_en: str, asset_kind: str, items: Sequence[ItemSaid],
    by_id: int | None, asset_type: str = "", only_named: bool = False,
) -> None:  # fmt: skip
    """Say what is looked at in assets of a kind, or of one type of it.

    With ``only_named`` it is asked on rounds that name it. Refuses with
    ``fieldwork.kind_has_list`` and ``fieldwork.no_such_asset_type``.
    """
    actions.keep_list(
        code, name_zh=name_zh, name_en=name_en, asset_kind=asset_kind, by_id=by_id,
        asset_type=asset_type, only_named=only_named,
        items=[rules.Item(one[0], one[1], one[2], ItemKind(one[3]), *one[4:]) for one in items],
    )  # fmt: skip


def make_check_round(
    code: str, *, name: str, every_days: int, begin_date: date, assets: Iterable[str],
    by_id: int | None, zone_code: str = "", name_en: str = "", check_lists: Sequence[str] = (),
) -> None:  # fmt: skip
    """Make a round to assets, with lists of its own; refuses what has no list or no place."""
    chosen = actions.assets_chosen(codes=list(assets), check_lists=check_lists)
    values = {"name": name, "name_en": name_en, "zone_code": zone_code, "every_days": every_days,
              "begin_date": begin_date, "check_lists": list(check_lists)}  # fmt: skip
    actions.keep_round(code, values=values, asset_codes=chosen, by_id=by_id, is_new=True)


def take_check(
    round_code: str, asset_code: str, *, by: User, checked_at: datetime,
    answers: Mapping[str, Any], note: str = "", key: str = "",
) -> int:  # fmt: skip
    """Keep one look at an asset and return how many items were not in order."""
    row = queries.round_of(round_code)
    if row is None:
        raise refusals.NoSuch("round", round_code)
    return actions.take_check(
        asset_code, by=by, answers=answers, checked_at=checked_at, row=row, note=note, key=key
    ).wrong
