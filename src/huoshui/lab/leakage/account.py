"""The books of one zone and period: checked for what cannot be, then worked out by all rules.

Account (what somebody says) -> findings (what is wrong or missing) -> Worked (the figures)
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from huoshui.lab import units
from huoshui.lab.leakage import cjj92, components, indices, iwa, pressure, volumes

# Used is at least this share of what is supplied, and at most its inverse, or units differ.
AUTHORISED_FRAC_MIN = 0.02
UNKNOWN = math.nan


@dataclass(frozen=True)
class Night:
    """What is known of the nights of the period; ``flow_m3s`` is their usual night flow."""

    flow_m3s: float
    half_width_m3s: float = 0.0
    pressure_m: float = UNKNOWN
    day_factor_h: float = pressure.HOURS_A_DAY
    small_users: float = 0.0
    large_use_m3s: float = 0.0
    condition: float = 1.0


@dataclass(frozen=True)
class Account:
    """One zone in one period, as somebody says it.

    Attributes
    ----------
    from_date, until_date : date
        The period, its end excluded.
    volumes_m3, half_widths_m3 : mapping of float
        Terms of `iwa.TERMS` and half of their 95 % bands. [m³]
    data_frac : mapping of float
        Share of the readings behind a term that are known; not named is not judged. [-]
    estimated_m3 : mapping of float
        The part of a term that is an estimate. [m³]
    meter_loss_frac, meter_loss_error_frac : float
        Share that the customers' meters miss, used where ``meter_errors`` is not given, and half of
        its 95 % band as a share of it. [-]
    household_read_m3 : float
        Water of homes with a meter each. [m³]
    mains_m, private_m, connections, people, pressure_m, outlet_pressure_mpa, frost_depth_m
        The zone; NaN where not known.
    """

    name: str
    from_date: date
    until_date: date
    volumes_m3: Mapping[str, float]
    half_widths_m3: Mapping[str, float] = field(default_factory=dict)
    data_frac: Mapping[str, float] = field(default_factory=dict)
    estimated_m3: Mapping[str, float] = field(default_factory=dict)
    meter_loss_frac: float = UNKNOWN
    meter_loss_error_frac: float = 0.0
    household_read_m3: float = UNKNOWN
    mains_m: float = UNKNOWN
    private_m: float = 0.0
    connections: float = UNKNOWN
    people: float = UNKNOWN
    pressure_m: float = UNKNOWN
    outlet_pressure_mpa: float = UNKNOWN
    frost_depth_m: float = UNKNOWN
    night: Night | None = None

    @property
    def days(self) -> int:
        """Length of the period. [d]"""
        return (self.until_date - self.from_date).days

    def whole(self) -> dict[str, float]:
        """Return the volumes, with what the meters miss where only its share is known."""
        given = dict(self.volumes_m3)
        if "meter_errors" not in given and math.isfinite(self.meter_loss_frac):
            metered = given.get("billed_metered", 0.0) + given.get("unbilled_metered", 0.0)
            given["meter_errors"] = float(
                cjj92.meter_loss_m3(metered_m3=metered, loss_frac=self.meter_loss_frac)
            )
        return given

    def widths(self) -> dict[str, float]:
        """Return half of the bands of `whole`."""
        given = dict(self.half_widths_m3)
        if "meter_errors" not in self.volumes_m3:
            missed = self.whole().get("meter_errors", 0.0)
            given["meter_errors"] = missed * self.meter_loss_error_frac
        return given


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong or missing; a fatal one stops the balance unless somebody insists."""

    code: str
    term: str = ""
    fatal: bool = False
    facts: Mapping[str, float | str] = field(default_factory=dict)


@dataclass(frozen=True)
class NightWorked:
    """The night's parts and the day's leakage by them. [m³ s⁻¹], [m³] over the period."""

    parts: components.NightParts
    real_losses_m3: float
    agrees: bool


@dataclass(frozen=True)
class Worked:
    """All figures of an account; each array holds one value."""

    balance: iwa.Balance
    rate: cjj92.LossRate
    edition: cjj92.Edition
    in_force: bool
    gap_pct: float
    index: indices.LeakageIndex
    night: NightWorked | None


