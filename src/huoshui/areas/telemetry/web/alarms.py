"""The pages of alarms: the list with its history, and the button that acknowledges one."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from huoshui.areas.network import facade as network
from huoshui.areas.telemetry import actions, labels, models, queries_alarms, rules
from huoshui.areas.telemetry.web import api, words
from huoshui.kernel.accounts import permissions
from huoshui.kernel.pages import kit


def subject_url(row: models.Alarm) -> str:
    """Return the page of the point or the zone that an alarm is about."""
    if row.point is not None:
        return reverse("telemetry:point", args=[row.point.code])
    return reverse("network:zone", args=[row.zone_id])


class Alarms(kit.ListPage):
    """All alarms, those that stand first; the list follows the city by itself."""

    title = _("Alarms")
    permission = "telemetry.read"
    url_name = "telemetry:alarms"
    template = "telemetry/alarms.html"
    columns: Sequence[kit.Column] = (
        kit.Column(
            "point__code",
            _("Where"),
            value=lambda row: row.subject,
            labels=network.zone_names,
            href=subject_url,
            sort=False,
        ),
        kit.Column("raised_at", _("Raised"), format="moment"),
        kit.Column("priority", _("Priority"), badge=words.PRIORITIES, sort=False),
        kit.Column("rule", _("What is wrong"), labels=words.RULES),
        kit.Column(
            "message", _("Details"), value=lambda row: labels.message_text(row.message, row.data)
        ),
        kit.Column("state", _("State"), badge=words.ALARM_STATES, value=queries_alarms.state_of),
        kit.Column("cleared_at", _("Cleared at"), format="moment", phone=False),
        kit.Column("acknowledged_by", _("Acknowledged by"), sort=False, phone=False),
    )
    search = ("point__code", "point__name_en", "point__name_zh", "zone__code", "zone__name")
    search_hint = _("Point or zone")
    filters = (
        kit.ChoiceFilter(
            "state",
            _("State"),
            choices=(
                ("standing", _("Standing")),
                *((code, label) for code, (label, _colour) in words.ALARM_STATES.items()),
            ),
            apply=queries_alarms.in_state,
        ),
        kit.ChoiceFilter(
            "priority",
            _("Priority"),
            choices=tuple((code, words.PRIORITIES[code][0]) for code in rules.PRIORITY_ORDER),
        ),
        kit.ChoiceFilter("rule", _("What is wrong"), choices=tuple(words.RULES.items())),
        kit.ChoiceFilter("zone", _("Zone"), choices=lambda: list(network.zone_names().items())),
        kit.PeriodFilter("raised_at", _("Raised")),
    )
    default_sort = "-raised_at"
    empty = _("No alarms. They come when a value leaves its limits, stays away or looks wrong.")

    def __init__(self, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(request, **kwargs)
        exporting = request.GET.get("format") == "xlsx"
        if not exporting and permissions.holds(request.user, "telemetry.acknowledge_alarm"):
            button = kit.Column("id", "", value=partial(acknowledge_button, request), sort=False)
            # Before the columns that only matter afterwards, so that it is always in sight.
            self.columns = (*self.columns[:6], button, *self.columns[6:])

    def rows(self, request: HttpRequest) -> Any:
        """Return all alarms with what their lines name."""
        return models.Alarm.objects.select_related("point", "acknowledged_by")

    def row_css(self, row: models.Alarm) -> str:
        """Mark alarms that wait for somebody."""
        return "hs-row-alert" if queries_alarms.state_of(row) == "active" else ""


def acknowledge_button(request: HttpRequest, row: models.Alarm) -> SafeString:
    """Return the button that acknowledges an alarm, or nothing when there is no need."""
    if queries_alarms.state_of(row) != "active":
        return SafeString("")
    return kit.action_button(
        request,
        gettext("Acknowledge"),
        reverse("telemetry:acknowledge", args=[row.pk]),
        colour="sm",
        icon="check",
        values={"next": request.get_full_path()},
    )


@permissions.needs("telemetry.acknowledge_alarm")
@require_POST
def acknowledge(request: HttpRequest, alarm_id: int) -> HttpResponse:
    """Acknowledge an alarm and go back to where the button was."""
    actions.acknowledge_alarm(alarm_id, by_id=api.reader_id(request))
    messages.success(request, gettext("The alarm is yours now: you have acknowledged it."))
    back = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}):
        back = reverse("telemetry:alarms")
    return HttpResponseRedirect(back)
