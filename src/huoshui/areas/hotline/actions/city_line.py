"""Tickets of the city's line: each becomes a case with the deadline that it came with."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from huoshui.areas.customers import facade as customers
from huoshui.areas.hotline import case_types, rules
from huoshui.areas.hotline.models import CityTicket, Topic
from huoshui.kernel import audit, cases, clock

KEPT = (
    "received_at", "due_at", "caller_name", "caller_number", "address", "text", "satisfaction",
)  # fmt: skip


@transaction.atomic
def take_ticket(
    number: str, values: dict[str, Any], *, topic: Topic | None, by_id: int | None
) -> CityTicket:
    """Keep a ticket, open its case, or take over what the city says of it now.

    A later deadline of the city moves the one of the case while that is open. The ticket's own
    reply is never changed by a file.
    """
    row = CityTicket.objects.select_for_update(of=("self",)).filter(number=number).first()
    is_new = row is None
    row = row or CityTicket(number=number, imported_at=clock.now())
    due_before = row.due_at
    for name in KEPT:
        if values.get(name) is not None:
            setattr(row, name, values[name])
    row.caller_key = rules.number_key(row.caller_number)
    if topic is not None:
        row.topic = topic
    row.issue_key = issue_key(row)
    if is_new:
        row.case_number = _open(row, by_id).number
    elif due_before != row.due_at:
        fact = cases.case(row.case_number)
        if fact is not None and fact.is_open and row.due_at > clock.now():
            cases.assign(row.case_number, by_id=None, due_at=row.due_at)
    row.save()
    audit.record(
        by_id, "hotline.ticket_taken", f"hotline.ticket:{number}", {"case": row.case_number}
    )
    return row


def issue_key(row: CityTicket) -> str:
    """Return what makes two tickets the same issue: the topic, and the place as it is written."""
    place = "".join(row.address.split())
    return f"{row.topic.code if row.topic else ''}|{place}"[:120] if place else ""


def _open(row: CityTicket, by_id: int | None) -> cases.CaseFact:
    topic = row.topic
    title = f"12345 {row.number} · {topic.name_zh if topic else row.text[:40]}"
    return cases.open_case(
        case_types.CITY,
        title,
        by_id=by_id,
        fields={
            "topic": topic.name_zh if topic else None,
            "what": row.text,
            "city_number": row.number,
        },
        place=row.address,
        channel="city_line",
        person={"name": row.caller_name, "phone": row.caller_number},
        due_at=row.due_at,
        opened_at=row.received_at,
        links=(("hotline.city_ticket", row.number), *_whose(row.caller_number)),
        key=f"hotline.city:{row.number}",
    )


def _whose(caller_number: str) -> list[tuple[str, str]]:
    """Return the account of a caller with its estate, where the number has one account only."""
    callers = customers.by_phone(caller_number) if caller_number.strip() else ()
    if sum(one.accounts_total for one in callers) != 1:
        return []
    (account,) = (row for one in callers for row in one.accounts)
    found = [("customers.account", account.code)]
    if account.premises.estate_code:
        found.append(("customers.estate", account.premises.estate_code))
    return found


@transaction.atomic
def follow_case(case_number: str, *, at: datetime) -> None:
    """Repeat on a ticket what its case says of survey, reply and satisfaction."""
    fact = cases.case(case_number)
    row = CityTicket.objects.filter(case_number=case_number).first()
    if fact is None or row is None:
        return
    row.survey = str(fact.fields.get("survey") or row.survey)
    row.reply = str(fact.fields.get("reply") or row.reply)
    row.satisfaction = str(fact.fields.get("satisfaction") or row.satisfaction)
    if fact.state in ("replied", "closed") and row.replied_at is None:
        row.replied_at = at
    elif fact.state == "in_hand":
        row.replied_at = None
    row.save()
