"""Who asks."""

from __future__ import annotations

from django.http import HttpRequest

from huoshui.areas.hotline import rules


def id_of(request: HttpRequest) -> int:
    """Return the number of the person who is signed in; the view's permission made sure."""
    if request.user.pk is None:
        msg = "a view without a permission asked who is signed in"
        raise LookupError(msg)
    return int(request.user.pk)


def number_of(text: str) -> int | None:
    """Return the key that an address or a form names, or None where it names none."""
    return int(text) if rules.is_key(text) else None
