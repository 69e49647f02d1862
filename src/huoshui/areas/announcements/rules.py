"""What is true of announcements because law, customers or staff say so."""

from __future__ import annotations

import math
import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, time, timedelta

from huoshui.areas.announcements.contracts import DeliveryState, Kind, State, Way

TITLE_CHARS_MAX = 80
TEXT_CHARS_MAX = 1000
PLACE_CHARS_MAX = 200
CORNERS_MAX = 300

# A planned interruption is told a day ahead, a long one two days ahead: what utilities promise
# their customers in their public service promises (see docs/decisions/0021).
NOTICE = timedelta(hours=24)
LONG_NOTICE = timedelta(hours=48)
LONG_OUTAGE = timedelta(hours=12)

# Kinds that do not wait for the morning.
URGENT_KINDS = frozenset({Kind.BURST, Kind.WATER_QUALITY})
# An announcement without an end is told to callers this long.
TOLD_WITHOUT_END = timedelta(days=7)
# So long anybody can look up what was announced.
SHOWN_AFTER = timedelta(days=365)
RELEASED = frozenset({State.QUEUING, State.SENDING, State.DONE})

PERSONAL_WAYS = (Way.WECHAT, Way.SMS, Way.EMAIL)
BROADCAST_WAYS = (Way.IN_APP, Way.POSTER)

GOT_THROUGH = frozenset({DeliveryState.SENT, DeliveryState.DELIVERED, DeliveryState.READ})
OPEN = frozenset({DeliveryState.QUEUED, DeliveryState.SENDING, DeliveryState.HELD})

ATTEMPTS_MAX = 6
BACKOFF_S = 30.0
BACKOFF_S_MAX = 3600.0

# Codes of why a message did not get through, or was never meant to leave.
NO_ADDRESS, OPTED_OUT, NOT_NEEDED = "no_address", "opted_out", "not_needed"
OUTCOME_UNKNOWN, TOO_OFTEN, OVER = "outcome_unknown", "too_often", "over"

SMS_ONE, SMS_EACH = 70, 67
ASCII_ONE, ASCII_EACH = 160, 153

PUBLIC_VARIABLES = ("place", "from", "until", "hours", "kind")
PERSONAL_VARIABLES = ("name", "account")
VARIABLE = re.compile(r"\{([a-z_]*)\}")


def notice_needed(from_at: datetime, until_at: datetime | None) -> timedelta:
    """Return how long ahead a planned outage has to be told."""
    is_long = until_at is not None and until_at - from_at > LONG_OUTAGE
    return LONG_NOTICE if is_long else NOTICE


def missing_notice(
    kind: str, from_at: datetime | None, until_at: datetime | None, *, told_at: datetime
) -> timedelta:
    """Return by how much a planned outage is told too late; zero where it is in time."""
    if kind != Kind.PLANNED_OUTAGE or from_at is None:
        return timedelta(0)
    return max(timedelta(0), notice_needed(from_at, until_at) - (from_at - told_at))


def is_quiet(wall: datetime, quiet_from: time, quiet_until: time) -> bool:
    """Tell whether a moment of the city's clock lies in the quiet hours; equal ends mean none."""
    now = wall.time()
    if quiet_from == quiet_until:
        return False
    if quiet_from < quiet_until:
        return quiet_from <= now < quiet_until
    return now >= quiet_from or now < quiet_until


def quiet_ends(wall: datetime, quiet_until: time) -> datetime:
    """Return when the quiet hours that hold at a moment are over, on the same clock."""
    end = wall.replace(hour=quiet_until.hour, minute=quiet_until.minute, second=0, microsecond=0)
    return end if end > wall else end + timedelta(days=1)


def backoff_s(attempts: int) -> float:
    """Return how long to wait after the given number of attempts that did not get through."""
    return min(BACKOFF_S * 2.0 ** max(0, attempts - 1), BACKOFF_S_MAX)


