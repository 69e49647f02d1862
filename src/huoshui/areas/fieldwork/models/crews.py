"""Crews: who is in them, what they can do, when they work, where they are."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from huoshui.areas.fieldwork.models.lengths import CODE_LENGTH, NAME_LENGTH

SPOT = (Q(lon__isnull=True) & Q(lat__isnull=True)) | Q(
    lon__isnull=False, lat__isnull=False, lon__range=(-180, 180), lat__range=(-90, 90)
)


class Skill(models.Model):
    """Something that not everybody can or may do, such as welding. Retired, never deleted."""

    code = models.CharField(max_length=CODE_LENGTH, unique=True)
    name_zh = models.CharField(max_length=NAME_LENGTH)
    name_en = models.CharField(max_length=NAME_LENGTH)
    is_retired = models.BooleanField(default=False)

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.code


class ShiftPattern(models.Model):
    """Days that repeat: on which of them one works, from when until when.

    ``days`` has one item for each day of the cycle: ``["08:00", "17:00"]`` or null for a day off.
    A shift that ends before it begins goes on into the next day.
    """

    code = models.CharField(max_length=CODE_LENGTH, unique=True)
    name_zh = models.CharField(max_length=NAME_LENGTH)
    name_en = models.CharField(max_length=NAME_LENGTH)
    days = models.JSONField()
    first_date = models.DateField(help_text="A day on which the cycle begins.")
    is_retired = models.BooleanField(default=False)

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.code


class Crew(models.Model):
    """People who drive to jobs together in one vehicle, from one depot.

    Its place is the latest one known: of a phone, of a job begun, or set by a dispatcher. Retired,
    never deleted.
    """

    code = models.CharField(max_length=CODE_LENGTH, unique=True)
    name = models.CharField(max_length=NAME_LENGTH)
    unit = models.ForeignKey("organisation.Unit", models.PROTECT, null=True, related_name="+")
    skills = models.ManyToManyField(Skill, related_name="+")
    pattern = models.ForeignKey(ShiftPattern, models.PROTECT, null=True, related_name="+")
    pattern_offset_days = models.PositiveSmallIntegerField(default=0)
    depot = models.ForeignKey(
        "fieldwork.Store", models.PROTECT, null=True, related_name="+", help_text="Where it starts."
    )
    vehicle = models.OneToOneField(
        "fieldwork.Store",
        models.PROTECT,
        null=True,
        related_name="crew",
        help_text="The store that drives along.",
    )
    phone = models.CharField(max_length=40, blank=True)
    lon = models.FloatField(null=True, help_text="Longitude, WGS 84, in degrees.")
    lat = models.FloatField(null=True, help_text="Latitude, WGS 84, in degrees.")
    placed_at = models.DateTimeField(null=True, help_text="When it was there.")
    placed_by_phone = models.BooleanField(default=False, help_text="Told by a phone that shares.")
    is_retired = models.BooleanField(default=False)

    class Meta:
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(condition=SPOT, name="crew_spot_whole_and_on_earth"),
        ]

    def __str__(self) -> str:
        return self.name


class CrewMemberQuerySet(models.QuerySet["CrewMember"]):
    """Memberships, by time."""

    def valid_at(self, moment: datetime) -> CrewMemberQuerySet:
        """Keep who belonged to a crew at a moment."""
        begun = self.filter(from_at__lte=moment)
        return begun.filter(Q(until__isnull=True) | Q(until__gt=moment))


class CrewMember(models.Model):
    """That somebody belongs to a crew, from when until when. Ended, never deleted."""

    crew = models.ForeignKey(Crew, models.PROTECT, related_name="members")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    is_leader = models.BooleanField(default=False)
    from_at = models.DateTimeField()
    until = models.DateTimeField(null=True)

    objects = CrewMemberQuerySet.as_manager()

    class Meta:
        ordering = ["-is_leader", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=Q(until__isnull=True), name="crewmember_of_one_crew"
            ),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gte=F("from_at")),
                name="crewmember_ends_after_it_begins",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} in crew {self.crew_id}"


class CrewDay(models.Model):
    """An exception from a crew's pattern: an extra shift, or a stretch of a day off.

    Changed by a later row for the same crew and day; the newest one counts.
    """

    crew = models.ForeignKey(Crew, models.PROTECT, related_name="days")
    day = models.DateField(db_index=True)
    from_at = models.DateTimeField(null=True, help_text="Empty: not at work on this day.")
    until = models.DateTimeField(null=True)
    reason = models.CharField(max_length=200, blank=True)
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    set_at = models.DateTimeField()

    class Meta:
        ordering = ["day", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(from_at__isnull=True, until__isnull=True) | Q(until__gt=F("from_at")),
                name="crewday_ends_after_it_begins",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day} of crew {self.crew_id}"
