"""Publish and listen: the two things an area does with events."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from django.db import transaction

from huoshui.kernel import clock

Fact = TypeVar("Fact")
PLAIN_TYPES = (str, int, float, bool, type(None))


@dataclass(frozen=True)
class Listener:
    """Who wants which event; ``name`` is stable for ever, since deliveries are kept under it."""

    name: str
    event_class: type
    handler: Callable[[Any], object]
    label: Any = ""


_listeners: dict[str, Listener] = {}


def kind_of(event_class: type) -> str:
    """Return the stored name of an event class."""
    return f"{event_class.__module__}.{event_class.__qualname__}"


def listen(
    event_class: type[Fact], handler: Callable[[Fact], object], *, name: str, label: Any = ""
) -> None:
    """Have ``handler(event)`` called for each event of a class, at least once, by the worker.

    The handler must be idempotent: after a crash it is called again with the same event. ``label``
    is what people see it called where a delivery failed.
    """
    if not dataclasses.is_dataclass(event_class):
        msg = f"{event_class!r} is not a dataclass"
        raise TypeError(msg)
    known = _listeners.get(name)
    if known is not None and (known.event_class is not event_class or known.handler is not handler):
        msg = f"two listeners are called {name!r}"
        raise ValueError(msg)
    _listeners[name] = Listener(name, event_class, handler, label or name)


def publish(event: Any) -> None:
    """Tell a fact. It becomes known when, and only when, the surrounding transaction commits."""
    from huoshui.kernel.events.models import Event

    if not transaction.get_connection().in_atomic_block:
        msg = "publish events inside atomic(), with the deed they tell of"
        raise transaction.TransactionManagementError(msg)
    Event.objects.create(kind=kind_of(type(event)), payload=_pack(event), published_at=clock.now())


def listeners_of(kind: str) -> tuple[Listener, ...]:
    """Return who listens to a stored kind of event, by name."""
    return tuple(
        _listeners[name]
        for name in sorted(_listeners)
        if kind_of(_listeners[name].event_class) == kind
    )


def listener(name: str) -> Listener | None:
    """Return a listener by its stable name, if this version still has it."""
    return _listeners.get(name)


def _pack(event: Any) -> dict[str, Any]:
    return {
        field.name: _pack_value(getattr(event, field.name), f"{type(event).__name__}.{field.name}")
        for field in dataclasses.fields(event)
    }


def _pack_value(value: Any, where: str) -> Any:
    if isinstance(value, datetime):
        if value.tzinfo is None:
            msg = f"{where}: a moment needs its time zone"
            raise ValueError(msg)
        return {"at": value.astimezone(UTC).isoformat()}
    if isinstance(value, tuple):
        return [_pack_value(one, where) for one in value]
    if isinstance(value, PLAIN_TYPES):
        # Enums that are also str or int are stored as what they are underneath.
        return value.value if isinstance(value, enum.Enum) else value
    msg = f"{where}: {type(value).__name__} cannot travel in an event"
    raise TypeError(msg)


def unpack(listener: Listener, payload: dict[str, Any]) -> Any:
    """Build the event a listener expects; fields it does not know any more are left out."""
    known = {field.name for field in dataclasses.fields(listener.event_class)}
    return listener.event_class(
        **{name: _unpack_value(value) for name, value in payload.items() if name in known}
    )


def _unpack_value(value: Any) -> Any:
    if isinstance(value, dict):
        return datetime.fromisoformat(value["at"])
    if isinstance(value, list):
        return tuple(_unpack_value(one) for one in value)
    return value
