"""What must be there before a step of a case may be taken."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, init=False)
class NeedsField:
    """These fields are filled, before or with the step."""

    fields: tuple[str, ...]

    def __init__(self, *fields: str) -> None:
        object.__setattr__(self, "fields", fields)


@dataclass(frozen=True)
class NeedsPhotos:
    """So many photos come with the step."""

    count: int = 1


@dataclass(frozen=True)
class CheckItem:
    """One line of a checklist."""

    code: str
    label: Any


@dataclass(frozen=True)
class NeedsChecklist:
    """Every line of a list is ticked with the step."""

    code: str
    label: Any
    items: tuple[CheckItem, ...]


@dataclass(frozen=True)
class NeedsSignature:
    """Somebody signs with the step, on the screen."""

    label: Any = ""


@dataclass(frozen=True)
class NeedsSecondPerson:
    """Whoever takes the step is not who took ``than`` before; empty: the latest step that moved."""

    than: str = ""


@dataclass(frozen=True)
class NeedsNote:
    """A sentence says why."""


@dataclass(frozen=True)
class NeedsOwner:
    """A person is responsible, before or with the step."""


@dataclass(frozen=True)
class NeedsUnit:
    """A unit is responsible, before or with the step."""


@dataclass(frozen=True)
class NeedsDeadline:
    """A deadline is agreed, before or with the step."""


@dataclass(frozen=True)
class NeedsCallBack:
    """Whoever raised it was asked since it was last reopened, and was content if so wanted."""

    content: bool = True


@dataclass(frozen=True)
class NeedsPartsClosed:
    """Every case that is part of this one is closed."""


Need = (
    NeedsField
    | NeedsPhotos
    | NeedsChecklist
    | NeedsSignature
    | NeedsSecondPerson
    | NeedsNote
    | NeedsOwner
    | NeedsUnit
    | NeedsDeadline
    | NeedsCallBack
    | NeedsPartsClosed
)
