"""Parts and where they lie: stores, vehicles, and every movement between them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from huoshui.areas.fieldwork.models.lengths import CODE_LENGTH, NAME_LENGTH


class Part(models.Model):
    """Something that lies in stores and is used up by jobs. Retired, never deleted."""

    code = models.CharField(max_length=CODE_LENGTH, unique=True)
    name_zh = models.CharField(max_length=NAME_LENGTH)
    name_en = models.CharField(max_length=NAME_LENGTH)
    unit = models.CharField(max_length=CODE_LENGTH, help_text="What is counted.")
    is_meter = models.BooleanField(
        default=False, help_text="A water meter: the exchange of one takes it from the vehicle."
    )
    is_retired = models.BooleanField(default=False)

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.code


class Store(models.Model):
    """A place where parts lie: a store-house or a vehicle. Retired, never deleted."""

    code = models.CharField(max_length=CODE_LENGTH, unique=True)
    name = models.CharField(max_length=NAME_LENGTH, help_text="Of a vehicle its number plate.")
    is_vehicle = models.BooleanField(default=False)
    unit = models.ForeignKey("organisation.Unit", models.PROTECT, null=True, related_name="+")
    lon = models.FloatField(null=True, help_text="Longitude, WGS 84, in degrees.")
    lat = models.FloatField(null=True, help_text="Latitude, WGS 84, in degrees.")
    is_retired = models.BooleanField(default=False)

    class Meta:
        ordering = ["is_vehicle", "code"]

    def __str__(self) -> str:
        return self.name


class Stock(models.Model):
    """How many of a part lie in a store now: the sum of its movements, kept for speed."""

    store = models.ForeignKey(Store, models.PROTECT, related_name="stock")
    part = models.ForeignKey(Part, models.PROTECT, related_name="stock")
    quantity = models.IntegerField(default=0)

    class Meta:
        ordering = ["store", "part"]
        constraints = [
            models.UniqueConstraint(fields=["store", "part"], name="stock_once_a_part"),
            # The last guard: whoever forgets to ask first is refused by the database.
            models.CheckConstraint(condition=Q(quantity__gte=0), name="stock_never_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} of {self.part_id} in {self.store_id}"


class StockMinimum(models.Model):
    """How many of a part a store should have, from one month of the year until another.

    Months may run over New Year: from 11 until 3. Both are included.
    """

    store = models.ForeignKey(Store, models.PROTECT, related_name="minimums")
    part = models.ForeignKey(Part, models.PROTECT, related_name="+")
    from_month = models.PositiveSmallIntegerField(default=1)
    until_month = models.PositiveSmallIntegerField(default=12)
    quantity = models.PositiveIntegerField()

    class Meta:
        ordering = ["store", "part", "from_month"]
        constraints = [
            models.UniqueConstraint(
                fields=["store", "part", "from_month"], name="stockminimum_once_a_season"
            ),
            models.CheckConstraint(
                condition=Q(from_month__range=(1, 12), until_month__range=(1, 12)),
                name="stockminimum_months_of_the_year",
            ),
        ]

    def __str__(self) -> str:
        return f"at least {self.quantity} of {self.part_id} in {self.store_id}"


class StockMovement(models.Model):
    """Parts that came, went or were counted. Never changes; a mistake is a movement back.

    ``at`` is when the parts moved: what a phone tells later stands where it was used.

    ``from_store`` is empty for what came from outside, ``to_store`` for what was used. A
    ``difference`` is what a count or a job found apart from the books; somebody looks at it.
    """

    at = models.DateTimeField(db_index=True)
    why = models.CharField(max_length=CODE_LENGTH)
    part = models.ForeignKey(Part, models.PROTECT, related_name="+")
    quantity = models.PositiveIntegerField()
    from_store = models.ForeignKey(Store, models.PROTECT, null=True, related_name="+")
    to_store = models.ForeignKey(Store, models.PROTECT, null=True, related_name="+")
    job = models.ForeignKey("fieldwork.Job", models.PROTECT, null=True, related_name="movements")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    note = models.CharField(max_length=500, blank=True)
    is_difference = models.BooleanField(default=False)
    key = models.CharField(
        max_length=100, blank=True, help_text="Told twice with the same key, it counts once."
    )

    class Meta:
        ordering = ["-at", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0), name="stockmovement_something"),
            models.CheckConstraint(
                condition=Q(from_store__isnull=False) | Q(to_store__isnull=False),
                name="stockmovement_from_or_to_a_store",
            ),
            models.UniqueConstraint(
                fields=["key"], condition=~Q(key=""), name="stockmovement_once_a_key"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.why} {self.quantity} of {self.part_id}"


class Settlement(models.Model):
    """What a store keeper found when they looked at a difference. Never changes."""

    movement = models.OneToOneField(
        StockMovement, models.PROTECT, related_name="settlement", help_text="The difference."
    )
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    note = models.CharField(max_length=500)

    def __str__(self) -> str:
        return f"settlement of {self.movement_id}"


class StockWarning(models.Model):
    """That a part was about to run out: born once, ended when there is enough again."""

    part = models.ForeignKey(Part, models.PROTECT, related_name="+")
    began_at = models.DateTimeField(db_index=True)
    ended_at = models.DateTimeField(null=True)
    lying = models.IntegerField(help_text="What lay in all stores and vehicles then.")
    wanted = models.IntegerField(help_text="What the open jobs were still to take then.")
    per_day = models.FloatField(help_text="What was used a day, at the rate of the last hours.")
    runs_out_at = models.DateTimeField(null=True, help_text="At that rate.")

    class Meta:
        ordering = ["-began_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["part"], condition=Q(ended_at__isnull=True), name="stockwarning_one_stands"
            ),
        ]

    def __str__(self) -> str:
        return f"warning of {self.part_id}"
