"""What may be wrong with an alarm rule or a formula. Plain Python.

Each fault names the field and a code; labels.py has the words for people.
"""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Collection, Mapping
from typing import Any

from huoshui.areas.telemetry import contracts, rules
from huoshui.lab.series import expression

CODE = re.compile(r"[a-z][a-z0-9_]{1,59}")
WINDOW_S_MAX = 48 * 3600


@dataclasses.dataclass(frozen=True)
class Fault:
    """One thing that is wrong: which field, why, and what the words need."""

    field: str
    code: str
    values: Mapping[str, Any] = dataclasses.field(default_factory=dict)


def of_formula(name: str, text: str, known: Collection[str], *, looks_back: bool) -> list[Fault]:
    """Return what is wrong with a formula over points."""
    try:
        made = expression.compile(text)
    except expression.ExpressionFault as fault:
        values = {"position": fault.position + 1, "what": fault.what}
        return [Fault(name, f"formula_{fault.code}", values)]
    found = [Fault(name, "formula_point", {"what": one}) for one in sorted(made.names - set(known))]
    if not made.names:
        found.append(Fault(name, "formula_no_point"))
    if made.window_s and not looks_back:
        found.append(Fault(name, "formula_looks_back"))
    return found


def of_rule(facts: Mapping[str, Any], known: Collection[str]) -> list[Fault]:
    """Return everything that is wrong with a rule's fields; ``known`` are the points' codes."""
    found: list[Fault] = []
    if not CODE.fullmatch(facts["code"] or ""):
        found.append(Fault("code", "code"))
    for name in ("name_en", "name_zh"):
        if not (facts[name] or "").strip():
            found.append(Fault(name, "missing"))
    kind = facts["kind"]
    if kind not in rules.RULE_KINDS:
        return [*found, Fault("kind", "unknown")]
    if facts["priority"] not in rules.PRIORITY_ORDER:
        found.append(Fault("priority", "unknown"))
    if facts["state"] not in {"draft", "live", "retired"}:
        found.append(Fault("state", "unknown"))
    if facts["point_kind"] and facts["point_kind"] not in contracts.KINDS:
        found.append(Fault("point_kind", "unknown"))
    found += _of_scope(facts, kind)
    found += _of_numbers(facts, kind)
    if kind == "expression":
        found += of_formula("expression", facts["expression"] or "", known, looks_back=False)
    if facts["suppress_while"]:
        found += of_formula("suppress_while", facts["suppress_while"], known, looks_back=False)
    if facts["escalate_after_s"] is not None and not facts["escalate_to"]:
        found.append(Fault("escalate_to", "missing"))
    return found


def _of_scope(facts: Mapping[str, Any], kind: str) -> list[Fault]:
    if facts["point_id"] is not None:
        if facts["point_kind"] or facts["zone_id"]:
            return [Fault("point", "either_or")]
        return []
    if kind == "expression":
        return [Fault("point", "missing")]
    if kind != "no_data" and not facts["point_kind"]:
        # A limit in metres means nothing for a flow.
        return [Fault("point_kind", "missing")]
    return []


def _of_numbers(facts: Mapping[str, Any], kind: str) -> list[Fault]:
    found = []
    threshold = facts["threshold"]
    numbers = ("threshold", "dead_band", "may_set_min", "may_set_max")
    for name in numbers:
        if facts[name] is not None and not math.isfinite(facts[name]):
            found.append(Fault(name, "not_a_number"))
    if kind in {"rate", "flat", "no_data", rules.DEVIATION}:
        if threshold is None:
            found.append(Fault("threshold", "missing"))
        elif threshold < 0 or (threshold == 0 and kind != "flat"):
            found.append(Fault("threshold", "not_positive"))
    if kind in {"rate", "flat"} and not facts["window_s"]:
        found.append(Fault("window_s", "missing"))
    for name in ("window_s", "on_delay_s", "off_delay_s"):
        if (facts[name] or 0) > WINDOW_S_MAX:
            found.append(Fault(name, "too_long"))
    for name in ("window_s", "on_delay_s", "off_delay_s", "repeat_every_s", "escalate_after_s"):
        if (facts[name] or 0) < 0:
            found.append(Fault(name, "negative"))
    if (facts["dead_band"] or 0) < 0:
        found.append(Fault("dead_band", "negative"))
    if facts["repeat_every_s"] is not None and facts["repeat_every_s"] < 60:
        found.append(Fault("repeat_every_s", "too_short"))
    low, high = facts["may_set_min"], facts["may_set_max"]
    if low is not None and high is not None and low > high:
        found.append(Fault("may_set_max", "backwards"))
    return found
