"""The script of a cold wave: what breaks in whose home, and who calls when; pure, from one seed.

Moments are seconds since 06:00 of the first day. What the script says is the truth with which the
counts of the product are compared: see `truth`.
"""

from __future__ import annotations

import functools
import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from huoshui.democity.cold_wave import words
from huoshui.democity.cold_wave.people import Estate, Home, homes

SEED = 20260107
HOUR_S, DAY_S = 3600, 86_400
MORNING_S = 11 * HOUR_S
"""From 06:00 until 17:00: what the report of the first day counts."""
# Each day: frozen meters, faults of pipes, enquiries, wrong numbers, callers who give up.
DAYS = (
    (222, 66, 690, 24, 34),
    (262, 75, 600, 18, 30),
    (232, 66, 450, 14, 20),
    (172, 50, 320, 10, 14),
    (120, 36, 210, 8, 8),
    (80, 25, 150, 6, 6),
    (60, 15, 100, 4, 4),
)
# Share of a day that falls between 06:00 and 17:00, and how often people call in each hour of it.
BY_DAY_SHARE = 0.9
HOURS_BY_DAY = (0.7, 1.4, 1.8, 1.6, 1.3, 1.0, 0.7, 0.7, 0.8, 0.9, 0.8)
HOURS_BY_NIGHT = (0.9, 0.9, 0.8, 0.6, 0.5, 0.3, 0.15, 0.1, 0.05, 0.05, 0.05, 0.1, 0.3)
# How readily a meter freezes: exposed and nobody was told, exposed and told, all others.
HAZARD_NOT_WARNED, HAZARD_WARNED, HAZARD_INSIDE = 4.0, 1.7, 0.8
THAWED_SHARE = 0.25
AGAIN_SHARE = 0.14
ANGRY_SHARE = 0.08


class Kind(StrEnum):
    """What is broken."""

    METER = "frozen_meter"
    RISER = "no_water"
    LEAK = "leak_at_meter"
    BURST = "burst"


class Cure(StrEnum):
    """What the crew decides on site."""

    EXCHANGE = "exchange"
    THAW = "thaw"
    REPAIR = "repair"


class Why(StrEnum):
    """Why somebody calls."""

    FIRST = "first"
    NEIGHBOUR = "neighbour"
    AGAIN = "again"
    ANGRY = "angry"
    ASKS = "asks"
    WRONG = "wrong"
    GIVES_UP = "gives_up"


