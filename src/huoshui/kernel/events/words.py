"""Events as people read them: what happened, and each thing it says, by name.

The names of an event's fields are those of the details in the audit trail: an area says once what
``asset_code`` is called.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from huoshui.kernel.audit import words as audit_words
from huoshui.kernel.events import outbox
from huoshui.kernel.pages import formats

_names: dict[str, Any] = {}


def name_event(event_class: type, label: Any) -> None:
    """Say what an event is called; from ``AppConfig.ready`` of the area that publishes it."""
    _names[outbox.kind_of(event_class)] = label


def name_of(kind: str) -> Any:
    """Return what a stored kind of event is called; one of another version stays a code."""
    return _names.get(kind, kind.rpartition(".")[2])


def area_of(kind: str) -> str:
    """Return the area that published a kind of event: huoshui.areas.NAME or huoshui.kernel.NAME."""
    parts = kind.split(".")
    return parts[2] if len(parts) > 3 else parts[0]


def rows_of(kind: str, payload: Mapping[str, Any]) -> Iterator[tuple[Any, str]]:
    """Yield what an event says as labelled words: moments as clocks show them, people by name."""
    action = f"{area_of(kind)}.{kind.rpartition('.')[2]}"
    people = _people(payload)
    plain: dict[str, Any] = {}
    for name, value in payload.items():
        if isinstance(value, Mapping) and set(value) == {"at"}:
            plain[name] = formats.moment(datetime.fromisoformat(value["at"]))
        elif _is_person(name) and value is not None:
            plain[name] = people.get(value, str(value))
        else:
            plain[name] = value
    yield from audit_words.rows_of(action, plain)


def _is_person(name: str) -> bool:
    return name in {"by_id", "assigned_to_id"} or name.endswith("_by_id")


def _people(payload: Mapping[str, Any]) -> dict[int, str]:
    """Return the names of the people an event names by their keys; one query, or none."""
    from huoshui.kernel.accounts.models import User

    keys = {value for name, value in payload.items() if _is_person(name) and value is not None}
    return dict(User.objects.filter(pk__in=keys).values_list("pk", "name")) if keys else {}
