"""A worked balance in words, for people at a terminal."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence
from datetime import timedelta

from huoshui.cli.speaking import gettext
from huoshui.cli.speaking import mark as _
from huoshui.lab import units
from huoshui.lab.leakage import account, cjj92, indices, iwa

# Terms in the order of the balance's table, each with how far it is indented.
TERMS: tuple[tuple[str, int, str], ...] = (
    ("system_input", 0, _("System input volume")),
    ("own_sources", 1, _("Own sources")),
    ("imported", 1, _("Water imported")),
    ("exported", 0, _("Water exported")),
    ("storage_rise", 0, _("Rise of what tanks hold")),
    ("water_supplied", 0, _("Water supplied")),
    ("authorised", 0, _("Authorised consumption")),
    ("billed_authorised", 1, _("Billed authorised consumption")),
    ("billed_metered", 2, _("Billed metered")),
    ("billed_unmetered", 2, _("Billed unmetered")),
    ("unbilled_authorised", 1, _("Unbilled authorised consumption")),
    ("unbilled_metered", 2, _("Unbilled metered")),
    ("unbilled_unmetered", 2, _("Unbilled unmetered")),
    ("water_losses", 0, _("Water losses")),
    ("apparent_losses", 1, _("Apparent losses")),
    ("unauthorised", 2, _("Unauthorised consumption")),
    ("meter_errors", 2, _("Meter inaccuracies")),
    ("data_errors", 2, _("Data handling errors")),
    ("real_losses", 1, _("Real losses")),
    ("mains_leaks", 2, _("Known leaks of mains")),
    ("connection_leaks", 2, _("Known leaks of connections")),
    ("tank_overflows", 2, _("Leaks and overflows of tanks")),
    ("unlocated_losses", 2, _("Not located")),
    ("revenue_water", 0, _("Revenue water")),
    ("non_revenue_water", 0, _("Non-revenue water")),
)
NAMES = {code: name for code, _depth, name in TERMS} | {
    "household_read": _("Water read home by home"),
}
IMPOSSIBLE = {
    "person": _("%(term)s of %(volume)s m³ would be %(litres)s L a day for each person."),
    "connection": _("%(term)s of %(volume)s m³ would be %(litres)s L a day for each connection."),
    "km": _("%(term)s of %(volume)s m³ would be %(litres)s L a day for each km of mains."),
}
MISTAKES = {
    "litres_as_m3": _("The number is probably in litres."),
    "ten_thousand_m3_as_m3": _("The number is probably in 万m³ (10,000 m³)."),
    "m3_as_ten_thousand_m3": _("The number is probably in m³, not in 万m³ (10,000 m³)."),
    "thousand_m3_as_m3": _("The number is probably in 1,000 m³."),
    "": _("Look at the unit, the period and the count."),
}
BELOW_ZERO = {
    "losses_below_zero": _(
        "More is used than supplied: losses of %(volume)s ± %(width)s m³. "
        "Look at meters, periods and exchanged zones."
    ),
    "real_losses_below_zero": _(
        "Apparent losses are larger than all losses, which leaves real losses of "
        "%(volume)s ± %(width)s m³. Look at what was assumed for them."
    ),
    "unlocated_losses_below_zero": _(
        "More is known to leak than is lost, which leaves %(volume)s ± %(width)s m³ not located. "
        "Look at the estimates of the leaks."
    ),
}
BLANK = {
    "unknown": _("blank: mains, connections or pressure are not given"),
    "few_connections": _("blank: the formula needs at least 3,000 connections"),
    "sparse": _("blank: the formula needs at least 20 connections per km"),
    "low_pressure": _("blank: the formula needs a pressure of at least 25 m"),
    "high_pressure": _("blank: the formula needs a pressure of at most 100 m"),
}
NEEDED = {
    "r1": _("water read home by home"),
    "r2": _("length of mains"),
    "r3": _("outlet pressure"),
    "r4": _("depth of frost"),
}
GRADES = {
    1: _("first grade"),
    2: _("second grade"),
    0: _("worse than second grade"),
    -1: _("no grade"),
}


def _wide(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


def _left(text: str, width: int) -> str:
    return text + " " * max(0, width - _wide(text))


def _right(text: str, width: int) -> str:
    return " " * max(0, width - _wide(text)) + text


def _pct(share: float) -> str:
    return f"{share * 100:.1f} %" if math.isfinite(share) else "–"


def finding_words(found: account.Finding) -> str:
    """Return one finding as a sentence, with what to do where something can be done."""
    facts = found.facts
    name = gettext(NAMES.get(found.term, found.term))
    if found.code == "too_little_data":
        return gettext(
            "%(term)s: only %(share)s of the readings are known; at least %(least)s are needed. "
            "Fill in what is missing, or add --anyway."
        ) % {"term": name, "share": _pct(float(facts["share"])),
             "least": _pct(float(facts["least"]))}  # fmt: skip
    if found.code == "impossible_use":
        words = gettext(IMPOSSIBLE[str(facts["per"])])
        said = words % {
            "term": name, "volume": f"{float(facts['volume']):,.0f}",
            "litres": f"{float(facts['litres']):,.3g}" if float(facts["litres"]) < 1
            else f"{float(facts['litres']):,.0f}",
        }  # fmt: skip
        return f"{said} {gettext(MISTAKES[str(facts['likely'])])}"
    if found.code == "units_differ":
        return gettext(
            "Authorised consumption is %(share)s of the water supplied: "
            "the two are probably in different units."
        ) % {"share": f"{float(facts['share']) * 100:,.3g} %"}
    if found.code in BELOW_ZERO:
        return gettext(BELOW_ZERO[found.code]) % {
            "volume": f"{float(facts['volume']):,.0f}", "width": f"{float(facts['width']):,.0f}",
        }  # fmt: skip
    if found.code == "household_above_use":
        return gettext(
            "Water read home by home is %(volume)s m³, more than the %(used)s m³ that all "
            "customers use. Look at its unit."
        ) % {"volume": f"{float(facts['volume']):,.0f}", "used": f"{float(facts['used']):,.0f}"}
    if found.code == "estimated":
        return gettext("%(term)s: %(volume)s m³ (%(share)s) are an estimate.") % {
            "term": name, "volume": f"{float(facts['volume']):,.0f}",
            "share": _pct(float(facts["share"])),
        }  # fmt: skip
    if found.code == "nothing_supplied":
        return gettext("Nothing is supplied.")
    if found.code == "size_unknown":
        return gettext(
            "Without people, connections or mains nobody can tell whether the units are right."
        )
    terms = gettext("; ").join(gettext(NAMES[term]) for term in found.term.split(", "))
    return gettext("Without an error, so taken as exact: %(terms)s.") % {"terms": terms}


def text(
    one: account.Account,
    where: str,
    findings: Sequence[account.Finding],
    worked: account.Worked | None,
    rules: Sequence[str],
) -> str:
    """Return the balance of one zone for a terminal."""
    last = one.until_date - timedelta(days=1)
    period = gettext("%(first)s to %(last)s, %(days)d days") % {
        "first": one.from_date, "last": last, "days": one.days,
    }  # fmt: skip
    lines = [f"{one.name}  {period}  ({where})"]
    for found in findings:
        sign = ("✗" if worked is None else "!") if found.fatal else "·"
        lines.append(f"  {sign} {finding_words(found)}")
    if worked is None:
        lines.append("  " + gettext("Not balanced."))
        return "\n".join(lines) + "\n"
    if "iwa" in rules:
        lines += _iwa_lines(one, worked)
    if "cjj92" in rules:
        lines += _cjj92_lines(worked)
    if "iwa" in rules:
        lines += _index_lines(one, worked)
        lines += _night_lines(worked)
    return "\n".join(lines) + "\n"


def _iwa_lines(one: account.Account, worked: account.Worked) -> list[str]:
    head = (_left("", 44), _right("m³", 16), _right("± 95 %", 14),
            _right(gettext("of supplied"), 16))  # fmt: skip
    lines = ["", "".join(head) + "  " + gettext("band widened most by")]
    known = [code for code in iwa.REAL if code not in worked.balance.not_given]
    for code, depth, name in TERMS:
        figure = worked.balance[code]
        if code == "unlocated_losses" and not known:
            continue
        if code in worked.balance.not_given:
            if code not in (*iwa.SUPPLIED, *iwa.REAL):
                lines.append(
                    _left("  " * (depth + 1) + gettext(name), 44)
                    + _right(gettext("not given, 0"), 16)
                )
            continue
        dominant = figure.dominant.item()
        why = ""
        if dominant >= 0 and code in iwa.RESULTS:
            why = f"  {gettext(NAMES[iwa.TERMS[dominant]])} ({_pct(figure.dominance_frac.item())})"
        estimate = " *" if one.estimated_m3.get(code) else ""
        lines.append(
            _left("  " * (depth + 1) + gettext(name), 44)
            + _right(f"{figure.volume_m3.item():,.0f}{estimate}", 16)
            + _right(f"{figure.half_width_m3.item():,.0f}", 14)
            + _right(_pct(figure.share_frac.item()), 16)
            + why
        )
    if any(one.estimated_m3.values()):
        lines.append("  " + gettext("* partly estimated"))
    return lines


def _cjj92_lines(worked: account.Worked) -> list[str]:
    rate = worked.rate
    lines = ["", f"  {worked.edition.code}"]
    if not worked.in_force:
        lines.append(
            "  "
            + gettext("This edition was not yet in force then: %(day)s.")
            % {"day": worked.edition.in_force_from}
        )
    gross = f"{rate.gross_pct.item():.2f} % ± {rate.half_width_pct.item():.2f}"
    lines.append(_left("    " + gettext("Gross loss rate"), 44) + gross)
    missing = []
    for code in cjj92.CORRECTIONS:
        value = getattr(rate, f"{code}_pct").item()
        if math.isnan(value):
            missing.append(gettext(NEEDED[code]))
        lines.append(
            _left(f"    {code.upper()}  {gettext(NEEDED[code])}", 44)
            + ("–" if math.isnan(value) else f"{value:.2f} %")
        )
    grade = gettext(GRADES[rate.grade.item()])
    if missing:
        lines.append(
            "    "
            + gettext("No loss rate, because these are not given: %(what)s.")
            % {"what": gettext("; ").join(missing)}
        )
    else:
        sure = "" if rate.grade_sure.item() else gettext(" (the band reaches into another grade)")
        lines.append(
            _left("    " + gettext("Loss rate"), 44)
            + f"{rate.rate_pct.item():.2f} %  {grade}{sure}"
        )
    lines.append(_left("    " + gettext("Gap between supplied and sold"), 44)
                 + f"{worked.gap_pct:.2f} %")  # fmt: skip
    return lines


def _index_lines(one: account.Account, worked: account.Worked) -> list[str]:
    index = worked.index
    lines = [""]
    least = index.unavoidable_m3s.item() * units.S_PER_DAY
    if math.isfinite(least):
        lines.append(
            _left("    " + gettext("Unavoidable real losses (UARL)"), 44) + f"{least:,.0f} m³/d"
        )
    if index.reason.item():
        said = gettext(BLANK[indices.REASONS[index.reason.item()]])
    else:
        said = f"{index.ili.item():.2f} ± {index.half_width.item():.2f}"
        if index.suspect.item():
            said += "  " + gettext("below 1, less than can be avoided: suspect data")
    lines.append(_left("    " + gettext("Infrastructure leakage index (ILI)"), 44) + said)
    for label, count, unit in (
        (gettext("Real losses per connection"), one.connections, "L/d"),
        (gettext("Real losses per km of mains"), one.mains_m / 1000, "m³/d"),
    ):
        if math.isfinite(count) and count > 0:
            daily = worked.balance["real_losses"].volume_m3.item() / one.days / count
            shown = daily * 1000 if unit == "L/d" else daily
            lines.append(_left(f"    {label}", 44) + f"{shown:,.1f} {unit}")
    return lines


def _night_lines(worked: account.Worked) -> list[str]:
    night = worked.night
    if night is None:
        return []
    if not math.isfinite(night.real_losses_m3):
        return ["", "    " + gettext("The night says nothing without the people in the zone.")]
    parts = night.parts
    lines = [""]
    for label, flow in (
        (gettext("Night flow"), parts.flow_m3s),
        (gettext("Legitimate night use"), parts.use_m3s),
        (gettext("Background leakage"), parts.background_m3s),
        (gettext("Excess"), parts.excess_m3s),
    ):
        shown = float(flow) / units.M3S_PER_M3H
        lines.append(
            _left(f"    {label}", 44) + (f"{shown:,.1f} m³/h" if math.isfinite(shown) else "–")
        )
    verdict = (
        gettext("agrees with the balance")
        if night.agrees
        else gettext("outside the balance's band: one of the two is wrong")
    )
    lines.append(
        _left("    " + gettext("Real losses by the nights"), 44)
        + f"{night.real_losses_m3:,.0f} m³  {verdict}"
    )
    return lines
