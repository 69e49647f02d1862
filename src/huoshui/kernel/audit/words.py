"""What the recorded deeds are called, for people who read the trail."""

from __future__ import annotations

from typing import Any

_labels: dict[str, Any] = {}
_subjects: dict[str, Any] = {}


def name_deed(action: str, label: Any) -> None:
    """Say what an action code is called; from ``AppConfig.ready`` of whoever records it."""
    _labels[action] = label


def name_subject(kind: str, label: Any) -> None:
    """Say what a kind of subject is called; a subject is recorded as ``kind:key``."""
    _subjects[kind] = label


def subject_of(subject: str) -> str:
    """Return a recorded subject in words: what it is, and its key."""
    kind, _colon, key = subject.partition(":")
    return f"{_subjects[kind]} {key}".strip() if kind in _subjects else subject


def label_of(action: str) -> Any:
    """Return what an action is called; a code of an older version stays a code."""
    return _labels.get(action, action)


def labels() -> dict[str, Any]:
    """Return every named action by its code."""
    return dict(sorted(_labels.items()))
