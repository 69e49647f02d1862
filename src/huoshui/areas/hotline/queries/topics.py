"""What calls are sorted by."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from huoshui.areas.hotline import letters, refusals, words
from huoshui.areas.hotline.models import Topic


def topics() -> QuerySet[Topic]:
    """Return all topics with what stands above them."""
    return Topic.objects.select_related("above")


def topic(code: str) -> Topic:
    """Return one topic, or refuse with `hotline.no_such_topic`."""
    found = topics().filter(code=code).first()
    if found is None:
        raise refusals.NoSuch("topic", code)
    return found


def offered() -> list[dict[str, Any]]:
    """Return the topics of the second level that calls are given, each with what finds it."""
    rows = topics().filter(is_retired=False, above__isnull=False)
    return [
        {
            "code": row.code,
            "name": words.topic_name(row),
            "group": words.topic_name(row.above) if row.above else "",
            "kind": row.kind,
            "keys": " ".join(
                (row.name_zh, letters.letters(row.name_zh), row.name_en.lower(), row.code)
            ),
        }
        for row in rows.order_by("above__order", "order", "code")
    ]
