"""When a departure from the expected band is a leak: since when, and how large.

Two rules look at the departure z of each night, in units of the zone's usual error:

- one very large night: z above `Rule.large_night`;
- several nights in a row: a one-sided cumulative sum (Page's CUSUM) above `Rule.cusum_limit`.

Nights of a found leak are not learned from, so the expectation does not get used to it. For the
same reason nights on which the sum has passed `Rule.watch_from` wait: they are learned from when
it falls back, and never if it ends in a leak.
"""

from __future__ import annotations

import enum
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike, NDArray

from huoshui.lab.leakage import band, inflow

VERSION = "night-flow 2"
QUIET_NIGHTS_TO_END = 3
NIGHTS_OF_SIZE = 3
# So far back a zone is remembered at most when a long leak has taken the nights of half a year.
MEMORY_NIGHTS_MAX = 4 * band.MEMORY_NIGHTS


@dataclass(frozen=True)
class Rule:
    """When to call a leak.

    The defaults were measured. On simulated leak-free years (independent nights, and the L-Town
    look-alike with its seasons) they call about one false leak in three zone-years; on ten real
    Italian zones, whose bursts nobody has marked, 3.5 in a zone-year, which is therefore an upper
    bound. A step of 4.5 usual errors is called after four nights, one of 3 after one to two weeks,
    and smaller ones mostly not: the level of a real zone wanders as much.

    Attributes
    ----------
    large_night : float
        One night's departure that is enough alone. [usual errors]
    cusum_drift : float
        What each night must exceed to add to the sum: half the shift to be found. [usual errors]
    watch_from : float
        The sum from which nights wait before they are learned from. [usual errors]
    cusum_limit : float
        The sum that is enough. [usual errors]
    cusum_step_max : float
        Most that one night may add, so that one odd night is not several. [usual errors]
    coverage_frac : float
        Coverage of the band and of the interval of the excess. [-]
    """

    large_night: float = 5.0
    cusum_drift: float = 0.5
    watch_from: float = 4.0
    cusum_limit: float = 8.0
    cusum_step_max: float = 3.0
    coverage_frac: float = 0.95


class NightState(enum.StrEnum):
    """How a night was judged."""

    MISSING = "missing"
    LEARNING = "learning"
    NORMAL = "normal"
    WATCHED = "watched"
    LEAKING = "leaking"


class Reason(enum.StrEnum):
    """Which rule called a leak."""

    LARGE_NIGHT = "large_night"
    SEVERAL_NIGHTS = "several_nights"


@dataclass(frozen=True)
class Period:
    """Nights from ``from_night`` until ``until_night``, the latter excluded; None is open."""

    from_night: int
    until_night: int | None = None

    def holds(self, night: int) -> bool:
        """Say whether a night lies in the period."""
        return night >= self.from_night and (self.until_night is None or night < self.until_night)


@dataclass(frozen=True)
class JudgedNight:
    """One night against its band.

    Attributes
    ----------
    night : int
        `datetime.date.toordinal()` of the date on which it ends.
    flow_m3s : float
        As given; NaN if missing. [m³ s⁻¹]
    expected : ExpectedNight or None
        None while the zone is still learned.
    excess_m3s, excess_low_m3s, excess_high_m3s : float
        Flow less expectation and its interval at the rule's coverage; NaN if either is
        not known. [m³ s⁻¹]
    departure : float
        Excess in units of the usual error. [-]
    cusum : float
        The cumulative sum after this night. [-]
    state : NightState
    """

    night: int
    flow_m3s: float
    expected: band.ExpectedNight | None
    excess_m3s: float
    excess_low_m3s: float
    excess_high_m3s: float
    departure: float
    cusum: float
    state: NightState


@dataclass(frozen=True)
class FoundLeak:
    """A run of nights that the rules call one leak.

    Attributes
    ----------
    since_night : int
        First night that probably leaked.
    since_earliest, since_latest : int
        Nights between which the start lies, at the rule's coverage.
    called_night : int
        The night on which the rule was met.
    reason : Reason
    size_m3s, size_low_m3s, size_high_m3s : float
        Mean excess of the latest nights (at most three), and its interval. The error of
        the expectation is common to them, so more nights do not narrow it. [m³ s⁻¹]
    until_night : int or None
        First night without it; None while it runs.
    """

    since_night: int
    since_earliest: int
    since_latest: int
    called_night: int
    reason: Reason
    size_m3s: float
    size_low_m3s: float
    size_high_m3s: float
    until_night: int | None = None


@dataclass(frozen=True)
class Judgement:
    """All nights of a zone judged, oldest first, and the leaks found among them."""

    nights: tuple[JudgedNight, ...]
    leaks: tuple[FoundLeak, ...]
    rule: Rule
    version: str = VERSION


