"""What stands above a list beside search and filters: saved views and the choice of columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.http import QueryDict

from huoshui.kernel.accounts import permissions
from huoshui.kernel.views import kept

if TYPE_CHECKING:
    from huoshui.kernel.pages.kit.columns import Column
    from huoshui.kernel.pages.kit.lists import ListPage

# What belongs to a visit and not to a view.
PASSING = frozenset({"page", "format", "view"})
EVERYTHING = "all"


@dataclass(frozen=True)
class Choice:
    """One column as the box of columns offers it."""

    key: str
    label: Any
    is_shown: bool


@dataclass(frozen=True)
class Tools:
    """What a reader may choose about this list."""

    views: tuple[kept.View, ...]
    current: kept.View | None
    default_pk: int | None
    columns: tuple[Choice, ...]
    is_changed: bool
    is_dense: bool
    may_share: bool
    here: str
    query: str


def _offered(page: ListPage) -> dict[str, Column]:
    """Return the columns that may be chosen, by key; those of deeds always stay."""
    return {column.key: column for column in page.columns}


def chosen_columns(page: ListPage) -> list[Column]:
    """Return the columns that this reader wants: of the view, else their own, else as declared."""
    offered = _offered(page)
    wanted = [key for key in page.request.GET.get("cols", "").split(",") if key in offered]
    if not wanted and page.url_name:
        mine = kept.of_user(page.request.user).columns.get(page.url_name, [])
        wanted = [key for key in mine if key in offered]
    if not wanted:
        return [column for column in page.columns if not column.optional]
    return [offered[key] for key in dict.fromkeys(wanted)]


def view_at_first(page: ListPage) -> str:
    """Return where a bare visit leads: to the reader's own first view, or nowhere."""
    request = page.request
    if not page.url_name or request.GET or request.headers.get("HX-Request") == "true":
        return ""
    found = kept.of_user(request.user).default_view(page.url_name)
    return f"{request.path}?{found.query}&view={found.pk}" if found else ""


def query_of(page: ListPage) -> str:
    """Return what a saved view keeps of the present address, with the columns that are shown."""
    pairs = [
        (name, value)
        for name, values in page.request.GET.lists()
        for value in values
        if name not in PASSING and name != "cols" and value
    ]
    shown = ",".join(column.key for column in chosen_columns(page))
    declared = ",".join(column.key for column in page.columns if not column.optional)
    return urlencode([*pairs, ("cols", shown)] if shown != declared else pairs)


def _current(views: tuple[kept.View, ...], page: ListPage, query: str) -> kept.View | None:
    """Return the saved view whose filters, order and columns are what is shown now."""
    asked = page.request.GET.get("view", "")
    for one in sorted(views, key=lambda one: str(one.pk) != asked):
        if QueryDict(one.query) == QueryDict(query):
            return one
    return None


def of(page: ListPage) -> Tools | None:
    """Return the tools of a list; nothing for a list without a name of its own."""
    if not page.url_name:
        return None
    mine = kept.of_user(page.request.user)
    query = query_of(page)
    path = page.request.path
    views = tuple(
        one for one in mine.views.get(page.url_name, ()) if one.url.partition("?")[0] == path
    )
    shown = [column.key for column in page.shown_columns]
    offered = _offered(page)
    order = [*shown, *(key for key in offered if key not in shown)]
    return Tools(
        views=views,
        current=_current(views, page, query) if query else None,
        default_pk=mine.default_views.get(page.url_name),
        columns=tuple(Choice(key, offered[key].heading, key in shown) for key in order),
        is_changed=bool(mine.columns.get(page.url_name)),
        is_dense=mine.is_dense,
        may_share=permissions.holds(page.request.user, "views.share"),
        here=page.request.get_full_path(),
        query=query,
    )
