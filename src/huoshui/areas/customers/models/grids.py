"""Grids: who looks after which estates, and the boards that tell residents so."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from huoshui.areas.customers import contracts
from huoshui.areas.customers.models.places import Estate
from huoshui.areas.customers.rules import CODE_LENGTH_MAX


class Grid(models.Model):
    """Some estates with one specialist and a deputy. Its people change, its code never."""

    code = models.CharField(max_length=CODE_LENGTH_MAX, unique=True)
    name = models.CharField(max_length=100)
    specialist = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    deputy = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    phone = models.CharField(
        max_length=40, blank=True, help_text="The work phone, public on the notice board."
    )
    duties = models.TextField(blank=True, help_text="What residents may ask, for the notice board.")
    photo = models.ForeignKey("files.StoredFile", models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ("code",)
        constraints = [
            models.CheckConstraint(condition=~Q(code=""), name="grid_has_a_code"),
            models.CheckConstraint(
                condition=Q(specialist__isnull=True)
                | Q(deputy__isnull=True)
                | ~Q(specialist=models.F("deputy")),
                name="grid_deputy_is_somebody_else",
            ),
        ]

    def __str__(self) -> str:
        return f"grid {self.code}"


class GridPlan(models.Model):
    """A proposal to move estates between grids, with the load of each before and after.

    Born when somebody asks for it or draws it by hand; decided once, by somebody else.
    """

    state = models.CharField(max_length=20, default=contracts.PlanState.PROPOSED)
    moves = models.JSONField(help_text="List of estate, from and to, as codes.")
    before = models.JSONField(help_text="Accounts and estates by grid.")
    after = models.JSONField()
    why = models.CharField(max_length=300, blank=True)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        ordering = ("-made_at",)
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=sorted(contracts.PlanState)), name="gridplan_state_known"
            ),
            models.CheckConstraint(
                condition=Q(state=str(contracts.PlanState.PROPOSED), decided_at__isnull=True)
                | (~Q(state=str(contracts.PlanState.PROPOSED)) & Q(decided_at__isnull=False)),
                name="gridplan_decided_has_a_moment",
            ),
        ]

    def __str__(self) -> str:
        return f"plan {self.pk}"


class Board(models.Model):
    """One notice board that hangs in an estate and shows its specialist.

    Born when it is hung, ended when it is taken down. It shows who was the specialist then.
    """

    estate = models.ForeignKey(Estate, models.PROTECT, related_name="boards")
    grid = models.ForeignKey(Grid, models.PROTECT, related_name="boards")
    shows = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    place = models.CharField(max_length=200, help_text="Where it hangs, in words.")
    hung_at = models.DateTimeField()
    hung_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    valid_until_date = models.DateField()
    photo = models.ForeignKey("files.StoredFile", models.PROTECT, null=True, related_name="+")
    removed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-hung_at",)
        indexes = [models.Index(fields=["estate", "removed_at"], name="board_by_estate")]
        constraints = [models.CheckConstraint(condition=~Q(place=""), name="board_has_a_place")]

    def __str__(self) -> str:
        return f"board {self.pk}"


class BoardReport(models.Model):
    """One report a resident sent by the code on a board; what it says is in its case.

    The address it came from is kept only as a keyed hash that changes daily, to limit how many
    come from one place.
    """

    grid = models.ForeignKey(Grid, models.PROTECT, related_name="reports")
    estate = models.ForeignKey(Estate, models.PROTECT, null=True, related_name="reports")
    sender = models.CharField(max_length=32)
    reported_at = models.DateTimeField()
    case_number = models.CharField(max_length=40)

    class Meta:
        indexes = [
            models.Index(fields=["grid", "reported_at"], name="boardreport_by_grid"),
            models.Index(fields=["sender", "reported_at"], name="boardreport_by_sender"),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(case_number=""), name="boardreport_has_a_case")
        ]

    def __str__(self) -> str:
        return f"report {self.pk} from a board"
