"""Tables of cases themselves: their type's versions, their numbers, fields, links, relations."""

from __future__ import annotations

from datetime import UTC, datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q

CODE_LENGTH = 40
TYPE_LENGTH = 80
# Databases do not agree where nothing stands in an order.
NEVER, CLOSED = datetime(9999, 1, 1, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC)
STANDING = Q(state_kind__in=("open", "waiting"))
# A merged case rests with its original until that one is closed.
KINDS = ("open", "waiting", "merged", "done", "cancelled")


class CaseTypeVersion(models.Model):
    """What a case type said when cases were opened or moved under it, in words of both languages.

    Born with the first case after a declaration changed; never changed.
    """

    type_code = models.CharField(max_length=TYPE_LENGTH)
    digest = models.CharField(max_length=64, help_text="SHA-256 of the snapshot.")
    snapshot = models.JSONField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["type_code", "digest"], name="casetypeversion_one_of_each_content"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.type_code} {self.digest[:8]}"


class CaseSeries(models.Model):
    """The latest number given under one prefix in one year; counts up, never down."""

    prefix = models.CharField(max_length=6)
    year = models.PositiveIntegerField()
    latest = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["prefix", "year"], name="caseseries_one_a_year"),
        ]

    def __str__(self) -> str:
        return f"{self.prefix}{self.year}"


