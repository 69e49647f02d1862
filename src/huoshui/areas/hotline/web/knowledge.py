"""The knowledge base: articles, their versions, and the questions that wait for one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from huoshui.areas.hotline import words
from huoshui.areas.hotline.actions import knowledge as actions
from huoshui.areas.hotline.models import Article, Question
from huoshui.areas.hotline.queries import knowledge as queries
from huoshui.areas.hotline.web.who import id_of, number_of
from huoshui.kernel import errors
from huoshui.kernel.accounts import permissions
from huoshui.kernel.pages import kit

READ, WRITE, APPROVE = (
    "hotline.read_knowledge", "hotline.write_knowledge", "hotline.approve_knowledge",
)  # fmt: skip


def article_url(row: Article) -> str:
    """Return the page of an article."""
    return reverse("hotline:article", args=[row.code])


class Articles(kit.ListPage):
    """All articles."""

    title = _("Knowledge base")
    permission = READ
    url_name = "hotline:articles"
    columns = (
        kit.Column("title", _("Title"), href=article_url),
        kit.Column("code", _("Code"), phone=False),
        kit.Column("state", _("State"), badge=words.ARTICLE_STATES),
        kit.Column(
            "is_public",
            pgettext_lazy("article", "For customers"),
            labels={True: _("yes"), False: _("no")},
        ),
        kit.Column("valid_from", pgettext_lazy("article", "From"), format="day", phone=False),
        kit.Column("valid_until", pgettext_lazy("article", "Until"), format="day", phone=False),
        kit.Column("changed_at", _("Changed"), format="moment"),
    )
    search_index = queries.ARTICLES
    search_hint = _("Words, pinyin or its initials")
    default_sort = "-changed_at"
    filters = (
        kit.ChoiceFilter("state", _("State"), choices=lambda: words.choices(words.ARTICLE_STATES)),
        kit.ChoiceFilter("is_public", pgettext_lazy("article", "For customers"),
                         choices=(("True", _("yes")), ("False", _("no")))),
    )  # fmt: skip
    empty = _("No article has been written yet.")

    def rows(self, request: HttpRequest) -> QuerySet[Article]:
        return queries.articles()

    def actions(self, request: HttpRequest) -> Sequence[SafeString]:
        if not permissions.holds(request.user, WRITE):
            return ()
        return (
            kit.link_button(_("Unanswered questions"), reverse("hotline:questions"), icon="help"),
            kit.link_button(_("New article"), reverse("hotline:new-article"), icon="plus"),
        )


class ArticlePage(kit.DetailPage):
    """One article with its wordings."""

    permission = READ
    template = "hotline/article.html"

    def get_object(self, request: HttpRequest, **kwargs: Any) -> Article:
        return queries.article(kwargs["code"])

    def heading(self, request: HttpRequest, obj: Article) -> Any:
        return obj.title

    def trail(self, request: HttpRequest, obj: Article) -> Sequence[tuple[Any, str]]:
        return ((_("Knowledge base"), reverse("hotline:articles")),)

    def badges(self, request: HttpRequest, obj: Article) -> Sequence[SafeString]:
        found = [kit.badge(*words.ARTICLE_STATES[obj.state])]
        if obj.is_public:
            found.append(kit.badge(pgettext_lazy("article", "For customers"), "blue"))
        return found

    def actions(self, request: HttpRequest, obj: Article) -> Sequence[SafeString]:
        found = []
        draft = obj.versions.filter(approved_at__isnull=True).first()
        if permissions.holds(request.user, WRITE):
            found.append(
                kit.link_button(
                    _("Write"), reverse("hotline:write-article", args=[obj.code]), icon="edit"
                )
            )
        if permissions.holds(request.user, APPROVE):
            if draft is not None:
                found.append(
                    kit.action_button(
                        request,
                        _("Approve"),
                        reverse("hotline:approve-article", args=[obj.code]),
                        icon="check",
                        confirm=_("Put this wording in force?"),
                    )
                )
            if obj.state == "approved":
                found.append(
                    kit.action_button(
                        request,
                        _("Retire"),
                        reverse("hotline:retire-article", args=[obj.code]),
                        colour="secondary",
                        confirm=_("Take this article out of force?"),
                    )
                )
        return found

    def context(self, request: HttpRequest, obj: Article) -> dict[str, Any]:
        rows = obj.versions.select_related("written_by", "approved_by").order_by("-number")
        return {
            "versions": [
                {"number": row.number, "title": row.title, "text": row.text,
                 "written_at": row.written_at, "written_by": str(row.written_by or ""),
                 "approved_at": row.approved_at, "approved_by": str(row.approved_by or ""),
                 "valid_from": row.valid_from, "valid_until": row.valid_until,
                 "is_public": row.is_public}
                for row in rows
            ],
        }  # fmt: skip


class ArticleForm(forms.Form):
    """The wording of an article."""

    title = forms.CharField(label=_("Title"), max_length=200)
    text = forms.CharField(label=_("Text"), widget=forms.Textarea(attrs={"rows": 12}))
    is_public = forms.BooleanField(label=_("Customers may read it"), required=False)
    valid_from = forms.DateField(
        label=_("Holds from"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    valid_until = forms.DateField(label=_("Holds no more from"), required=False,
                                  widget=forms.DateInput(attrs={"type": "date"}))  # fmt: skip


class Write(kit.FormPage):
    """Write a new article, or the next wording of one."""

    title = _("Write an article")
    permission = WRITE
    form_class = ArticleForm
    submit_label = _("Keep as draft")
    explanation = _("A second person approves it; until then the wording in force stays.")

    @property
    def code(self) -> str:
        """Which article; empty for a new one."""
        return str(self.kwargs.get("code", ""))

    def _question(self, request: HttpRequest) -> Question | None:
        asked = number_of(request.GET.get("question", ""))
        return queries.questions().filter(pk=asked).first() if asked is not None else None

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        return ((_("Knowledge base"), reverse("hotline:articles")),)

    def get_cancel_url(self, request: HttpRequest) -> str:
        return (
            reverse("hotline:article", args=[self.code])
            if self.code
            else reverse("hotline:articles")
        )

    def initial(self, request: HttpRequest) -> dict[str, Any]:
        if not self.code:
            question = self._question(request)
            return {"title": question.text[:200]} if question else {}
        row = queries.article(self.code).versions.order_by("-number").first()
        names = ("title", "text", "is_public", "valid_from", "valid_until")
        return {name: getattr(row, name) for name in names} if row else {}

    def submit(self, request: HttpRequest, form: Any) -> str:
        question = None if self.code else self._question(request)
        row = actions.write_draft(
            code=self.code, **form.cleaned_data, by_id=id_of(request),
            question_id=question.pk if question else None,
        )  # fmt: skip
        messages.success(request, gettext("The draft waits for approval."))
        return article_url(row)


def _deed(request: HttpRequest, code: str, deed: Any, said: str) -> HttpResponse:
    try:
        deed(code, by_id=id_of(request))
        messages.success(request, said)
    except errors.Refused as refusal:
        messages.error(request, f"{refusal.message} {refusal.next_step}")
    return HttpResponseRedirect(reverse("hotline:article", args=[code]))


@permissions.needs(APPROVE)
@require_POST
def approve(request: HttpRequest, code: str) -> HttpResponse:
    """Put the waiting draft in force."""
    return _deed(request, code, actions.approve, gettext("The article is in force."))


@permissions.needs(APPROVE)
@require_POST
def retire(request: HttpRequest, code: str) -> HttpResponse:
    """Take an article out of force."""
    return _deed(request, code, actions.retire, gettext("The article is retired."))


def _waiting(rows: Any, wanted: str) -> Any:
    open_ones = {"article__isnull": True, "put_aside_at__isnull": True}
    return rows.filter(**open_ones) if wanted == "open" else rows.exclude(**open_ones)


def _write_url(row: Question) -> str | None:
    if row.article_id:
        return reverse("hotline:article", args=[row.article.code]) if row.article else None
    return f"{reverse('hotline:new-article')}?question={row.pk}"


def _put_aside(request: HttpRequest, ids: list[Any]) -> int:
    for pk in ids:
        actions.put_question_aside(pk, by_id=id_of(request))
    return len(ids)


class Questions(kit.ListPage):
    """Questions that no article answered."""

    title = _("Unanswered questions")
    permission = READ
    url_name = "hotline:questions"
    columns = (
        kit.Column("text", _("Question"), href=_write_url),
        kit.Column("asked_at", pgettext_lazy("hotline", "Asked"), format="moment"),
        kit.Column("asked_by", _("Kept by"), sort="asked_by__name", phone=False),
        kit.Column("article", _("Article"), value=lambda row: row.article.title
                   if row.article else ""),
        kit.Column("put_aside_at", _("Put aside"), format="moment", phone=False),
    )  # fmt: skip
    search = ("text",)
    default_sort = "-asked_at"
    filters = (
        kit.ChoiceFilter("waiting", _("Which"), apply=_waiting,
                         choices=(("open", _("Open")),
                                  ("settled", pgettext_lazy("hotline", "Settled")))),
        kit.PeriodFilter("asked_at", pgettext_lazy("hotline", "Asked")),
    )  # fmt: skip
    bulk = (kit.BulkAction("aside", _("Needs no article"), _put_aside, permission=WRITE),)
    empty = _("Every question was answered by an article.")

    def rows(self, request: HttpRequest) -> QuerySet[Question]:
        return queries.questions()


@permissions.public
@require_GET
def for_customers(request: HttpRequest) -> HttpResponse:
    """Show the articles that customers may read; nobody needs to sign in."""
    text = request.GET.get("q", "").strip()[:100]
    rows = queries.in_force(public_only=True)
    for word in text.split()[:5]:
        rows = queries.ARTICLES.narrow(rows, word)
    shown = [{"title": row.title, "text": row.text, "code": row.code}
             for row in rows.order_by("title")[:100]]  # fmt: skip
    context = {"title": _("Guide for customers"), "articles": shown, "asked": text}
    return render(request, "hotline/guide.html", context)


@permissions.public
@require_GET
def one_for_customers(request: HttpRequest, code: str) -> HttpResponse:
    """Show one article that customers may read."""
    row = queries.in_force(public_only=True).filter(code=code).first()
    if row is None:
        raise Http404
    context = {
        "title": row.title,
        "articles": [{"title": row.title, "text": row.text, "code": row.code}],
        "asked": "",
        "one": True,
    }
    return render(request, "hotline/guide.html", context)
