"""What the clock does with alarms: shelving ends, sounds repeat, nobody's alarms go up a post."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from huoshui.areas.telemetry import models
from huoshui.areas.telemetry.actions import attending, grouping, raising
from huoshui.kernel import clock, notices
from huoshui.lab.series import expression

Values = Callable[[Sequence[str]], Mapping[str, float]]
"""Answers the present value of points by code, NaN where it is not known or not to be trusted."""


def tend_alarms(values: Values) -> int:
    """Do what is due with the alarms on the list; return how many things were done.

    Idempotent, and safe to repeat after a crash: each deed leaves its mark on the row.
    """
    now = clock.now()
    with transaction.atomic():
        done = _end_shelving(now)
        done += _suppress_by_design(now, values)
        done += _repeat(now)
        done += _escalate(now)
        done += grouping.group_alarms(now)
    return done


def _end_shelving(now: datetime) -> int:
    over = models.Suppression.objects.filter(kind="shelved", ended_at__isnull=True, until__lte=now)
    for row in over:
        attending.end_suppression(row, "unshelved", None)
    return len(over)


def _suppress_by_design(now: datetime, values: Values) -> int:
    """Silence alarms whose rule says that they mean nothing at present; and let them call again."""
    # Also what a condition silenced that the rule has lost since: nothing else would end it.
    found = models.Alarm.objects.open().filter(
        ~Q(alarm_rule__suppress_while="") | Q(suppression__kind="by_design"),
        alarm_rule__isnull=False,
    )
    done = 0
    truths: dict[str, bool] = {"": False}
    for alarm in found.select_related("alarm_rule", "suppression", "point"):
        assert alarm.alarm_rule is not None
        text = alarm.alarm_rule.suppress_while
        if text not in truths:
            truths[text] = is_true(text, values)
        if truths[text] and alarm.suppression is None:
            alarm.suppression = models.Suppression.objects.create(
                kind="by_design",
                point_id=alarm.point_id,
                zone_id=alarm.zone_id,
                rule=alarm.rule,
                code=alarm.code,
                reason=text[:500],
                from_at=now,
            )
            alarm.save(update_fields=["suppression"])
            raising.note(alarm, "suppressed", now, text=text)
            raising.close_if_done(alarm, now)
            done += 1
        elif not truths[text] and alarm.suppression and alarm.suppression.kind == "by_design":
            attending.end_suppression(alarm.suppression, "unsuppressed", None)
            done += 1
    done += _end_orphaned_designs(now)
    return done


def _end_orphaned_designs(now: datetime) -> int:
    """End what was suppressed by design and has no alarm on the list any more."""
    used = models.Alarm.objects.open().filter(suppression__isnull=False).values("suppression")
    return (
        models.Suppression.objects.filter(kind="by_design", ended_at__isnull=True)
        .exclude(pk__in=used)
        .update(ended_at=now)
    )


def is_true(text: str, values: Values) -> bool:
    """Tell whether a formula holds now; what is not known does not hold."""
    made = expression.compile(text)
    answer = made.evaluate(values(sorted(made.names)))
    return bool(answer[0] == answer[0] and answer[0] != 0)


def _repeat(now: datetime) -> int:
    """Sound again for alarms that still wait."""
    done = 0
    waiting = models.Alarm.objects.waiting().filter(alarm_rule__repeat_every_s__isnull=False)
    for alarm in waiting.select_related("alarm_rule"):
        assert alarm.alarm_rule is not None
        every = timedelta(seconds=alarm.alarm_rule.repeat_every_s or 0)
        # Two steps: most have been heard of lately, and need no question.
        if now - (alarm.repeated_at or alarm.learnt_at or alarm.raised_at) < every:
            continue
        if alarm.repeated_at is not None or raising.called_s(alarm, now) >= every.total_seconds():
            alarm.repeated_at = now
            alarm.save(update_fields=["repeated_at"])
            raising.note(alarm, "repeated", now)
            done += 1
    return done


def _escalate(now: datetime) -> int:
    """Tell the next post of alarms that nobody has acknowledged in time; once each.

    What an alarm follows counts with it, so that coming and going is no way out; and only what was
    called since we learnt of it counts, so that late readings do not escalate as they arrive.
    """
    done = 0
    waiting = models.Alarm.objects.waiting().filter(
        alarm_rule__escalate_after_s__isnull=False, escalated_at__isnull=True
    )
    for alarm in waiting.select_related("alarm_rule", "point", "zone"):
        rule = alarm.alarm_rule
        assert rule is not None
        # Two steps: of most the row alone tells that it is not time yet.
        left_s = (rule.escalate_after_s or 0) - alarm.unanswered_s
        if (now - (alarm.learnt_at or alarm.raised_at)).total_seconds() < left_s:
            continue
        called_s = raising.called_s(alarm, now)
        if called_s < left_s:
            continue
        alarm.escalated_at = now
        alarm.save(update_fields=["escalated_at"])
        raising.note(alarm, "escalated", now, text=rule.escalate_to)
        notices.send(
            posts=(rule.escalate_to,),
            title=_("Nobody has acknowledged an alarm for %(minutes)s minutes: %(subject)s"),
            values={
                "minutes": round((alarm.unanswered_s + called_s) / 60),
                "subject": alarm.subject,
            },
            url=reverse("telemetry:alarm", args=[alarm.pk]),
            level=notices.CRITICAL,
            key=f"telemetry.escalated:{alarm.pk}",
        )
        done += 1
    return done
