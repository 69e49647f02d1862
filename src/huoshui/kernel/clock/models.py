"""The table of the clock: no row means real time."""

from __future__ import annotations

from django.db import models


class ClockSetting(models.Model):
    """Where shown time stood at a real moment and how fast it runs.

    At most one row, written when somebody sets the demo's clock. An installation in a real city
    has none.
    """

    anchor_real = models.DateTimeField(help_text="Real moment at which the clock was set.")
    anchor_shown = models.DateTimeField(help_text="Moment that was shown then.")
    speed = models.FloatField(default=1.0, help_text="Shown seconds in one real second.")

    until_shown = models.DateTimeField(
        null=True, help_text="Shown moment it runs to at that speed; empty: without end."
    )
    then_speed = models.FloatField(default=1.0, help_text="Speed after that moment.")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="clocksetting_only_one_row"),
            models.CheckConstraint(
                condition=models.Q(speed__gte=0) & models.Q(then_speed__gte=0),
                name="clocksetting_speed_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.anchor_shown} at speed {self.speed}"