@dataclass(frozen=True)
class Onset:
    """Where a step began among some nights: the likeliest place, and the range that may be.

    Attributes
    ----------
    first, earliest, latest : int
        Places in the array that was given.
    """

    first: int
    earliest: int
    latest: int


def estimate_onset(departures: ArrayLike, *, coverage_frac: float = 0.95) -> Onset:
    """Find where departures that began around zero stepped up.

    Parameters
    ----------
    departures : array_like, shape (n,)
        Departures in units of their standard deviation, oldest first, the newest inside
        the step. NaN is left out of the sums. [-]
    coverage_frac : float
        Coverage of the range. [-]

    Returns
    -------
    Onset

    Notes
    -----
    Least squares for a step of unknown place and height between normal errors of known size.
    The range is every place whose likelihood ratio to the best stays under the chi-squared
    point with one degree of freedom.

    References
    ----------
    .. [1] D. V. Hinkley, "Inference about the change-point in a sequence of random
       variables", Biometrika 57, 1970, pp. 1-17.
    """
    given = np.asarray(departures, dtype=float)
    if given.ndim != 1 or given.size == 0:
        msg = "departures must be a list of at least one night"
        raise ValueError(msg)
    known = np.isfinite(given)
    values = np.where(known, given, 0.0)
    # What a step from each place on explains: about zero before it, about the mean after it.
    total = np.cumsum(values[::-1])[::-1]
    count = np.maximum(np.cumsum(known[::-1])[::-1], 1)
    gain = np.where(total > 0, total**2 / count, 0.0)
    # A night without a figure explains as much as the known one after it, which the step has.
    best = int(np.argmax(np.where(known, gain, -1.0)))
    limit = _chi_squared_1(coverage_frac)
    near = np.flatnonzero(gain >= gain[best] - limit)
    return Onset(first=best, earliest=int(near[0]), latest=int(near[-1]))


def _chi_squared_1(coverage_frac: float) -> float:
    """Return the point of the chi-squared distribution with one degree of freedom."""
    return NormalDist().inv_cdf((1 + coverage_frac) / 2) ** 2


@dataclass
class _Running:
    """The leak that runs while the nights are gone through."""

    since: int
    earliest: int
    latest: int
    called: int
    reason: Reason
    excess_m3s: float
    quiet: list[int] = field(default_factory=list)


@dataclass
class _Walk:
    """What is known after the nights gone through so far."""

    nights: band.Nights
    flows: band.Flows
    learned: band.Flows
    rule: Rule
    errors: dict[int, band.Flows]
    leaked: NDArray[np.bool_]
    cusum: float = 0.0
    zero_after: int = 0
    waiting: list[int] = field(default_factory=list)
    running: _Running | None = None
    judged: list[JudgedNight] = field(default_factory=list)
    leaks: list[FoundLeak] = field(default_factory=list)


def judge_nights(
    *,
    nights: ArrayLike,
    flows_m3s: ArrayLike,
    rule: Rule | None = None,
    repaired_nights: Sequence[int] = (),
    not_leaks: Sequence[Period] = (),
) -> Judgement:
    """Judge every night of a zone against the nights before it.

    Parameters
    ----------
    nights : array_like of int, shape (n,)
        Nights, strictly rising.
    flows_m3s : array_like, shape (n,)
        Night flow of each, less metered night use where there are meters; NaN is
        missing. [m³ s⁻¹]
    rule : Rule, optional
        When to call a leak; the house's own where not given.
    repaired_nights : sequence of int
        First nights after a repair. A running leak ends there, and if the flow stays high
        a new one is called.
    not_leaks : sequence of Period
        Nights whose excess was looked into and has another cause: learned from as normal.

    Returns
    -------
    Judgement
        One `JudgedNight` for each night given. Each uses earlier nights only, so judging a
        longer history later does not change what was said before, except that nights
        between a leak's start and its call are marked as leaking once it is called.

    Raises
    ------
    inflow.MomentsNotRising
        If the nights do not rise.

    References
    ----------
    .. [1] E. S. Page, "Continuous Inspection Schemes", Biometrika 41, 1954, pp. 100-115.
    """
    night = np.asarray(nights, dtype=np.int64)
    flow = np.asarray(flows_m3s, dtype=float)
    inflow.moments(night)
    if night.shape != flow.shape:
        msg = f"nights has {night.size} entries, flows_m3s has {flow.size}"
        raise inflow.ShapesDiffer(msg)
    walk = _Walk(
        nights=night,
        flows=flow,
        learned=np.full(flow.shape, np.nan),
        rule=rule or Rule(),
        errors={lead: np.full(flow.shape, np.nan) for lead in band.LEADS_NIGHTS},
        leaked=np.zeros(flow.shape, dtype=bool),
    )
    for index in range(night.size):
        _step(walk, index, repaired_nights=repaired_nights, not_leaks=not_leaks)
    if walk.running is not None:
        walk.leaks.append(_found(walk, walk.running, until_night=None))
    return Judgement(nights=tuple(walk.judged), leaks=tuple(walk.leaks), rule=walk.rule)


