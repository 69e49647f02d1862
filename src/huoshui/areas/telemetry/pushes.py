"""What senders pushed over HTTP under keys of their own, so that a repetition changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from huoshui.areas.telemetry import contracts, models, source_actions, sources
from huoshui.kernel import clock, errors

KEPT = timedelta(days=7)


class PushKeyReused(errors.Refused):
    """A key came a second time with another body: one of the two would be lost unseen."""

    status = 422

    def __init__(self, key: str) -> None:
        super().__init__(
            "telemetry.push_key_reused",
            _("The key %(key)s was used for another body.") % {"key": key[:80]},
            data={"key": key},
            next_step=_("Use a new key for each new body."),
        )


def pushing_source(code: str) -> contracts.Source:
    """Return the source that a sender names; refuses one that is not set up for it, or paused."""
    found = sources.source(code)
    if found is None or found.connector != "http":
        raise source_actions.NoSuchSource(code)
    if not found.is_enabled:
        raise source_actions.SourcePaused(code)
    return found


def pushed_before(source: str, key: str, digest: str) -> dict[str, Any] | None:
    """Return the answer given to this key, if it was used; refuses another body under it."""
    row = models.Push.objects.filter(source=source, key=key).first()
    if row is None:
        return None
    if row.digest != digest:
        raise PushKeyReused(key)
    return dict(row.answer)


def remember_push(source: str, key: str, digest: str, answer: Mapping[str, Any]) -> None:
    """Keep the answer, and let go of what nobody repeats any more."""
    now = clock.now()
    models.Push.objects.get_or_create(
        source=source,
        key=key,
        defaults={"digest": digest, "answer": dict(answer), "received_at": now},
    )
    models.Push.objects.filter(received_at__lt=now - KEPT).delete()
