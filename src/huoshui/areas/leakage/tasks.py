"""What the clock, and corrected readings, make leakage do."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.utils.translation import gettext_lazy as _

from huoshui.areas.leakage import judging, queries, walking
from huoshui.areas.telemetry import contracts as telemetry_contracts
from huoshui.areas.telemetry import facade as telemetry
from huoshui.kernel import clock, jobs

# Twenty past each hour: the night is judged at 04:20, and again while readings come in late.
EVERY = timedelta(hours=1)
OFFSET = timedelta(minutes=20)
# Six in the morning of a city in China, after the night was judged.
WALKS_EVERY, WALKS_OFFSET = timedelta(days=1), timedelta(hours=22)


def judge_due_nights(due_at: datetime) -> None:
    """Judge what is due; running it twice or late changes nothing."""
    judging.judge_due_nights()


def tell_walks(due_at: datetime) -> None:
    """Tell fieldwork which pipes are worth walking; running it twice or late changes nothing."""
    walking.tell(due_at)


@jobs.task(label=_("Judge a period of nights anew"))
def backfill(from_date: str, until_date: str) -> int:
    """Judge a period anew in the background; days are ISO dates, the last one excluded."""
    return judging.judge(
        from_date=date.fromisoformat(from_date), until_date=date.fromisoformat(until_date)
    )


def on_readings_corrected(event: telemetry_contracts.ReadingsCorrected) -> int:
    """Judge the nights that a correction, or its undoing, touched; return how many differ.

    Being told twice changes nothing. Nights whose readings were deleted keep their figures.
    """
    zones = queries.zones_measured_by(event.point_code)
    if not zones:
        return 0
    raw = telemetry.readings([event.point_code], event.from_at, event.until, version="raw")
    at_us = raw[event.point_code].at_us
    if not len(at_us):
        return 0
    first, last = (
        clock.local(telemetry_contracts.from_us(int(one))).date() for one in (at_us[0], at_us[-1])
    )
    return sum(
        judging.judge(
            from_date=first, until_date=last + timedelta(days=1), zone_code=zone, anew=False
        )
        for zone in zones
    )
