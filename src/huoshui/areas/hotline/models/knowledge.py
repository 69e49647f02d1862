"""What agents may say: articles in versions, and questions nobody could answer."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from huoshui.areas.hotline import contracts
from huoshui.areas.hotline.models.calls import Call


class Article(models.Model):
    """One answer of the knowledge base; what it says is in its versions.

    ``title``, ``text`` and ``letters`` repeat the version in force, for search; empty while there
    is none. Never deleted.
    """

    code = models.CharField(max_length=40, unique=True)
    title = models.CharField(max_length=200)
    text = models.TextField(blank=True)
    letters = models.TextField(blank=True, help_text="The title in pinyin and its initials.")
    state = models.CharField(max_length=20)
    is_public = models.BooleanField(default=False, help_text="Whether customers may read it.")
    valid_from = models.DateField(null=True)
    valid_until = models.DateField(null=True, help_text="The first day it holds no more.")
    changed_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["state", "changed_at"], name="article_state_changed")]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=[str(one) for one in contracts.ArticleState]),
                name="article_state_known",
            ),
        ]

    def __str__(self) -> str:
        return self.code


class ArticleVersion(models.Model):
    """One wording of an article. A draft may be changed; what was approved never is."""

    article = models.ForeignKey(Article, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    title = models.CharField(max_length=200)
    text = models.TextField()
    is_public = models.BooleanField(default=False)
    valid_from = models.DateField(null=True)
    valid_until = models.DateField(null=True)
    written_at = models.DateTimeField()
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    approved_at = models.DateTimeField(null=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["article", "number"], name="articleversion_number_once")
        ]

    def __str__(self) -> str:
        return f"version {self.number} of article {self.article_id}"


class Question(models.Model):
    """A question that no article answered. Born on a call, ends in an article or put aside."""

    text = models.CharField(max_length=500)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    call = models.ForeignKey(Call, models.PROTECT, null=True, related_name="+")
    article = models.ForeignKey(Article, models.PROTECT, null=True, related_name="+")
    put_aside_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["asked_at"], name="question_asked")]

    def __str__(self) -> str:
        return self.text[:40]
