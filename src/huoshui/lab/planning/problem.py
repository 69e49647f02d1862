"""What a planner is asked, and what it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
NOTHING: Mapping[str, int] = MappingProxyType({})


class Reason(StrEnum):
    """Why a task stayed out of a plan."""

    ELSEWHERE = "elsewhere"
    NO_SKILL = "no_skill"
    NO_PARTS = "no_parts"
    NO_TIME = "no_time"
    PARTS_USED_UP = "parts_used_up"
    TEAMS_FULL = "teams_full"


class Rule(StrEnum):
    """What a plan must keep to."""

    ONCE = "once"
    SKILL = "skill"
    PARTS = "parts"
    WINDOW = "window"
    SHIFT = "shift"
    TRAVEL = "travel"
    PINNED = "pinned"
    GROUND = "ground"


@dataclass(frozen=True, slots=True)
class Task:
    """One piece of work.

    It is begun at the earliest at ``from_s`` and at the latest at ``until_s``. ``weight`` says how
    much it matters that it is done; ``due_s`` until when it should be begun, which costs but does
    not bind. ``pinned_to`` is the key of the only team that may do it; ``ground`` is where it lies,
    and only a team that works there may do it, unless it is pinned to that team. All moments in
    seconds from the beginning of the plan.
    """

    key: str
    place: int
    service_s: int
    from_s: int
    until_s: int
    skills: frozenset[str] = frozenset()
    parts: Mapping[str, int] = field(default_factory=lambda: NOTHING)
    weight: int = 1
    due_s: int | None = None
    pinned_to: str | None = None
    ground: str = ""


@dataclass(frozen=True, slots=True)
class Team:
    """People with a vehicle: from where, from when until when, what they can do and carry.

    ``end`` is the place to be back at before ``until_s``; None: wherever the last task is.
    ``grounds`` are those it works in; None: all of them, also where no ground is named.
    """

    key: str
    start: int
    from_s: int
    until_s: int
    skills: frozenset[str] = frozenset()
    stock: Mapping[str, int] = field(default_factory=lambda: NOTHING)
    end: int | None = None
    grounds: frozenset[str] | None = None


@dataclass(frozen=True)
class Problem:
    """Tasks, teams, and the ways between their places.

    Parameters
    ----------
    travel_s, travel_m : ndarray, shape (n_places, n_places)
        From the place of the row to that of the column. [s], [m]
    """

    tasks: tuple[Task, ...]
    teams: tuple[Team, ...]
    travel_s: Floats
    travel_m: Floats


@dataclass(frozen=True, slots=True)
class Visit:
    """One task in a route: when it is begun, and the way before it."""

    task: str
    begin_s: int
    drive_s: int
    drive_m: float


@dataclass(frozen=True, slots=True)
class Route:
    """What one team does, in order, and its way back."""

    team: str
    visits: tuple[Visit, ...]
    back_s: int = 0
    back_m: float = 0.0


@dataclass(frozen=True, slots=True)
class Left:
    """A task that stayed out, and why; ``lacking`` names the skills or parts."""

    task: str
    reason: Reason
    lacking: tuple[str, ...] = ()


@dataclass(frozen=True)
class Plan:
    """The answer: routes of teams that have any task, and what stayed out."""

    routes: tuple[Route, ...]
    left: tuple[Left, ...]

    @property
    def drive_s(self) -> int:
        """How long all teams drive together, ways back included. [s]"""
        return sum(sum(v.drive_s for v in one.visits) + one.back_s for one in self.routes)

    @property
    def drive_m(self) -> float:
        """How far all teams drive together, ways back included. [m]"""
        return sum(sum(v.drive_m for v in one.visits) + one.back_m for one in self.routes)

    @property
    def placed(self) -> int:
        """How many tasks have a team."""
        return sum(len(one.visits) for one in self.routes)


@dataclass(frozen=True, slots=True)
class Broken:
    """A rule that a plan breaks: of which task or team."""

    rule: Rule
    subject: str
    team: str = ""
