"""Owners' chat groups: the register, the page to paste into, and the figures of each month."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from huoshui.areas.customers import facade as customers
from huoshui.areas.hotline import refusals, words
from huoshui.areas.hotline.actions import chats as actions
from huoshui.areas.hotline.contracts import MessageState
from huoshui.areas.hotline.models import ChatGroup, ChatPaste
from huoshui.areas.hotline.queries import chats as queries
from huoshui.areas.hotline.web.popped import address
from huoshui.areas.hotline.web.who import id_of, number_of
from huoshui.kernel.accounts import permissions, personal
from huoshui.kernel.accounts.models import User
from huoshui.kernel.pages import kit

USE, EDIT = "hotline.chat_messages", "hotline.edit_chat_groups"
TRAIL = (_("Owners' chat groups"), "hotline:chats")


def estate_names() -> dict[str, str]:
    """Return the names of all estates by code."""
    return {one.code: one.name for one in customers.estates()}


def waiting_url(group_id: int) -> str:
    """Return the address of the messages of a group that wait."""
    return f"{reverse('hotline:chat-messages')}?group={group_id}&state=waiting"


def _specialists() -> list[tuple[str, str]]:
    people = User.objects.filter(is_active=True).order_by("name", "username")
    return [("", "–"), *((str(user.pk), str(user)) for user in people
                         if permissions.holds(user, USE))]  # fmt: skip


def _of_groups() -> list[tuple[str, str]]:
    people = User.objects.filter(pk__in=ChatGroup.objects.values("specialist"))
    return [(str(user.pk), str(user)) for user in people.order_by("name", "username")]


def _retired(rows: Any, wanted: str) -> Any:
    return rows.filter(is_retired=wanted == "yes")


class Chats(kit.ListPage):
    """All groups, with what waits in each."""

    title = _("Owners' chat groups")
    permission = USE
    url_name = "hotline:chats"
    search = ("name", "property_manager", "specialist__name")
    default_sort = "-waiting"
    filters = (
        kit.ChoiceFilter("estate", _("Estate"), field="estate_code",
                         choices=lambda: estate_names().items()),
        kit.ChoiceFilter("specialist", _("Specialist"), field="specialist_id",
                         choices=lambda: _of_groups()),
        kit.ChoiceFilter("retired", pgettext_lazy("chat", "Given up"), apply=_retired,
                         choices=(("no", _("no")), ("yes", _("yes")))),
    )  # fmt: skip
    empty = _("No group is registered. Take over those of the register of estates, or add one.")

    @property
    def columns(self) -> Sequence[kit.Column]:  # type: ignore[override]
        """The columns; estates by their names."""
        return (
            kit.Column("name", pgettext_lazy("chat", "Group"),
                       href=lambda row: reverse("hotline:paste-chat", args=[row.pk])),
            kit.Column("estate_code", _("Estate"), labels=estate_names,
                       href=lambda row: address("customers:estate", row.estate_code) or None),
            kit.Column("specialist", _("Specialist"), sort="specialist__name"),
            kit.Column("property_manager", _("Property manager"), phone=False),
            kit.Column("property_phone", _("Telephone"), phone=False, sort=False,
                       value=lambda row: personal.phone_for(self.request.user,
                                                            row.property_phone)),
            kit.Column("waiting", pgettext_lazy("message", "Waiting"), format="d",
                       href=lambda row: waiting_url(row.pk)),
            kit.Column("latest", _("Latest message"), format="moment"),
        )  # fmt: skip

    def rows(self, request: HttpRequest) -> QuerySet[ChatGroup]:
        return queries.groups()

    def row_css(self, row: ChatGroup) -> str:
        return "text-secondary" if row.is_retired else ""

    def actions(self, request: HttpRequest) -> Sequence[SafeString]:
        found = [
            kit.link_button(_("Messages"), f"{reverse('hotline:chat-messages')}?state=waiting",
                            icon="list"),
            kit.link_button(_("By estate and month"), reverse("hotline:chat-months"),
                            icon="calendar"),
        ]  # fmt: skip
        url = address("intake:bring", "chat_messages")
        if url:
            found.append(kit.link_button(_("Import a file"), url, icon="upload"))
        if permissions.holds(request.user, EDIT):
            found.append(
                kit.action_button(request, _("Take over from estates"),
                                  reverse("hotline:take-over-chats"), colour="", icon="refresh",
                                  confirm=_("Register the groups named in the register of "
                                            "estates?"))
            )  # fmt: skip
            found.append(kit.link_button(_("New group"), reverse("hotline:new-chat"), icon="plus",
                                         colour="primary"))  # fmt: skip
        return found


@permissions.needs(EDIT)
@require_POST
def take_over(request: HttpRequest) -> HttpResponse:
    """Register the groups that the register of estates names."""
    taken = actions.take_over_estates(by_id=id_of(request))
    said = ngettext("%(n)s group was registered.", "%(n)s groups were registered.", taken)
    messages.success(request, said % {"n": taken})
    return HttpResponseRedirect(reverse("hotline:chats"))


class GroupForm(forms.Form):
    """What is known of a group."""

    name = forms.CharField(label=pgettext_lazy("chat", "Group"), max_length=100)
    estate_code = forms.ChoiceField(
        label=_("Estate"), choices=lambda: [("", "–"), *estate_names().items()]
    )
    specialist = forms.ChoiceField(label=_("Specialist"), required=False, choices=_specialists)
    property_manager = forms.CharField(label=_("Property manager"), max_length=100, required=False)
    property_phone = forms.CharField(label=_("Telephone"), max_length=40, required=False)
    is_retired = forms.BooleanField(label=_("We are in this group no more"), required=False)


class NewGroup(kit.FormPage):
    """Register a group."""

    title = _("New group")
    permission = EDIT
    form_class = GroupForm

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        return ((TRAIL[0], reverse(TRAIL[1])),)

    def get_cancel_url(self, request: HttpRequest) -> str:
        return reverse("hotline:chats")

    def submit(self, request: HttpRequest, form: Any) -> str:
        given = dict(form.cleaned_data)
        given["specialist_id"] = number_of(given.pop("specialist"))
        actions.save_group(self.kwargs.get("group_id"), given, by_id=id_of(request))
        return reverse("hotline:chats")


class EditGroup(NewGroup):
    """Change what is known of a group."""

    def heading(self, request: HttpRequest) -> Any:
        return queries.group(self.kwargs["group_id"]).name

    def initial(self, request: HttpRequest) -> dict[str, Any]:
        row = queries.group(self.kwargs["group_id"])
        return {**{key: getattr(row, key) for key in actions.KEPT if key != "specialist_id"},
                "specialist": str(row.specialist_id or "")}  # fmt: skip


class PasteForm(forms.Form):
    """What somebody copied out of a group."""

    text = forms.CharField(
        label=_("Messages"),
        max_length=200_000,
        widget=forms.Textarea(attrs={"rows": 14, "spellcheck": "false"}),
        help_text=_(
            "As the telephone or the computer copies them: a line with name and time and the text "
            "below, “[time] name: text”, or a time alone and “name: text” below. “Yesterday” and "
            "weekdays are counted from today."
        ),
    )


class PasteChat(kit.FormPage):
    """Paste messages copied out of one group."""

    permission = USE
    form_class = PasteForm
    submit_label = _("Take the messages")

    def heading(self, request: HttpRequest) -> Any:
        return queries.group(self.kwargs["group_id"]).name

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        found: list[tuple[Any, str]] = [(TRAIL[0], reverse(TRAIL[1]))]
        if permissions.holds(request.user, EDIT):
            url = reverse("hotline:edit-chat", args=[self.kwargs["group_id"]])
            found.append((_("Change the group"), url))
        return found

    def get_cancel_url(self, request: HttpRequest) -> str:
        return waiting_url(self.kwargs["group_id"])

    def submit(self, request: HttpRequest, form: Any) -> str:
        row = actions.paste(
            self.kwargs["group_id"], form.cleaned_data["text"], by_id=id_of(request)
        )
        if not row.bad:
            said = ngettext("%(n)s message was taken.", "%(n)s messages were taken.", row.taken)
            said = said % {"n": row.taken}
            if row.known:
                known = ngettext("%(n)s was known already.", "%(n)s were known already.", row.known)
                said = f"{said} {known % {'n': row.known}}"
            messages.success(request, said)
            return waiting_url(row.group_id)
        return reverse("hotline:chat-paste", args=[row.pk])


class PastePage(kit.DetailPage):
    """What was taken of one pasted text or file, and each line that was not."""

    permission = USE
    template = "hotline/chat_paste.html"

    def get_object(self, request: HttpRequest, **kwargs: Any) -> ChatPaste:
        rows = ChatPaste.objects.select_related("group", "taken_by")
        found = rows.filter(pk=kwargs["paste_id"]).first()
        if found is None:
            raise refusals.NoSuch("paste", kwargs["paste_id"])
        return found

    def heading(self, request: HttpRequest, obj: ChatPaste) -> Any:
        return gettext("Messages brought into %(group)s") % {"group": obj.group.name}

    def trail(self, request: HttpRequest, obj: ChatPaste) -> Sequence[tuple[Any, str]]:
        return ((TRAIL[0], reverse(TRAIL[1])),)

    def facts(self, request: HttpRequest, obj: ChatPaste) -> Sequence[kit.Section]:
        return (
            kit.Section("", (
                kit.Fact(_("Taken"), obj.taken, format="d", href=waiting_url(obj.group_id)),
                kit.Fact(_("Known already"), obj.known, format="d"),
                kit.Fact(_("Lines that could not be taken"), len(obj.bad), format="d"),
                kit.Fact(_("When"), obj.taken_at, format="moment"),
                kit.Fact(pgettext_lazy("messages", "By"), str(obj.taken_by or "")),
            )),
        )  # fmt: skip

    def actions(self, request: HttpRequest, obj: ChatPaste) -> Sequence[SafeString]:
        return (
            kit.link_button(_("Messages that wait"), waiting_url(obj.group_id), icon="list",
                            colour="primary"),
            kit.link_button(_("Paste again"), reverse("hotline:paste-chat", args=[obj.group_id]),
                            icon="plus"),
        )  # fmt: skip

    def context(self, request: HttpRequest, obj: ChatPaste) -> dict[str, Any]:
        sees = personal.may_see(request.user)
        return {
            "bad": [
                {"line": one["line"], "why": words.BAD_LINES[one["code"]][0],
                 "remedy": words.BAD_LINES[one["code"]][1],
                 "text": words.masked_text(one["text"], sees=sees)}
                for one in obj.bad
            ]
        }  # fmt: skip


class ChatMonths(kit.ListPage):
    """What came of the messages, by estate and month."""

    title = _("Chat groups by estate and month")
    permission = USE
    url_name = "hotline:chat-months"
    columns = (
        kit.Column("month", _("Month"), value=lambda row: row["month"], sort="month"),
        kit.Column("estate", _("Estate"), value=lambda row: row["estate"], sort="estate",
                   href=lambda row: address("customers:estate", row["code"]) or None),
        kit.Column("messages", _("Messages"), format="d"),
        kit.Column("proposed", _("With words of a topic"), format="d", phone=False),
        kit.Column("case", _("Made a case"), format="d"),
        kit.Column("answered", _("Answered"), format="d"),
        kit.Column("aside", _("Set aside"), format="d", phone=False),
        kit.Column("waiting", pgettext_lazy("message", "Waiting"), format="d"),
        kit.Column("response", _("Until case or answer, median"), format=".0f", unit="min"),
    )  # fmt: skip
    search = ("month", "estate")
    default_sort = "-month"
    empty = _("No message was brought in yet.")

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        return ((TRAIL[0], reverse(TRAIL[1])),)

    def rows(self, request: HttpRequest) -> list[dict[str, Any]]:
        names = estate_names()
        return [
            {"month": f"{one.month:%Y-%m}", "estate": names.get(one.estate_code, one.estate_code),
             "code": one.estate_code, "messages": one.messages, "proposed": one.proposed,
             **{str(state): one.counts[state] for state in MessageState},
             "response": one.response_min}
            for one in queries.by_month()
        ]  # fmt: skip
