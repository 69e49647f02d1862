"""What every question to telemetry has in common: who asks, of which points, over which period."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from huoshui.areas.telemetry import contracts, queries, refusals
from huoshui.kernel import errors

CODES_MAX = 16
PERIOD_MAX = timedelta(days=5 * 366)
YEARS = range(1990, 2101)


class AskedTooMuch(errors.Refused):
    """More was asked for than one answer should carry."""

    status = 422

    def __init__(self, what: Any, allowed: int) -> None:
        super().__init__(
            "telemetry.asked_too_much",
            what,
            data={"allowed": allowed},
            next_step=_("Ask for a shorter period or for fewer points."),
        )


def language() -> str:
    """Return the reader's language."""
    return translation.get_language() or "zh-hans"


def reader_id(request: HttpRequest) -> int:
    """Return the number of the person who asks; the permission has made sure that there is one."""
    assert request.user.pk is not None
    return request.user.pk


def split_codes(codes: str) -> list[str]:
    """Return the codes of a list, each once; refuses too many."""
    found = list(dict.fromkeys(code.strip() for code in codes.split(",") if code.strip()))
    if len(found) > CODES_MAX:
        raise AskedTooMuch(_("At most 16 points can be asked for at once."), CODES_MAX)
    return found


def known_points(codes: list[str]) -> list[contracts.Point]:
    """Return the points in the order asked for; refuses none, and unknown ones by name."""
    if not codes:
        raise refusals.NoPointNamed
    found = {point.code: point for point in queries.points(codes)}
    missing = [code for code in codes if code not in found]
    if missing:
        raise refusals.NoSuchPoint(missing)
    return [found[code] for code in codes]


def check_moment(at: datetime) -> None:
    """Refuse a moment so far away that weeks before or after it cannot be reckoned."""
    if at.year not in YEARS:
        raise AskedTooMuch(_("Only the years from 1990 to 2100 can be asked for."), YEARS[-1])


def check_period(from_at: datetime, until: datetime) -> None:
    """Refuse a period that is backwards or longer than anybody looks at."""
    check_moment(from_at)
    check_moment(until)
    if not timedelta(0) < until - from_at <= PERIOD_MAX:
        raise AskedTooMuch(_("A period ends after it begins and has at most five years."), 5)
