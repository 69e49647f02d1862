"""Who asks."""

from __future__ import annotations

from django.http import HttpRequest


def id_of(request: HttpRequest) -> int:
    """Return the number of the person who is signed in; the view's permission made sure."""
    if request.user.pk is None:
        msg = "a view without a permission asked who is signed in"
        raise LookupError(msg)
    return int(request.user.pk)
