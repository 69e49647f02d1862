"""Pages of the outbox: what is on its way, and what did not arrive."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from huoshui.kernel.accounts import permissions
from huoshui.kernel.events import dispatcher, outbox, words
from huoshui.kernel.events.models import Delivery
from huoshui.kernel.pages import kit

STATES = {
    Delivery.State.WAITING.value: (_("On its way"), "blue"),
    Delivery.State.DONE.value: (_("Arrived"), "green"),
    Delivery.State.DEAD.value: (_("Given up"), "red"),
}


def _receiver(listener: str) -> str:
    found = outbox.listener(listener)
    return str(found.label) if found else listener


def _short(error: str) -> str:
    return error.strip().rpartition("\n")[2]


def _send_again(request: HttpRequest, ids: list[int]) -> int:
    return sum(dispatcher.send_again(pk, by_id=request.user.pk) for pk in ids)


class Deliveries(kit.ListPage):
    """Events on their way between areas, newest first."""

    title = _("Events between areas")
    permission = "events.read"
    url_name = "events:deliveries"
    columns = (
        kit.Column("id", _("Number"), format="d"),
        kit.Column(
            "event__kind",
            _("What happened"),
            value=lambda row: str(words.name_of(row["event__kind"])),
        ),
        kit.Column("listener", _("Receiver"), value=lambda row: _receiver(row["listener"])),
        kit.Column("state", _("State"), badge=STATES),
        kit.Column("event__published_at", _("Happened"), format="moment"),
        kit.Column("attempts", _("Attempts"), format="d"),
        kit.Column("error", _("Error"), value=lambda row: _short(row["error"]), phone=False),
    )
    search = ("listener", "event__kind")
    filters = (
        kit.ChoiceFilter(
            "state", _("State"), choices=[(code, label) for code, (label, _c) in STATES.items()]
        ),
    )
    bulk = (
        kit.BulkAction(
            "send_again",
            _("Send again"),
            _send_again,
            permission="events.repair",
            confirm=_("Send what was given up among these {n} again?"),
            icon="refresh",
        ),
    )
    default_sort = "-id"
    empty = _("No area has told another anything yet.")

    def rows(self, request: HttpRequest) -> QuerySet[Any]:
        return Delivery.objects.values(
            "id", "listener", "state", "attempts", "error", "event__published_at", "event__kind"
        )

    def row_href(self, row: Any) -> str:
        return reverse("events:delivery", args=[row["id"]])


class DeliveryDetail(kit.DetailPage):
    """One event on its way to one receiver."""

    permission = "events.read"

    def get_object(self, request: HttpRequest, **kwargs: Any) -> Delivery:
        return get_object_or_404(Delivery.objects.select_related("event"), pk=kwargs["pk"])

    def heading(self, request: HttpRequest, obj: Delivery) -> Any:
        return _receiver(obj.listener)

    def badges(self, request: HttpRequest, obj: Delivery) -> Sequence[SafeString]:
        return [kit.badge(*STATES[obj.state])]

    def trail(self, request: HttpRequest, obj: Delivery) -> Sequence[tuple[Any, str]]:
        return [(_("Events between areas"), reverse("events:deliveries"))]

    def facts(self, request: HttpRequest, obj: Delivery) -> Sequence[kit.Section]:
        course = [
            kit.Fact(_("Happened"), obj.event.published_at, format="moment"),
            kit.Fact(_("Attempts"), obj.attempts, format="d"),
            kit.Fact(
                _("Next attempt"), obj.due_at if obj.state == "waiting" else None, format="moment"
            ),
            kit.Fact(_("Arrived"), obj.done_at, format="moment"),
            kit.Fact(_("Error"), _short(obj.error)),
        ]
        content = [kit.Fact(*row) for row in words.rows_of(obj.event.kind, obj.event.payload)]
        return [
            kit.Section(_("Course"), course),
            kit.Section(
                _("Content"),
                [kit.Fact(_("What happened"), words.name_of(obj.event.kind)), *content],
            ),
        ]

    def actions(self, request: HttpRequest, obj: Delivery) -> Sequence[SafeString]:
        if obj.state != Delivery.State.DEAD or not permissions.holds(request.user, "events.repair"):
            return ()
        url = reverse("events:send_again", args=[obj.pk])
        return [kit.action_button(request, _("Send again"), url)]


@permissions.needs("events.repair")
@require_POST
def send_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a letter that was given up a fresh start."""
    dispatcher.send_again(pk, by_id=request.user.pk)
    return HttpResponseRedirect(reverse("events:delivery", args=[pk]))


urlpatterns = [
    Deliveries.path("system/events/", name="deliveries"),
    DeliveryDetail.path("system/events/<int:pk>/", name="delivery"),
    path("system/events/<int:pk>/send-again/", send_again, name="send_again"),
]
