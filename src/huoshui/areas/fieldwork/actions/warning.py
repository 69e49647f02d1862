"""Saying that a part is about to run out: once when it begins, and again only after it was over."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.urls import reverse
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from huoshui.areas.fieldwork import models, rules, words
from huoshui.areas.fieldwork.queries import stock as queries
from huoshui.kernel import audit, clock, notices

KEEPERS = ("dispatcher", "crew_leader")


@transaction.atomic
def watch(part_ids: Iterable[int] | None = None) -> list[models.StockWarning]:
    """Begin and end the warnings of some parts, or of all; return those that begin now.

    A warning begins where open jobs need more than there is, or where at the rate of the last
    hours the stock ends within `rules.WARN_AHEAD`. It ends when neither holds any more.
    """
    now = clock.now()
    wanted = None if part_ids is None else sorted(set(part_ids))
    standing = {one.part_id: one for one in models.StockWarning.objects.filter(ended_at=None)}
    begun = []
    for one in queries.outlook(clock.local(now).date(), now=now, part_ids=wanted):
        warned = standing.get(one.part.pk)
        if one.runs_short(now) and warned is None:
            begun.append(_begin(one, now))
        elif warned is not None and not one.runs_short(now):
            warned.ended_at = now
            warned.save(update_fields=["ended_at"])
            notices.withdraw(_key(one.part))
            audit.record(None, "fieldwork.stock_enough", f"fieldwork.part:{one.part.code}", {})
    return begun


def watch_all(_due_at: datetime) -> None:
    """Look at every part; the worker calls it."""
    watch()


def _begin(one: queries.Outlook, now: datetime) -> models.StockWarning:
    row = models.StockWarning.objects.create(
        part=one.part, began_at=now, lying=one.lying, wanted=one.wanted, per_day=one.per_day,
        runs_out_at=one.runs_out_at,
    )  # fmt: skip
    ahead = round(rules.WARN_AHEAD.total_seconds() / 3600)
    notices.send(
        posts=KEEPERS,
        title=_("%(part)s is running out: %(lying)s left, %(wanted)s wanted by open jobs"),
        text=_("At the rate of the last hours it lasts less than %(hours)s h.")
        if one.ends_soon(now) else "",
        values={
            "part": lazy(words.name_of, str)(one.part), "lying": one.lying,
            "wanted": one.wanted, "hours": ahead,
        },
        url=reverse("fieldwork:outlook"),
        level=notices.WARNING,
        key=_key(one.part),
    )  # fmt: skip
    audit.record(
        None, "fieldwork.stock_short", f"fieldwork.part:{one.part.code}",
        {"left": one.lying, "quantity": one.wanted},
    )  # fmt: skip
    return row


def _key(part: models.Part) -> str:
    return f"fieldwork.stock_short:{part.code}"
