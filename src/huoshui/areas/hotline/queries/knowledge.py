"""Articles, and the questions that wait for one."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from huoshui.areas.hotline import refusals
from huoshui.areas.hotline.contracts import ArticleState
from huoshui.areas.hotline.models import Article, Question
from huoshui.kernel import clock, search

ARTICLES = search.Index("hotline_article", ("title", "text", "letters"))
SHOWN = 6


def articles() -> QuerySet[Article]:
    """Return all articles."""
    return Article.objects.all()


def article(code: str) -> Article:
    """Return one article, or refuse with `hotline.no_such_article`."""
    found = Article.objects.filter(code=code).first()
    if found is None:
        raise refusals.NoSuch("article", code)
    return found


def in_force(*, public_only: bool = False) -> QuerySet[Article]:
    """Return the articles that hold today."""
    today = clock.local(clock.now()).date()
    rows = Article.objects.filter(
        Q(valid_from__isnull=True) | Q(valid_from__lte=today),
        Q(valid_until__isnull=True) | Q(valid_until__gt=today),
        state=ArticleState.APPROVED,
    )
    return rows.filter(is_public=True) if public_only else rows


def found(text: str, limit: int = SHOWN) -> list[Article]:
    """Return the articles in force that hold every word, those with it in their title first."""
    wanted = text.split()[:10]
    if not wanted:
        return []
    rows = list(ARTICLES.narrow_all(in_force(), wanted)[: limit * 5])
    small = [one.lower() for one in wanted]

    def in_title(row: Article) -> int:
        head = f"{row.title} {row.letters}".lower()
        return -sum(one in head for one in small)

    return sorted(rows, key=lambda row: (in_title(row), row.title))[:limit]


def questions() -> QuerySet[Question]:
    """Return the questions that no article answered, with the article they led to."""
    return Question.objects.select_related("asked_by", "article")
