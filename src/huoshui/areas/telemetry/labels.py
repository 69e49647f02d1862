"""Sentences that telemetry stores as English msgids and shows in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import get_language, gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

from huoshui.areas.telemetry import rule_faults

# Marked here because rules.py, which owns them, is plain Python.
MESSAGES = (
    gettext_noop("%(value)s %(unit)s, below the lowest limit of %(threshold)s %(unit)s."),
    gettext_noop("%(value)s %(unit)s, below the limit of %(threshold)s %(unit)s."),
    gettext_noop("%(value)s %(unit)s, above the limit of %(threshold)s %(unit)s."),
    gettext_noop("%(value)s %(unit)s, above the highest limit of %(threshold)s %(unit)s."),
    gettext_noop("No reading for over %(threshold)s minutes."),
    gettext_noop("Changes by %(value)s %(unit)s an hour, more than %(threshold)s."),
    gettext_noop("Does not change any more: %(value)s %(unit)s for %(window)s minutes."),
    gettext_noop("%(value)s %(unit)s away from what is expected, more than %(threshold)s."),
    gettext_noop("The condition of the rule holds."),
)

# What may be wrong with a rule or a formula, by the code of its fault.
FAULTS: Mapping[str, Any] = {
    "code": _("small letters, digits and underscores, beginning with a letter"),
    "missing": _("is needed"),
    "unknown": _("is not one of the choices"),
    "not_known": _("is not declared here: %(what)s"),
    "either_or": _("either one point, or a kind of points and a zone"),
    "not_a_number": _("must be a number"),
    "not_positive": _("must be greater than zero"),
    "negative": _("must not be negative"),
    "too_long": _("at most 48 hours"),
    "too_short": _("at least one minute"),
    "backwards": _("must not be below the lower end of the range"),
    "formula_empty": _("the formula is empty"),
    "formula_too_long": _("the formula is too long"),
    "formula_brackets": _("a brace is missing its partner, at character %(position)s"),
    "formula_syntax": _("cannot be read from character %(position)s on"),
    "formula_not_allowed": _("this is not allowed at character %(position)s: %(what)s"),
    "formula_unknown_function": _("there is no function %(what)s, at character %(position)s"),
    "formula_arguments": _("%(what)s has too few or too many values, character %(position)s"),
    "formula_window": _("the time span must be a number of seconds, at character %(position)s"),
    "formula_power": _("the exponent must be a number up to %(what)s"),
    "formula_too_deep": _("the formula is nested too deeply"),
    "formula_too_many_names": _("the formula uses too many points"),
    "formula_point": _("there is no measured point %(what)s"),
    "formula_no_point": _("the formula names no point"),
    "formula_looks_back": _("mean, delta and rate belong into a calculated point, not into a rule"),
}

FIELDS: Mapping[str, Any] = {
    "code": _("Code"),
    "name_en": _("Name in English"),
    "name_zh": _("Name in Chinese"),
    "kind": _("Kind of rule"),
    "state": _("State"),
    "point": _("Point"),
    "point_kind": _("Kind of points"),
    "zone": _("Zone"),
    "threshold": _("Threshold"),
    "window_s": _("Time span (s)"),
    "reference": _("Compared with point"),
    "expression": _("Formula"),
    "suppress_while": _("Suppressed while"),
    "dead_band": _("Dead band"),
    "on_delay_s": _("On delay (s)"),
    "off_delay_s": _("Off delay (s)"),
    "priority": _("Priority"),
    "message_en": _("Message in English"),
    "message_zh": _("Message in Chinese"),
    "is_latched": _("Latched"),
    "must_acknowledge": _("Must be acknowledged"),
    "has_sound": _("Sounds"),
    "repeat_every_s": _("Sounds again every (s)"),
    "escalate_after_s": _("Escalates after (s)"),
    "escalate_to": _("Escalates to post"),
    "may_set_min": _("May be set from"),
    "may_set_max": _("May be set up to"),
    "advice_en": _("Advice in English"),
    "advice_zh": _("Advice in Chinese"),
}


def fault_text(fault: rule_faults.Fault) -> str:
    """Return what is wrong with one field, in the present language."""
    why = str(FAULTS.get(fault.code, fault.code)) % _Places(fault.values)
    return f"{FIELDS.get(fault.field, fault.field)}: {why}"


def message_text(message: str, data: Mapping[str, Any]) -> str:
    """Return an alarm's sentence in the present language.

    A place that ``data`` does not fill shows as a dash: an old alarm must stay readable.
    """
    spoken = "said_zh" if (get_language() or "zh").startswith("zh") else "said_en"
    # A rule's own words come in both languages with the alarm, as they were when it came.
    if spoken in data:
        return str(data[spoken])
    return gettext(message) % _Places(data)


class _Places(dict[str, Any]):
    def __missing__(self, name: str) -> str:
        return "–"