def check(
    account: Account, *, data_frac_min: float = volumes.COMPLETENESS_FRAC_MIN
) -> list[Finding]:
    """Return everything that forbids a balance, or that its reader must know.

    Parameters
    ----------
    account : Account
        Its volumes must be complete enough for `iwa.balance`.
    data_frac_min : float
        Smallest share of readings with which a term is taken. [-]

    Raises
    ------
    iwa.BadTerm
        If a needed volume is missing or one is below zero.
    """
    given, widths = account.whole(), account.widths()
    balance = iwa.balance(volumes_m3=given, half_widths_m3=widths)
    found = [
        Finding("too_little_data", term, True, {"share": share, "least": data_frac_min})
        for term, share in account.data_frac.items()
        if share < data_frac_min
    ]
    supplied = balance["water_supplied"].volume_m3.item()
    if supplied <= 0:
        return [*found, Finding("nothing_supplied", "water_supplied", True, {"volume": supplied})]
    for term, volume in (("water_supplied", supplied), ("billed_metered", given["billed_metered"])):
        suspicion = volumes.suspect_unit(
            volume_m3=volume, days=account.days, people=_count(account.people),
            connections=_count(account.connections), mains_km=_count(account.mains_m / 1000),
        )  # fmt: skip
        if suspicion:
            facts: dict[str, float | str] = {
                "volume": volume, "litres": suspicion.litres, "per": suspicion.per,
                "likely": suspicion.likely,
            }  # fmt: skip
            found.append(Finding("impossible_use", term, True, facts))
    used = balance["authorised"].volume_m3.item()
    share = used / supplied
    if not AUTHORISED_FRAC_MIN <= share <= 1 / AUTHORISED_FRAC_MIN:
        found.append(Finding("units_differ", "billed_metered", True, {"share": share}))
    else:
        found += _contradictions(balance)
    if account.household_read_m3 > used:
        facts = {"volume": account.household_read_m3, "used": used}
        found.append(Finding("household_above_use", "household_read", True, facts))
    if not any(_count(one) for one in (account.people, account.connections, account.mains_m)):
        found.append(Finding("size_unknown"))
    found += [
        Finding("estimated", term, facts={"volume": volume, "share": volume / given[term]})
        for term, volume in account.estimated_m3.items()
        if volume > 0 and given.get(term)
    ]
    no_error = [term for term in given if given[term] and not widths.get(term)]
    if no_error:
        found.append(Finding("no_error_given", ", ".join(no_error)))
    return found


def _contradictions(balance: iwa.Balance) -> list[Finding]:
    """Return the first difference whose whole band lies below zero: its terms cannot all be so."""
    for term, fatal in (
        ("water_losses", True), ("real_losses", True), ("unlocated_losses", False),
    ):  # fmt: skip
        left = balance[term]
        if left.high_m3.item() < 0:
            facts = {"volume": left.volume_m3.item(), "width": left.half_width_m3.item()}
            code = "losses_below_zero" if term == "water_losses" else f"{term}_below_zero"
            return [Finding(code, term, fatal, facts)]
    return []


def _count(value: float) -> float | None:
    return value if math.isfinite(value) else None


def work_out(account: Account) -> Worked:
    """Return the balance by IWA, the rate by CJJ 92, the indices, and what the nights say.

    Raises
    ------
    iwa.BadTerm
        If a needed volume is missing or one is below zero.
    """
    given = account.whole()
    balance = iwa.balance(volumes_m3=given, half_widths_m3=account.widths())
    supplied, losses = balance["water_supplied"], balance["water_losses"]
    edition, in_force = cjj92.edition_of(account.until_date - timedelta(days=1))
    rate = cjj92.loss_rate(
        supplied_m3=supplied.volume_m3,
        authorised_m3=balance["authorised"].volume_m3,
        half_width_frac=losses.share_half_width_frac,
        days=account.days,
        household_read_m3=account.household_read_m3,
        mains_m=account.mains_m,
        outlet_pressure_mpa=account.outlet_pressure_mpa,
        frost_depth_m=account.frost_depth_m,
        edition=edition,
    )
    seconds = account.days * units.S_PER_DAY
    index = indices.leakage_index(
        real_losses_m3s=balance["real_losses"].volume_m3 / seconds,
        half_width_m3s=balance["real_losses"].half_width_m3 / seconds,
        mains_m=account.mains_m,
        connections=account.connections,
        private_m=account.private_m,
        pressure_m=account.pressure_m,
    )
    gap = cjj92.sales_gap_pct(
        supplied_m3=supplied.volume_m3, sold_m3=balance["billed_authorised"].volume_m3
    ).item()
    return Worked(balance, rate, edition, in_force, gap, index, _night(account, balance))


def _night(account: Account, balance: iwa.Balance) -> NightWorked | None:
    """Return what the night flow says of the same losses; nothing without people and pipes."""
    night = account.night
    if night is None:
        return None
    at = night.pressure_m if math.isfinite(night.pressure_m) else account.pressure_m
    parts = components.parts(
        flow_m3s=night.flow_m3s,
        use_m3s=components.legitimate_use(
            people=account.people, small_users=night.small_users, large_use_m3s=night.large_use_m3s
        ),
        background_m3s=components.background_leakage(
            mains_m=account.mains_m, connections=account.connections,
            private_m=account.private_m, pressure_m=at, condition=night.condition,
        ),
        flow_half_width_m3s=night.half_width_m3s,
    )  # fmt: skip
    by_night = float(parts.leakage_m3s) * night.day_factor_h * units.S_PER_HOUR * account.days
    real = balance["real_losses"]
    return NightWorked(parts, by_night, bool(real.low_m3.item() <= by_night <= real.high_m3.item()))
