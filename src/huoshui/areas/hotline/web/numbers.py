"""Telephone numbers of callers: masked in every list, in full where one call is looked at.

A caller is a customer: who sees them in full is settled by customers, by estate. What somebody saw
in full is recorded; only the number of a call that an agent has not noted yet is not.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from huoshui.areas.customers import facade as customers
from huoshui.areas.hotline.models import Call
from huoshui.kernel import audit
from huoshui.kernel.accounts import personal


def in_list(call: Call) -> str:
    """Return a number for a list; who may see it in full opens the call."""
    return personal.mask_phone(call.caller_number)


def for_reader(reader: Any, call: Call) -> str:
    """Return the number of one call as a reader may see it, and record what they saw in full."""
    if not call.caller_number or not customers.may_see(reader, call.estate_code):
        return in_list(call)
    if call.agent_id != reader.pk or call.wrapped_at is not None:
        audit.record_read(reader.pk, "hotline.number_read", f"hotline.call:{call.pk}")
    return call.caller_number


def to_call_back(reader: Any, incident_id: int, calls: Iterable[Call]) -> dict[int, str]:
    """Return the numbers of those who wait for a call of ours, by call, and record the reading.

    Empty for who may not see people everywhere: an incident lies in more than one estate.
    """
    found = {one.pk: one.caller_number for one in calls if one.caller_number}
    if not found or not customers.may_see(reader):
        return {}
    audit.record_read(reader.pk, "hotline.number_read", f"hotline.incident:{incident_id}")
    return found
