"""What the audit trail says of cases, in words instead of codes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huoshui.kernel import audit
from huoshui.kernel.cases import declaring, reading, words

DETAILS = {
    "is_working": _("Working day"),
    "type": pgettext_lazy("case", "Kind"),
    "step": pgettext_lazy("case", "Step"),
    "from_state": pgettext_lazy("case", "From state"),
    "to_state": pgettext_lazy("case", "To state"),
    "title": _("What is it about?"),
    "changed": pgettext_lazy("case", "Changed"),
    "priority": _("Priority"),
    "other": _("Other case"),
    "how": _("Relation"),
    "score": _("Score"),
    "reached": _("Reached"),
    "content": pgettext_lazy("call-back", "Content"),
    "due_at": _("Deadline"),
}
# What of a case is changed besides its fields.
PARTS = {
    "title": _("What is it about?"),
    "place": _("Where"),
    "spot": _("On the map"),
    "priority": _("Priority"),
    "links": _("What it is about"),
    "fields": pgettext_lazy("case", "Fields"),
    "private": _("Personal data"),
    reading.PERSON: words.PERSON,
}
# Under which key of a detail which codes of a declaration stand.
CODES = {"from_state": "states", "to_state": "states", "step": "transitions", "reason": "pauses"}


def register() -> None:
    """Name deeds, subjects, keys and values."""
    for code, label in words.DEEDS.items():
        audit.name_deed(f"cases.{code}", label)
    audit.name_subject("cases.case", _("Case"))
    audit.name_subject("cases.day", _("Local working day"))
    audit.name_details({f"cases.{key}": label for key, label in DETAILS.items()})
    audit.name_values("cases.type", type_name)
    audit.name_values("cases.priority", lambda code: words.PRIORITIES.get(code, code))
    audit.name_values("cases.how", lambda code: words.RELATIONS.get(code, code))
    audit.name_values_within("cases.changed", _changed)
    for key, what in CODES.items():
        audit.name_values_within(f"cases.{key}", _within(what))


def type_name(code: str) -> Any:
    """Return what a type of case is called; one that is gone stays a code."""
    found = declaring.case_type(code)
    return found.label if found else code


def _within(what: str) -> Callable[[Any, Mapping[str, Any]], Any]:
    def in_words(code: Any, detail: Mapping[str, Any]) -> Any:
        return reading.label_in(str(detail.get("type", "")), what, str(code))

    return in_words


def _changed(code: Any, detail: Mapping[str, Any]) -> Any:
    if code in PARTS:
        return PARTS[code]
    return reading.label_in(str(detail.get("type", "")), "fields", str(code))
