"""What the recorded deeds are called, for people who read the trail."""

from __future__ import annotations

from typing import Any

_labels: dict[str, Any] = {}


def name_deed(action: str, label: Any) -> None:
    """Say what an action code is called; from ``AppConfig.ready`` of whoever records it."""
    _labels[action] = label


def label_of(action: str) -> Any:
    """Return what an action is called; a code of an older version stays a code."""
    return _labels.get(action, action)


def labels() -> dict[str, Any]:
    """Return every named action by its code."""
    return dict(sorted(_labels.items()))
