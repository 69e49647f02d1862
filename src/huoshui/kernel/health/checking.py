"""Checks by declaration: run them all, and say how it stands over all."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db import Error as DatabaseError
from django.utils.translation import gettext_lazy as _

logger = logging.getLogger("huoshui.health")

OK, WARNING, FAILING = "ok", "warning", "failing"
LEVELS = (OK, WARNING, FAILING)
SUMMARY_S = 20.0


@dataclass(frozen=True)
class Finding:
    """One thing that a check found; ``text`` says what is, ``remedy`` what a person does about it.

    ``url`` leads to the page where it can be done, or seen at leisure.
    """

    level: str
    text: Any
    remedy: Any = ""
    url: str = ""

    def __post_init__(self) -> None:
        if self.level not in LEVELS:
            msg = f"a finding is {', '.join(LEVELS)}, not {self.level!r}"
            raise ValueError(msg)


Check = Callable[[], Iterable[Finding]]


@dataclass(frozen=True)
class Declared:
    """One check, by its code and what people see it called."""

    code: str
    label: Any
    check: Check
    order: int = 100


@dataclass(frozen=True)
class Result:
    """What one check found, and how long it took."""

    code: str
    label: Any
    findings: tuple[Finding, ...]
    took_s: float

    @property
    def level(self) -> str:
        """The worst level found; a check that found nothing is in order."""
        return level_of(self.findings)


_declared: dict[str, Declared] = {}


def declare(code: str, label: Any, check: Check, *, order: int = 100) -> None:
    """Make a check known. ``code`` is ``area.what``; it must be quick and change nothing."""
    if "." not in code:
        msg = f"the code of a check is area.what, not {code!r}"
        raise ValueError(msg)
    _declared[code] = Declared(code, label, check, order)


def declared() -> tuple[Declared, ...]:
    """Return every check in the order of the page."""
    return tuple(sorted(_declared.values(), key=lambda one: (one.order, one.code)))


def level_of(findings: Iterable[Finding | Result]) -> str:
    """Return the worst of some levels; nothing found is in order."""
    return max((one.level for one in findings), key=LEVELS.index, default=OK)


def run_one(one: Declared) -> Result:
    """Run one check; one that breaks is itself a finding, and never hides the others."""
    began = time.monotonic()
    try:
        findings = tuple(one.check())
    except Exception as problem:
        # Without the database most checks cannot look; one line for each would bury the reason.
        if not isinstance(problem, DatabaseError):
            logger.exception("the check %s broke", one.code)
        text = _("This check could not look: %(problem)s")
        shown = f"{type(problem).__name__}: {problem}"[:300]
        findings = (Finding(FAILING, text % {"problem": shown}),)
    return Result(one.code, one.label, findings, time.monotonic() - began)


def run_all() -> tuple[Result, ...]:
    """Run every check now, the worst first."""
    found = [run_one(one) for one in declared()]
    return tuple(sorted(found, key=lambda one: -LEVELS.index(one.level)))


class _Summary:
    """The latest overall level of this process, so that many readers cost one look."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.level = ""
        self.counts: dict[str, int] = {}
        self.at = float("-inf")


_summary = _Summary()


def summary(*, max_age_s: float = SUMMARY_S) -> tuple[str, dict[str, int]]:
    """Return the overall level and how many checks are at each level, at most so old."""
    with _summary.lock:
        if not _summary.level or time.monotonic() - _summary.at > max_age_s:
            found = run_all()
            _summary.level = level_of(found)
            _summary.counts = {level: sum(one.level == level for one in found) for level in LEVELS}
            _summary.at = time.monotonic()
        return _summary.level, dict(_summary.counts)


def forget() -> None:
    """Drop the remembered summary, so that the next question looks again."""
    with _summary.lock:
        _summary.level = ""
