"""Tables of the audit trail; triggers of the database refuse every change to a record."""

from __future__ import annotations

from django.db import models


class AuditRecord(models.Model):
    """One thing one person or the system did.

    Written once in the transaction of the deed; the database itself refuses changes. Each record
    carries the hash of the one before, so that any later edit shows.
    """

    sequence = models.BigIntegerField(primary_key=True, help_text="1, 2, 3 … without a gap.")
    at = models.DateTimeField(help_text="Real time of the deed.")
    shown_at = models.DateTimeField(help_text="Time that the product's clock showed.")
    by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, related_name="+", help_text="Empty: the system."
    )
    action = models.CharField(max_length=80, help_text="Code of what was done.")
    subject = models.CharField(max_length=200, help_text="What it was done to, as kind:key.")
    detail = models.JSONField(default=dict)
    previous_hash = models.CharField(max_length=64)
    record_hash = models.CharField(max_length=64, unique=True)

    class Meta:
        indexes = [
            models.Index(fields=["subject", "sequence"], name="auditrecord_of_subject"),
            models.Index(fields=["action", "sequence"], name="auditrecord_of_action"),
        ]

    def __str__(self) -> str:
        return f"{self.sequence} {self.action} {self.subject}"


class AuditHead(models.Model):
    """Where the chain ends: the one row that makes a cut-off tail visible.

    Rewritten with every record, under the lock that also orders the records.
    """

    sequence = models.BigIntegerField(default=0)
    record_hash = models.CharField(max_length=64)
    seal = models.CharField(
        max_length=64, help_text="Keyed with the installation's secret; a forger cannot make it."
    )

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="audithead_only_one_row"),
        ]

    def __str__(self) -> str:
        return f"chain ends at {self.sequence}"
