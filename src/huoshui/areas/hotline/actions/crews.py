"""Repairs and the crews of field work: a job for each, and its end told back."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from huoshui.areas.fieldwork import contracts as fieldwork_contracts
from huoshui.areas.fieldwork import facade as fieldwork
from huoshui.areas.hotline import case_types
from huoshui.areas.hotline.models import Call
from huoshui.kernel import cases, clock, errors

ORIGIN = "hotline.case:"
PRIORITIES = {
    "urgent": fieldwork_contracts.Priority.URGENT,
    "high": fieldwork_contracts.Priority.HIGH,
    "normal": fieldwork_contracts.Priority.NORMAL,
    "low": fieldwork_contracts.Priority.LOW,
}
RESULTS = {
    fieldwork_contracts.Found.LEAK_REPAIRED: "repaired",
    fieldwork_contracts.Found.LEAK_FOUND_NOT_REPAIRED: "other",
    fieldwork_contracts.Found.NO_LEAK_FOUND: "nothing_found",
    fieldwork_contracts.Found.METER_EXCHANGED: "meter_exchanged",
    fieldwork_contracts.Found.THAWED: "thawed",
    fieldwork_contracts.Found.REPAIRED: "repaired",
    fieldwork_contracts.Found.OTHER: "other",
}


def origin_of(number: str) -> str:
    """Return how a job says that it came from a case."""
    return f"{ORIGIN}{number}"


def case_of(origin: str) -> str:
    """Return the number of the case that a job came from, or nothing."""
    return origin.removeprefix(ORIGIN) if origin.startswith(ORIGIN) else ""


def accounts_of(origin: str) -> list[str]:
    """Return the accounts of all calls about the case that a job came from, folded ones too."""
    number = case_of(origin)
    rows = Call.objects.filter(case_number=number).exclude(account_code="")
    return sorted(set(rows.values_list("account_code", flat=True))) if number else []


def ask_for_job(number: str, *, by_id: int | None) -> None:
    """Ask field work for a job where a repair is; asking twice gives the same job.

    A case without a place gets a note instead, because nobody could be sent.
    """
    fact = cases.case(number)
    if fact is None or not fact.is_open or fact.type_code != case_types.REPAIR:
        return
    calls = Call.objects.select_related("topic").filter(case_number=number)
    call = calls.order_by("began_at").first()
    due = fact.deadline_at if fact.deadline_at and fact.deadline_at > clock.now() else None
    try:
        fieldwork.request_job(
            place=fieldwork_contracts.Place(
                zone_code=call.zone_code if call else "",
                lon=fact.lon,
                lat=fact.lat,
                account_code=call.account_code if call else "",
            ),
            by_id=by_id,
            title=f"{fact.number} {fact.title}"[:200],
            description=call.note if call else "",
            kind=fieldwork_contracts.JobKind.REPAIR,
            priority=PRIORITIES.get(fact.priority, fieldwork_contracts.Priority.NORMAL),
            due_at=due,
            origin=origin_of(number),
            called_at=_told_at(fact, call),
            work=fieldwork_contracts.Work(type_code=_job_type(call)),
        )
    except errors.Refused as refusal:
        said = _("No job could be asked for.")
        cases.note(number, f"{said} {refusal.message}", by_id=None)


def _told_at(fact: cases.CaseFact, call: Call | None) -> datetime:
    """Return from when a repair is waited for: its first call, or when it was last taken up again.

    The job before the reopening has its own times; counted from the first call both would hold it.
    """
    if fact.reopened_count:
        until = clock.now() + timedelta(microseconds=1)
        again = [
            at for to, at in cases.moves([fact.number], until).get(fact.number, []) if to == "new"
        ]
        if again:
            return again[-1]
    return call.began_at if call else fact.opened_at


def _job_type(call: Call | None) -> str:
    """Return the type of job that a call's topic names, or nothing where there is none such."""
    code = call.topic.job_type_code if call is not None and call.topic is not None else ""
    known = (one.code for one in fieldwork.job_types()) if code else ()
    return code if code in known else ""


@transaction.atomic
def job_begun(origin: str) -> None:
    """Say on a case that its crew is there; one that has moved on already stays as it is."""
    number = case_of(origin)
    fact = cases.case(number) if number else None
    if fact is not None and fact.state in ("new", "sent"):
        cases.act(number, "arrive", by_id=None, key=f"{origin}:begun:{fact.reopened_count}")


@transaction.atomic
def job_closed(origin: str, result: str, done_by_id: int | None) -> None:
    """Say on a case what its crew found; then whoever called is called back.

    A case that has moved on already stays as it is.
    """
    number = case_of(origin)
    fact = cases.case(number) if number else None
    if fact is None or fact.state not in ("new", "sent", "on_site"):
        return
    found = RESULTS.get(fieldwork_contracts.Found(result), "other")
    cases.act(
        number,
        "finish",
        by_id=None,
        fields={"result": found},
        key=f"{origin}:closed:{fact.reopened_count}",
    )


@transaction.atomic
def job_cancelled(origin: str, reason: str) -> None:
    """Note on a case that its job will not be done, so that somebody looks at it again."""
    number = case_of(origin)
    fact = cases.case(number) if number else None
    if fact is not None and fact.is_open:
        key = f"{origin}:cancelled:{fact.revision}"
        said = _("The job was cancelled.")
        cases.note(number, f"{said} {reason}", by_id=None, key=key)
