"""When something was done, although the phone's clock may be wrong; plain Python."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

# A clock this far off is said to the reader.
OFF_S_MAX = 60.0
# A phone cannot have waited longer than this with what it kept.
KEPT_AT_MOST = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Corrected:
    """A moment by the server's clock, how far the phone was ahead, and if it was changed since."""

    at: datetime
    off_s: float
    was_changed: bool


def of_ms(milliseconds: float) -> datetime:
    """Return a moment that a browser counts in milliseconds."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=milliseconds)


def corrected(
    *, phone_ms: float, known_behind_ms: float | None, sent_ms: float, received_at: datetime
) -> Corrected:
    """Return when a deed was done by the server's clock.

    ``known_behind_ms`` is what the phone had to add to its clock when it wrote the entry, as it
    knew from its last contact; without one, what it has to add now (``sent_ms`` against
    ``received_at``) is taken.
    """
    behind_now = received_at - of_ms(sent_ms)
    behind = behind_now if known_behind_ms is None else timedelta(milliseconds=known_behind_ms)
    return Corrected(
        at=of_ms(phone_ms) + behind,
        off_s=round(-behind.total_seconds(), 1),
        was_changed=abs((behind_now - behind).total_seconds()) > OFF_S_MAX,
    )


def placed(at: datetime, *, after: datetime | None, now: datetime) -> tuple[datetime, bool]:
    """Return a moment moved between the entry before it and now, and whether that is doubtful.

    A phone whose clock was changed while the app was closed cannot know its offset; the order of
    its entries is still true.
    """
    earliest = now - KEPT_AT_MOST if after is None else max(after, now - KEPT_AT_MOST)
    inside = max(min(at, now), min(earliest, now))
    # A second of rounding, or of the way through the air, is nothing to doubt.
    return inside, abs((inside - at).total_seconds()) > OFF_S_MAX