def sms_parts(text: str) -> int:
    """Return how many short messages a text takes, as gateways count them.

    A text of the basic letters fits 160, any other 70; a longer one is cut into pieces of 153 or
    67, because each then carries its place in the whole (3GPP TS 23.040, 9.2.3.24.1).
    """
    one, each = (ASCII_ONE, ASCII_EACH) if text.isascii() else (SMS_ONE, SMS_EACH)
    # Characters beyond the basic plane count twice in UCS-2.
    length = len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2
    return 1 if length <= one else math.ceil(length / each)


def unknown_variables(text: str, *, personal: bool = True) -> list[str]:
    """Return the variables of a text that nobody can fill in, in order, each once."""
    known = {*PUBLIC_VARIABLES, *(PERSONAL_VARIABLES if personal else ())}
    return list(dict.fromkeys(one for one in VARIABLE.findall(text) if one not in known))


def filled(text: str, values: Mapping[str, str]) -> str:
    """Return a text with its variables filled in; one without a value stays as it is."""
    return VARIABLE.sub(lambda found: values.get(found.group(1), found.group(0)), text)


def digits(phone: str) -> str:
    """Return a telephone number as its digits, without the country code of China."""
    plain = re.sub(r"\D", "", phone)
    if plain.startswith("0086"):
        plain = plain[4:]
    elif plain.startswith("86") and len(plain) == 13:
        plain = plain[2:]
    return plain


def is_mobile(phone: str) -> bool:
    """Tell whether a number can receive short messages: a mobile number of China."""
    return re.fullmatch(r"1[3-9]\d{9}", digits(phone)) is not None


def person_key(*, phone: str, wechat: str, email: str, account: str) -> str:
    """Return by what two accounts are known to be of one person: a message reaches them once."""
    number = digits(phone)
    if number:
        return f"p{number}"
    if wechat:
        return f"w{wechat}"
    return f"e{email.lower()}" if email else f"a{account}"


def opt_out_asked(text: str) -> bool:
    """Tell whether somebody answered a short message with the wish to receive no more."""
    return text.strip().strip("。.!！").upper() in {"TD", "T", "N", "R", "退订", "STOP"}


def share_between(hits: int, of: int) -> tuple[float, float]:
    """Return between which shares the true one lies, 19 times of 20, after so many hits.

    The score interval: it stays between 0 and 1 and holds for few hits too (E. B. Wilson,
    J. Am. Stat. Assoc. 22, 1927, 209-212).
    """
    if of <= 0:
        return 0.0, 1.0
    z = 1.959964
    share = hits / of
    middle = (share + z * z / (2 * of)) / (1 + z * z / of)
    half = z * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of)) / (1 + z * z / of)
    return max(0.0, middle - half), min(1.0, middle + half)


Corner = tuple[float, float]


def is_polygon(corners: Sequence[Corner]) -> bool:
    """Tell whether corners enclose something: at least three, on the earth, not in one line."""
    if not 3 <= len(corners) <= CORNERS_MAX:
        return False
    if any(not (-180 <= lon <= 180 and -90 <= lat <= 90) for lon, lat in corners):
        return False
    area = sum(
        a[0] * b[1] - b[0] * a[1] for a, b in zip(corners, [*corners[1:], corners[0]], strict=True)
    )
    return abs(area) > 1e-14


def bounds(corners: Iterable[Corner]) -> tuple[float, float, float, float]:
    """Return west, south, east and north of corners."""
    points = list(corners)
    lons, lats = [lon for lon, _lat in points], [lat for _lon, lat in points]
    return min(lons), min(lats), max(lons), max(lats)


def is_inside(lon: float, lat: float, corners: Sequence[Corner]) -> bool:
    """Tell whether a place lies in a polygon: a ray from it crosses the edge an odd time."""
    inside = False
    before = corners[-1]
    for corner in corners:
        crosses = (corner[1] > lat) != (before[1] > lat)
        if (
            crosses
            and lon
            < (before[0] - corner[0]) * (lat - corner[1]) / (before[1] - corner[1]) + corner[0]
        ):
            inside = not inside
        before = corner
    return inside


def new_token() -> str:
    """Return what stands in the public address of an announcement; nobody can guess it."""
    return secrets.token_hex(8)
