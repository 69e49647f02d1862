"""Values that change while one looks: named streams, served at ``/live/NAME``.

An area offers a stream from ``AppConfig.ready``; this module only keeps the list. `app` serves it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

# Cursor of the previous call (None at first) to new cursor and the items since.
Poll = Callable[[Any], tuple[Any, list[dict[str, Any]]]]


@dataclass(frozen=True)
class Stream:
    """One named source of live items, and who may follow it."""

    name: str
    poll: Poll
    permission: str


_streams: dict[str, Stream] = {}
_wakers: dict[str, set[Callable[[], object]]] = {}


def stream(name: str, poll: Poll, permission: str) -> None:
    """Offer a stream. ``poll(cursor)`` is called some four times a second while anybody follows.

    It receives the cursor it returned before (nothing at first) and returns the new cursor with
    the items since; an item may carry ``key``, by which readers filter. It runs in a thread of the
    web process, so it may use the database but must be quick.
    """
    _streams[name] = Stream(name=name, poll=poll, permission=permission)


def find(name: str) -> Stream | None:
    """Return a stream by name."""
    return _streams.get(name)


def streams() -> tuple[Stream, ...]:
    """Return all streams by name."""
    return tuple(_streams[name] for name in sorted(_streams))


def wake(name: str) -> None:
    """Have a stream looked at now, where somebody waits who must not wait a quarter of a second.

    Call it after the commit that changed something. It reaches the readers of this process; others
    see the change at their stream's next look.
    """
    for waker in tuple(_wakers.get(name, ())):
        waker()


def on_wake(name: str, waker: Callable[[], object]) -> Callable[[], None]:
    """Have ``waker`` called by `wake`, from any thread; return the way to stop that."""
    _wakers.setdefault(name, set()).add(waker)
    return lambda: _wakers[name].discard(waker)
