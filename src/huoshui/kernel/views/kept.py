"""What readers keep of lists, remembered by this process so that a list page asks for nothing.

One web process serves all pages, so what it writes it also forgets. Another process would see a
change after `REMEMBER_S`.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q

REMEMBER_S = 30.0
READERS_MAX = 2000


@dataclass(frozen=True)
class View:
    """One saved view as a list offers it."""

    pk: int
    page: str
    name: str
    url: str
    query: str
    is_shared: bool
    is_own: bool


@dataclass
class Kept:
    """Everything one reader keeps."""

    views: dict[str, list[View]] = field(default_factory=dict)
    columns: dict[str, list[str]] = field(default_factory=dict)
    default_views: dict[str, int] = field(default_factory=dict)
    is_dense: bool = False

    def default_view(self, page: str) -> View | None:
        """Return the view that a list shows at first."""
        wanted = self.default_views.get(page)
        return next((one for one in self.views.get(page, ()) if one.pk == wanted), None)


_lock = threading.Lock()
_remembered: dict[int, tuple[float, Kept]] = {}


def of_user(user: Any) -> Kept:
    """Return what a reader keeps; two queries now and then."""
    pk = getattr(user, "pk", None)
    if pk is None:
        return Kept()
    with _lock:
        at, found = _remembered.get(pk, (float("-inf"), Kept()))
        if time.monotonic() - at < REMEMBER_S:
            return found
    found = _read(pk)
    with _lock:
        if len(_remembered) >= READERS_MAX:
            _remembered.clear()
        _remembered[pk] = (time.monotonic(), found)
    return found


def forget() -> None:
    """Drop what is remembered, after a change."""
    with _lock:
        _remembered.clear()


def _read(user_id: int) -> Kept:
    from huoshui.kernel.views.models import ListChoice, SavedView

    kept = Kept()
    rows = SavedView.objects.filter(Q(owner_id=user_id) | Q(is_shared=True))
    for row in rows.order_by("page", "name", "pk"):
        kept.views.setdefault(row.page, []).append(
            View(
                pk=row.pk,
                page=row.page,
                name=row.name,
                url=row.url,
                query=row.query,
                is_shared=row.is_shared,
                is_own=row.owner_id == user_id,
            )
        )
    for choice in ListChoice.objects.filter(user_id=user_id):
        if not choice.page:
            kept.is_dense = choice.is_dense
            continue
        if choice.columns:
            kept.columns[choice.page] = [str(one) for one in choice.columns]
        if choice.default_view_id:
            kept.default_views[choice.page] = choice.default_view_id
    return kept


def choose_columns(user_id: int, page: str, columns: Sequence[str]) -> None:
    """Remember which columns a reader wants, in their order; none means as declared.

    A reader's own taste, like light or dark: not in the audit trail.
    """
    from huoshui.kernel.views.models import ListChoice

    ListChoice.objects.update_or_create(
        user_id=user_id, page=page, defaults={"columns": list(columns)}
    )
    forget()


def choose_default(user_id: int, page: str, view_id: int | None) -> None:
    """Remember which view a reader's list shows at first."""
    from huoshui.kernel.views.models import ListChoice

    ListChoice.objects.update_or_create(
        user_id=user_id, page=page, defaults={"default_view_id": view_id}
    )
    forget()


def choose_density(user_id: int, is_dense: bool) -> None:
    """Remember whether a reader wants narrow rows in all lists."""
    from huoshui.kernel.views.models import ListChoice

    ListChoice.objects.update_or_create(user_id=user_id, page="", defaults={"is_dense": is_dense})
    forget()
