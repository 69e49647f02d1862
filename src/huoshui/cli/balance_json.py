"""A worked balance in figures, for programs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from huoshui.cli import balance_said
from huoshui.lab import units
from huoshui.lab.leakage import account, cjj92, indices, iwa


def _number(value: float, digits: int = 3) -> float | None:
    return round(value, digits) if math.isfinite(value) else None


def as_json(
    one: account.Account,
    line: int | None,
    findings: Sequence[account.Finding],
    worked: account.Worked | None,
    rules: Sequence[str],
) -> dict[str, Any]:
    """Return the balance of one zone for a program; what is not known is null."""
    answer: dict[str, Any] = {
        "name": one.name,
        "line": line,
        "from": one.from_date.isoformat(),
        "until": one.until_date.isoformat(),
        "balanced": worked is not None,
        "findings": [
            {
                "code": found.code, "term": found.term, "fatal": found.fatal,
                **found.facts,
                "words": balance_said.finding_words(found),
            }
            for found in findings
        ],
    }  # fmt: skip
    if worked is None:
        return answer
    if "iwa" in rules:
        terms = [code for code, _depth, _name in balance_said.TERMS]
        answer["iwa"] = {code: _term(one, worked, code) for code in terms}
        answer["indices"] = _indices_json(one, worked)
        answer["night"] = _night_json(worked)
    if "cjj92" in rules:
        answer["cjj92"] = _cjj92_json(worked)
    return answer


def _term(one: account.Account, worked: account.Worked, code: str) -> dict[str, Any]:
    figure = worked.balance[code]
    dominant = figure.dominant.item()
    return {
        "volume_m3": _number(figure.volume_m3.item()),
        "half_width_m3": _number(figure.half_width_m3.item()),
        "low_m3": _number(figure.low_m3.item()),
        "high_m3": _number(figure.high_m3.item()),
        "share_pct": _number(figure.share_frac.item() * 100, 4),
        "share_half_width_pct": _number(figure.share_half_width_frac.item() * 100, 4),
        "dominant": iwa.TERMS[dominant] if dominant >= 0 else None,
        "dominance_pct": _number(figure.dominance_frac.item() * 100, 2),
        "given": code not in worked.balance.not_given,
        "estimated_m3": _number(one.estimated_m3.get(code, 0.0)),
    }


def _indices_json(one: account.Account, worked: account.Worked) -> dict[str, Any]:
    index = worked.index
    daily = worked.balance["real_losses"].volume_m3.item() / one.days
    return {
        "uarl_m3_day": _number(index.unavoidable_m3s.item() * units.S_PER_DAY),
        "ili": _number(index.ili.item(), 4),
        "ili_half_width": _number(index.half_width.item(), 4),
        "ili_blank_because": indices.REASONS[index.reason.item()] or None,
        "ili_suspect": bool(index.suspect.item()),
        "real_losses_l_connection_day": _number(
            daily * 1000 / one.connections if one.connections else math.nan
        ),
        "real_losses_m3_km_day": _number(daily * 1000 / one.mains_m if one.mains_m else math.nan),
    }


def _night_json(worked: account.Worked) -> dict[str, Any] | None:
    night = worked.night
    if night is None:
        return None
    shown: Mapping[str, Any] = {
        "night_flow_m3h": night.parts.flow_m3s,
        "legitimate_use_m3h": night.parts.use_m3s,
        "background_m3h": night.parts.background_m3s,
        "excess_m3h": night.parts.excess_m3s,
        "excess_half_width_m3h": night.parts.half_width_m3s,
    }
    return {key: _number(float(flow) / units.M3S_PER_M3H) for key, flow in shown.items()} | {
        "real_losses_m3": _number(night.real_losses_m3),
        "agrees": night.agrees if math.isfinite(night.real_losses_m3) else None,
    }


def _cjj92_json(worked: account.Worked) -> dict[str, Any]:
    rate = worked.rate
    return {
        "edition": worked.edition.code,
        "in_force": worked.in_force,
        "gross_rate_pct": _number(rate.gross_pct.item(), 4),
        "half_width_pct": _number(rate.half_width_pct.item(), 4),
        **{
            f"{code}_pct": _number(getattr(rate, f"{code}_pct").item(), 4)
            for code in cjj92.CORRECTIONS
        },
        "rate_pct": _number(rate.rate_pct.item(), 4),
        "grade": None if rate.grade.item() < 0 else rate.grade.item(),
        "grade_sure": bool(rate.grade_sure.item()),
        "sales_gap_pct": _number(worked.gap_pct, 4),
    }
