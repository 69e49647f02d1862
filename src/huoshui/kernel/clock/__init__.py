"""The one clock of the product: real time, or the demo's faster and movable time.

Shown time is ``anchor_shown + (real - anchor_real) * speed``. Within a process it never goes back
unless a person moves the clock, even when the computer's own clock is set back.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import InterfaceError, OperationalError, connection

from huoshui.kernel import settings

logger = logging.getLogger("huoshui.clock")

CACHE_S = 1.0
SPEED_MAX = 10_000.0


@dataclass(frozen=True)
class Anchor:
    """Where shown time stood at a real moment, and how fast it runs from there.

    With ``until_at`` it runs at ``speed`` to that shown moment and at ``then_speed`` after it.
    """

    real_at: datetime
    shown_at: datetime
    speed: float
    until_at: datetime | None = None
    then_speed: float = 1.0

    @property
    def arrives_at(self) -> datetime | None:
        """The real moment at which ``until_at`` is shown, or None without one."""
        if self.until_at is None or self.speed <= 0:
            return None
        return self.real_at + (self.until_at - self.shown_at) / self.speed

    def shown(self, real_at: datetime) -> datetime:
        """Return the shown time of a real moment."""
        arrives_at = self.arrives_at
        if self.until_at is not None and arrives_at is not None and real_at > arrives_at:
            return self.until_at + (real_at - arrives_at) * self.then_speed
        return self.shown_at + (real_at - self.real_at) * self.speed

    def speed_at(self, real_at: datetime) -> float:
        """Return how fast shown time runs at a real moment."""
        arrives_at = self.arrives_at
        arrived = arrives_at is not None and real_at >= arrives_at
        return self.then_speed if arrived else self.speed


class _Memory:
    """What this process remembers of the clock between two looks at the database."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.anchor: Anchor | None = None
        self.read_at: float = float("-inf")
        self.latest_shown: datetime | None = None
        self.latest_real: datetime | None = None
        self.frozen_at: datetime | None = None


_memory = _Memory()


def _wall() -> datetime:
    return datetime.now(tz=UTC)


def real_now() -> datetime:
    """Return real time, never earlier than this process returned before."""
    with _memory.lock:
        return _steady_real()


def _steady_real() -> datetime:
    moment = _wall()
    if _memory.latest_real is not None and moment < _memory.latest_real:
        moment = _memory.latest_real
    _memory.latest_real = moment
    return moment


def now() -> datetime:
    """Return shown time, aware and in UTC: what every page, rule and schedule calls now."""
    if _memory.frozen_at is not None:
        return _memory.frozen_at
    anchor = _anchor()
    with _memory.lock:
        real_at = _steady_real()
        if anchor is None:
            return real_at
        shown_at = anchor.shown(real_at)
        if _memory.latest_shown is not None and shown_at < _memory.latest_shown:
            shown_at = _memory.latest_shown
        _memory.latest_shown = shown_at
        return shown_at


def speed() -> float:
    """Return how many shown seconds pass in one real second."""
    anchor = _anchor()
    return 1.0 if anchor is None else anchor.speed_at(real_now())


def settled_speed() -> float:
    """Return the speed of the clock once it has arrived where it is running to."""
    anchor = _anchor()
    if anchor is None:
        return 1.0
    return anchor.speed if anchor.until_at is None else anchor.then_speed


def anchor() -> Anchor | None:
    """Return where shown time stands and how fast it runs; None where it is real time."""
    return _anchor()


def is_set() -> bool:
    """Tell whether shown time differs from real time because somebody set it."""
    return _anchor() is not None


def local_zone() -> ZoneInfo:
    """Return the time zone of the city."""
    return ZoneInfo(settings.get().time_zone)


def local(moment: datetime) -> datetime:
    """Return ``moment`` in the time zone of the city."""
    return moment.astimezone(local_zone())


def set_speed(times: float) -> None:
    """Let shown time run ``times`` as fast as real time from now on."""
    _save(shown_at=now(), times=times)


