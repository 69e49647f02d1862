"""Calls as whoever counts them needs them: what, where, whether again, whether folded."""

from __future__ import annotations

from datetime import datetime

from huoshui.areas.hotline import contracts
from huoshui.areas.hotline.models import Call, IncidentCall

COLUMNS = (
    "pk", "began_at", "state", "answered_at", "wrapped_at", "kind", "topic__code", "estate_code",
    "zone_code", "account_code", "case_number", "caller_key",
)  # fmt: skip


def call_facts(from_at: datetime, until: datetime) -> list[contracts.CallFact]:
    """Return the calls that began in a stretch of time, the earliest first; two queries.

    What was noted later than ``until`` counts as not noted yet, so that the same stretch can be
    counted again afterwards as it stood then.
    """
    in_time = Call.objects.filter(began_at__gte=from_at, began_at__lt=until)
    folded = _folded(from_at, until)
    callers: dict[str, int] = {}
    found = []
    rows = in_time.order_by("began_at", "pk").values_list(*COLUMNS)
    for place, row in enumerate(rows.iterator(), start=1):
        (pk, began_at, state, answered_at, wrapped_at, kind, topic, estate, zone, account, case,
         key) = row  # fmt: skip
        is_noted = wrapped_at is not None and wrapped_at < until
        incident, leads = folded.get(pk, (None, False))
        found.append(
            contracts.CallFact(
                id=pk,
                began_at=began_at,
                state=contracts.CallState(state),
                is_answered=answered_at is not None and answered_at < until,
                is_noted=is_noted,
                kind=kind if is_noted else "",
                topic_code=(topic or "") if is_noted else "",
                estate_code=estate if is_noted else "",
                zone_code=zone if is_noted else "",
                account_code=account if is_noted else "",
                case_number=case if is_noted else "",
                caller=callers.setdefault(key, place) if key else 0,
                incident_id=incident,
                leads=leads,
            )
        )
    return found


def _folded(from_at: datetime, until: datetime) -> dict[int, tuple[int, bool]]:
    """Return the incident of each call that was part of one at ``until``, and whether it leads it.

    An incident begins with its earliest caller, who may have called before ``from_at``.
    """
    rows = IncidentCall.objects.filter(folded_at__lt=until, call__began_at__lt=until)
    rows = rows.filter(incident__members__call__began_at__gte=from_at)
    standing = rows.exclude(unfolded_at__lt=until).distinct().order_by("call__began_at", "call_id")
    leaders: dict[int, int] = {}
    found = {}
    for call, incident in standing.values_list("call_id", "incident_id"):
        found[call] = (incident, leaders.setdefault(incident, call) == call)
    return found
