"""Alarm rules as files: a spreadsheet for people, TOML text for version control, there and back.

Both say the same columns. What the file does not mention stays as it is; rules are never removed
by a file, they are retired by their state.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import IO, Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huoshui.areas.network import facade as network
from huoshui.areas.telemetry import actions, labels, models, rule_faults, rules
from huoshui.kernel.intake import fields, kinds, tables
from huoshui.kernel.intake.fields import Column
from huoshui.kernel.intake.problems import Problem

BYTES_MAX = 5_000_000
RULES_MAX = 20_000

KINDS: Mapping[str, Any] = {
    "limit_low_low": _("Far below the lower limit"),
    "limit_low": _("Below the lower limit"),
    "limit_high": _("Above the upper limit"),
    "limit_high_high": _("Far above the upper limit"),
    "no_data": _("No data"),
    "rate": _("Changes too fast"),
    "flat": _("Does not change"),
    "deviation": _("Deviation"),
    "expression": _("Condition of a rule"),
}
STATES: Mapping[str, Any] = {"draft": _("Draft"), "live": _("Live"), "retired": _("Retired")}
PRIORITIES: Mapping[str, Any] = {
    "critical": _("Critical"), "high": pgettext_lazy("telemetry", "High"),
    "medium": _("Medium"), "low": pgettext_lazy("telemetry", "Low"),
}  # fmt: skip
POINT_KINDS: Mapping[str, Any] = {
    "pressure": _("Pressure"),
    "flow": _("Flow"),
    "level": _("Water level"),
    "use": _("Customer use"),
    "running_hours": pgettext_lazy("point kind", "Running hours"),
    "temperature": pgettext_lazy("point kind", "Temperature"),
    "vibration": pgettext_lazy("point kind", "Vibration"),
    "power": pgettext_lazy("point kind", "Power"),
    "current": pgettext_lazy("point kind", "Electric current"),
}
YES_NO: Mapping[str, Any] = {"yes": _("Yes"), "no": _("No")}

_NUMBERS = ("threshold", "dead_band", "may_set_min", "may_set_max")
_WHOLE = ("window_s", "on_delay_s", "off_delay_s", "repeat_every_s", "escalate_after_s")
_FLAGS = ("is_latched", "must_acknowledge", "has_sound")
_CHOICES: Mapping[str, Mapping[str, Any]] = {
    "kind": KINDS, "state": STATES, "priority": PRIORITIES, "point_kind": POINT_KINDS,
    **dict.fromkeys(_FLAGS, YES_NO),
}  # fmt: skip
# The keys of other tables, under the names that a file uses for them.
_KEYS = {"point": "point_id", "reference": "reference_id", "zone": "zone_id"}
ORDER = tuple(labels.FIELDS)
ORDER_OF_KEYS = tuple(_KEYS)
EXAMPLES = (
    {"code": "EXAMPLE-low_pressure", "name_en": "Low pressure", "name_zh": "压力偏低",
     "kind": "limit_low", "state": "draft", "point_kind": "pressure", "threshold": 20,
     "dead_band": 1, "on_delay_s": 300, "priority": "high", "may_set_min": 15, "may_set_max": 25},
)  # fmt: skip


def _column(code: str) -> Column:
    type_ = fields.TEXT
    if code in _NUMBERS:
        type_ = fields.NUMBER
    elif code in _WHOLE:
        type_ = fields.WHOLE
    elif code in _CHOICES:
        type_ = fields.CHOICE
    length = {"expression": 1000, "suppress_while": 1000, "advice_en": 4000, "advice_zh": 4000}
    return Column(
        code,
        labels.FIELDS[code],
        type_,
        required=code in {"code", "kind"},
        choices=_CHOICES.get(code),
        length=length.get(code, 300),
    )


COLUMNS = tuple(_column(code) for code in ORDER)


def template(target: IO[bytes]) -> None:
    """Write the Excel file to fill in."""
    fields.write_template(target, str(_("Alarm rules")), COLUMNS, EXAMPLES)


# Out ----------------------------------------------------------------------------------------


def as_values(row: models.AlarmRule) -> dict[str, Any]:
    """Return a rule by the names that files use; empty fields are left out."""
    facts = row.facts()
    facts |= {
        "point": row.point.code if row.point else None,
        "reference": row.reference.code if row.reference else None,
        "zone": row.zone_id,
    }
    return {code: facts[code] for code in ORDER if facts[code] is not None and facts[code] != ""}


def write_excel(target: IO[bytes], rows: Iterable[models.AlarmRule]) -> None:
    """Write rules as the spreadsheet that the import reads."""
    said = []
    for row in rows:
        one = as_values(row)
        said.append({**one, **{flag: "yes" if one[flag] else "no" for flag in _FLAGS}})
    fields.write_template(target, str(_("Alarm rules")), COLUMNS, said)


def as_toml(rows: Iterable[models.AlarmRule]) -> str:
    """Return rules as TOML, one table each, in the order of their codes."""
    import tomli_w

    said = {}
    for row in rows:
        one = as_values(row)
        said[one.pop("code")] = one
    return tomli_w.dumps({"rule": said})


# In -----------------------------------------------------------------------------------------


def check(path: Path, name: str, options: Mapping[str, str]) -> kinds.Outcome:
    """Say which rules would be made and changed, and how; changes nothing."""
    return _read(path, name)[0]


def carry_out(
    path: Path, name: str, options: Mapping[str, str], by_id: int | None
) -> kinds.Outcome:
    """Keep the rules that are sound; the others are listed. Audited one by one."""
    outcome, sound = _read(path, name)
    if not outcome.problems.fatal:
        with transaction.atomic():
            for facts in sound:
                actions.save_rule(facts, by_id)
    return outcome


def _read(path: Path, name: str) -> tuple[kinds.Outcome, list[dict[str, Any]]]:
    said: list[tuple[int | None, dict[str, Any]]]
    if name.lower().endswith(".toml"):
        outcome = kinds.Outcome()
        said = list(_of_toml(path, name, outcome))
    else:
        table = tables.open_table(path, name=name)
        outcome = kinds.Outcome(problems=table.problems)
        matched = fields.match(table, COLUMNS, name)
        said = []
        if not outcome.problems.fatal:
            for entry in matched.rows():
                if entry.is_good:
                    said.append((entry.line, _of_entry(entry.values)))
                else:
                    outcome.left_out += 1
    return outcome, _sound(said, name, outcome)


def _of_entry(values: Mapping[str, Any]) -> dict[str, Any]:
    said = dict(values)
    for flag in _FLAGS:
        if said.get(flag) is not None:
            said[flag] = said[flag] == "yes"
    return said


def _of_toml(
    path: Path, name: str, outcome: kinds.Outcome
) -> Iterable[tuple[int | None, dict[str, Any]]]:
    def fatal(code: str, words: Any, value: str = "") -> None:
        outcome.problems.add(Problem(code, words, True, file=name, value=value))

    if path.stat().st_size > BYTES_MAX:
        fatal("telemetry.rules_too_large", _("The file is larger than rules ever are."))
        return
    try:
        read = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError, ValueError) as fault:
        fatal("telemetry.rules_not_toml", _("This is not TOML text."), str(fault)[:200])
        return
    listed = read.get("rule")
    if not isinstance(listed, dict) or len(listed) > RULES_MAX:
        fatal("telemetry.rules_no_table", _("A table [rule.CODE] for each rule is expected."))
        return
    for code, values in listed.items():
        if not isinstance(values, dict):
            outcome.left_out += 1
            _say(outcome, name, None, code, code, _("A table is expected here."))
            continue
        unknown = [key for key in values if key not in ORDER]
        for key in unknown:
            _say(outcome, name, None, code, key, _("This field is not known."))
        wrong = [key for key in values if key in ORDER and not _fits(key, values[key])]
        for key in wrong:
            _say(outcome, name, None, code, key, _("This value cannot be used."), values[key])
        if unknown or wrong:
            outcome.left_out += 1
            continue
        yield None, {**dict.fromkeys(ORDER), **values, "code": code}


def _fits(key: str, value: Any) -> bool:
    if key in _FLAGS:
        return isinstance(value, bool)
    if key in _WHOLE:
        # What does not fit a column of the table is no time span either.
        return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**31
    if key in _NUMBERS:
        return isinstance(value, int | float) and not isinstance(value, bool)
    return isinstance(value, str) and len(value) <= 4000


def _say(
    outcome: kinds.Outcome,
    name: str,
    line: int | None,
    subject: str,
    column: str,
    words: Any,
    value: Any = "",
) -> None:
    outcome.problems.add(
        Problem(
            "telemetry.rule_not_usable",
            words,
            False,
            subject=subject,
            file=name,
            line=line,
            column=column,
            value=str(value)[:100],
        )
    )


def _sound(
    said: Iterable[tuple[int | None, dict[str, Any]]], name: str, outcome: kinds.Outcome
) -> list[dict[str, Any]]:
    """Return the facts of the rules that can be kept, and list what is wrong with the others."""
    ids = dict(models.Point.objects.values_list("code", "id"))
    zones = {zone.code for zone in network.zones()}
    known = {row.code: row for row in models.AlarmRule.objects.select_related("point", "reference")}
    sound, seen = [], set()
    for line, values in said:
        code = str(values["code"])
        row = known.get(code)
        facts, faults = facts_of(values, row, ids, zones)
        if code in seen:
            faults.append(rule_faults.Fault("code", "unknown"))
        seen.add(code)
        if faults:
            outcome.left_out += 1
            for fault in faults:
                _say(
                    outcome, name, line, code, str(labels.FIELDS.get(fault.field, fault.field)),
                    labels.fault_text(fault), values.get(fault.field) or "",
                )  # fmt: skip
            continue
        _differ(outcome, facts, row, ids)
        sound.append(facts)
    return sound


def facts_of(
    values: Mapping[str, Any],
    row: models.AlarmRule | None,
    ids: Mapping[str, int],
    zones: Iterable[str],
) -> tuple[dict[str, Any], list[rule_faults.Fault]]:
    """Return a rule's fields from a file's or a form's values, with everything that is wrong.

    A value that is not given stays as it is, or is the usual one for a new rule.
    """
    base = row or models.AlarmRule(code=values["code"], priority="")
    facts = base.facts()
    faults = []
    for name, value in values.items():
        if name in _KEYS:
            continue
        if value is not None:
            facts[name] = value
    if not facts["priority"] and facts["kind"] in rules.PRIORITIES:
        facts["priority"] = rules.PRIORITIES[facts["kind"]]
    for name in ("point", "reference"):
        code = values.get(name)
        if code:
            facts[_KEYS[name]] = ids.get(code)
            if code not in ids:
                faults.append(rule_faults.Fault(name, "not_known", {"what": code}))
    if values.get("zone"):
        facts["zone_id"] = values["zone"]
        if values["zone"] not in zones:
            faults.append(rule_faults.Fault("zone", "not_known", {"what": values["zone"]}))
    limits: Mapping[str, int] = {"name_en": 200, "name_zh": 200, "message_en": 300,
                                 "message_zh": 300, "escalate_to": 40}  # fmt: skip
    for name, length in limits.items():
        facts[name] = (facts[name] or "")[:length]
    return facts, [*faults, *rule_faults.of_rule(facts, ids.keys())]


def facts_of_form(
    said: Mapping[str, Any],
    facts: Mapping[str, Any],
    row: models.AlarmRule | None,
    ids: Mapping[str, int],
) -> tuple[dict[str, Any], list[rule_faults.Fault]]:
    """Return a rule's fields as a form says them; unlike in a file, an empty field is empty."""
    found = {**(row or models.AlarmRule(code=said["code"])).facts(), **facts}
    found["zone_id"] = said["zone"] or None
    faults = []
    for name in ("point", "reference"):
        code = said[name]
        found[_KEYS[name]] = ids.get(code) if code else None
        if code and code not in ids:
            faults.append(rule_faults.Fault(name, "not_known", {"what": code}))
    return found, [*faults, *rule_faults.of_rule(found, ids.keys())]


def _differ(
    outcome: kinds.Outcome,
    facts: Mapping[str, Any],
    row: models.AlarmRule | None,
    ids: Mapping[str, int],
) -> None:
    if row is None:
        outcome.created += 1
        return
    before = row.facts()
    names: Callable[[Any], Any] = {number: code for code, number in ids.items()}.get
    changed = False
    for name, value in facts.items():
        if name not in before or before[name] == value:
            continue
        changed = True
        shown = name.removesuffix("_id")
        old, new = before[name], value
        if name in {"point_id", "reference_id"}:
            old, new = names(old), names(new)
        elif shown in _CHOICES and isinstance(value, str):
            old, new = _CHOICES[shown].get(old, old), _CHOICES[shown].get(new, new)
        outcome.differ(row.code, labels.FIELDS.get(shown, shown), old, new)
    if changed:
        outcome.changed += 1
    else:
        outcome.unchanged += 1
