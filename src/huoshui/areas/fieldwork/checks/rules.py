"""What an answer says, and how a period of a round to plants stands; plain Python."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol, TypeVar

from huoshui.areas.fieldwork.checks.kinds import ItemKind, Verdict
from huoshui.areas.fieldwork.patrol.kinds import Standing
from huoshui.areas.fieldwork.patrol.rules import Period

ANSWERS_MAX = 100
TEXT_MAX = 500
HASH_LENGTH = 64
ASSETS_MAX = 400
ITEMS_MAX = 60


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to look at, as a list says."""

    code: str
    name_zh: str
    name_en: str
    kind: ItemKind
    unit: str = ""
    low: float | None = None
    high: float | None = None
    is_needed: bool = True
    wants_job: bool = False


class Bound(Protocol):
    """A list, as far as it says for which assets it is; an empty type is the whole kind."""

    @property
    def asset_kind(self) -> str:
        """The kind of asset it is for."""

    @property
    def asset_type(self) -> str:
        """The type of the kind it is for."""


OneList = TypeVar("OneList", bound=Bound)


def list_for(
    kind: str, type_: str, *, named: Sequence[OneList], standing: Sequence[OneList]
) -> OneList | None:
    """Return the one list that an asset of a kind and type is asked by.

    What a round names goes before what stands for the kind, and in each the list of the type goes
    before that of the whole kind: a round says more exactly than a kind what it is made for. Lists
    are never joined; an asset is asked by one, so that no item comes twice with other limits.
    """
    for lists in (named, standing):
        for wanted in (type_, "") if type_ else ("",):
            for one in lists:
                if (one.asset_kind, one.asset_type) == (kind, wanted):
                    return one
    return None


def fits(kind: ItemKind, value: Any) -> bool:
    """Say whether a value may be the answer to an item of a kind; None is no answer."""
    if value is None:
        return True
    if kind is ItemKind.OK:
        return isinstance(value, bool)
    if kind is ItemKind.NUMBER:
        number = isinstance(value, int | float) and not isinstance(value, bool)
        return number and math.isfinite(value) and abs(value) < 1e9
    if kind is ItemKind.PHOTO:
        return isinstance(value, str) and len(value) in (0, HASH_LENGTH)
    return isinstance(value, str) and len(value) <= TEXT_MAX


def verdict(item: Item, value: Any) -> Verdict:
    """Return what an answer says; a limit itself is still in order."""
    if value is None or value == "":
        return Verdict.MISSING if item.is_needed else Verdict.NOTED
    if item.kind is ItemKind.OK:
        return Verdict.GOOD if value else Verdict.WRONG
    if item.kind is ItemKind.NUMBER and (item.low is not None or item.high is not None):
        below = item.low is not None and value < item.low
        above = item.high is not None and value > item.high
        return Verdict.WRONG if below or above else Verdict.GOOD
    return Verdict.NOTED


def unfit(items: Iterable[Item], answers: Mapping[str, Any]) -> list[str]:
    """Return the items whose answers cannot be; what no item asks for any more is let be."""
    return [one.code for one in items if not fits(one.kind, answers.get(one.code))]


def judged(items: Iterable[Item], answers: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return every answer with the words, limits and verdict of its item, in the list's order.

    What the list does not ask for any more comes last and says nothing.
    """
    found = []
    left = dict(answers)
    for one in items:
        value = left.pop(one.code, None)
        found.append(
            {
                "item": one.code, "zh": one.name_zh, "en": one.name_en, "kind": str(one.kind),
                "value": value, "unit": one.unit, "low": one.low, "high": one.high,
                "verdict": str(verdict(one, value)),
            }
        )  # fmt: skip
    for code, value in left.items():
        found.append(
            {
                "item": code[:40], "zh": code[:40], "en": "", "kind": str(ItemKind.TEXT),
                "value": str(value)[:TEXT_MAX], "unit": "", "low": None, "high": None,
                "verdict": str(Verdict.NOTED),
            }
        )  # fmt: skip
    return found


def standing(*, done: int, of: int, period: Period, today: date) -> Standing:
    """Say how a period stands: every asset must have been looked at."""
    if of and done >= of:
        return Standing.WALKED
    if today < period.until:
        return Standing.DUE
    return Standing.PARTLY if done else Standing.MISSED
