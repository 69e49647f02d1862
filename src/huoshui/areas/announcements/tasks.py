"""Scheduled and background work: sending in slices, and forgetting old contact data."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _
from django_tasks_db.models import DBTaskResult

from huoshui.areas.announcements import outbox, setups, words
from huoshui.areas.announcements.contracts import DeliveryState, State
from huoshui.areas.announcements.models import Announcement, Delivery
from huoshui.kernel import clock, health, jobs

LATE = timedelta(hours=2)


def send_what_is_due(_due_at: datetime | None = None) -> None:
    """Let the worker send a slice, unless one waits or runs already or nothing is due."""
    if not outbox.due():
        return
    waiting = DBTaskResult.objects.filter(
        task_path=send.module_path, status__in=("READY", "RUNNING")
    )
    if not waiting.exists():
        send.enqueue()


@jobs.task(label=_("Send announcements"))
def send() -> int:
    """Send for some seconds; the schedule begins the next slice."""
    return outbox.send_slice()


def channels_in_order() -> Iterator[health.Finding]:
    """Yield a finding for each channel that should work and does not, and for what waits long."""
    for way, one in setups.standing().items():
        name = words.WAYS[way]
        if one.is_enabled and one.problem:
            yield health.Finding(
                health.FAILING,
                _("Channel “%(channel)s”: %(problem)s") % {"channel": name, "problem": one.problem},
                remedy=_("Complete its setup, or switch it off."),
                url="/announcements/channels/",
            )
        elif one.is_enabled and one.trouble:
            yield health.Finding(
                health.WARNING,
                _("Channel “%(channel)s”: %(problem)s")
                % {"channel": name, "problem": words.reason(one.trouble)},
                remedy=_("Look at the provider's side; messages wait and go out afterwards."),
                url="/announcements/channels/",
            )
    late = Delivery.objects.filter(
        state=DeliveryState.QUEUED,
        announcement__state=State.SENDING,
        announcement__is_urgent=True,
        announcement__released_at__lt=clock.now() - LATE,
    )
    if Announcement.objects.filter(state=State.SENDING).exists() and late.exists():
        yield health.Finding(
            health.FAILING,
            _("Urgent messages have been waiting for more than two hours."),
            remedy=_("Look at the channels, or tell the people another way."),
            url="/announcements/",
        )
