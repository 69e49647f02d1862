"""Who is locked out after wrong passwords, and for how long yet."""

from __future__ import annotations

import math
from datetime import timedelta

from django.conf import settings
from django.db.models import Max, Sum

from huoshui.kernel import clock


def _ends_of_locks(username: str) -> dict[str, timedelta]:
    """Return, by address, how long a user name stays locked."""
    from axes.models import AccessAttempt

    moment = clock.real_now()
    rows = (
        AccessAttempt.objects.filter(
            username=username, attempt_time__gt=moment - settings.AXES_COOLOFF_TIME
        )
        .values("ip_address")
        .annotate(failures=Sum("failures_since_start"), latest=Max("attempt_time"))
    )
    return {
        row["ip_address"]: row["latest"] + settings.AXES_COOLOFF_TIME - moment
        for row in rows
        if row["failures"] >= settings.AXES_FAILURE_LIMIT
    }


def is_locked(username: str) -> bool:
    """Tell whether somebody has guessed so often that the name is locked from some address."""
    return bool(_ends_of_locks(username))


def seconds_left(username: str, address: str) -> int:
    """Return for how many seconds a name stays locked from an address; 0 when it is not."""
    left = _ends_of_locks(username).get(address, timedelta())
    return max(0, math.ceil(left.total_seconds()))
