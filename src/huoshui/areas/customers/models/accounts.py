"""Accounts with their meters, the people beside the holder, and how each may be treated."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from huoshui.areas.customers import contracts
from huoshui.areas.customers.models.people import Person
from huoshui.areas.customers.models.places import Premises
from huoshui.areas.customers.rules import CODE_LENGTH_MAX


class Account(models.Model):
    """One customer's account (户): who pays for the water of which place.

    Born by an import or by hand; closed, never deleted. What it owes is what billing told us at
    ``balance_as_of``; a positive balance is owed to us.
    """

    code = models.CharField(max_length=CODE_LENGTH_MAX, unique=True)
    tail = models.CharField(max_length=CODE_LENGTH_MAX, editable=False, help_text="Code backwards.")
    premises = models.ForeignKey(Premises, models.PROTECT, related_name="accounts")
    holder = models.ForeignKey(Person, models.PROTECT, related_name="held")
    state = models.CharField(max_length=20, default=contracts.AccountState.ACTIVE)
    tariff = models.CharField(max_length=60, blank=True, help_text="Group of the tariff.")
    balance_cents = models.BigIntegerField(null=True)
    balance_as_of = models.DateTimeField(null=True)
    opened_date = models.DateField(null=True)
    use_m3_year = models.FloatField(null=True, help_text="The latest known use of a whole year.")
    key_manager = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+",
        help_text="Who looks after a large customer in person.",
    )  # fmt: skip
    added_at = models.DateTimeField(help_text="When we learned of it.")

    class Meta:
        ordering = ("code",)
        indexes = [
            models.Index(fields=["tail"], name="account_by_tail"),
            models.Index(fields=["state", "code"], name="account_by_state"),
            models.Index(fields=["premises", "state"], name="account_by_premises"),
            models.Index(fields=["balance_cents"], name="account_by_balance"),
            models.Index(fields=["key_manager"], name="account_by_key_manager"),
            models.Index(fields=["use_m3_year"], name="account_by_use"),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(code=""), name="account_has_a_code"),
            models.CheckConstraint(
                condition=Q(state__in=sorted(contracts.AccountState)),
                name="account_is_of_a_known_state",
            ),
            models.CheckConstraint(
                condition=Q(balance_cents__isnull=True) | Q(balance_as_of__isnull=False),
                name="account_balance_has_a_moment",
            ),
            models.CheckConstraint(
                condition=Q(use_m3_year__isnull=True) | Q(use_m3_year__gte=0),
                name="account_use_is_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return f"account {self.code}"


class ServicePoint(models.Model):
    """One meter at a place: what it is called, what feeds it, and its latest reading."""

    premises = models.ForeignKey(Premises, models.PROTECT, related_name="points")
    account = models.ForeignKey(Account, models.PROTECT, null=True, related_name="points")
    meter_number = models.CharField(max_length=CODE_LENGTH_MAX, unique=True)
    tail = models.CharField(max_length=CODE_LENGTH_MAX, editable=False)
    connection_code = models.CharField(max_length=64, blank=True)
    diameter_mm = models.FloatField(null=True)
    reading_m3 = models.FloatField(null=True)
    reading_date = models.DateField(null=True)
    is_exposed = models.BooleanField(
        default=False, help_text="Hangs outdoors or unheated, and freezes in a cold wave."
    )

    class Meta:
        indexes = [
            models.Index(
                fields=["account"], name="servicepoint_exposed", condition=Q(is_exposed=True)
            ),
            models.Index(fields=["tail"], name="servicepoint_by_tail"),
            models.Index(fields=["connection_code"], name="servicepoint_by_connection"),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(meter_number=""), name="servicepoint_has_a_meter"),
            models.CheckConstraint(
                condition=Q(reading_m3__isnull=True) | Q(reading_m3__gte=0),
                name="servicepoint_reading_is_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return f"service point {self.meter_number}"


class AccountPerson(models.Model):
    """Somebody beside the holder who may speak for an account: a tenant, a son, a bookkeeper."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="others")
    person = models.ForeignKey(Person, models.PROTECT, related_name="speaks_for")
    role = models.CharField(max_length=20)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "person"], name="accountperson_once_of_account"
            ),
            models.CheckConstraint(
                condition=Q(role__in=sorted(contracts.Role)), name="accountperson_has_a_known_role"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role} of account {self.account_id}"


class OptOut(models.Model):
    """One way by which somebody does not want to be reached. Born when they say so."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="opt_outs")
    channel = models.CharField(max_length=20)
    since_at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "channel"], name="optout_once_for_channel"),
            models.CheckConstraint(
                condition=Q(channel__in=sorted(contracts.Channel)), name="optout_channel_known"
            ),
        ]

    def __str__(self) -> str:
        return f"person {self.person_id} without {self.channel}"


class SpecialCare(models.Model):
    """Why an account is treated with special care, with the consent of whom it is about.

    Born with the consent, ended when it is taken back or no longer needed; never deleted.
    """

    account = models.ForeignKey(Account, models.PROTECT, related_name="cares")
    reason = models.CharField(max_length=20)
    note = models.CharField(max_length=300, blank=True)
    consent_date = models.DateField()
    consent_by = models.CharField(max_length=100, help_text="Who gave it: the person, a relative.")
    contact_name = models.CharField(max_length=100, blank=True)
    contact_phone = models.CharField(max_length=40, blank=True)
    from_at = models.DateTimeField()
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    ended_at = models.DateTimeField(null=True)
    visited_at = models.DateTimeField(null=True, help_text="The latest visit.")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account"], condition=Q(ended_at__isnull=True),
                name="specialcare_one_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(reason__in=sorted(contracts.CareReason)),
                name="specialcare_reason_known",
            ),
            models.CheckConstraint(
                condition=~Q(consent_by=""), name="specialcare_has_a_consent"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"special care of account {self.account_id}"


class CareVisit(models.Model):
    """One visit to somebody in special care. Written once."""

    care = models.ForeignKey(SpecialCare, models.PROTECT, related_name="visits")
    visited_at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    met = models.BooleanField(default=True, help_text="Whether anybody was met.")
    note = models.CharField(max_length=500, blank=True)
    paid_cents = models.BigIntegerField(null=True, help_text="Taken along for the customer.")
    recorded_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["care", "visited_at"], name="carevisit_by_care")]
        constraints = [
            models.CheckConstraint(
                condition=Q(recorded_at__gte=models.F("visited_at")),
                name="carevisit_not_recorded_before_it_happened",
            )
        ]

    def __str__(self) -> str:
        return f"visit {self.pk}"
