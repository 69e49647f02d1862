"""What the clock makes leakage do."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.utils.translation import gettext_lazy as _

from huoshui.areas.leakage import judging
from huoshui.kernel import jobs

# Twenty past each hour: the night is judged at 04:20, and again while readings come in late.
EVERY = timedelta(hours=1)
OFFSET = timedelta(minutes=20)


def judge_due_nights(due_at: datetime) -> None:
    """Judge what is due; running it twice or late changes nothing."""
    judging.judge_due_nights()


@jobs.task(label=_("Judge a period of nights anew"))
def backfill(from_date: str, until_date: str) -> int:
    """Judge a period anew in the background; days are ISO dates, the last one excluded."""
    return judging.judge(
        from_date=date.fromisoformat(from_date), until_date=date.fromisoformat(until_date)
    )
