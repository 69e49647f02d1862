"""Tables of users, posts and who holds which post from when until when."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q
from django.utils.functional import Promise

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
    """One post of the fixed list, with what this installation changed about its permissions.

    Rows are made after each migration. What a post may do by default is declared in code beside
    each permission; a row only keeps the differences, so that permissions of later versions
    arrive.
    """

    code = models.CharField(max_length=40, unique=True)
    granted = models.JSONField(default=list, help_text="Permission codes added here.")
    withdrawn = models.JSONField(default=list, help_text="Permission codes taken away here.")

    def __str__(self) -> str:
        return str(self.name)

    @property
    def name(self) -> str | Promise:
        """The name in the reader's language."""
        return posts.POSTS.get(self.code, self.code)


class PostHoldingQuerySet(models.QuerySet["PostHolding"]):
    def valid_at(self, moment: datetime) -> PostHoldingQuerySet:
        """Keep the holdings in force at ``moment``."""
        return self.filter(
            Q(from_at__isnull=True) | Q(from_at__lte=moment),
            Q(until_at__isnull=True) | Q(until_at__gt=moment),
        )


class PostHolding(models.Model):
    """One user holding one post for a period; ended by setting ``until_at``, never deleted."""

    user = models.ForeignKey(User, models.PROTECT, related_name="holdings")
    post = models.ForeignKey(Post, models.PROTECT, related_name="holdings")
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
