"""What phones handed in: every entry and photo once, and what both sides agreed on."""

from __future__ import annotations

from django.conf import settings
from django.db import models

CODE_LENGTH = 40
HASH_LENGTH = 64


class PhoneEntry(models.Model):
    """One deed as a phone wrote it down, with the receipt it got. Never changes.

    Born when the phone hands it in; its key was made on the phone, so that handing it in twice
    leaves one row. ``payload`` is the very text whose hash the phone knows.
    """

    id = models.UUIDField(primary_key=True)
    phone_id = models.UUIDField(help_text="One installation of the app, made up by itself.")
    number_on_phone = models.PositiveIntegerField(help_text="Its place in the phone's own order.")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    job = models.ForeignKey(
        "fieldwork.Job", models.PROTECT, null=True, related_name="phone_entries"
    )
    kind = models.CharField(max_length=CODE_LENGTH)
    payload = models.TextField()
    payload_hash = models.CharField(max_length=HASH_LENGTH)
    photo_hash = models.CharField(max_length=HASH_LENGTH, blank=True, db_index=True)
    done_at = models.DateTimeField(db_index=True, help_text="When it was done, clock corrected.")
    clock_off_s = models.FloatField(help_text="How far the phone's clock was ahead.")
    is_clock_doubted = models.BooleanField(default=False)
    received_at = models.DateTimeField()
    outcome = models.CharField(max_length=CODE_LENGTH)
    code = models.CharField(max_length=80, blank=True, help_text="Why it was not simply taken.")
    detail = models.JSONField(default=dict)

    class Meta:
        ordering = ["done_at", "number_on_phone"]
        indexes = [models.Index(fields=["by", "done_at"], name="phoneentry_by_done")]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class PhonePhoto(models.Model):
    """One photo that came from a phone whole. Never changes.

    ``content_hash`` is of the bytes that the phone has, ``file`` is the cleaned copy we keep.
    """

    content_hash = models.CharField(max_length=HASH_LENGTH)
    size_bytes = models.PositiveBigIntegerField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    file = models.ForeignKey("files.StoredFile", models.PROTECT, related_name="+")
    received_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["by", "content_hash"], name="phonephoto_once_a_person"),
        ]

    def __str__(self) -> str:
        return f"photo {self.content_hash[:12]}"


class PhoneReckoning(models.Model):
    """That phone and server counted a day and found the same. Never changes.

    A later deed of the same day leads to a further row; the newest counts.
    """

    phone_id = models.UUIDField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    day = models.DateField()
    entries = models.PositiveIntegerField()
    photos = models.PositiveIntegerField()
    list_hash = models.CharField(max_length=HASH_LENGTH, help_text="Of the list both sides have.")
    agreed_at = models.DateTimeField()

    class Meta:
        ordering = ["-agreed_at", "-id"]

    def __str__(self) -> str:
        return f"{self.day} of {self.by_id}"
