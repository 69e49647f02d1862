"""Messages of owners' chat groups: which wait, and what becomes of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from huoshui.areas.customers import facade as customers
from huoshui.areas.hotline import words
from huoshui.areas.hotline.actions import chats as actions
from huoshui.areas.hotline.contracts import MessageState
from huoshui.areas.hotline.models import ChatGroup, ChatMessage, Topic
from huoshui.areas.hotline.queries import chats as queries
from huoshui.areas.hotline.queries import knowledge
from huoshui.areas.hotline.web.chats import TRAIL, USE, estate_names, waiting_url
from huoshui.areas.hotline.web.popped import address
from huoshui.areas.hotline.web.who import id_of
from huoshui.kernel import audit, cases, errors
from huoshui.kernel.accounts import personal
from huoshui.kernel.cases import reading
from huoshui.kernel.pages import kit

CASES_AT_ONCE = 200
GROUP, WHO = pgettext_lazy("chat", "Group"), pgettext_lazy("chat", "Who")


def _url(row: ChatMessage) -> str:
    return reverse("hotline:chat-message", args=[row.pk])


def _topic(row: ChatMessage) -> str:
    return words.topic_name(row.topic) if row.topic else ""


def _case(row: ChatMessage) -> str | None:
    return address("cases:case", row.case_number) or None if row.case_number else None


def _groups() -> list[tuple[str, str]]:
    return [(str(pk), name) for pk, name in ChatGroup.objects.values_list("pk", "name")]


def _likely(rows: Any, wanted: str) -> Any:
    return rows.exclude(hit_words="") if wanted == "yes" else rows.filter(hit_words="")


def _make_cases(request: HttpRequest, ids: list[Any]) -> int:
    """Make each ticked message with a topic a case; say of the others why they are left."""
    made, left = 0, []
    for pk in ids[:CASES_AT_ONCE]:
        try:
            actions.make_case(pk, by_id=id_of(request))
            made += 1
        except errors.Refused as refusal:
            left.append(str(refusal.message))
    for why in dict.fromkeys(left):
        n = left.count(why)
        said = ngettext("%(n)s message is left as it was: %(why)s",
                        "%(n)s messages are left as they were: %(why)s", n)  # fmt: skip
        messages.warning(request, said % {"n": n, "why": why})
    if len(ids) > CASES_AT_ONCE:
        said = gettext("At most %(n)s cases are opened at once; do the same with the others.")
        messages.warning(request, said % {"n": CASES_AT_ONCE})
    opened = ngettext("%(n)s case was opened.", "%(n)s cases were opened.", made)
    messages.success(request, opened % {"n": made})
    return made


def _aside(request: HttpRequest, ids: list[Any]) -> int:
    return actions.set_aside(ids, by_id=id_of(request))


class ChatMessages(kit.ListPage):
    """All messages, the latest first; ticked ones become cases or are set aside."""

    title = _("Messages of chat groups")
    permission = USE
    url_name = "hotline:chat-messages"
    search = ("text", "case_number", "group__name")
    default_sort = "-sent_at"
    page_size = 50
    bulk = (
        kit.BulkAction("case", _("Make cases"), _make_cases, permission=USE, icon="plus",
                       confirm=_("Open cases of the proposed topics for {n} messages?")),
        kit.BulkAction("aside", _("Set aside"), _aside, permission=USE, icon="x",
                       confirm=_("Are these {n} messages no matter of ours?")),
    )  # fmt: skip
    filters = (
        kit.ChoiceFilter("state", _("State"), choices=lambda: words.choices(words.MESSAGE_STATES)),
        kit.ChoiceFilter("likely", _("With words of a topic"), apply=_likely,
                         choices=(("yes", _("yes")), ("no", _("no")))),
        kit.ChoiceFilter("group", GROUP, field="group_id", choices=_groups),
        kit.ChoiceFilter("estate", _("Estate"), field="group__estate_code",
                         choices=lambda: estate_names().items()),
        kit.PeriodFilter("sent_at", pgettext_lazy("message", "Sent")),
    )  # fmt: skip
    empty = _("No message fits. Paste what you copied out of a group.")

    @property
    def columns(self) -> Sequence[kit.Column]:  # type: ignore[override]
        """The columns; who wrote as this reader may see it."""
        sees = personal.may_see(self.request.user)
        return (
            kit.Column("sent_at", pgettext_lazy("message", "Sent"), format="moment", href=_url),
            kit.Column("group", GROUP, sort="group__name", value=lambda row: row.group.name,
                       phone=False),
            kit.Column("sender", WHO, sort=False,
                       value=lambda row: row.sender if sees else customers.masked_name(row.sender)),
            kit.Column("text", _("Text"), sort=False,
                       value=lambda row: words.masked_text(row.text, sees=sees)[:200]),
            kit.Column("topic", pgettext_lazy("call", "Topic"), value=_topic,
                       sort="topic__order"),
            kit.Column("hit_words", _("Because of"), phone=False),
            kit.Column("state", _("State"), badge=words.MESSAGE_STATES),
            kit.Column("case_number", _("Case"), href=_case),
            kit.Column("handled_at", _("Done"), format="moment", optional=True),
            kit.Column("handled_by", pgettext_lazy("messages", "By"), sort="handled_by__name",
                       optional=True),
        )  # fmt: skip

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        return ((TRAIL[0], reverse(TRAIL[1])),)

    def rows(self, request: HttpRequest) -> QuerySet[ChatMessage]:
        return queries.messages()


class MessagePage(kit.DetailPage):
    """One message, and what became of it; an answer can be copied back into the group."""

    permission = USE

    def get_object(self, request: HttpRequest, **kwargs: Any) -> ChatMessage:
        return queries.message(kwargs["message_id"])

    def heading(self, request: HttpRequest, obj: ChatMessage) -> Any:
        return gettext("Message in %(group)s") % {"group": obj.group.name}

    def trail(self, request: HttpRequest, obj: ChatMessage) -> Sequence[tuple[Any, str]]:
        return ((TRAIL[0], reverse(TRAIL[1])), (_("Messages"), waiting_url(obj.group_id)))

    def badges(self, request: HttpRequest, obj: ChatMessage) -> Sequence[SafeString]:
        label, colour = words.MESSAGE_STATES[MessageState(obj.state)]
        return (kit.badge(label, colour),)

    def facts(self, request: HttpRequest, obj: ChatMessage) -> Sequence[kit.Section]:
        sees = personal.may_see(request.user)
        if sees:
            audit.record_read(id_of(request), "hotline.sender_read", f"hotline.message:{obj.pk}")
        fact = cases.case(obj.case_number) if obj.case_number else None
        return (
            kit.Section(_("What was said"), (
                kit.Fact(pgettext_lazy("message", "Sent"), obj.sent_at, format="moment"),
                kit.Fact(WHO, obj.sender if sees else customers.masked_name(obj.sender)),
                kit.Fact(_("Text"), words.masked_text(obj.text, sees=sees)),
                kit.Fact(_("Estate"), estate_names().get(obj.group.estate_code, ""),
                         href=address("customers:estate", obj.group.estate_code)),
                kit.Fact(pgettext_lazy("call", "Topic"), _topic(obj)),
                kit.Fact(_("Because of"), obj.hit_words),
            )),
            kit.Section(_("What became of it"), (
                kit.Fact(_("Case"), obj.case_number, href=_case(obj) or "",
                         note=reading.label_in(fact.type_code, "states", fact.state)
                         if fact else ""),
                kit.Fact(_("Answer to copy into the group"),
                         kit.copyable(obj.answer) if obj.answer else ""),
                kit.Fact(_("Done"), obj.handled_at, format="moment"),
                kit.Fact(pgettext_lazy("messages", "By"), str(obj.handled_by or "")),
            )),
        )  # fmt: skip

    def actions(self, request: HttpRequest, obj: ChatMessage) -> Sequence[SafeString]:
        if obj.state != MessageState.WAITING:
            return ()
        make = reverse("hotline:case-of-message", args=[obj.pk])
        answer = reverse("hotline:answer-message", args=[obj.pk])
        return (
            kit.link_button(_("Make a case"), make, icon="plus", colour="primary"),
            kit.link_button(pgettext_lazy("message", "Answer"), answer, icon="bulb"),
        )


def _topics() -> list[tuple[str, str]]:
    rows = Topic.objects.select_related("above").filter(is_retired=False, above__isnull=False)
    return [("", "–"), *(
        (row.code, f"{words.topic_name(row.above)} · {words.topic_name(row)}")
        for row in rows.order_by("above__order", "order") if row.above
    )]  # fmt: skip


class CaseForm(forms.Form):
    """What a message is about."""

    topic = forms.ChoiceField(label=pgettext_lazy("call", "Topic"), choices=_topics)
    account = forms.CharField(
        label=_("Account"), required=False, max_length=40,
        help_text=_("Where you know whose home it is: then it counts as theirs."),
    )  # fmt: skip


class CaseOfMessage(kit.FormPage):
    """Make a message a case."""

    title = _("Make a case")
    permission = USE
    form_class: type[forms.BaseForm] = CaseForm
    submit_label = _("Make a case")

    def _message(self) -> ChatMessage:
        return queries.message(self.kwargs["message_id"])

    @property
    def explanation(self) -> str:  # type: ignore[override]
        """What was said."""
        sees = personal.may_see(self.request.user)
        return words.masked_text(self._message().text, sees=sees)

    def initial(self, request: HttpRequest) -> dict[str, Any]:
        topic = self._message().topic
        return {"topic": topic.code if topic else ""}

    def get_cancel_url(self, request: HttpRequest) -> str:
        return reverse("hotline:chat-message", args=[self.kwargs["message_id"]])

    def submit(self, request: HttpRequest, form: Any) -> str:
        actions.make_case(
            self.kwargs["message_id"], topic_code=form.cleaned_data["topic"],
            account_code=form.cleaned_data["account"].strip(), by_id=id_of(request),
        )  # fmt: skip
        return self.get_cancel_url(request)


def _articles() -> list[tuple[str, str]]:
    rows = knowledge.in_force().order_by("title").values_list("code", "title")
    return [("", "–"), *rows]


class AnswerForm(forms.Form):
    """What a message is answered."""

    article = forms.ChoiceField(
        label=_("Article of the knowledge base"), required=False, choices=_articles
    )
    text = forms.CharField(
        label=pgettext_lazy("message", "Answer"), required=False, max_length=5_000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("Left empty, the words of the article are the answer."),
    )  # fmt: skip


class AnswerMessage(CaseOfMessage):
    """Answer a message, from the knowledge base or in one's own words."""

    title = pgettext_lazy("message", "Answer")
    form_class = AnswerForm
    submit_label = _("Keep the answer")

    def initial(self, request: HttpRequest) -> dict[str, Any]:
        found: list[Any] = []
        for word in self._message().hit_words.split():
            found = found or knowledge.found(word, 1)
        return {"article": found[0].code if found else ""}

    def submit(self, request: HttpRequest, form: Any) -> str:
        given = form.cleaned_data
        actions.answer(
            self.kwargs["message_id"], text=given["text"], article_code=given["article"],
            by_id=id_of(request),
        )  # fmt: skip
        return self.get_cancel_url(request)
