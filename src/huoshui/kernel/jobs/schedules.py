"""Recurring work, due by the product's clock; each due time runs once, missed ones are caught up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Recurring:
    """One declared schedule."""

    name: str
    every: timedelta
    run: Callable[[datetime], object]
    offset: timedelta
    catch_up: bool


_declared: dict[str, Recurring] = {}


def schedule(
    name: str,
    *,
    every: timedelta,
    run: Callable[[datetime], object],
    offset: timedelta = timedelta(0),
    catch_up: bool = True,
) -> None:
    """Have ``run(due_at)`` called by the worker at each multiple of ``every`` plus ``offset``.

    Multiples are counted in the city's local time, so that ``every=1 day, offset=5 h`` is five in
    the morning. Due times missed while the worker was down run in order, each once; with
    ``catch_up=False`` only the latest of them runs. A run that fails is tried again, and the due
    times behind it wait. ``run`` must therefore be idempotent.
    """
    if every <= timedelta(0):
        msg = f"{name}: a schedule needs a period greater than zero"
        raise ValueError(msg)
    _declared[name] = Recurring(name=name, every=every, run=run, offset=offset, catch_up=catch_up)


def declared() -> tuple[Recurring, ...]:
    """Return every schedule by name."""
    return tuple(_declared[name] for name in sorted(_declared))
