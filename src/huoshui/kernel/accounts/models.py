"""Tables of users, posts and who holds which post from when until when."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q
from django.utils.functional import Promise
from django.utils.translation import get_language

from huoshui.kernel.accounts import posts


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(username__iexact=username)


class User(AbstractBaseUser):
    """A person who signs in.

    Born when an administrator adds them; never deleted, because the audit trail points here. A
    person who has left is made inactive.
    """

    username = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=100, help_text="As colleagues write it.")
    phone = models.CharField(max_length=32, blank=True)
    language = models.CharField(
        max_length=10, blank=True, help_text="Language of pages; empty follows the browser."
    )
    theme = models.CharField(
        max_length=10, blank=True, help_text="light or dark; empty follows the device."
    )
    is_active = models.BooleanField(default=True)
    is_demo = models.BooleanField(
        default=False, help_text="Made for the demo: may sign in by one click in demo mode."
    )
    is_service = models.BooleanField(
        default=False, help_text="A program, not a person: acts by tokens, never signs in."
    )
    created_at = models.DateTimeField()

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS = ["name"]

    objects = UserManager()

    def __str__(self) -> str:
        return self.name or self.username

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name


class Post(models.Model):
    """One post, of the fixed list or made here, with what this installation changed about it.

    Rows of the fixed list are made after each migration. What such a post may do by default is
    declared in code beside each permission; a row only keeps the differences, so that permissions
    of later versions arrive. A post made here is a copy of one of the list and follows it likewise.
    """

    code = models.CharField(max_length=40, unique=True)
    based_on = models.CharField(
        max_length=40, blank=True, help_text="Post of the fixed list it copies; empty: in the list."
    )
    name_zh = models.CharField(max_length=60, blank=True, help_text="Of a post made here.")
    name_en = models.CharField(max_length=60, blank=True, help_text="Of a post made here.")
    is_open = models.BooleanField(default=True, help_text="A closed post is given to nobody.")
    second_factor = models.BooleanField(
        null=True, help_text="Whether its holders need one; empty: as the list says."
    )
    granted = models.JSONField(default=list, help_text="Permission codes added here.")
    withdrawn = models.JSONField(default=list, help_text="Permission codes taken away here.")

    def __str__(self) -> str:
        return str(self.name)

    @property
    def name(self) -> str | Promise:
        """The name in the reader's language."""
        if self.based_on:
            chinese = (get_language() or "zh").startswith("zh")
            return self.name_zh if chinese else self.name_en
        return posts.POSTS.get(self.code, self.code)

    @property
    def pattern(self) -> str:
        """The post of the fixed list whose default permissions it has."""
        return self.based_on or self.code


class PostHoldingQuerySet(models.QuerySet["PostHolding"]):
    def valid_at(self, moment: datetime) -> PostHoldingQuerySet:
        """Keep the holdings in force at ``moment``."""
        return self.filter(
            Q(from_at__isnull=True) | Q(from_at__lte=moment),
            Q(until_at__isnull=True) | Q(until_at__gt=moment),
        )


class PostHolding(models.Model):
    """One user holding one post for a period; ended by setting ``until_at``, never deleted.

    With a unit the post reaches only that part of the organisation and what is below it.
    """

    user = models.ForeignKey(User, models.PROTECT, related_name="holdings")
    post = models.ForeignKey(Post, models.PROTECT, related_name="holdings")
    unit = models.ForeignKey(
        "organisation.Unit",
        models.PROTECT,
        null=True,
        related_name="+",
        help_text="Empty: the whole organisation.",
    )
    from_at = models.DateTimeField(null=True, help_text="Empty: since always.")
    until_at = models.DateTimeField(null=True, help_text="Excluded. Empty: until further notice.")

    objects = PostHoldingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(until_at__isnull=True)
                | Q(from_at__isnull=True)
                | Q(until_at__gte=F("from_at")),
                name="postholding_not_ended_before_it_began",
            ),
        ]

    def __str__(self) -> str:
        return f"user {self.user_id} as post {self.post_id}"


class ApiToken(models.Model):
    """A secret with which a program calls the API for its owner.

    Born with its name, scopes and end, which never change; only its latest use is noted, and it is
    revoked, never deleted. What it may do is what its owner may do now, less what it was not given.
    """

    owner = models.ForeignKey(User, models.PROTECT, related_name="tokens")
    name = models.CharField(max_length=80, help_text="Which program uses it.")
    prefix = models.CharField(max_length=16, unique=True, help_text="Its first letters.")
    secret_hash = models.CharField(max_length=64, unique=True, help_text="SHA-256, in hexadecimal.")
    scopes = models.JSONField(default=list, help_text="Permission codes.")
    created_at = models.DateTimeField(help_text="Real time, as are all moments of a token.")
    expires_at = models.DateTimeField(null=True, help_text="Excluded. Empty: no end.")
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True, help_text="Noted once a minute.")
    last_address = models.CharField(max_length=45, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__isnull=True) | Q(expires_at__gt=F("created_at")),
                name="apitoken_not_over_before_it_began",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix})"


class SecondFactor(models.Model):
    """The authenticator app of one user: a secret shared with their phone.

    Born when the user has proved with a first code that the app works; deleted when it is reset.
    """

    user = models.OneToOneField(User, models.PROTECT, related_name="second_factor")
    sealed_secret = models.CharField(
        max_length=120, help_text="Readable only with the installation's secret key."
    )
    created_at = models.DateTimeField(help_text="Real time.")
    latest_step = models.BigIntegerField(
        help_text="Half minute of the latest code accepted; it and earlier ones are refused."
    )

    def __str__(self) -> str:
        return f"second factor of user {self.user_id}"


class RecoveryCode(models.Model):
    """One code on paper that opens the door once when the phone is lost."""

    user = models.ForeignKey(User, models.PROTECT, related_name="recovery_codes")
    code_hash = models.CharField(max_length=64, unique=True)
    used_at = models.DateTimeField(null=True, help_text="Real time.")

    def __str__(self) -> str:
        return f"recovery code of user {self.user_id}"


class UserSession(models.Model):
    """One signed-in browser, so that its owner can see and end it; times are real."""

    user = models.ForeignKey(User, models.CASCADE, related_name="sessions")
    session_key = models.CharField(max_length=40, unique=True)
    began_at = models.DateTimeField()
    seen_at = models.DateTimeField(help_text="Noted every five minutes.")
    ended_at = models.DateTimeField(null=True)
    address = models.CharField(max_length=45, blank=True)
    browser = models.CharField(max_length=200, blank=True)

    def __str__(self) -> str:
        return f"session of user {self.user_id} since {self.began_at}"
