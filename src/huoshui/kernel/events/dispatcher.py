"""Carry events from the outbox to their listeners: at least once, with patience."""

from __future__ import annotations

import logging
import threading
import traceback
from datetime import datetime, timedelta

from django.db import transaction

from huoshui.kernel import audit, clock
from huoshui.kernel.events import outbox
from huoshui.kernel.events.models import Delivery, Event

logger = logging.getLogger("huoshui.events")

BATCH = 100
ATTEMPTS_MAX = 10
PAUSE_S_MAX = 300.0
KEEP_DONE = timedelta(days=3)
ERROR_CHARS_MAX = 4000


def dispatch(stop: threading.Event | None = None) -> int:
    """Make out and carry every delivery that is due now; return how many were tried."""
    while spread() == BATCH and not (stop and stop.is_set()):
        pass
    tried = 0
    while not (stop and stop.is_set()):
        waiting = list(
            Delivery.objects.filter(state=Delivery.State.WAITING, due_at__lte=clock.real_now())
            .select_related("event")
            .order_by("id")[:BATCH]
        )
        for delivery in waiting:
            if stop and stop.is_set():
                break
            deliver(delivery)
            tried += 1
        if len(waiting) < BATCH:
            break
    return tried


def spread() -> int:
    """Write a delivery for each listener of up to ``BATCH`` new events; return how many events."""
    # Looked up outside a transaction: an idle worker must not take the write lock all the time.
    if not Event.objects.filter(spread=False).exists():
        return 0
    spread_count = 0
    with transaction.atomic():
        for event in Event.objects.filter(spread=False).order_by("id")[:BATCH]:
            Delivery.objects.bulk_create(
                [
                    Delivery(event=event, listener=one.name, due_at=clock.real_now())
                    for one in outbox.listeners_of(event.kind)
                ],
                # Two workers at once on a server database: the second finds the work done.
                ignore_conflicts=True,
            )
            Event.objects.filter(id=event.id).update(spread=True)
            spread_count += 1
    return spread_count


def deliver(delivery: Delivery) -> bool:
    """Hand one event to one listener, and note whether it arrived.

    The handler runs outside a transaction of ours, because it may take its time; if the process
    dies between its work and our note, it receives the event again.
    """
    listener = outbox.listener(delivery.listener)
    try:
        if listener is None:
            msg = f"no listener is called {delivery.listener} in this version"
            raise LookupError(msg)
        listener.handler(outbox.unpack(listener, delivery.event.payload))
    except Exception as problem:
        _note_failure(delivery, problem)
        return False
    Delivery.objects.filter(id=delivery.id).update(
        state=Delivery.State.DONE,
        attempts=delivery.attempts + 1,
        done_at=clock.real_now(),
        error="",
    )
    return True


def _note_failure(delivery: Delivery, problem: Exception) -> None:
    attempts = delivery.attempts + 1
    dead = attempts >= ATTEMPTS_MAX
    story = "".join(traceback.format_exception(problem))
    logger.warning(
        "event %s could not be handed to %s (attempt %s of %s): %r",
        delivery.event_id,
        delivery.listener,
        attempts,
        ATTEMPTS_MAX,
        problem,
    )
    Delivery.objects.filter(id=delivery.id).update(
        state=Delivery.State.DEAD if dead else Delivery.State.WAITING,
        attempts=attempts,
        due_at=clock.real_now() + pause_after(attempts),
        error=story[-ERROR_CHARS_MAX:],
    )


def pause_after(attempts: int) -> timedelta:
    """Return how long to wait after the given number of failed attempts."""
    return timedelta(seconds=min(2.0 ** (attempts - 1), PAUSE_S_MAX))


def send_again(delivery_id: int, *, by_id: int | None) -> bool:
    """Give a dead letter a fresh start, audited; tell whether it was dead and so was sent."""
    dead = Delivery.objects.filter(id=delivery_id, state=Delivery.State.DEAD)
    with transaction.atomic():
        started = dead.update(state=Delivery.State.WAITING, attempts=0, due_at=clock.real_now())
        if started:
            audit.record(by_id, "events.sent_again", f"delivery:{delivery_id}", {})
    return bool(started)


def tidy(_due_at: datetime | None = None) -> int:
    """Remove events that every listener received some days ago; return how many."""
    recent = clock.real_now() - KEEP_DONE
    finished = (
        Event.objects.filter(spread=True)
        .exclude(
            id__in=Delivery.objects.filter(
                state__in=(Delivery.State.WAITING, Delivery.State.DEAD)
            ).values("event_id")
        )
        .exclude(id__in=Delivery.objects.filter(done_at__gte=recent).values("event_id"))
    )
    removed, _by_model = finished.delete()
    return removed
