"""The inbox of the signed-in reader: list, one notice, mark as read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import F, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import path, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from huoshui.kernel.accounts import permissions
from huoshui.kernel.notices import inbox
from huoshui.kernel.notices.models import Notice, Receipt
from huoshui.kernel.pages import formats, kit

LEVELS = {
    Notice.Level.INFO.value: (_("For information"), "blue"),
    Notice.Level.WARNING.value: (_("Warning"), "orange"),
    Notice.Level.CRITICAL.value: (_("Critical"), "red"),
}
READ = {True: (_("Read"), "secondary"), False: (_("New"), "blue")}


def _word(name: str) -> str:
    return f"{name}_zh" if formats.chinese() else f"{name}_en"


def _unread(rows: Any, wanted: str) -> Any:
    return rows.filter(read_at__isnull=wanted == "unread")


def _mark_read(request: HttpRequest, ids: list[int]) -> int:
    return sum(inbox.mark_read(request.user.pk or 0, pk) for pk in ids)


class Inbox(kit.ListPage):
    """The notices of the signed-in reader, newest first."""

    title = _("Notices")
    permission = permissions.SIGNED_IN
    url_name = "notices:inbox"
    columns = (
        kit.Column("title", _("Notice")),
        kit.Column("level", _("Importance"), badge=LEVELS),
        kit.Column("read", _("State"), badge=READ, value=lambda row: row["read_at"] is not None),
        kit.Column("sent_at", _("Sent"), format="moment"),
    )
    search = ("title", "body")
    filters = (
        kit.ChoiceFilter(
            "state", _("State"), choices=(("unread", _("New")), ("read", _("Read"))), apply=_unread
        ),
        kit.ChoiceFilter(
            "level",
            _("Importance"),
            field="notice__level",
            choices=[(code, label) for code, (label, _c) in LEVELS.items()],
        ),
        kit.PeriodFilter("sent_at", _("Sent")),
    )
    bulk = (
        kit.BulkAction(
            "mark_read",
            _("Mark as read"),
            _mark_read,
            permission=permissions.SIGNED_IN,
            icon="checks",
        ),
    )
    default_sort = "-sent_at"
    empty = _("Nothing has been sent to you yet. Notices of jobs, approvals and faults come here.")

    def rows(self, request: HttpRequest) -> QuerySet[Any]:
        return inbox.of_user(request.user.pk or 0).values(
            "id",
            "read_at",
            title=F(f"notice__{_word('title')}"),
            body=F(f"notice__{_word('text')}"),
            level=F("notice__level"),
            sent_at=F("notice__sent_at"),
        )

    def row_href(self, row: Any) -> str:
        return reverse("notices:notice", args=[row["id"]])

    def row_css(self, row: Any) -> str:
        return "" if row["read_at"] else "hs-row-new"

    def actions(self, request: HttpRequest) -> Sequence[SafeString]:
        url = reverse("notices:read_all")
        return [kit.action_button(request, _("Mark all as read"), url, colour="", icon="checks")]


class OneNotice(kit.DetailPage):
    """One notice of the reader's own; opening it is reading it."""

    permission = permissions.SIGNED_IN

    def get_object(self, request: HttpRequest, **kwargs: Any) -> Receipt:
        theirs = Receipt.objects.select_related("notice").filter(user_id=request.user.pk or 0)
        found = theirs.filter(pk=kwargs["pk"]).first()
        if found is None:
            raise Http404
        inbox.mark_read(found.user_id, found.pk)
        return found

    def heading(self, request: HttpRequest, obj: Receipt) -> Any:
        return getattr(obj.notice, _word("title"))

    def badges(self, request: HttpRequest, obj: Receipt) -> Sequence[SafeString]:
        return [kit.badge(*LEVELS[obj.notice.level])]

    def trail(self, request: HttpRequest, obj: Receipt) -> Sequence[tuple[Any, str]]:
        return [(_("Notices"), reverse("notices:inbox"))]

    def facts(self, request: HttpRequest, obj: Receipt) -> Sequence[kit.Section]:
        told = [
            kit.Fact(_("Sent"), obj.notice.sent_at, format="moment"),
            kit.Fact(_("Text"), getattr(obj.notice, _word("text"))),
        ]
        return [kit.Section("", told)]

    def actions(self, request: HttpRequest, obj: Receipt) -> Sequence[SafeString]:
        if not obj.notice.url:
            return ()
        return [
            kit.link_button(_("Go there"), obj.notice.url, colour="primary", icon="arrow-right")
        ]


@permissions.signed_in
@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    """Mark everything in one's own inbox as read."""
    inbox.mark_read(request.user.pk or 0)
    return HttpResponseRedirect(reverse("notices:inbox"))


def in_the_bar(request: HttpRequest, **_context: Any) -> SafeString:
    """Return the envelope of the top bar; its number comes by the live stream."""
    props = {"key": inbox.key_of(request.user.pk or 0)}
    return render_to_string("notices/in_the_bar.html", {"props": props}, request=request)


urlpatterns = [
    Inbox.path("notices/", name="inbox"),
    OneNotice.path("notices/<int:pk>/", name="notice"),
    path("notices/read-all/", read_all, name="read_all"),
]
