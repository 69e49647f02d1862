"""What is costly to count in a great city, remembered by this process for one revision."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from django.utils.translation import get_language

from huoshui.areas.network import queries

Found = TypeVar("Found")

_known: dict[tuple[str, str], tuple[str, object]] = {}


def of_revision(name: str, count: Callable[[], Found]) -> Found:
    """Return what was counted for the present revision and language, counting it if need be.

    Only for what every action that changes it tells by a new revision. It must not be changed.
    """
    revision = queries.revision()
    key = (name, get_language() or "")
    known = _known.get(key)
    if known is None or known[0] != revision or not revision:
        known = _known[key] = (revision, count())
    return known[1]  # type: ignore[return-value]


def forget() -> None:
    """Drop everything: tests roll back what a revision stands for."""
    _known.clear()
