"""The list of announcements, and of the people and messages of one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huoshui.areas.announcements import models, queries, words
from huoshui.areas.announcements.contracts import State, Way
from huoshui.areas.announcements.web import shown
from huoshui.areas.customers import facade as customers
from huoshui.areas.network import facade as network
from huoshui.kernel import audit
from huoshui.kernel.accounts import personal
from huoshui.kernel.pages import formats, kit

KINDS = {code: (label, words.KIND_COLOURS[code]) for code, label in words.KINDS.items()}


def url_for(name: str, number: str, **more: str) -> str:
    """Return the address of a list of what belongs to one announcement."""
    query = QueryDict(mutable=True)
    query.update({"announcement": number, **more})
    return f"{reverse(f'announcements:{name}')}?{query.urlencode()}"


def note_reading(request: HttpRequest, number: str) -> None:
    """Record that somebody saw names or contact data in full."""
    if personal.may_see(request.user):
        subject = f"announcements.announcement:{number[:20]}"
        audit.record_read(request.user.pk, "announcements.people_read", subject)


class AnnouncementList(kit.ListPage):
    """All announcements, the newest first."""

    title = _("Announcements")
    permission = "announcements.read"
    url_name = "announcements:announcements"
    columns = (
        kit.Column("number", _("Number"), href=lambda row: shown.url_of(row["number"])),
        kit.Column("kind", pgettext_lazy("announcement", "Kind"), badge=KINDS),
        kit.Column("title_zh", _("Title"), value=shown.title_of, sort="title_zh"),
        kit.Column("state", _("State"), badge=words.STATES),
        kit.Column("place", words.WHERE, phone=False),
        kit.Column("from_at", words.FROM, format="moment"),
        kit.Column("until_at", words.UNTIL, format="moment", phone=False),
        kit.Column("people_total", words.PEOPLE, format="d"),
        kit.Column("released_at", words.RELEASED, format="moment", phone=False),
        kit.Column("by", _("Composed by"), phone=False),
    )
    search = ("number", "title_zh", "title_en", "place", "text_zh")
    search_hint = _("Number, title, place, text")
    filters = (
        kit.ChoiceFilter(
            "kind", pgettext_lazy("announcement", "Kind"), choices=words.KINDS.items()
        ),
        kit.ChoiceFilter(
            "state",
            _("State"),
            choices=[(code, label) for code, (label, _colour) in words.STATES.items()],
        ),
        kit.PeriodFilter("released_at", words.RELEASED),
    )
    default_sort = "-composed_at"
    empty = _("Nothing has been announced yet. Compose the first announcement.")

    def rows(self, request: HttpRequest) -> QuerySet[Any]:
        return queries.announcement_rows()

    def row_css(self, row: Any) -> str:
        return "hs-row-alert" if row["state"] == State.WAITING else ""

    def refresh_s(self, rows: Sequence[Any]) -> int:
        moving = (State.QUEUING, State.SENDING)
        return 10 if any(row["state"] in moving for row in rows) else 0

    def actions(self, request: HttpRequest) -> Sequence[SafeString]:
        found = []
        if shown.may(request, "configure"):
            found.append(kit.link_button(_("Texts"), reverse("announcements:wordings")))
            found.append(kit.link_button(words.CHANNELS, reverse("announcements:channels")))
        if shown.may(request, "compose"):
            found.append(
                kit.link_button(
                    _("Compose"), reverse("announcements:new"), icon="plus", colour="primary"
                )
            )
        return found


class OfAnnouncement(kit.TextFilter):
    """The rows of one announcement, by its whole number."""

    def narrow(self, rows: Any, query: QueryDict) -> Any:
        wanted = query.get(self.name, "").strip()
        return rows.filter(announcement__number=wanted) if wanted else rows


class _OfOne(kit.ListPage):
    """A list with personal data: of one announcement where the address says which."""

    permission = "announcements.read"

    @cached_property
    def names(self) -> tuple[dict[str, str], dict[str, str]]:
        """Names of estates and zones, by code."""
        return customers.estate_names(), network.zone_names()

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        number = request.GET.get("announcement", "")
        row = models.Announcement.objects.filter(number=number).first() if number else None
        return shown.trail(row, self.title)


class Messages(_OfOne):
    """The message to each person over each channel, and how far it came."""

    title = words.MESSAGES
    url_name = "announcements:messages"
    search = ("recipient__account_code", "recipient__phone")
    search_hint = _("Account or telephone number")
    filters = (
        OfAnnouncement("announcement", _("Announcement")),
        kit.ChoiceFilter(
            "way",
            _("Channel"),
            choices=[(way, words.WAYS[way]) for way in (Way.SMS, Way.WECHAT, Way.EMAIL)],
        ),
        kit.ChoiceFilter(
            "state",
            _("State"),
            choices=[(code, label) for code, (label, _c) in words.DELIVERY_STATES.items()],
        ),
        kit.ChoiceFilter("reason", _("Reason"), choices=words.REASONS.items()),
        kit.TextFilter("estate", _("Estate"), field="recipient__estate_code"),
    )
    default_sort = "-pk"
    empty = _("No messages yet: they are made when the announcement is released.")

    def __init__(self, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(request, **kwargs)
        self.columns = (
            kit.Column("number", _("Announcement"), href=lambda r: shown.url_of(r["number"]),
                       sort=False, phone=False),
            kit.Column("account", _("Account")),
            kit.Column("name", _("Name"), value=lambda r: shown.name_for(request, r["name"])),
            kit.Column("way", _("Channel"), labels=words.WAYS),
            kit.Column("to", pgettext_lazy("announcement", "To"), phone=False,
                       value=lambda r: shown.address_for(request, r)),
            kit.Column("state", _("State"), badge=words.DELIVERY_STATES),
            kit.Column("reason", _("Reason"), value=self._reason, sort="reason"),
            kit.Column("sent_at", words.SENT, format="moment"),
            kit.Column("delivered_at", pgettext_lazy("message", "Delivered"), format="moment",
                       phone=False),
            kit.Column("read_at", pgettext_lazy("message", "Opened"), format="moment",
                       phone=False),
            kit.Column("attempts", _("Attempts"), format="d", phone=False),
            kit.Column("cost_cents", _("Cost"), value=lambda r: shown.money(r["cost_cents"]),
                       sort="cost_cents", align="end", phone=False),
            kit.Column("why", _("Why"), value=lambda r: shown.why_words(r["why"], *self.names),
                       optional=True),
        )  # fmt: skip

    def _reason(self, row: Any) -> str:
        said = str(words.reason(row["reason"]))
        return f"{said} ({row['reason_text']})" if said and row["reason_text"] else said

    def rows(self, request: HttpRequest) -> QuerySet[Any]:
        note_reading(request, request.GET.get("announcement", ""))
        return queries.delivery_rows()


class People(_OfOne):
    """The accounts that an announcement is for, and why."""

    title = words.PEOPLE
    url_name = "announcements:recipients"
    search = ("account_code", "phone")
    search_hint = _("Account or telephone number")
    filters = (
        OfAnnouncement("announcement", _("Announcement")),
        kit.TextFilter("estate", _("Estate"), field="estate_code"),
        kit.ChoiceFilter(
            "contact",
            _("Contact data"),
            choices=(
                ("none", _("none at all")),
                ("phone", _("telephone")),
                ("wechat", _("WeChat")),
                ("email", _("E-mail")),
            ),
            apply=lambda rows, wanted: (
                rows.filter(phone="", wechat="", email="")
                if wanted == "none"
                else rows.exclude(**{wanted: ""})
            ),
        ),
        kit.ChoiceFilter(
            "declined",
            _("Wants no messages"),
            choices=[(way, words.WAYS[way]) for way in (Way.SMS, Way.WECHAT, Way.EMAIL)],
            apply=lambda rows, way: rows.filter(opted_out__contains=way),
        ),
    )
    default_sort = "-pk"
    empty = _("Nobody has been gathered yet.")

    def __init__(self, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(request, **kwargs)
        self.columns = (
            kit.Column("number", _("Announcement"), href=lambda r: shown.url_of(r["number"]),
                       sort=False, phone=False),
            kit.Column("account", _("Account")),
            kit.Column("name", _("Name"), value=lambda r: shown.name_for(request, r["name"])),
            kit.Column("estate", _("Estate"), labels=lambda: self.names[0]),
            kit.Column("why", _("Why"), value=lambda r: shown.why_words(r["why"], *self.names)),
            kit.Column("phone", _("Telephone"),
                       value=lambda r: shown.address_for(request, {**r, "way": "sms"})),
            kit.Column("wechat", _("WeChat"), phone=False,
                       value=lambda r: shown.address_for(request, {**r, "way": "wechat"})),
            kit.Column("email", _("E-mail"), phone=False,
                       value=lambda r: shown.address_for(request, {**r, "way": "email"})),
            kit.Column("opted_out", _("Wants no messages"), value=self._declined),
            kit.Column("leads_to", _("Same person as"), phone=False),
        )  # fmt: skip

    def _declined(self, row: Any) -> str:
        ways = [one for one in row["opted_out"].split(",") if one in words.WAYS]
        return formats.listed(str(words.WAYS[way]) for way in ways)

    def rows(self, request: HttpRequest) -> QuerySet[Any]:
        note_reading(request, request.GET.get("announcement", ""))
        return queries.recipient_rows()
