"""Articles in versions, and the questions that no article answers."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from huoshui.areas.hotline import letters, refusals
from huoshui.areas.hotline.contracts import ArticleState
from huoshui.areas.hotline.models import Article, ArticleVersion, Call, Question
from huoshui.kernel import audit, clock, numbering

TEXT_MAX = 20_000
STEM = "KB-"


def _article(code: str) -> Article:
    found = Article.objects.select_for_update().filter(code=code).first()
    if found is None:
        raise refusals.NoSuch("article", code)
    return found


@transaction.atomic
def write_draft(
    *,
    code: str = "",
    title: str,
    text: str,
    is_public: bool = False,
    valid_from: date | None = None,
    valid_until: date | None = None,
    by_id: int | None,
    question_id: int | None = None,
) -> Article:
    """Write a new article, or the next wording of one; what is in force stays until approval.

    A draft that waits already is written over. With ``question_id`` the question leads to it.
    """
    title, text = title.strip(), text.strip()[:TEXT_MAX]
    if not title or not text:
        raise refusals.NeedsValue("text", _("An article needs a title and a text."))
    if valid_from and valid_until and valid_until <= valid_from:
        raise refusals.NeedsValue("valid_until", _("It would end before it begins."))
    now = clock.now()
    article = _article(code) if code else _new_article(title)
    version = article.versions.filter(approved_at__isnull=True).order_by("-number").first()
    if version is None:
        latest = article.versions.order_by("-number").values_list("number", flat=True).first()
        version = ArticleVersion(article=article, number=(latest or 0) + 1)
    version.title, version.text, version.is_public = title, text, is_public
    version.valid_from, version.valid_until = valid_from, valid_until
    version.written_at, version.written_by_id = now, by_id
    version.save()
    if article.state == ArticleState.DRAFT:
        article.title, article.letters = title, letters.letters(title)
        article.changed_at = now
        article.save()
    if question_id is not None:
        Question.objects.filter(pk=question_id).update(article=article)
    audit.record(
        by_id, "hotline.article_written", f"hotline.article:{article.code}",
        {"title": title, "version": version.number},
    )  # fmt: skip
    return article


def _new_article(title: str) -> Article:
    latest = numbering.latest(Article.objects.all(), "code", STEM)
    return Article.objects.create(
        code=f"{STEM}{latest + 1:04d}",
        title=title,
        state=ArticleState.DRAFT,
        changed_at=clock.now(),
    )


@transaction.atomic
def approve(code: str, *, by_id: int) -> Article:
    """Put the waiting draft in force. Refuses whoever wrote it, and an article without draft."""
    article = _article(code)
    version = article.versions.filter(approved_at__isnull=True).order_by("-number").first()
    if version is None:
        raise refusals.NotNow(_("No draft waits for approval."), article=code)
    if version.written_by_id == by_id:
        raise refusals.SamePerson(_("You wrote this yourself; a second person approves it."))
    now = clock.now()
    version.approved_at, version.approved_by_id = now, by_id
    version.save(update_fields=["approved_at", "approved_by"])
    article.title, article.text = version.title, version.text
    article.letters = letters.letters(version.title)
    article.is_public = version.is_public
    article.valid_from, article.valid_until = version.valid_from, version.valid_until
    article.state, article.changed_at = ArticleState.APPROVED, now
    article.save()
    audit.record(
        by_id, "hotline.article_approved", f"hotline.article:{code}", {"version": version.number}
    )
    return article


@transaction.atomic
def retire(code: str, *, by_id: int) -> None:
    """Take an article out of force; it stays on record and may be written anew."""
    article = _article(code)
    if article.state == ArticleState.RETIRED:
        return
    article.state, article.changed_at = ArticleState.RETIRED, clock.now()
    article.save(update_fields=["state", "changed_at"])
    audit.record(by_id, "hotline.article_retired", f"hotline.article:{code}", {})


@transaction.atomic
def keep_question(text: str, *, call_id: int | None, by_id: int | None) -> Question:
    """Keep a question that no article answered; the same words twice in a call are kept once."""
    text = text.strip()[:500]
    if not text:
        raise refusals.NeedsValue("text", _("What was asked?"))
    call = Call.objects.filter(pk=call_id).first() if call_id else None
    found = Question.objects.filter(text=text, call=call).first() if call else None
    if found is not None:
        return found
    question = Question.objects.create(
        text=text, asked_at=clock.now(), asked_by_id=by_id, call=call
    )
    audit.record(by_id, "hotline.question_kept", f"hotline.question:{question.pk}", {"text": text})
    return question


@transaction.atomic
def put_question_aside(question_id: int, *, by_id: int | None) -> None:
    """Say that a question needs no article."""
    changed = Question.objects.filter(
        pk=question_id, put_aside_at__isnull=True, article__isnull=True
    ).update(put_aside_at=clock.now())
    if changed:
        audit.record(by_id, "hotline.question_put_aside", f"hotline.question:{question_id}", {})
