"""What the script says, counted: the other side of every comparison with the product; pure."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from huoshui.democity.cold_wave.script import REPORTS, Script, Why

# Until a call is noted: writing it up, or waiting for a seat that is busy.
AFTERWARDS_S = 90


@dataclass(frozen=True, slots=True)
class Truth:
    """The counts of a stretch of time; ``troubles`` are what is broken, each once."""

    calls: int
    enquiries: int
    repairs: int
    complaints: int
    wrong_numbers: int
    given_up: int
    troubles: int
    folded: int
    estates: int
    callers_again: int


@dataclass(frozen=True, slots=True)
class Exposed:
    """Homes with an exposed meter, warned or not, and how many of their meters froze."""

    warned: int
    warned_frozen: int
    not_warned: int
    not_warned_frozen: int


def count(script: Script, until_s: int, from_s: int = 0) -> Truth:
    """Count the calls that begin between two moments of the script."""
    calls = [one for one in script.calls if from_s <= one.at_s < until_s]
    why = Counter(one.why for one in calls)
    reports = [one for one in calls if one.why in REPORTS]
    times = Counter(one.phone for one in calls)
    return Truth(
        calls=len(calls),
        enquiries=why[Why.ASKS],
        repairs=len(reports),
        complaints=why[Why.ANGRY],
        wrong_numbers=why[Why.WRONG],
        given_up=why[Why.GIVES_UP],
        troubles=why[Why.FIRST],
        folded=why[Why.NEIGHBOUR] + why[Why.AGAIN],
        estates=len({one.home.estate.code for one in reports if one.home}),
        callers_again=sum(number > 1 for number in times.values()),
    )


def lull_before(script: Script, until_s: int) -> int:
    """Return the last moment until ``until_s`` at which every call that began is noted."""
    for call in sorted(script.calls, key=lambda one: one.at_s, reverse=True):
        if call.at_s < until_s < call.at_s + call.wait_s + call.talk_s + AFTERWARDS_S:
            until_s = call.at_s
    return until_s


def exposed(script: Script, until_s: int) -> Exposed:
    """Compare the warned with those not warned among the homes whose meter is exposed."""
    frozen = {
        one.home.account
        for one in script.calls
        if one.why is Why.FIRST and one.topic == "frozen_meter" and one.home
        and one.at_s < until_s
    }  # fmt: skip
    rows = [(one.is_warned, one.account in frozen) for one in script.homes if one.is_exposed]
    many = Counter(rows)
    return Exposed(
        warned=many[True, True] + many[True, False],
        warned_frozen=many[True, True],
        not_warned=many[False, True] + many[False, False],
        not_warned_frozen=many[False, True],
    )
