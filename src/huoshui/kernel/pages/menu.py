"""The menu at the left of every page: areas add to it, each reader sees what they may open."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, get_script_prefix, get_urlconf, reverse
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from huoshui.kernel.accounts import permissions

# Code to name, in the order of the menu. A group with nothing to show is not shown.
GROUPS = {
    "city": _("City"),
    "watch": _("Monitoring"),
    "analysis": _("Analysis"),
    "service": _("Customer service"),
    "work": _("Work"),
    "system": _("System"),
    "public": _("For customers"),
}


CLOSED_COOKIE = "hs_menu_closed"
"""Which blocks a reader closed on this browser, their codes joined by points."""

SEARCHED_FROM = 24
"""So many lines are looked through by typing."""


@dataclass(frozen=True)
class Entry:
    """One line of the menu."""

    group: str
    label: Any
    url_name: str
    permission: str
    icon: str
    order: int
    args: tuple[str, ...] = ()


@dataclass(frozen=True)
class ShownEntry:
    """One line as one reader sees it."""

    label: str
    url: str
    icon: str
    active: bool


@dataclass(frozen=True)
class ShownGroup:
    """One titled block of lines as one reader sees it; the block of the present page is open."""

    code: str
    label: str
    entries: tuple[ShownEntry, ...]
    is_open: bool


_entries: dict[tuple[str, ...], Entry] = {}


def add(
    group: str,
    label: Any,
    url_name: str,
    permission: str,
    icon: str = "list",
    order: int = 100,
    *,
    args: tuple[str, ...] = (),
) -> None:
    """Add a line to a group of `GROUPS`; the icon is a name in ``static/pages/icons.svg``.

    ``args`` complete the address of a page that serves many things of one kind. With
    ``permissions.PUBLIC`` the line is for readers who are not signed in, and stands on the page
    of the sign-in too.
    """
    if group not in GROUPS:
        msg = f"unknown menu group {group!r}; known: {', '.join(GROUPS)}"
        raise ValueError(msg)
    _entries[url_name, *args] = Entry(group, label, url_name, permission, icon, order, args)


def entries() -> tuple[Entry, ...]:
    """Return all lines in their order."""
    groups = list(GROUPS)
    return tuple(sorted(_entries.values(), key=lambda one: (groups.index(one.group), one.order)))


def _open_to(request: HttpRequest) -> list[tuple[Entry, str]]:
    """Return the lines that a reader may open, each with its address; found once for a page."""
    known_here: list[tuple[Entry, str]] | None = getattr(request, "_menu_open_to", None)
    if known_here is None:
        known_here = request._menu_open_to = _found_open_to(request)  # type: ignore[attr-defined]
    return known_here


def _found_open_to(request: HttpRequest) -> list[tuple[Entry, str]]:
    user = getattr(request, "user", None)
    allowed = permissions.of_user(user)
    known = bool(user and user.is_authenticated)
    addressed: list[tuple[Entry, str]] = []
    # Staff find in their own pages what customers may read; nobody else has another way to it.
    open_to_all = permissions.SIGNED_IN if known else permissions.PUBLIC
    for entry in entries():
        if entry.permission in allowed or entry.permission == open_to_all:
            where = get_urlconf() or settings.ROOT_URLCONF
            url = _address(entry.url_name, entry.args, where, get_script_prefix())
            if url:
                addressed.append((entry, url))
    return addressed


@lru_cache(maxsize=4096)
def _address(url_name: str, args: tuple[str, ...], urlconf: str, prefix: str) -> str:
    """Return where a line leads, found once for all pages; the prefix belongs to the question."""
    try:
        return reverse(url_name, urlconf=urlconf, args=args)
    except NoReverseMatch:  # a test may mount only one area
        return ""


def go_to(request: HttpRequest) -> tuple[tuple[str, str, str], ...]:
    """Return the letters behind ``g`` that lead somewhere: letter, what it is called, address.

    The project chooses the letters (`GO_TO_KEYS`), because it knows the areas.
    """
    keys: dict[str, str] = getattr(settings, "GO_TO_KEYS", {})
    places = {
        entry.url_name: (str(entry.label), url)
        for entry, url in _open_to(request)
        if not entry.args
    }
    return tuple((key, *places[name]) for key, name in keys.items() if name in places)


def shown(request: HttpRequest) -> tuple[ShownGroup, ...]:
    """Return what this reader may open; the longest address that fits the page is marked."""
    addressed = _open_to(request)
    fitting = [url for _entry, url in addressed if request.path.startswith(url)]
    current = max(fitting, key=len, default="")
    closed = request.COOKIES.get(CLOSED_COOKIE, "").split(".")
    found = []
    for code, label in GROUPS.items():
        lines = tuple(
            ShownEntry(str(entry.label), url, entry.icon, active=url == current)
            for entry, url in addressed
            if entry.group == code
        )
        if lines:
            is_open = code not in closed or any(line.active for line in lines)
            found.append(ShownGroup(code, str(label), lines, is_open))
    return tuple(found)


def public_lines(request: HttpRequest) -> tuple[ShownEntry, ...]:
    """Return what anybody may open, while nobody is signed in."""
    lines = [group.entries for group in shown(request) if group.code == "public"]
    return lines[0] if lines else ()


def drawn(request: HttpRequest) -> SafeString:
    """Return the menu of this reader as HTML."""
    return _drawn(shown(request), get_language() or "")


@lru_cache(maxsize=2048)
def _drawn(groups: tuple[ShownGroup, ...], language: str) -> SafeString:
    """Draw a menu once for everybody who sees the same lines with the same one marked."""
    lines = sum(len(group.entries) for group in groups)
    return render_to_string(
        "pages/menu.html", {"groups": groups, "is_searched": lines >= SEARCHED_FROM}
    )
