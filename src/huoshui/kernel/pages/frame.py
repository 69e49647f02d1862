"""What the frame shows around a page: reader, language, theme, and the demo's clock."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from huoshui.kernel import clock, settings
from huoshui.kernel.accounts import permissions
from huoshui.kernel.pages import formats, menu, strings

THEMES = {"light": _("Light"), "dark": _("Dark"), "auto": _("Like the device")}
THEME_COOKIE = "huoshui_theme"
# Each language is named in itself, so that its readers find it whatever the page speaks.
LANGUAGES = (("zh-hans", "中文"), ("en", "English"))
DEMO_SPEEDS = (0, 1, 60, 300, 600, 1800)
# A month passes in four and a half minutes; beyond that nobody waits.
DEMO_AHEAD_MAX = timedelta(days=31)


@dataclass(frozen=True)
class Frame:
    """The values of one page's frame."""

    language: str
    languages: tuple[tuple[str, str, bool], ...]
    theme: str
    themes: tuple[tuple[str, Any, str], ...]
    demo: bool
    shown_at: str
    shown_moment: str
    speed: float
    settled_speed: float
    next_morning: str
    speeds: tuple[tuple[int, Any], ...]
    zone: str
    person: str
    posts: tuple[str, ...]
    may_set_clock: bool
    sign_in_url: str
    sign_out_url: str
    strings_url: str
    version: str
    go_to: tuple[tuple[str, str, str], ...]


def user_of(request: HttpRequest) -> Any:
    """Return who asks; an error page may be drawn before anybody was recognised."""
    return getattr(request, "user", None) or AnonymousUser()


def theme_of(request: HttpRequest) -> str:
    """Return the reader's theme: this browser's, else the one kept with the user, else auto."""
    kept = request.COOKIES.get(THEME_COOKIE) or getattr(user_of(request), "theme", "") or "auto"
    return kept if kept in THEMES else "auto"


def posts_of(user: Any) -> tuple[str, ...]:
    """Return the names of the posts a user holds now; one query per request."""
    if not user.is_authenticated:
        return ()
    holdings = user.holdings.valid_at(clock.now()).select_related("post").order_by("post_id")
    return tuple(dict.fromkeys(str(holding.post.name) for holding in holdings))


def post_codes_of(user: Any) -> frozenset[str]:
    """Return the codes of the posts a user holds now."""
    held = user.holdings.valid_at(clock.now())
    return frozenset(held.values_list("post__code", flat=True))


def _address(url_name: str) -> str:
    try:
        return reverse(url_name)
    except NoReverseMatch:  # a test may mount only one area
        return ""


@lru_cache(maxsize=1)
def installed_version() -> str:
    """Return the version of this installation."""
    try:
        return version("huoshui")
    except PackageNotFoundError:  # a checkout is run from where it lies
        project = tomllib.loads((settings.CHECKOUT / "pyproject.toml").read_text())["project"]
        return str(project["version"])


def _next_morning(shown_at: datetime) -> str:
    """Return half past four of the coming morning, when the night has been judged."""
    local = clock.local(shown_at)
    morning = local.replace(hour=4, minute=30, second=0, microsecond=0, tzinfo=None)
    if morning <= local.replace(tzinfo=None):
        morning += timedelta(days=1)
    return morning.isoformat(timespec="minutes")


def speed_label(times: float) -> Any:
    """Return how a speed of the demo clock is called."""
    return _("Paused") if times == 0 else f"{times:g}×"


def of(request: HttpRequest) -> Frame:
    """Return the frame of one page for one reader."""
    user = user_of(request)
    language = translation.get_language() or "zh-hans"
    demo = settings.get().demo
    icons = {"light": "sun", "dark": "moon", "auto": "device-desktop"}
    shown_at = clock.now()
    return Frame(
        language=language,
        languages=tuple((code, name, code == language) for code, name in LANGUAGES),
        theme=theme_of(request),
        themes=tuple((code, name, icons[code]) for code, name in THEMES.items()),
        demo=demo,
        shown_at=shown_at.isoformat(),
        shown_moment=formats.moment(shown_at),
        speed=clock.speed() if demo else 1.0,
        settled_speed=clock.settled_speed() if demo else 1.0,
        next_morning=_next_morning(shown_at),
        speeds=tuple((one, speed_label(one)) for one in DEMO_SPEEDS),
        zone=str(clock.local_zone()),
        person=str(user) if user.is_authenticated else "",
        posts=posts_of(user),
        may_set_clock=demo and permissions.holds(user, "pages.change_demo_clock"),
        sign_in_url=_address("accounts:sign_in"),
        sign_out_url=_address("accounts:sign_out"),
        strings_url=strings.url(language),
        version=installed_version(),
        go_to=menu.go_to(request) if user.is_authenticated else (),
    )
