"""Named places on a page that other areas fill, so that no page imports them.

The page's owner declares a slot and renders it with ``{% slot "name" key=value %}``; anybody fills
it from ``AppConfig.ready``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.safestring import SafeString, mark_safe

from huoshui.kernel.accounts import permissions

Render = Callable[..., "SafeString | None"]


@dataclass(frozen=True)
class Filling:
    """One area's contribution to a slot."""

    render: Render
    permission: str
    order: int


_declared: dict[str, str] = {}
_fillings: dict[str, list[Filling]] = {}


def declare(name: str, doc: str) -> None:
    """Make a slot known; ``doc`` says where it is and which values a filling receives."""
    _declared[name] = doc


def declared() -> dict[str, str]:
    """Return every slot with its description, by name."""
    return dict(sorted(_declared.items()))


def fill(name: str, render: Render, *, permission: str, order: int = 100) -> None:
    """Add ``render(request, **context)`` to a slot; smaller ``order`` comes first.

    A filling is skipped for users without ``permission`` (which may be `permissions.SIGNED_IN`),
    and when it returns nothing. Slots may be filled before they are declared, because apps become
    ready in any order.
    """
    filling = Filling(render=render, permission=permission, order=order)
    kept = [one for one in _fillings.get(name, []) if one.render is not render]
    _fillings[name] = sorted([*kept, filling], key=lambda one: one.order)


def render(name: str, request: HttpRequest, **context: Any) -> SafeString:
    """Return what all fillings of a slot have to say to this user."""
    if name not in _declared:
        msg = f"slot {name!r} was never declared"
        raise LookupError(msg)
    parts = [
        one.render(request, **context)
        for one in _fillings.get(name, [])
        if _may_see(request.user, one.permission)
    ]
    # Fillings return SafeString only; joining them adds nothing that needs escaping.
    return mark_safe("\n".join(part for part in parts if part))


def _may_see(user: Any, mark: str) -> bool:
    if mark == permissions.SIGNED_IN:
        return bool(getattr(user, "is_authenticated", False))
    return permissions.holds(user, mark)


def undeclared_fillings() -> tuple[str, ...]:
    """Return names that were filled but never declared: a typing mistake."""
    return tuple(sorted(set(_fillings) - set(_declared)))
