"""Tables of alarms, and how far the journal's transitions have become alarms."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from huoshui.areas.telemetry import rules
from huoshui.areas.telemetry.models.points import Point
from huoshui.areas.telemetry.models.rules import AlarmRule


class AlarmQuerySet(models.QuerySet["Alarm"]):
    """Alarms, by what people ask of them."""

    def standing(self) -> AlarmQuerySet:
        """Keep alarms not cleared yet."""
        return self.filter(cleared_at__isnull=True)

    def open(self) -> AlarmQuerySet:
        """Keep alarms that are on the list: standing, or returned and not yet done with."""
        return self.filter(closed_at__isnull=True)

    def audible(self) -> AlarmQuerySet:
        """Keep alarms on the list that nobody shelved and nothing suppresses."""
        return self.open().filter(suppression__isnull=True)

    def waiting(self) -> AlarmQuerySet:
        """Keep alarms that wait for somebody to acknowledge them."""
        return self.audible().filter(acknowledged_at__isnull=True)


class Suppression(models.Model):
    """Why and how long an alarm does not call: shelved, suppressed by design, out of service.

    Born when a person or a rule says so, ended once: by its end, by a person or by the rule.
    Applies to one condition of a point or zone, or with an empty ``rule`` to all of them. The
    alarms go on being raised, cleared and kept meanwhile; they only do not call.
    """

    kind = models.CharField(max_length=20, help_text="shelved, by_design or out_of_service")
    point = models.ForeignKey(Point, models.PROTECT, null=True, related_name="+")
    zone = models.ForeignKey(
        "network.Zone", models.PROTECT, to_field="code", null=True, related_name="+"
    )
    rule = models.CharField(max_length=20, blank=True)
    code = models.CharField(max_length=64, blank=True)
    reason = models.CharField(max_length=500)
    from_at = models.DateTimeField()
    until = models.DateTimeField(null=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True, db_index=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        ordering = ("-from_at", "-id")
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=("shelved", "by_design", "out_of_service")),
                name="suppression_of_a_known_kind",
            ),
            models.CheckConstraint(
                condition=Q(point__isnull=True) ^ Q(zone__isnull=True),
                name="suppression_of_either_a_point_or_a_zone",
            ),
            models.CheckConstraint(
                condition=~Q(kind="shelved") | Q(until__isnull=False),
                name="suppression_shelved_has_an_end",
            ),
            models.CheckConstraint(
                condition=Q(kind="by_design") | Q(by__isnull=False),
                name="suppression_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"suppression {self.pk} ({self.kind})"


class AlarmGroup(models.Model):
    """Alarms that most likely have one cause: near in time and along the network.

    Born when a second alarm joins a first, grows while more come, closed with the last of them.
    The cause is a guess, kept as a code with the alarm that points to it.
    """

    family = models.CharField(max_length=20)
    cause = models.CharField(max_length=30)
    first = models.ForeignKey("telemetry.Alarm", models.PROTECT, related_name="+")
    lead = models.ForeignKey("telemetry.Alarm", models.PROTECT, related_name="+")
    started_at = models.DateTimeField(db_index=True)
    latest_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, db_index=True)

    class Meta:
        ordering = ("-started_at", "-id")

    def __str__(self) -> str:
        return f"group {self.pk} ({self.family}, {self.cause})"


class Alarm(models.Model):
    """One time that something was wrong with a point or a zone, from raising to closing.

    Born raised; cleared once by the condition going away, acknowledged at most once by a person,
    closed once it is cleared and done with. Never deleted: the next time is a new row. The states
    of ISA-18.2 follow from the moments and the suppression, see ``rules.state_of``.
    """

    point = models.ForeignKey(Point, models.PROTECT, null=True, related_name="alarms")
    zone = models.ForeignKey(
        "network.Zone", models.PROTECT, to_field="code", null=True, related_name="+"
    )
    rule = models.CharField(max_length=20, help_text="limit_high, no_data, deviation ...")
    code = models.CharField(
        max_length=64, blank=True, help_text="Tells deviations of one subject apart."
    )
    priority = models.CharField(max_length=10)
    raised_at = models.DateTimeField(db_index=True)
    learnt_at = models.DateTimeField(
        null=True, help_text="When it was written down: readings may come hours late."
    )
    unanswered_s = models.PositiveIntegerField(
        default=0, help_text="How long the alarms it follows had called and nobody answered."
    )
    cleared_at = models.DateTimeField(null=True, db_index=True)
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    message = models.CharField(max_length=300, help_text="English msgid with %(name)s places.")
    data = models.JSONField(default=dict)
    alarm_rule = models.ForeignKey(AlarmRule, models.PROTECT, null=True, related_name="+")
    must_acknowledge = models.BooleanField(default=False)
    is_latched = models.BooleanField(default=False)
    has_sound = models.BooleanField(default=False)
    closed_at = models.DateTimeField(null=True, db_index=True)
    suppression = models.ForeignKey(Suppression, models.PROTECT, null=True, related_name="+")
    group = models.ForeignKey(AlarmGroup, models.PROTECT, null=True, related_name="alarms")
    repeated_at = models.DateTimeField(null=True)
    escalated_at = models.DateTimeField(null=True)

    objects = AlarmQuerySet.as_manager()

    class Meta:
        ordering = ("-raised_at", "-id")
        constraints = [
            models.CheckConstraint(
                condition=Q(point__isnull=True) ^ Q(zone__isnull=True),
                name="alarm_of_either_a_point_or_a_zone",
            ),
            models.CheckConstraint(
                condition=Q(acknowledged_at__isnull=True, acknowledged_by__isnull=True)
                | Q(acknowledged_at__isnull=False, acknowledged_by__isnull=False),
                name="alarm_acknowledged_by_somebody",
            ),
            models.UniqueConstraint(
                fields=("point", "rule", "code"),
                condition=Q(cleared_at__isnull=True, point__isnull=False),
                name="alarm_stands_once_per_point",
            ),
            models.UniqueConstraint(
                fields=("zone", "rule", "code"),
                condition=Q(cleared_at__isnull=True, zone__isnull=False),
                name="alarm_stands_once_per_zone",
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True) | Q(cleared_at__isnull=False),
                name="alarm_not_closed_before_it_cleared",
            ),
        ]

    def __str__(self) -> str:
        return f"alarm {self.pk} ({self.rule}) of {self.subject}"

    @property
    def subject(self) -> str:
        """The code of the point or the zone."""
        return self.zone_id or (self.point.code if self.point else "")


class AlarmEntry(models.Model):
    """One line of an alarm's history: what happened, when, and who did it; written once.

    ``by`` is empty for what readings or the clock did.
    """

    alarm = models.ForeignKey(Alarm, models.PROTECT, related_name="entries")
    at = models.DateTimeField(db_index=True)
    what = models.CharField(max_length=20)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    text = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ("-at", "-id")
        constraints = [
            models.CheckConstraint(
                condition=Q(what__in=rules.ALARM_DEEDS), name="alarmentry_of_a_known_deed"
            )
        ]

    def __str__(self) -> str:
        return f"{self.what} of alarm {self.alarm_id}"


class TransitionCursor(models.Model):
    """How far the journal's alarm transitions have become alarms: one row.

    Moves in the same transaction as the alarms, so that a crash neither loses nor repeats one.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    reached = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="transitioncursor_is_one_row")
        ]

    def __str__(self) -> str:
        return f"transitions up to {self.reached}"
