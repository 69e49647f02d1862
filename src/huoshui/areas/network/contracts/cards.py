"""What an area's card is made of: who is responsible for an area, and the lines others fill in.

An area is a zone together with all zones that are parts of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

Words = Any
"""A label that may be translated when it is shown."""

Areas = Mapping[str, frozenset[str]]
"""The codes of the zones that each area consists of, itself among them, by the area's code."""


class Duty(StrEnum):
    """What a team does for an area."""

    OPERATION = "operation"
    PATROL = "patrol"
    LEAKAGE = "leakage"
    REPAIR = "repair"
    DATA = "data"


class CardState(StrEnum):
    """Whether a figure asks for somebody; plain says nothing either way."""

    PLAIN = "plain"
    GOOD = "good"
    WATCH = "watch"
    BAD = "bad"


@dataclass(frozen=True, slots=True, kw_only=True)
class CardColumn:
    """The title of a line of the card, which is a column where areas are compared.

    ``format`` is one of the kit's; with ``is_listed`` it is among the columns shown at first.
    """

    key: str
    label: Words
    unit: Words = ""
    format: str = "d"
    is_listed: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class CardFigure:
    """One value of one area: None where nobody knows it; ``href`` opens what it counts."""

    value: float | None
    href: str = ""
    state: CardState = CardState.PLAIN
    note: Words = ""


Figures = Mapping[str, CardFigure]


@dataclass(frozen=True, slots=True, kw_only=True)
class CardLines:
    """What one area of the product says about all areas of the network.

    ``read`` is asked once for all areas of a page and returns the figures of each by the column's
    key; an area or figure it leaves out is not known. Its queries must not grow with the areas.
    Readers without ``permission`` do not see the lines.
    """

    id: str
    label: Words
    columns: tuple[CardColumn, ...]
    read: Callable[[Areas], Mapping[str, Figures]]
    permission: str
    order: int = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """Who is responsible for one duty in an area on a day.

    ``of_zone`` is the zone for which it was said: the area itself, or one that it is a part of.
    """

    duty: Duty
    of_zone: str
    unit_id: int
    person_id: int | None
    from_date: date
