"""What is true of calls because we, or the trade, say so."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from huoshui.areas.hotline.contracts import CallState, EventKind, ToldEvent, TopicKind
from huoshui.lab.units import earth

ANSWER_WITHIN_S = 15.0
"""A call that is answered within so many seconds was answered in time."""
SIGNED_WITHIN = timedelta(minutes=5)
"""A signature older, or younger, than this is not accepted: somebody may have kept it."""
AHEAD_MAX = timedelta(minutes=10)
"""A telephone system's clock may be ahead of ours by so much."""
SILENT_FOR = timedelta(hours=4)
"""A call of which nothing was heard for so long has ended without our being told."""
SILENT_EVENT = "huoshui:silent"
NOT_FOLDED = (
    TopicKind.ENQUIRY, TopicKind.PRAISE, TopicKind.SUGGESTION, TopicKind.WRONG_NUMBER,
)  # fmt: skip
SCORES = ("greeting", "understanding", "correctness", "solution", "manner")
SCORE_MAX = 5
# At the same moment a call rings before it is answered, and the recording comes last.
RANK = {
    EventKind.RINGING: 0, EventKind.ANSWERED: 1, EventKind.HELD: 2, EventKind.RESUMED: 3,
    EventKind.TRANSFERRED: 4, EventKind.ENDED: 5, EventKind.RECORDING: 6,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class CallAsTold:
    """What all events of a call say together."""

    state: CallState
    began_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    wait_s: float | None
    held_s: float
    transfers: int
    extension: str
    recording_url: str


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """Return the signature of a message: HMAC-SHA256 of timestamp, point and body, in hex."""
    signed = timestamp.encode() + b"." + body
    return hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def is_signed(secret: str, timestamp: str, body: bytes, given: str) -> bool:
    """Say whether a signature is the one of this message, without telling how far it fits."""
    return hmac.compare_digest(
        signature(secret, timestamp, body).encode(), given.strip().lower().encode()
    )


def number_key(number: str) -> str:
    """Return the digits that tell a number from others, without the country's code."""
    digits = re.sub(r"\D", "", number)
    for prefix in ("0086", "86"):
        if digits.startswith(prefix) and len(digits) - len(prefix) >= 10:
            digits = digits[len(prefix) :]
    # A zero before a mobile number is dialled from outside the city only.
    if len(digits) == 12 and digits.startswith("01"):
        digits = digits[1:]
    return digits[:20]


def as_told(events: Iterable[ToldEvent]) -> CallAsTold:
    """Return what a call's events say together, whatever the order in which they came.

    The end that we assumed ourselves counts only while the telephone system has not told its own.
    """
    told = sorted(events, key=lambda one: (one.at, RANK[one.kind], one.event_id))
    if not told:
        msg = "a call without events is no call"
        raise ValueError(msg)
    ends = [one for one in told if one.kind is EventKind.ENDED]
    true_ends = [one for one in ends if one.event_id != SILENT_EVENT]
    ended_at = (true_ends or ends)[0].at if ends else None
    answers = [one.at for one in told if one.kind is EventKind.ANSWERED]
    answered_at = answers[0] if answers else None
    began_at = told[0].at
    return CallAsTold(
        state=_state(told, answered_at, ended_at),
        began_at=began_at,
        answered_at=answered_at,
        ended_at=ended_at,
        wait_s=(answered_at - began_at).total_seconds() if answered_at else None,
        held_s=_held_s(told, ended_at),
        transfers=sum(one.kind is EventKind.TRANSFERRED for one in told),
        extension=_extension(told),
        recording_url=next((one.recording_url for one in reversed(told) if one.recording_url), ""),
    )


def _state(
    told: Sequence[ToldEvent], answered_at: datetime | None, ended_at: datetime | None
) -> CallState:
    if ended_at is not None:
        return CallState.ENDED if answered_at else CallState.ABANDONED
    if answered_at is None:
        return CallState.RINGING
    holding = [one.kind for one in told if one.kind in (EventKind.HELD, EventKind.RESUMED)]
    return CallState.HELD if holding and holding[-1] is EventKind.HELD else CallState.TALKING


def _held_s(told: Sequence[ToldEvent], ended_at: datetime | None) -> float:
    held, since = 0.0, None
    for one in told:
        if one.kind is EventKind.HELD and since is None:
            since = one.at
        elif since is not None and one.kind in (EventKind.RESUMED, EventKind.TRANSFERRED):
            held += (one.at - since).total_seconds()
            since = None
    if since is not None and ended_at is not None:
        held += max(0.0, (ended_at - since).total_seconds())
    return held


def _extension(told: Sequence[ToldEvent]) -> str:
    """Return where the call is, or was last: who answered it, or to whom it was given."""
    found = ""
    for one in told:
        if one.kind is EventKind.TRANSFERRED and one.target:
            found = one.target
        elif one.kind in (EventKind.RINGING, EventKind.ANSWERED) and one.extension:
            found = one.extension
    return found


def is_key(text: str) -> bool:
    """Say whether a text is the key of a row: plain figures, as many as a database takes."""
    return text.isascii() and text.isdigit() and len(text) <= 18


def spot(lon: float | None, lat: float | None) -> tuple[float | None, float | None]:
    """Return a place on earth, or nothing at all where one half is missing or impossible."""
    if lon is None or lat is None or not (abs(lon) <= 180 and abs(lat) <= 90):
        return None, None
    return lon, lat


def distance_m(lon: float, lat: float, other_lon: float, other_lat: float) -> float:
    """Return how far two places of a city lie apart."""
    return earth.apart_m(lon, lat, other_lon, other_lat)


def mean_score(scores: dict[str, int]) -> float:
    """Return the mean of a score sheet; every line of `SCORES` must be there."""
    return sum(scores[name] for name in SCORES) / len(SCORES)


def gaps(
    shifts: Iterable[tuple[datetime, datetime]], from_at: datetime, until: datetime
) -> list[tuple[datetime, datetime]]:
    """Return when nobody sits at the hotline between two moments."""
    found: list[tuple[datetime, datetime]] = []
    covered = from_at
    for begin, end in sorted(shifts):
        if end <= covered:
            continue
        if begin >= until:
            break
        if begin > covered:
            found.append((covered, begin))
        covered = end
    if covered < until:
        found.append((covered, until))
    return found