REPORTS = (Why.FIRST, Why.NEIGHBOUR, Why.AGAIN)
"""Calls that report something broken; all but the first are about what is known already."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing that is broken: where, what a crew does about it, and how long that takes."""

    number: int
    kind: Kind
    home: Home
    cure: Cure
    minutes: int
    is_poorly_wrapped: bool


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the script; ``home`` is empty where nobody knows who calls."""

    number: int
    at_s: int
    why: Why
    phone: str
    topic: str
    said: str
    answer: str
    wait_s: int
    talk_s: int
    home: Home | None = None
    trouble: int | None = None


@dataclass(frozen=True, slots=True)
class Script:
    """Everybody and everything of one wave; calls in their order."""

    days: int
    homes: tuple[Home, ...]
    troubles: tuple[Trouble, ...]
    calls: tuple[Call, ...]

    @property
    def estates(self) -> tuple[Estate, ...]:
        """The estates of the homes."""
        return tuple(dict.fromkeys(one.estate for one in self.homes))


@functools.cache
def write(days: int = 1, seed: int = SEED) -> Script:
    """Write the script of so many days; a longer one begins as a shorter one does."""
    dice = random.Random(seed)
    everybody = homes(dice)
    frozen = _freezing(everybody, dice)
    troubles: list[Trouble] = []
    calls: list[tuple[int, dict[str, object]]] = []
    broken: set[str] = set()
    for day, (meters, pipes, asking, wrong, giving_up) in enumerate(DAYS[:days]):
        own = random.Random(f"{seed}:{day}")
        for at_s in _moments(day, meters, own):
            home = next(one for one in frozen if one.account not in broken)
            broken.add(home.account)
            troubles.append(_meter(len(troubles), home, own))
            calls += _reports(troubles[-1], at_s, everybody, own)
        for at_s in _moments(day, pipes, own):
            home = _pipe_home(everybody, broken, own)
            broken.add(home.account)
            troubles.append(_pipe(len(troubles), home, own))
            calls += _reports(troubles[-1], at_s, everybody, own)
        calls += [(at_s, _asks(own.choice(everybody), own)) for at_s in _moments(day, asking, own)]
        calls += [(at_s, _strange(Why.WRONG, own)) for at_s in _moments(day, wrong, own)]
        calls += [(at_s, _strange(Why.GIVES_UP, own)) for at_s in _moments(day, giving_up, own)]
    calls.sort(key=lambda one: one[0])
    return Script(
        days,
        everybody,
        tuple(troubles),
        tuple(Call(number, at_s, **more) for number, (at_s, more) in enumerate(calls)),  # type: ignore[arg-type]
    )


def _freezing(everybody: Sequence[Home], dice: random.Random) -> Iterator[Home]:
    """Yield homes in the order in which their meters freeze: who is exposed sooner than others."""

    def hazard(home: Home) -> float:
        if not home.is_exposed:
            return HAZARD_INSIDE
        return HAZARD_WARNED if home.is_warned else HAZARD_NOT_WARNED

    holds_out = [(dice.expovariate(hazard(one)), number) for number, one in enumerate(everybody)]
    return iter([everybody[number] for _time, number in sorted(holds_out)])


def _moments(day: int, count: int, dice: random.Random) -> list[int]:
    """Return so many moments of a day, most in its morning, the rest until the next one begins."""
    by_day = round(BY_DAY_SHARE * count)
    found = []
    for hours, first, many in (
        (HOURS_BY_DAY, 0, by_day),
        (HOURS_BY_NIGHT, len(HOURS_BY_DAY), count - by_day),
    ):
        for hour in dice.choices(range(len(hours)), weights=hours, k=many):
            found.append(day * DAY_S + (first + hour) * HOUR_S + dice.randrange(HOUR_S))
    return sorted(found)


def _about(mean: float, dice: random.Random) -> int:
    """Return a number of minutes around a mean, a third up or down at most."""
    return max(8, math.floor(mean * dice.uniform(0.67, 1.33)))


def _meter(number: int, home: Home, dice: random.Random) -> Trouble:
    cure = Cure.THAW if dice.random() < THAWED_SHARE else Cure.EXCHANGE
    minutes = _about(20 if cure is Cure.THAW else 30, dice)
    poorly = dice.random() < (0.6 if home.is_warned else 0.9)
    return Trouble(number, Kind.METER, home, cure, minutes, poorly)


def _pipe_home(everybody: Sequence[Home], broken: set[str], dice: random.Random) -> Home:
    """Return who first sees a fault of a pipe: twice as often somebody of an old estate."""
    while True:
        home = dice.choice(everybody)
        if home.account not in broken and (home.estate.is_old or dice.random() < 0.5):
            return home


def _pipe(number: int, home: Home, dice: random.Random) -> Trouble:
    kind = dice.choices((Kind.RISER, Kind.LEAK, Kind.BURST), weights=(45, 35, 20))[0]
    minutes = _about({Kind.RISER: 70, Kind.LEAK: 45, Kind.BURST: 110}[kind], dice)
    return Trouble(number, kind, home, Cure.REPAIR, minutes, False)


Told = tuple[int, dict[str, object]]


def _reports(
    trouble: Trouble, at_s: int, everybody: Sequence[Home], dice: random.Random
) -> Iterator[Told]:
    """Yield who calls about one trouble: the first, neighbours, and who loses patience."""
    yield at_s, _report(Why.FIRST, trouble, trouble.home, dice)
    most = {Kind.RISER: 3, Kind.BURST: 4}.get(trouble.kind, 0)
    beside = [one for one in everybody if _lives_beside(one, trouble)] if most else []
    for home in dice.sample(beside, min(len(beside), dice.randint(0, most))):
        yield at_s + dice.randint(240, 3000), _report(Why.NEIGHBOUR, trouble, home, dice)
    if dice.random() < AGAIN_SHARE:
        yield at_s + dice.randint(1200, 2700), _report(Why.AGAIN, trouble, trouble.home, dice)
    if dice.random() < ANGRY_SHARE:
        said = _report(Why.ANGRY, trouble, trouble.home, dice)
        yield at_s + dice.randint(2900, 4800), said | {"topic": "delay", "trouble": None}


def _lives_beside(home: Home, trouble: Trouble) -> bool:
    same = trouble.home
    if home.account == same.account or home.estate != same.estate:
        return False
    return home.building == same.building and (trouble.kind is Kind.BURST or home.unit == same.unit)


def _report(why: Why, trouble: Trouble, home: Home, dice: random.Random) -> dict[str, object]:
    return {
        "why": why, "phone": home.phone, "topic": str(trouble.kind),
        "said": dice.choice(words.SAID[str(why)] if why in (Why.AGAIN, Why.ANGRY)
                            else words.SAID[str(trouble.kind)]),
        "answer": "", "home": home, "trouble": trouble.number, **_lengths(dice, 150),
    }  # fmt: skip


def _asks(home: Home, dice: random.Random) -> dict[str, object]:
    topic = dice.choices(words.ASKED, weights=[one[1] for one in words.ASKED])[0]
    return {
        "why": Why.ASKS, "phone": home.phone, "topic": topic[0], "said": topic[2],
        "answer": topic[3], "home": home, **_lengths(dice, 100),
    }  # fmt: skip


def _strange(why: Why, dice: random.Random) -> dict[str, object]:
    """Return a call of a number that nobody knows."""
    return {
        "why": why, "phone": f"166{dice.randrange(10**8):08d}",
        "topic": "wrong_number" if why is Why.WRONG else "",
        "said": dice.choice(words.SAID["wrong"]) if why is Why.WRONG else "", "answer": "",
        **_lengths(dice, 25),
    }  # fmt: skip


def _lengths(dice: random.Random, talk_s: int) -> dict[str, int]:
    wait_s = dice.choices((3, 5, 8, 12, 20), weights=(30, 30, 20, 14, 6))[0]
    return {"wait_s": wait_s, "talk_s": round(talk_s * dice.uniform(0.6, 1.6))}
