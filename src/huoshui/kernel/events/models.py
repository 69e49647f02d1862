"""Tables of the outbox: what happened, and to which listeners it was delivered."""

from __future__ import annotations

from django.db import models


class Event(models.Model):
    """One past fact that an area told, written in the transaction that made it true.

    Never changed; removed some time after every listener has received it.
    """

    kind = models.CharField(max_length=120, help_text="Module and name of the event class.")
    payload = models.JSONField()
    published_at = models.DateTimeField(help_text="Time that the product's clock showed.")
    spread = models.BooleanField(default=False, help_text="Its deliveries have been made out.")

    class Meta:
        indexes = [
            models.Index(
                fields=["id"], name="event_not_yet_spread", condition=models.Q(spread=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.id} {self.kind}"


class Delivery(models.Model):
    """One event on its way to one listener; tried again with growing pauses until it arrives.

    After the last attempt it stays as a dead letter for a person to look at and send again.
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        DONE = "done"
        DEAD = "dead"

    event = models.ForeignKey(Event, models.CASCADE, related_name="deliveries")
    listener = models.CharField(max_length=120)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveIntegerField(default=0)
    due_at = models.DateTimeField(help_text="Real time of the next attempt.")
    done_at = models.DateTimeField(null=True, help_text="Real time.")
    error = models.TextField(blank=True, help_text="What the latest attempt died of.")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["event", "listener"], name="delivery_once_per_listener"
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at", "id"],
                name="delivery_waiting",
                condition=models.Q(state="waiting"),
            ),
            models.Index(fields=["state", "-id"], name="delivery_by_state"),
        ]

    def __str__(self) -> str:
        return f"event {self.event_id} to {self.listener}: {self.state}"
