"""A case type: what it is, declared once by the area that owns it.

Everything people see of a case, and everything that is refused, is read from here.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from huoshui.kernel.cases.limits import Limit
from huoshui.kernel.cases.needs import Need

OPEN, WAITING, DONE, CANCELLED = "open", "waiting", "done", "cancelled"
STATE_KINDS = (OPEN, WAITING, DONE, CANCELLED)
CLOSED_KINDS = (DONE, CANCELLED)
FIELD_KINDS = (
    "text",
    "long_text",
    "number",
    "choice",
    "yes_no",
    "date",
    "moment",
    "phone",
    "person",
    "photo",
)
# Code to rank: what is more urgent stands first.
PRIORITIES = {"urgent": 0, "high": 1, "normal": 2, "low": 3}
OPENED = "*opened"  # a clock that starts at the opening, whatever the first state is


@dataclass(frozen=True)
class State:
    """Where a case may stand.

    ``posts`` are who it waits for while nobody is responsible by name; they are told when a case
    comes to stand here, unless ``tell`` is off. ``was`` are codes it had in earlier versions.
    """

    code: str
    label: Any
    kind: str = OPEN
    posts: tuple[str, ...] = ()
    tell: bool = True
    was: tuple[str, ...] = ()


@dataclass(frozen=True)
class Transition:
    """One step from some states to another, and what it asks for.

    ``permission`` is a short name of the type's own permissions, or the whole code of another's.
    ``only`` narrows it to the ``owner`` of a case or to whoever ``opened`` it. ``fields`` are asked
    for with the step; those that `NeedsField` names need not be repeated.
    """

    code: str
    label: Any
    from_: tuple[str, ...]
    to: str
    permission: str
    requires: tuple[Need, ...] = ()
    fields: tuple[str, ...] = ()
    only: str = ""
    help: Any = ""


@dataclass(frozen=True)
class Field:
    """One thing that is written down about a case; a ``private`` one is personal data."""

    code: str
    label: Any
    kind: str = "text"
    choices: tuple[tuple[str, Any], ...] = ()
    required: bool = False
    private: bool = False
    help: Any = ""
    unit: Any = ""


@dataclass(frozen=True)
class Escalate:
    """Who is told so long after a deadline has passed; their order is the level."""

    after: Limit
    to_post: str


@dataclass(frozen=True)
class Clock:
    """A deadline: from when, until when, how long, and who is told.

    It starts when a case is opened, or comes to stand in one of the states ``start``; it is kept
    when the case comes to stand in one of ``until`` or is closed. ``limits`` say otherwise for a
    priority. At ``warn_frac`` of its time those concerned are warned.
    """

    code: str
    label: Any
    limit: Limit
    until: tuple[str, ...] = ()
    start: tuple[str, ...] = (OPENED,)
    limits: Mapping[str, Limit] = dataclasses.field(default_factory=dict)
    warn_frac: float = 0.8
    escalate: tuple[Escalate, ...] = ()


@dataclass(frozen=True)
class Pause:
    """A reason for which clocks stand still; no ``clocks`` means all of them."""

    code: str
    label: Any
    clocks: tuple[str, ...] = ()
    needs_note: bool = False


@dataclass(frozen=True)
class CallBack:
    """Who raised the case is asked whether they are content, in one of the states ``from_``.

    ``content_to`` and ``discontent_to`` are where the answer moves it; the latter is a reopening
    with a new deadline. A score counts as content from ``content_from``. ``second_person`` keeps
    whoever was responsible from asking.
    """

    from_: tuple[str, ...]
    permission: str = "call_back"
    content_to: str = ""
    discontent_to: str = ""
    score_max: int = 5
    content_from: int = 4
    attempts_max: int = 3
    unreached_to: str = ""
    second_person: bool = False


@dataclass(frozen=True)
class Reopen:
    """A closed case may be taken up again: into which state, by whom, and how long it then has.

    Without ``limit`` whoever reopens it names the new deadline. ``clock`` is the one that runs
    anew; empty: the agreed deadline of the case.
    """

    to: str
    permission: str = "reopen"
    limit: Limit | None = None
    clock: str = ""


@dataclass(frozen=True)
class Permission:
    """Something this type allows, and the posts that have it by default."""

    code: str
    label: Any
    posts: tuple[str, ...] = ()


@dataclass(frozen=True)
class CaseType:
    """One kind of case. The first of ``states`` is where it begins.

    ``permissions`` name at least ``read`` and ``open``; ``edit``, ``assign``, ``pause``, ``note``
    and ``relate`` are asked for where they are named, and are part of ``open`` otherwise. With
    ``tell_opener`` whoever opened a case is told of each state it comes to.
    """

    code: str
    label: Any
    prefix: str
    states: tuple[State, ...]
    transitions: tuple[Transition, ...]
    permissions: tuple[Permission, ...]
    plural: Any = ""
    fields: tuple[Field, ...] = ()
    clocks: tuple[Clock, ...] = ()
    pauses: tuple[Pause, ...] = ()
    call_back: CallBack | None = None
    reopen: Reopen | None = None
    channels: tuple[tuple[str, Any], ...] = ()
    tell_opener: bool = False
    asks_person: bool = False
    asks_place: bool = False
    # Empty: cases of this kind are reached from a page of their area, which has its own line.
    menu_group: str = "work"
    icon: str = "clipboard-list"
    order: int = 100
    _by_code: Mapping[str, State] = dataclasses.field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_code = {one.code: one for one in self.states}
        for one in self.states:
            for old in one.was:
                by_code.setdefault(old, one)
        object.__setattr__(self, "_by_code", MappingProxyType(by_code))

    @property
    def initial(self) -> State:
        """Where every case of this type begins."""
        return self.states[0]

    @property
    def name(self) -> Any:
        """What many of them are called."""
        return self.plural or self.label

    def state(self, code: str) -> State | None:
        """Return a state by its code, or by one it had before; None if it is gone."""
        return self._by_code.get(code)

    def transition(self, code: str) -> Transition | None:
        """Return a transition by its code."""
        return next((one for one in self.transitions if one.code == code), None)

    def leaving(self, state: str) -> tuple[Transition, ...]:
        """Return the transitions that lead out of a state, in their declared order."""
        found = self.state(state)
        return tuple(one for one in self.transitions if found and found.code in one.from_)

    def field(self, code: str) -> Field | None:
        """Return a field by its code."""
        return next((one for one in self.fields if one.code == code), None)

    def clock(self, code: str) -> Clock | None:
        """Return a clock by its code."""
        return next((one for one in self.clocks if one.code == code), None)

    def pause(self, code: str) -> Pause | None:
        """Return a reason to pause by its code."""
        return next((one for one in self.pauses if one.code == code), None)

    def permission(self, short: str) -> str:
        """Return the whole code of a permission; what the type does not name is part of open."""
        if "." in short:
            return short
        named = any(one.code == short for one in self.permissions)
        return f"{self.code}.{short if named else 'open'}"

    @property
    def photo_kind(self) -> str:
        """The kind under which photos of such cases are kept."""
        return f"case_{self.prefix.lower()}"


_declared: dict[str, CaseType] = {}
_wanted: list[Callable[[CaseType], object]] = []


def declare(case_type: CaseType) -> CaseType:
    """Make a case type known, from ``AppConfig.ready`` of the area that owns it.

    Raises ValueError naming everything that is wrong with the declaration.
    """
    from huoshui.kernel.cases import checking, registering

    others = [one for one in _declared.values() if one.code != case_type.code]
    problems = checking.problems_of(case_type, others)
    if problems:
        msg = f"case type {case_type.code}: " + "; ".join(problems)
        raise ValueError(msg)
    _declared[case_type.code] = case_type
    registering.register(case_type)
    for callback in _wanted:
        callback(case_type)
    return case_type


def when_declared(callback: Callable[[CaseType], object]) -> None:
    """Have ``callback(case_type)`` called for every type, declared already or later."""
    _wanted.append(callback)
    for one in declared():
        callback(one)


def declared() -> tuple[CaseType, ...]:
    """Return every case type by its place in the menu."""
    return tuple(sorted(_declared.values(), key=lambda one: (one.order, one.code)))


def case_type(code: str) -> CaseType | None:
    """Return a declared case type, or None for one of another version."""
    return _declared.get(code)


def forget(code: str) -> None:
    """Take a declaration back; for tests of what remains readable."""
    _declared.pop(code, None)