def _step(
    walk: _Walk, index: int, *, repaired_nights: Sequence[int], not_leaks: Sequence[Period]
) -> None:
    """Judge one night and learn from it."""
    night = int(walk.nights[index])
    before = int(walk.nights[index - 1]) if index else night - 1
    excused = any(period.holds(night) for period in not_leaks)
    if excused or any(before < repaired <= night for repaired in repaired_nights):
        _end(walk, until_night=night)
        _learn_waiting(walk)
        walk.cusum, walk.zero_after = 0.0, index
    flow = float(walk.flows[index])
    expected, forecasts = _expect(walk, index)
    if not math.isfinite(flow):
        _note(walk, index, expected, NightState.MISSING)
        return
    walk.learned[index] = flow
    for lead, value in forecasts.items():
        walk.errors[lead][index] = flow - value
    if expected is None:
        # A leak is never dated back into nights that were not judged: taking them out of what
        # is learned from would leave the zone without a band for weeks.
        walk.cusum, walk.zero_after = 0.0, index + 1
        _note(walk, index, expected, NightState.LEARNING)
        return
    if excused:
        _note(walk, index, expected, NightState.NORMAL)
        return
    departure = _departure(flow, expected)
    if walk.running is None:
        _watch(walk, index, departure, expected)
    else:
        _follow(walk, index, expected)


def _departure(flow: float, expected: band.ExpectedNight) -> float:
    """Return the excess in units of the usual error; a zone that never errs is judged by 1 mL/s."""
    return (flow - expected.expected_m3s) / max(expected.scale_m3s, 1e-6)


def _expect(walk: _Walk, index: int) -> tuple[band.ExpectedNight | None, dict[int, float]]:
    """Forecast a night at every lead, and put the band around the shortest."""
    night = int(walk.nights[index])
    start = max(0, index - band.MEMORY_NIGHTS)
    nights, flows = walk.nights[start:index], walk.learned[start:index]
    forecasts: dict[int, float] = {}
    # The long leads only set a width; every third night is enough for that, and half the work.
    leads = band.LEADS_NIGHTS if night % 3 == 0 else band.LEADS_NIGHTS[:1]
    memories = {
        lead: band.memory_before(nights, flows, for_night=night, lead_nights=lead) for lead in leads
    }
    for lead, memory in memories.items():
        # A forecast whose newest night is much older than its lead (a leak lay between) would
        # widen the band of short leads with errors of long ones.
        newest = np.flatnonzero(np.isfinite(memory))
        if newest.size and memory.size - newest[-1] <= lead + 2:
            forecasts[lead] = band.forecast(memory)
    memory = memories[band.LEADS_NIGHTS[0]]
    used = np.flatnonzero(np.isfinite(memory))
    taken = int(walk.leaked[:index].sum())
    if used.size < band.NIGHTS_NEEDED and taken:
        memory = _longer_memory(walk, index, taken)
        used = np.flatnonzero(np.isfinite(memory))
        forecasts.pop(band.LEADS_NIGHTS[0], None)
    if used.size < band.NIGHTS_NEEDED:
        return None, forecasts
    errors = {}
    for lead, found in walk.errors.items():
        recent = found[max(0, index - band.CALIBRATION_NIGHTS - taken) : index]
        errors[lead] = recent[np.isfinite(recent)]
    try:
        expected = band.band_of(
            night=night,
            expected_m3s=forecasts.get(band.LEADS_NIGHTS[0], band.forecast(memory)),
            errors_by_lead=errors,
            lead_nights=int(memory.size - used[-1]),
            coverage_frac=walk.rule.coverage_frac,
            nights_used=int(used.size),
        )
    except band.TooFewNights:
        return None, forecasts
    return expected, forecasts


def _longer_memory(walk: _Walk, index: int, taken: int) -> band.Flows:
    """Reach further back by the nights that leaks took, so that a long one leaves no gap."""
    weeks = math.ceil((band.MEMORY_NIGHTS + taken) / band.WEEK)
    return band.memory_before(
        walk.nights[:index],
        walk.learned[:index],
        for_night=int(walk.nights[index]),
        length_nights=min(weeks * band.WEEK, MEMORY_NIGHTS_MAX),
    )


def _note(walk: _Walk, index: int, expected: band.ExpectedNight | None, state: NightState) -> None:
    """Write down how a night was judged."""
    flow = float(walk.flows[index])
    if expected is None:
        excess = low = high = departure = math.nan
    else:
        excess = flow - expected.expected_m3s
        low, high = flow - expected.high_m3s, flow - expected.low_m3s
        departure = _departure(flow, expected)
    walk.judged.append(
        JudgedNight(
            night=int(walk.nights[index]),
            flow_m3s=flow,
            expected=expected,
            excess_m3s=excess,
            excess_low_m3s=low,
            excess_high_m3s=high,
            departure=departure,
            cusum=walk.cusum,
            state=state,
        )
    )