class Case(models.Model):
    """One matter that somebody raised and somebody is responsible for by a deadline.

    Born when it is opened. It changes by steps only, each of which leaves a `CaseStep`; never
    deleted. ``next_due_at`` repeats the earliest deadline that runs, so that lists sort by it.
    """

    number = models.CharField(max_length=20, unique=True)
    type_code = models.CharField(max_length=TYPE_LENGTH)
    version = models.ForeignKey(
        CaseTypeVersion, models.PROTECT, related_name="+", help_text="Declared when last moved."
    )
    title = models.CharField(max_length=200)
    place = models.CharField(max_length=200, blank=True, help_text="In words.")
    lon = models.FloatField(null=True, help_text="Longitude, WGS 84, in degrees.")
    lat = models.FloatField(null=True, help_text="Latitude, WGS 84, in degrees.")
    state = models.CharField(max_length=CODE_LENGTH)
    state_kind = models.CharField(max_length=10)
    state_since_at = models.DateTimeField()
    priority = models.PositiveSmallIntegerField(default=2, help_text="0 is the most urgent.")
    channel = models.CharField(max_length=CODE_LENGTH, blank=True, help_text="How it came in.")
    unit = models.ForeignKey(
        "organisation.Unit", models.PROTECT, null=True, related_name="+", db_index=False
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        help_text="Who is responsible by name.",
    )
    values = models.JSONField(default=dict, help_text="Fields that are not personal data.")
    opened_at = models.DateTimeField(db_index=True)
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )
    deadline_at = models.DateTimeField(null=True, help_text="Agreed for this case by itself.")
    next_due_at = models.DateTimeField(null=True, db_index=True)
    due_order_at = models.DateTimeField(
        default=NEVER,
        db_index=True,
        help_text="The next deadline, to sort by: what has none stands behind, closed ones last.",
    )
    next_due_clock = models.CharField(max_length=CODE_LENGTH, blank=True)
    paused_for = models.CharField(max_length=CODE_LENGTH, blank=True, help_text="Reason, if any.")
    closed_at = models.DateTimeField(null=True)
    reopened_count = models.PositiveSmallIntegerField(default=0)
    score = models.PositiveSmallIntegerField(null=True, help_text="Of the latest call-back.")
    content = models.BooleanField(null=True, help_text="Whether the latest call-back was content.")
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="duplicates", help_text="Its original."
    )
    revision = models.PositiveIntegerField(default=1, help_text="Counts every change.")
    request_key = models.CharField(max_length=80, blank=True)

    class Meta:
        indexes = [
            # Of a million cases few are open: what people work with has small indexes of its own,
            # which `queries.standing` asks for.
            models.Index(fields=["due_order_at"], name="case_open_due", condition=STANDING),
            models.Index(
                fields=["type_code", "due_order_at"], name="case_open_type_due", condition=STANDING
            ),
            models.Index(
                fields=["owner", "due_order_at"], name="case_open_owner_due", condition=STANDING
            ),
            models.Index(
                fields=["unit", "due_order_at"], name="case_open_unit_due", condition=STANDING
            ),
            models.Index(fields=["type_code", "opened_at"], name="case_type_opened"),
            models.Index(fields=["type_code", "state", "opened_at"], name="case_state_opened"),
            models.Index(fields=["type_code", "closed_at"], name="case_type_closed"),
            models.Index(fields=["type_code", "priority"], name="case_type_priority"),
            models.Index(fields=["owner", "opened_at"], name="case_owner_opened"),
            # Whose post is limited to a unit sees what they opened as well.
            models.Index(fields=["opened_by", "opened_at"], name="case_opened_by"),
            # A unit has a large share of all cases: what else is asked of them is answered by the
            # index alone.
            models.Index(
                fields=["unit", "opened_at", "type_code", "state", "priority"],
                name="case_unit_latest",
            ),
            models.Index(fields=["priority"], name="case_priority"),
            models.Index(fields=["closed_at"], name="case_closed"),
            models.Index(fields=["lat", "lon"], name="case_spot", condition=Q(lat__isnull=False)),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["request_key"], name="case_once_a_request", condition=~Q(request_key="")
            ),
            models.CheckConstraint(condition=Q(state_kind__in=KINDS), name="case_state_kind_known"),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True) | Q(closed_at__gte=F("opened_at")),
                name="case_not_closed_before_it_was_opened",
            ),
            models.CheckConstraint(
                condition=(Q(lon__isnull=True) & Q(lat__isnull=True))
                | Q(
                    lon__isnull=False,
                    lat__isnull=False,
                    lon__range=(-180, 180),
                    lat__range=(-90, 90),
                ),
                name="case_spot_whole_and_on_earth",
            ),
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | ~Q(merged_into=F("id")),
                name="case_not_its_own_duplicate",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class CasePrivate(models.Model):
    """Personal data of one case, apart from it: who raised it, and its private fields.

    Born with the case where there is any; changed by steps; left to `kernel.cases.reading` to show.
    """

    case = models.OneToOneField(Case, models.PROTECT, related_name="private")
    name = models.CharField(max_length=100, blank=True)
    phone = models.CharField(max_length=32, blank=True)
    phone_digits = models.CharField(
        max_length=32, blank=True, db_index=True, help_text="Digits only, to find by."
    )
    values = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"personal data of case {self.case_id}"


class CaseLink(models.Model):
    """One thing of an area that a case is about, by a stable kind and code; added, never moved."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="links")
    kind = models.CharField(max_length=TYPE_LENGTH)
    code = models.CharField(max_length=80)

    class Meta:
        indexes = [models.Index(fields=["kind", "code"], name="caselink_thing")]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "kind", "code"], name="caselink_each_thing_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind}:{self.code}"


class CaseRelation(models.Model):
    """How one case hangs together with another: its duplicate, its cause, or the whole it is of.

    Born when somebody relates them, deleted when it proves wrong; both leave a `CaseStep`.
    """

    case = models.ForeignKey(Case, models.PROTECT, related_name="relations")
    how = models.CharField(max_length=CODE_LENGTH)
    other = models.ForeignKey(Case, models.PROTECT, related_name="related_from")
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "how", "other"], name="caserelation_each_pair_once"
            ),
            models.CheckConstraint(
                condition=~Q(case=F("other")), name="caserelation_not_with_itself"
            ),
            models.CheckConstraint(
                condition=Q(how__in=("duplicate_of", "caused_by", "part_of")),
                name="caserelation_known_kind",
            ),
        ]

    def __str__(self) -> str:
        return f"case {self.case_id} {self.how} {self.other_id}"
