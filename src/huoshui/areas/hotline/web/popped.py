"""A call as the desk shows it: plain values for the template."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from huoshui.areas.customers import contracts as customers
from huoshui.areas.hotline import words
from huoshui.areas.hotline.models import Call, Topic
from huoshui.areas.hotline.queries import incidents
from huoshui.areas.hotline.queries.pop import Pop
from huoshui.areas.hotline.web import numbers
from huoshui.kernel import cases
from huoshui.kernel.cases import reading

ROLES = {
    "holder": lambda: pgettext("account", "Holder"),
    customers.Role.TENANT: lambda: pgettext("account", "Tenant"),
    customers.Role.FAMILY: lambda: pgettext("account", "Family"),
    customers.Role.CONTACT: lambda: pgettext("account", "Contact"),
}
ACCOUNT_STATES = {
    customers.AccountState.ACTIVE: lambda: (pgettext("account", "Supplied"), "green"),
    customers.AccountState.CUT_OFF: lambda: (pgettext("account", "Cut off"), "red"),
    customers.AccountState.CLOSED: lambda: (pgettext("caller's account", "Closed"), "secondary"),
}
CARE_REASONS = {
    customers.CareReason.ELDERLY: lambda: pgettext("care", "Elderly"),
    customers.CareReason.DISABLED: lambda: pgettext("care", "Disabled"),
    customers.CareReason.ILL: lambda: pgettext("care", "Ill"),
    customers.CareReason.LOW_INCOME: lambda: pgettext("care", "Low income"),
    customers.CareReason.DIALYSIS: lambda: pgettext("care", "Dialysis at home"),
    customers.CareReason.OTHER: lambda: pgettext("care", "Another reason"),
}


def address(name: str, *arguments: Any) -> str:
    """Return the address of a page, or nothing where an installation lacks it."""
    try:
        return reverse(name, args=arguments)
    except NoReverseMatch:
        return ""


def case_shown(fact: cases.CaseFact) -> dict[str, Any]:
    """Return one case for a line of a list."""
    return {
        "number": fact.number,
        "title": fact.title,
        "type": reading.type_label(fact.type_code),
        "state": reading.label_in(fact.type_code, "states", fact.state),
        "due_at": fact.next_due_at,
        "url": address("cases:case", fact.number),
    }


def call_shown(row: Call) -> dict[str, Any]:
    """Return one earlier call for a line of a list."""
    return {
        "at": row.began_at,
        "topic": words.topic_name(row.topic) if row.topic else "",
        "note": row.note,
        "case": row.case_number,
        "case_url": address("cases:case", row.case_number) if row.case_number else "",
        "url": reverse("hotline:call", args=[row.pk]),
    }


def similar_shown(one: incidents.Similar) -> dict[str, Any]:
    """Return what a call may be folded with, or what is known here already."""
    return {
        "choice": one.choice,
        "topic": words.topic_name(one.topic),
        "place": one.place,
        "known": one.known,
        "callers": one.callers,
        "since_at": one.since_at,
        "away_m": one.away_m,
        "by_pipes": one.by_pipes,
        "is_own": one.is_own,
        "case": one.case_number,
        "case_url": address("cases:case", one.case_number) if one.case_number else "",
        "url": reverse("hotline:incident", args=[one.incident_id]) if one.incident_id else "",
    }


def account_shown(account: customers.Account) -> dict[str, Any]:
    """Return the account that a call is about."""
    care = account.care
    state = ACCOUNT_STATES.get(customers.AccountState(account.state))
    return {
        "code": account.code,
        "name": account.holder_name,
        "phones": account.holder_phones,
        "address": account.premises.address,
        "estate": account.premises.estate_name,
        "tariff": account.tariff,
        "state": state() if state else None,
        "meters": account.meters,
        "is_stated": account.balance_cents is not None,
        # Owed to us; below zero is paid ahead.
        "owed": max(account.balance_cents or 0, 0) / 100,
        "paid_ahead": max(-(account.balance_cents or 0), 0) / 100,
        "balance_as_of": account.balance_as_of,
        "care": None if care is None else {
            "reason": CARE_REASONS.get(customers.CareReason(care.reason), lambda: "")(),
            "note": care.note, "contact": care.contact, "phone": care.contact_phone,
        },
        "url": address("customers:account", account.code),
    }  # fmt: skip


def choices_shown(found: Pop) -> list[dict[str, Any]]:
    """Return the accounts among which an agent chooses, with whose they are."""
    return [
        {
            "code": account.code,
            "name": who.name,
            "role": ROLES[who.roles[account.code]]()
            if who.roles.get(account.code) in ROLES
            else "",
            "address": account.premises.address,
            "chosen": found.account is not None and found.account.code == account.code,
        }
        for who, account in found.accounts
    ]


def job_shown(away_m: float | None, job: Any) -> dict[str, Any]:
    """Return one job nearby."""
    return {
        "number": job.number, "title": job.title or _("Work nearby"), "due_at": job.due_at,
        "away_m": away_m, "url": address("fieldwork:job", job.number),
    }  # fmt: skip


def pop_values(found: Pop, reader: Any) -> dict[str, Any]:
    """Return everything that the template of a call shows."""
    call = found.call
    spot = found.spot
    account = found.account
    return {
        "call": {
            "id": call.pk, "number": numbers.for_reader(reader, call),
            "tags": ", ".join(call.tags), "state": words.CALL_STATES[call.state],
            "code": call.state, "began_at": call.began_at, "wrapped": call.wrapped_at is not None,
            "case": call.case_number, "note": call.note, "transfers": call.transfers,
            "url": reverse("hotline:call", args=[call.pk]),
            "answered": call.answered_at is not None,
        },
        "anonymous": found.is_anonymous,
        "unknown": not found.callers and not found.is_anonymous,
        "account": account_shown(account) if account else None,
        "choices": choices_shown(found),
        "specialist": found.specialist,
        "cases": [case_shown(one) for one in found.cases],
        "jobs": [job_shown(away, job) for away, job in found.jobs],
        "announcements": found.announcements,
        "incidents": [similar_shown(one) for one in found.incidents],
        "earlier": [call_shown(one) for one in found.earlier],
        "place": account.premises.address if account else call.place,
        "person": account.holder_name if account else "",
        "spot": {"lon": spot.lon, "lat": spot.lat, "estate": spot.estate_code,
                 "zone": spot.zone_code},
    }  # fmt: skip


def topics_shown(rows: list[Topic]) -> list[dict[str, Any]]:
    """Return the topics of the second level in their groups, for the list without a script."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        if row.above is not None:
            name = words.topic_name(row.above)
            groups.setdefault(name, []).append({"code": row.code, "name": words.topic_name(row)})
    return [{"name": name, "topics": topics} for name, topics in groups.items()]


def guidance(row: Topic) -> Mapping[str, Any]:
    """Return what an agent asks and says about a topic, in the reader's language."""
    asked = words.said(row.questions_zh, row.questions_en)
    return {
        "questions": [line for line in asked.splitlines() if line.strip()],
        "guidance": words.said(row.guidance_zh, row.guidance_en),
    }
