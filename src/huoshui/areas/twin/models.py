"""Tables of the twin."""

from __future__ import annotations

from django.db import models


class ModelRun(models.Model):
    """One solution of the network for one moment, born when its schedule is due.

    Never edited, except that ``figures`` is emptied when a newer run has taken its place.
    """

    at = models.DateTimeField(unique=True, help_text="The moment the model stands for.")
    ran_at = models.DateTimeField(help_text="When it was computed, in real time.")
    problem = models.CharField(max_length=300, blank=True, help_text="Why there is no solution.")
    engine = models.CharField(max_length=40, help_text="Name and version of the solver.")
    network_sha256 = models.CharField(max_length=64, help_text="Which network file was solved.")
    sensors = models.PositiveIntegerField(default=0, help_text="Pressure sensors compared with.")
    pressure_error_m = models.FloatField(
        null=True, help_text="Mean absolute difference of model and pressure sensors."
    )
    inputs = models.JSONField(help_text="Measurements used, demand factors and assumptions made.")
    figures = models.JSONField(
        null=True,
        help_text="Newest run only: links (flow m³/h, velocity m/s) and nodes (pressure m).",
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(pressure_error_m__isnull=True)
                | models.Q(pressure_error_m__gte=0),
                name="modelrun_pressure_error_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return f"model run of {self.at:%Y-%m-%d %H:%M}"
