"""Who asks."""

from __future__ import annotations

from django.http import HttpRequest


def id_of(request: HttpRequest) -> int:
    """Return the number of the person who is signed in; the view's permission made sure."""
    number = request.user.pk
    if number is None:
        msg = "a view without a permission asked who is signed in"
        raise LookupError(msg)
    return int(number)
