"""What the recorded deeds are called, for people who read the trail."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

_labels: dict[str, Any] = {}
_subjects: dict[str, Any] = {}
_keys: dict[str, Callable[[str], Any]] = {}
_details: dict[str, Any] = {}
_values: dict[str, Callable[[Any], Any]] = {}
_values_within: dict[str, Callable[[Any, Mapping[str, Any]], Any]] = {}


def name_deed(action: str, label: Any) -> None:
    """Say what an action code is called; from ``AppConfig.ready`` of whoever records it."""
    _labels[action] = label


def name_subject(kind: str, label: Any, words: Callable[[str], Any] | None = None) -> None:
    """Say what a kind of subject is called; a subject is recorded as ``kind:key``.

    ``words`` says what people call the key, where that is not the key itself.
    """
    _subjects[kind] = label
    if words is not None:
        _keys[kind] = words


def subject_of(subject: str) -> str:
    """Return a recorded subject in words: what it is, and its key."""
    kind, _colon, key = subject.partition(":")
    if kind not in _subjects:
        return subject
    shown = _keys[kind](key) if kind in _keys else key
    return f"{_subjects[kind]} {shown}".strip()


def label_of(action: str) -> Any:
    """Return what an action is called; a code of an older version stays a code."""
    return _labels.get(action, action)


def labels() -> dict[str, Any]:
    """Return every named action by its code."""
    return dict(sorted(_labels.items()))


def name_details(names: Mapping[str, Any]) -> None:
    """Say what the keys of recorded details are called; ``area.key`` wins over ``key``."""
    _details.update(names)


def name_values(key: str, words: Callable[[Any], Any]) -> None:
    """Say how the values under a key are shown, such as codes by their names."""
    _values[key] = words


def name_values_within(key: str, words: Callable[[Any, Mapping[str, Any]], Any]) -> None:
    """Say how values are shown that mean something only beside the rest of their detail."""
    _values_within[key] = words


def is_named(action: str, key: str) -> bool:
    """Tell whether readers see a word for a key of a detail."""
    return f"{_area(action)}.{key}" in _details or key in _details


def detail_label(action: str, key: str) -> Any:
    """Return what a key of a detail is called; one of an older version stays as it was."""
    return _details.get(f"{_area(action)}.{key}", _details.get(key, key))


def rows_of(action: str, detail: Mapping[str, Any]) -> list[tuple[Any, str]]:
    """Return a recorded detail as labelled words; a change is shown as from what to what."""
    before, after = detail.get("before"), detail.get("after")
    rows: list[tuple[Any, str]] = []
    whole = detail
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in dict.fromkeys((*before, *after)):
            was, became = before.get(key), after.get(key)
            if was != became:
                words = f"{_shown(action, key, was, whole)} → {_shown(action, key, became, whole)}"
                rows.append((detail_label(action, key), words))
        detail = {k: v for k, v in detail.items() if k not in {"before", "after"}}
    rows += [
        (detail_label(action, key), _shown(action, key, v, whole)) for key, v in detail.items()
    ]
    return rows


def in_one_line(action: str, detail: Mapping[str, Any]) -> str:
    """Return a recorded detail as one line, for lists and for Excel."""
    return "; ".join(f"{label}: {words}" for label, words in rows_of(action, detail))


def _area(action: str) -> str:
    return action.split(".")[0]


def _shown(action: str, key: str, value: Any, whole: Mapping[str, Any]) -> str:
    from huoshui.kernel.pages import formats

    if value is None or value == "" or value == [] or value == {}:
        return formats.NOTHING
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, Mapping):
        inner = (
            f"{detail_label(action, k)} {_shown(action, k, v, whole)}" for k, v in value.items()
        )
        return ", ".join(inner)
    if isinstance(value, list):
        return ", ".join(_shown(action, key, one, whole) for one in value)
    within = _values_within.get(f"{_area(action)}.{key}")
    if within is not None:
        return str(within(value, whole))
    words = _values.get(f"{_area(action)}.{key}") or _values.get(key)
    if words is not None:
        return str(words(value))
    if isinstance(value, str) and key.endswith("_at"):
        try:
            return formats.moment(datetime.fromisoformat(value))
        except ValueError:
            return value
    return str(value)
