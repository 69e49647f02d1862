"""Sentences that telemetry stores as English msgids and shows in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext, gettext_noop

# Marked here because rules.py, which owns them, is plain Python.
MESSAGES = (
    gettext_noop("%(value)s %(unit)s, below the lowest limit of %(threshold)s %(unit)s."),
    gettext_noop("%(value)s %(unit)s, below the limit of %(threshold)s %(unit)s."),
    gettext_noop("%(value)s %(unit)s, above the limit of %(threshold)s %(unit)s."),
    gettext_noop("%(value)s %(unit)s, above the highest limit of %(threshold)s %(unit)s."),
    gettext_noop("No reading for over %(threshold)s minutes."),
)


def message_text(message: str, data: Mapping[str, Any]) -> str:
    """Return an alarm's sentence in the present language.

    A place that ``data`` does not fill shows as a dash: an old alarm must stay readable.
    """
    return gettext(message) % _Places(data)


class _Places(dict[str, Any]):
    def __missing__(self, name: str) -> str:
        return "–"
