"""Tables of alarm rules, of the changes of limits, and of calculated points."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from huoshui.areas.telemetry import rules
from huoshui.areas.telemetry.models.points import Point


class AlarmRuleQuerySet(models.QuerySet["AlarmRule"]):
    """Rules, by what the engine and people ask of them."""

    def live(self) -> AlarmRuleQuerySet:
        """Keep the rules that watch readings now."""
        return self.filter(state="live")


class AlarmRule(models.Model):
    """What counts as wrong with which points, and what follows: one rule, for one point or many.

    Born as a draft that can be tried on the past; watches once it is live. Retired instead of
    deleted, because its alarms name it. A limit rule without a threshold lends its delays and its
    priority to the limits that points declare themselves. Of several rules of the same sort
    for one point the narrowest counts: a point's own before a zone's, a zone's before a kind's.
    """

    code = models.CharField(max_length=60, unique=True)
    name_en = models.CharField(max_length=200)
    name_zh = models.CharField(max_length=200)
    kind = models.CharField(max_length=20, help_text="limit_low ... no_data, rate, expression")
    state = models.CharField(max_length=10, default="draft", help_text="draft, live or retired")
    point = models.ForeignKey(Point, models.PROTECT, null=True, related_name="+")
    point_kind = models.CharField(max_length=20, blank=True)
    zone = models.ForeignKey(
        "network.Zone", models.PROTECT, to_field="code", null=True, related_name="+"
    )
    threshold = models.FloatField(null=True, help_text="In the point's unit; seconds for no_data.")
    window_s = models.PositiveIntegerField(null=True, help_text="Of rate and flat.")
    reference = models.ForeignKey(Point, models.PROTECT, null=True, related_name="+")
    expression = models.CharField(max_length=1000, blank=True)
    suppress_while = models.CharField(max_length=1000, blank=True)
    dead_band = models.FloatField(default=0)
    on_delay_s = models.PositiveIntegerField(default=0)
    off_delay_s = models.PositiveIntegerField(default=0)
    priority = models.CharField(max_length=10)
    message_en = models.CharField(max_length=300, blank=True)
    message_zh = models.CharField(max_length=300, blank=True)
    is_latched = models.BooleanField(default=False)
    must_acknowledge = models.BooleanField(default=True)
    has_sound = models.BooleanField(default=True)
    repeat_every_s = models.PositiveIntegerField(null=True)
    escalate_after_s = models.PositiveIntegerField(null=True)
    escalate_to = models.CharField(max_length=40, blank=True, help_text="The code of a post.")
    may_set_min = models.FloatField(null=True)
    may_set_max = models.FloatField(null=True)
    advice_en = models.TextField(blank=True, help_text="What to do when it comes.")
    advice_zh = models.TextField(blank=True)
    changed_at = models.DateTimeField(db_index=True)

    objects = AlarmRuleQuerySet.as_manager()

    class Meta:
        ordering = ("code",)
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=rules.RULE_KINDS), name="alarmrule_of_a_known_kind"
            ),
            models.CheckConstraint(
                condition=Q(state__in=("draft", "live", "retired")),
                name="alarmrule_in_a_known_state",
            ),
            models.CheckConstraint(
                condition=Q(may_set_min__isnull=True)
                | Q(may_set_max__isnull=True)
                | Q(may_set_min__lte=F("may_set_max")),
                name="alarmrule_permitted_range_not_backwards",
            ),
            models.CheckConstraint(
                condition=Q(escalate_after_s__isnull=True) | ~Q(escalate_to=""),
                name="alarmrule_escalates_to_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"rule {self.code} ({self.kind})"

    def facts(self) -> dict[str, Any]:
        """Return every field but the key and the moment, as plain values."""
        return {
            field.attname: getattr(self, field.attname)
            for field in self._meta.concrete_fields
            if field.name not in {"id", "changed_at"}
        }


class LimitChange(models.Model):
    """One change of one limit: asked for, and applied at once or after another person agreed.

    The limit is a rule's threshold, or a point's own limit (``side``). Written once; only its
    state moves from waiting to applied or refused. Together they are the limit's history.
    """

    rule = models.ForeignKey(AlarmRule, models.PROTECT, null=True, related_name="changes")
    point = models.ForeignKey(Point, models.PROTECT, null=True, related_name="+")
    side = models.CharField(max_length=20, blank=True)
    before = models.FloatField(null=True)
    after = models.FloatField(null=True)
    reason = models.CharField(max_length=500)
    state = models.CharField(max_length=10, help_text="waiting, applied or refused")
    asked_at = models.DateTimeField(db_index=True)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        ordering = ("-asked_at", "-id")
        constraints = [
            models.CheckConstraint(
                condition=Q(rule__isnull=True) ^ Q(point__isnull=True),
                name="limitchange_of_either_a_rule_or_a_point",
            ),
            models.CheckConstraint(
                condition=Q(state__in=("waiting", "applied", "refused")),
                name="limitchange_in_a_known_state",
            ),
        ]

    def __str__(self) -> str:
        return f"change {self.pk} of a limit ({self.state})"


class CalculatedPoint(models.Model):
    """The formula of a point that nobody measures: its readings follow from other points'.

    Born with or after its point; the formula may change, and applies to readings from then on
    unless the past is calculated anew.
    """

    point = models.OneToOneField(Point, models.PROTECT, related_name="calculated")
    expression = models.CharField(max_length=1000)
    changed_at = models.DateTimeField(db_index=True)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    def __str__(self) -> str:
        return f"formula of {self.point_id}"
