"""The browsers in which somebody is signed in: written down so that their owner can end them."""

from __future__ import annotations

import threading
import time
from typing import Any

from django.contrib.auth import login
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest

from huoshui.kernel import audit, clock
from huoshui.kernel.accounts import second_factor
from huoshui.kernel.accounts.models import User, UserSession

BACKEND = "django.contrib.auth.backends.ModelBackend"
MUST_SET_UP = "must_set_up_second_factor"
WRITTEN_DOWN = "written_down"
SEEN_EVERY_S = 300.0

_seen: dict[str, float] = {}
_lock = threading.Lock()


def enter(request: HttpRequest, user: User, action: str, detail: dict[str, Any]) -> None:
    """Sign a user in, write the session down, and record it."""
    moment = clock.real_now()
    with transaction.atomic():
        login(request, user, backend=BACKEND)
        # Django notes the computer's time; people compare it with what the product's clock shows.
        user.last_login = clock.now()
        user.save(update_fields=["last_login"])
        request.session[WRITTEN_DOWN] = True
        request.session.save()
        UserSession.objects.update_or_create(
            session_key=request.session.session_key,
            defaults={
                "user": user,
                "began_at": moment,
                "seen_at": moment,
                "ended_at": None,
                "address": str(request.META.get("REMOTE_ADDR", ""))[:45],
                "browser": request.headers.get("User-Agent", "")[:200],
            },
        )
        audit.record(user.pk, action, f"user:{user.username}", detail)


def demand_second_factor(request: HttpRequest, user: User) -> bool:
    """Let a session see nothing but the page of the second factor while one is missing."""
    missing = second_factor.since(user) is None and second_factor.needed(user)
    if missing:
        request.session[MUST_SET_UP] = True
    return missing


def note_seen(request: HttpRequest) -> None:
    """Note every few minutes that a session is in use."""
    key = request.session.session_key
    if not key or not request.session.get(WRITTEN_DOWN):
        return
    now = time.monotonic()
    with _lock:
        if now - _seen.get(key, -SEEN_EVERY_S) < SEEN_EVERY_S:
            return
        if len(_seen) > 10_000:
            _seen.clear()
        _seen[key] = now
    UserSession.objects.filter(session_key=key).update(seen_at=clock.real_now())


def open_of(user: User) -> QuerySet[UserSession]:
    """Return the sessions of a user that are still good."""
    alive = Session.objects.filter(expire_date__gt=clock.real_now()).values("session_key")
    return UserSession.objects.filter(user=user, ended_at=None, session_key__in=alive)


def renamed(request: HttpRequest, old_key: str | None) -> None:
    """Follow a session to the new key that Django gave it; the user's others are over."""
    me = request.user.pk or 0
    others = UserSession.objects.filter(user_id=me, ended_at=None)
    others.exclude(session_key=old_key).update(ended_at=clock.real_now())
    UserSession.objects.filter(session_key=old_key).update(session_key=request.session.session_key)


def end(user: User, pk: int, *, by_id: int | None = None) -> bool:
    """End one session of a user at once; tells whether it was still open."""
    with transaction.atomic():
        found = open_of(user).filter(pk=pk).first()
        if found is None:
            return False
        Session.objects.filter(session_key=found.session_key).delete()
        found.ended_at = clock.real_now()
        found.save(update_fields=["ended_at"])
        audit.record(
            by_id,
            "accounts.session_ended",
            f"user:{user.username}",
            {"address": found.address, "began_at": found.began_at},
        )
    return True


def left(session_key: str | None) -> None:
    """Note that a session was ended by signing out."""
    UserSession.objects.filter(session_key=session_key).update(ended_at=clock.real_now())


# The first that is found counts: most browsers name several others for old servers' sake.
BROWSERS = (
    ("MicroMessenger", "WeChat"),
    ("DingTalk", "DingTalk"),
    ("Edg", "Edge"),
    ("QQBrowser", "QQ Browser"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS = (
    ("Android", "Android"),
    ("HarmonyOS", "HarmonyOS"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


def spoken(agent: str) -> str:
    """Return what a browser says of itself in two words people know: Edge, Windows."""
    found = [
        next((name for sign, name in names if sign in agent), "") for names in (BROWSERS, SYSTEMS)
    ]
    return ", ".join(word for word in found if word) or agent[:60]