def set_now(moment: datetime, *, times: float | None = None) -> None:
    """Move shown time to ``moment``; the speed stays unless ``times`` is given."""
    if moment.tzinfo is None:
        msg = "a moment needs its time zone"
        raise ValueError(msg)
    _save(shown_at=moment.astimezone(UTC), times=speed() if times is None else times)


def run_to(moment: datetime) -> None:
    """Let shown time run to ``moment`` as fast as it can, and from there as fast as before.

    Nothing is skipped: what happens until then happens, only sooner. Raises ValueError for a
    moment that has been shown already.
    """
    shown_at = now()
    if moment <= shown_at:
        msg = f"{moment.isoformat()} has been shown already"
        raise ValueError(msg)
    then_speed = settled_speed()
    _save(shown_at=shown_at, times=SPEED_MAX, until_at=moment, then_speed=then_speed)


def _save(
    *,
    shown_at: datetime,
    times: float,
    until_at: datetime | None = None,
    then_speed: float = 1.0,
) -> None:
    from huoshui.kernel.clock.models import ClockSetting

    if not 0 <= times <= SPEED_MAX:
        msg = f"speed must be between 0 and {SPEED_MAX:g}, not {times}"
        raise ValueError(msg)
    anchor = Anchor(
        real_at=real_now(),
        shown_at=shown_at,
        speed=times,
        until_at=until_at,
        then_speed=then_speed,
    )
    ClockSetting.objects.update_or_create(
        id=1,
        defaults={
            "anchor_real": anchor.real_at,
            "anchor_shown": anchor.shown_at,
            "speed": anchor.speed,
            "until_shown": anchor.until_at,
            "then_speed": anchor.then_speed,
        },
    )
    with _memory.lock:
        _memory.anchor = anchor
        _memory.read_at = time.monotonic()
        _memory.latest_shown = shown_at


def _anchor() -> Anchor | None:
    if time.monotonic() - _memory.read_at < CACHE_S:
        return _memory.anchor
    try:
        anchor = _kept_anchor()
    except (OperationalError, InterfaceError):
        if _memory.read_at == float("-inf"):
            raise
        # Readings must be stored also while the database is away: the clock goes on as it went.
        logger.warning("the clock's setting could not be read; it goes on as before")
        connection.close_if_unusable_or_obsolete()
        anchor = _memory.anchor
    with _memory.lock:
        if _moved_back(_memory.anchor, anchor):
            # Somebody moved the clock back: this is the one time that shown time may follow.
            _memory.latest_shown = None
        _memory.anchor = anchor
        _memory.read_at = time.monotonic()
        return _memory.anchor


def _kept_anchor() -> Anchor | None:
    from huoshui.kernel.clock.models import ClockSetting

    row = ClockSetting.objects.filter(id=1).first()
    if row is None:
        return None
    return Anchor(
        real_at=row.anchor_real,
        shown_at=row.anchor_shown,
        speed=row.speed,
        until_at=row.until_shown,
        then_speed=row.then_speed,
    )


def _moved_back(before: Anchor | None, after: Anchor | None) -> bool:
    """Tell whether a new setting shows less than the old one did at the same real moment.

    A mere change of speed does not: until we notice it, we have run on at the old speed, and then
    wait for the new time to catch up instead of stepping back.
    """
    if before is None or after is None:
        return before != after
    shown_before = before.shown(after.real_at)
    return after.shown_at < shown_before - timedelta(seconds=CACHE_S * max(before.speed, 1.0))


def forget() -> None:
    """Drop what this process remembers, so that the next look reads the database."""
    with _memory.lock:
        _memory.anchor = None
        _memory.read_at = float("-inf")
        _memory.latest_shown = None


@contextmanager
def frozen(at: datetime) -> Iterator[None]:
    """Stop shown time at ``at`` for the length of a test."""
    before = _memory.frozen_at
    _memory.frozen_at = at.astimezone(UTC)
    try:
        yield
    finally:
        _memory.frozen_at = before


def advance(step: timedelta) -> None:
    """Move a frozen clock on by ``step``; only inside `frozen`."""
    if _memory.frozen_at is None:
        msg = "only a frozen clock can be advanced"
        raise RuntimeError(msg)
    _memory.frozen_at += step