def _watch(walk: _Walk, index: int, departure: float, expected: band.ExpectedNight) -> None:
    """Apply the two rules to a night on which no leak is running."""
    rule = walk.rule
    added = min(departure, rule.cusum_step_max) - rule.cusum_drift
    walk.cusum = max(0.0, walk.cusum + added)
    if walk.cusum == 0.0:
        walk.zero_after = index + 1
    large = departure > rule.large_night
    if not large and walk.cusum <= rule.watch_from:
        _learn_waiting(walk)
        _note(walk, index, expected, NightState.NORMAL)
        return
    if not large and walk.cusum <= rule.cusum_limit:
        walk.learned[index] = np.nan
        walk.waiting.append(index)
        _note(walk, index, expected, NightState.WATCHED)
        return
    walk.waiting.clear()
    _note(walk, index, expected, NightState.LEAKING)
    start = min(walk.zero_after, index)
    departures = [judged.departure for judged in walk.judged[start : index + 1]]
    onset = estimate_onset(departures, coverage_frac=rule.coverage_frac)
    first = start + onset.first
    walk.running = _Running(
        since=int(walk.nights[first]),
        earliest=int(walk.nights[start + onset.earliest]),
        latest=int(walk.nights[start + onset.latest]),
        called=int(walk.nights[index]),
        reason=Reason.LARGE_NIGHT if large else Reason.SEVERAL_NIGHTS,
        excess_m3s=float(np.nanmean([j.excess_m3s for j in walk.judged[first : index + 1]])),
    )
    for place in range(first, index + 1):
        _unlearn(walk, place)


def _learn_waiting(walk: _Walk) -> None:
    """Learn from the nights that were only watched."""
    for place in walk.waiting:
        walk.learned[place] = walk.flows[place]
    walk.waiting.clear()


def _unlearn(walk: _Walk, place: int) -> None:
    """Take a night that leaked out of what is learned from, and mark it."""
    walk.learned[place] = np.nan
    walk.leaked[place] = True
    for errors in walk.errors.values():
        errors[place] = np.nan
    judged = walk.judged[place]
    if judged.state in (NightState.NORMAL, NightState.WATCHED):
        walk.judged[place] = JudgedNight(**{**vars(judged), "state": NightState.LEAKING})


def _follow(walk: _Walk, index: int, expected: band.ExpectedNight) -> None:
    """Judge a night while a leak runs, and end it after some nights back inside the band."""
    running = walk.running
    if running is None:
        return
    # The band widens as the forecast ages; a flow that stayed where it was has not come back.
    excess = walk.flows[index] - expected.expected_m3s
    if walk.flows[index] > expected.high_m3s or excess > running.excess_m3s / 2:
        running.quiet.clear()
    else:
        running.quiet.append(index)
    _note(walk, index, expected, NightState.LEAKING)
    if len(running.quiet) < QUIET_NIGHTS_TO_END:
        _unlearn(walk, index)
        return
    # Nights without readings may lie between the quiet ones; they say nothing.
    _end(walk, until_night=int(walk.nights[running.quiet[0]]))
    for place in running.quiet:
        walk.learned[place] = walk.flows[place]
        walk.leaked[place] = False
        walk.judged[place] = JudgedNight(**{**vars(walk.judged[place]), "state": NightState.NORMAL})
    walk.cusum, walk.zero_after = 0.0, index + 1


def _end(walk: _Walk, *, until_night: int) -> None:
    """Close the running leak, if there is one."""
    if walk.running is not None:
        walk.leaks.append(_found(walk, walk.running, until_night=until_night))
        walk.running = None


def _found(walk: _Walk, running: _Running, *, until_night: int | None) -> FoundLeak:
    """Describe a leak by its latest nights."""
    during = [
        judged
        for judged in walk.judged
        if judged.night >= running.since
        and (until_night is None or judged.night < until_night)
        and math.isfinite(judged.excess_m3s)
    ][-NIGHTS_OF_SIZE:]
    size: NDArray[np.float64] = np.asarray(
        [(n.excess_m3s, n.excess_low_m3s, n.excess_high_m3s) for n in during]
    ).mean(axis=0)
    return FoundLeak(
        since_night=running.since,
        since_earliest=running.earliest,
        since_latest=running.latest,
        called_night=running.called,
        reason=running.reason,
        size_m3s=float(size[0]),
        size_low_m3s=float(size[1]),
        size_high_m3s=float(size[2]),
        until_night=until_night,
    )
