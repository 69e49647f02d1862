"""Who asks."""

from __future__ import annotations

from django.http import HttpRequest

from huoshui.kernel.accounts import permissions
from huoshui.kernel.organisation import tree


def id_of(request: HttpRequest) -> int:
    """Return the number of the person who is signed in; the view's permission made sure."""
    number = request.user.pk
    if number is None:
        msg = "a view without a permission asked who is signed in"
        raise LookupError(msg)
    return int(number)


def own_unit(request: HttpRequest, code: str) -> int | None:
    """Return the unit in which somebody may do what ``code`` allows; None: everywhere.

    Of several, which is the highest in the tree.
    """
    reached = permissions.units_of(request.user, code)
    if reached is None:
        return None
    return next((key for key, _name in tree.on().choices() if key in reached), None)
