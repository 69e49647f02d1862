"""Tables of announcements: what is said, to whom, over which channel, and how far it came."""

from __future__ import annotations

from datetime import time
from decimal import Decimal

from django.db import models
from django.db.models import F, Q

from huoshui.areas.announcements import contracts, rules


class Announcement(models.Model):
    """One announcement: composed once, told over several channels.

    Born as a draft and changed until it is handed in; from then on its words stay, because people
    have read them. Taken back at most, never removed once released.
    """

    number = models.CharField(max_length=20, unique=True)
    token = models.CharField(max_length=16, unique=True, default=rules.new_token)
    kind = models.CharField(max_length=20)
    state = models.CharField(max_length=12, default=contracts.State.DRAFT)
    title_zh = models.CharField(max_length=rules.TITLE_CHARS_MAX)
    text_zh = models.TextField()
    title_en = models.CharField(max_length=rules.TITLE_CHARS_MAX, blank=True)
    text_en = models.TextField(blank=True)
    place = models.CharField(
        max_length=rules.PLACE_CHARS_MAX, blank=True, help_text="Where, in words for everybody."
    )
    from_at = models.DateTimeField(null=True, help_text="When it begins to concern people.")
    until_at = models.DateTimeField(null=True)
    is_urgent = models.BooleanField(default=False, help_text="Passes the quiet hours.")
    is_public = models.BooleanField(default=True, help_text="Also on the page without sign-in.")
    # Who is to be told, as it was chosen.
    everyone = models.BooleanField(default=False)
    polygon = models.JSONField(default=list, help_text="Corners as [longitude, latitude].")
    west = models.FloatField(null=True)
    south = models.FloatField(null=True)
    east = models.FloatField(null=True)
    north = models.FloatField(null=True)
    estates = models.JSONField(default=list)
    zones = models.JSONField(default=list)
    risks = models.JSONField(default=list)
    trace_asset = models.CharField(max_length=100, blank=True)
    trace_direction = models.CharField(max_length=20, blank=True)
    # How they are told.
    ways = models.JSONField(default=list, help_text="Channels in their order.")
    first_way_only = models.BooleanField(
        default=False, help_text="The next channel only where the one before cannot reach."
    )
    staff_posts = models.JSONField(default=list, help_text="Posts told in the product.")
    people_total = models.PositiveIntegerField(null=True, help_text="Null: not gathered yet.")
    accounts_total = models.PositiveIntegerField(default=0)
    counted = models.JSONField(
        default=dict, help_text="How many each channel reaches, and why not the rest."
    )
    gathered_at = models.DateTimeField(null=True)
    estimate_cents = models.DecimalField(max_digits=12, decimal_places=3, default=Decimal(0))
    late_by_s = models.PositiveIntegerField(
        default=0, help_text="By how much the notice was too short when it was handed in."
    )
    composed_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    composed_at = models.DateTimeField()
    edited_by = models.JSONField(
        default=list, help_text="Who ever changed it, by id: none of them is its second person."
    )
    changed_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True)
    submitted_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    approved_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    released_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True, help_text="When nothing was left to send.")
    recalled_at = models.DateTimeField(null=True)
    recalled_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    recall_reason = models.CharField(max_length=300, blank=True)
    answer = models.CharField(max_length=300, blank=True, help_text="Why it was given back.")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(until_at__isnull=True)
                | Q(from_at__isnull=True)
                | Q(until_at__gt=F("from_at")),
                name="announcement_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True)
                | Q(submitted_by__isnull=True)
                | ~Q(approved_by=F("submitted_by")),
                name="announcement_approved_by_another",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "until_at"], name="announcement_by_state"),
            models.Index(fields=["-composed_at", "-id"], name="announcement_by_composed"),
            models.Index(fields=["kind", "released_at"], name="announcement_by_kind"),
        ]

    def __str__(self) -> str:
        return self.number


class ListedAccount(models.Model):
    """One account that a list brought in names. Born with the import, replaced by the next."""

    announcement = models.ForeignKey(Announcement, models.CASCADE, related_name="listed")
    account_code = models.CharField(max_length=60)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["announcement", "account_code"], name="listedaccount_once"
            ),
        ]

    def __str__(self) -> str:
        return self.account_code


class Recipient(models.Model):
    """One account whose person is to be told, and why.

    Born when the recipients of a draft are gathered, and gathered anew while it is a draft. Where
    one person has several accounts, ``leader`` is the row that the messages go to. The contact data
    is as it was then, as evidence of where the message went; it is emptied after some time.
    """

    announcement = models.ForeignKey(Announcement, models.CASCADE, related_name="recipients")
    account_code = models.CharField(max_length=60)
    estate_code = models.CharField(max_length=60, blank=True)
    leader = models.ForeignKey("self", models.CASCADE, null=True, related_name="followers")
    name = models.CharField(max_length=120, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    wechat = models.CharField(max_length=64, blank=True)
    email = models.CharField(max_length=254, blank=True)
    opted_out = models.CharField(max_length=60, blank=True, help_text="Channels, by commas.")
    why = models.CharField(max_length=120, help_text="Codes of how it was chosen, by commas.")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["announcement", "account_code"], name="announced_recipient_once"
            ),
        ]
        indexes = [models.Index(fields=["account_code"], name="announced_recipient_account")]

    def __str__(self) -> str:
        return f"{self.account_code} of {self.announcement_id}"


class Delivery(models.Model):
    """The message to one person over one channel: the row of the outbox, and its proof.

    Born when an announcement is released, also where it cannot leave (no address, opted out), so
    that the counts add up. Moved on by the sender and by the receipts of gateways; never removed.
    """

    announcement = models.ForeignKey(Announcement, models.CASCADE, related_name="deliveries")
    recipient = models.ForeignKey(Recipient, models.CASCADE, related_name="deliveries")
    way = models.CharField(max_length=10)
    state = models.CharField(max_length=10)
    reason = models.CharField(max_length=60, blank=True)
    reason_text = models.CharField(max_length=200, blank=True, help_text="The gateway's words.")
    round = models.PositiveSmallIntegerField(
        default=1, help_text="Counts what a person sends anew; part of the key against doubles."
    )
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(null=True, help_text="Not before; by the product's clock.")
    claimed_at = models.DateTimeField(null=True, help_text="Real time.")
    uncertain_at = models.DateTimeField(
        null=True, help_text="Real time from when on it is not known whether it went out."
    )
    sent_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)
    provider_id = models.CharField(max_length=80, blank=True)
    cost_cents = models.DecimalField(max_digits=9, decimal_places=3, default=Decimal(0))

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["recipient", "way"], name="announced_delivery_once_per_way"
            ),
        ]
        indexes = [
            models.Index(
                fields=["announcement", "way", "state"], name="announced_delivery_by_state"
            ),
            models.Index(
                fields=["announcement", "id"],
                name="announced_delivery_queued",
                condition=Q(state=contracts.DeliveryState.QUEUED),
            ),
            models.Index(
                fields=["claimed_at"],
                name="announced_delivery_claimed",
                condition=Q(state=contracts.DeliveryState.SENDING),
            ),
            models.Index(
                fields=["way", "provider_id"],
                name="announced_delivery_provider",
                condition=~Q(provider_id=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.way} to {self.recipient_id}: {self.state}"


class OptOut(models.Model):
    """One address that wants no more messages over one channel, as its owner told us there."""

    way = models.CharField(max_length=10)
    address = models.CharField(max_length=254)
    since_at = models.DateTimeField()
    told_by = models.CharField(max_length=20, help_text="How we learned of it: reply, unsubscribe.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["way", "address"], name="announced_optout_once"),
        ]

    def __str__(self) -> str:
        return f"{self.way}: {self.address}"


class ChannelSetup(models.Model):
    """How one channel is set up here. No row, or not enabled: nothing leaves over it.

    Secrets are not here: they lie in files that only the owner can read.
    """

    way = models.CharField(max_length=10, unique=True)
    is_enabled = models.BooleanField(default=False)
    options = models.JSONField(default=dict)
    price_cents = models.DecimalField(max_digits=9, decimal_places=3, default=Decimal(0))
    paused_until = models.DateTimeField(null=True, help_text="The gateway asked us to wait.")
    trouble = models.CharField(max_length=60, blank=True)
    trouble_text = models.CharField(max_length=200, blank=True)
    trouble_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.way


class SendingRules(models.Model):
    """The house rules of sending: one row, born with the first change of the defaults."""

    quiet_from = models.TimeField(default=time(21, 30))
    quiet_until = models.TimeField(default=time(7, 30))
    mass_from = models.PositiveIntegerField(
        default=200, help_text="From so many people on a second person releases it."
    )
    mass_from_before = models.PositiveIntegerField(
        null=True, help_text="What goes on to hold for whoever raised the limit last."
    )
    mass_raised_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    keep_days = models.PositiveIntegerField(
        default=180, help_text="Then names and addresses of recipients are emptied."
    )
    page_address = models.CharField(
        max_length=200, blank=True, help_text="Where the public reaches this installation."
    )
    changed_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return "rules of sending"


class Wording(models.Model):
    """A text to begin with, with variables. Kept by the service manager; old ones are hidden."""

    kind = models.CharField(max_length=20)
    name = models.CharField(max_length=80, unique=True)
    title_zh = models.CharField(max_length=rules.TITLE_CHARS_MAX)
    text_zh = models.TextField()
    title_en = models.CharField(max_length=rules.TITLE_CHARS_MAX, blank=True)
    text_en = models.TextField(blank=True)
    is_offered = models.BooleanField(default=True)
    changed_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
