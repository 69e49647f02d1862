"""The list of alarms that a control room watches, and the deeds on its rows."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, partial
from typing import Any

from django.contrib import messages
from django.db.models import Case, Count, IntegerField, Min, OuterRef, Q, Subquery, Value, When
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from huoshui.areas.network import facade as network
from huoshui.areas.telemetry import actions, models, queries_alarms, rules
from huoshui.areas.telemetry.web import alarm_words, asking, words
from huoshui.kernel.accounts import permissions
from huoshui.kernel.pages import kit

ACKNOWLEDGE = "telemetry.acknowledge_alarm"
OPEN = "open"


class StateFilter(kit.ChoiceFilter):
    """The state; without a choice the list is what is open, not everything there ever was."""

    def narrow(self, rows: Any, query: QueryDict) -> Any:
        """Keep alarms of the state asked for."""
        return queries_alarms.in_state(rows, query.get(self.name) or OPEN)

    def controls(self, query: QueryDict) -> SafeString:
        """Return the choice, with what is open at its top."""
        chosen = query.copy()
        chosen[self.name] = query.get(self.name) or OPEN
        drawn = super().controls(chosen)
        # The first line of a choice means no filter; here no filter is the first state.
        return SafeString(drawn.replace(f'<option value="">{gettext("All")}</option>', "", 1))


class UnseenFilter(kit.Filter):
    """A narrowing that comes by a link and is shown as a chip, without a control of its own."""

    def given(self, query: QueryDict) -> list[tuple[str, str]]:
        wanted = query.get(self.name, "")
        return [(self.name, f"#{wanted}")] if wanted.isdecimal() else []

    def narrow(self, rows: Any, query: QueryDict) -> Any:
        wanted = query.get(self.name, "")
        good = wanted.isdecimal() and len(wanted) < 12
        return rows.filter(**{self.target: int(wanted)}) if good else rows

    def controls(self, query: QueryDict) -> SafeString:
        wanted = query.get(self.name, "")
        if not wanted.isdecimal():
            return SafeString("")
        return format_html('<input type="hidden" name="{}" value="{}">', self.name, wanted)


def urgency() -> Case:
    """Return the order of a control room: what waits before what is known, then by priority."""
    silent = Q(suppression__isnull=False) | Q(closed_at__isnull=False)
    worth = {priority: 4 - place for place, priority in enumerate(rules.PRIORITY_ORDER)}
    return Case(
        When(silent, then=Value(0)),
        *(
            When(acknowledged_at__isnull=True, priority=priority, then=Value(10 + rank))
            for priority, rank in worth.items()
        ),
        *(When(priority=priority, then=Value(rank)) for priority, rank in worth.items()),
        default=Value(0),
        output_field=IntegerField(),
    )


def in_zone(rows: Any, code: str) -> Any:
    """Keep alarms of a zone, or of points in it."""
    return rows.filter(Q(zone=code) | Q(point__zone=code))


def acknowledge_selected(request: HttpRequest, ids: list[Any]) -> int:
    """Acknowledge the rows that were ticked; a row that stands for a group stands for all of it."""
    chosen = models.Alarm.objects.filter(pk__in=ids)
    groups = [] if request.GET.get("group") else chosen.exclude(group=None).values("group")
    wanted = models.Alarm.objects.open().filter(Q(pk__in=ids) | Q(group__in=groups))
    return actions.acknowledge_many(
        wanted.values_list("pk", flat=True), by_id=asking.reader_id(request)
    )


class Alarms(kit.ListPage):
    """What is wrong now, the most pressing first; the list follows the city by itself."""

    title = _("Alarms")
    permission = "telemetry.read"
    url_name = "telemetry:alarms"
    template = "telemetry/alarms.html"
    search = ("point__code", "point__name_en", "point__name_zh", "zone__code", "zone__name")
    search_hint = _("Point or zone")
    filters = (
        StateFilter(
            "state",
            _("State"),
            choices=(
                (OPEN, _("On the list")),
                ("waiting", _("Waiting for somebody")),
                ("standing", _("Standing")),
                *((code, label) for code, (label, _colour) in words.ALARM_STATES.items()),
                ("all", _("All there ever were")),
            ),
        ),
        kit.ChoiceFilter(
            "priority",
            _("Priority"),
            choices=tuple((code, words.PRIORITIES[code][0]) for code in rules.PRIORITY_ORDER),
        ),
        kit.ChoiceFilter("rule", _("What is wrong"), choices=tuple(words.RULES.items())),
        kit.ChoiceFilter(
            "zone",
            _("Zone"),
            choices=lambda: list(network.zone_names().items()),
            apply=in_zone,
        ),
        kit.PeriodFilter("raised_at", pgettext_lazy("telemetry", "Raised")),
        UnseenFilter("group", _("Group of alarms")),
    )
    bulk = (
        kit.BulkAction(
            "acknowledge",
            _("Acknowledge"),
            acknowledge_selected,
            permission=ACKNOWLEDGE,
            confirm=_("Acknowledge {n} alarms? From then on you answer for them."),
            icon="check",
        ),
    )
    default_sort = "-urgency"
    empty = _("No alarms. They come when a value leaves its limits, stays away or looks wrong.")

    def __init__(self, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(request, **kwargs)
        self.columns = self._columns(request)

    @cached_property
    def zones(self) -> dict[str, str]:
        """The zones' names, asked for once."""
        return network.zone_names()

    def _columns(self, request: HttpRequest) -> Sequence[kit.Column]:
        exporting = request.GET.get("format") == "xlsx"
        found: list[kit.Column] = [
            kit.Column("priority", _("Priority"), value=alarm_words.priority_badge, sort="urgency"),
            kit.Column("place", _("Where"), value=self.place, href=alarm_words.alarm_url),
            kit.Column("rule", _("What is wrong"), labels=words.RULES),
            kit.Column("message", _("Details"), value=alarm_words.message),
            kit.Column("state", _("State"), value=alarm_words.state_badge),
            kit.Column("raised_at", pgettext_lazy("telemetry", "Raised"), format="moment"),
            kit.Column(
                "zone_name",
                _("Zone"),
                value=lambda row: self.zones.get(alarm_words.zone_of(row) or ""),
                phone=False,
            ),
            kit.Column("cleared_at", _("Cleared at"), format="moment", phone=False),
            kit.Column("acknowledged_by", _("Acknowledged by"), sort=False, phone=False),
        ]
        if exporting:
            found.insert(2, kit.Column("code", _("Code"), value=lambda row: row.subject))
        elif permissions.holds(request.user, ACKNOWLEDGE):
            # Before the columns that only matter afterwards, so that it is always in sight.
            button = kit.Column("id", "", value=partial(row_buttons, request), sort=False)
            found.insert(6, button)
        return tuple(found)

    def place(self, row: models.Alarm) -> Any:
        """Return what a row is about: a point, a zone, or all that a group folds."""
        name = alarm_words.place_name(row, self.zones)
        count = getattr(row, "folded", None)
        if row.group is None or self.request.GET.get("group"):
            first = row.group is not None and row.group.first_id == row.pk
            return format_html("{}{}", name, alarm_words.first_mark()) if first else name
        if not count or count < 2:
            return name
        return format_html(
            '<span><a class="tm-group" href="{}?group={}"><strong>{}</strong></a>'
            '<small class="hs-note">{}</small></span>',
            reverse(self.url_name),
            row.group_id,
            alarm_words.group_title(row.group, count),
            alarm_words.cause_text(row.group),
        )

    def rows(self, request: HttpRequest) -> Any:
        """Return all alarms with what their lines name."""
        return models.Alarm.objects.select_related(
            "point", "acknowledged_by", "suppression", "group__lead__point"
        ).annotate(urgency=urgency())

    def kept(self) -> Any:
        """Fold the alarms of a group into one row, unless the reader opened the group."""
        rows = super().kept()
        if self.request.GET.get("group") or self.request.GET.get("format") == "xlsx":
            return rows
        plain = rows.order_by().exclude(group=None)
        firsts = plain.values("group").annotate(first=Min("pk")).values("first")
        size = (
            models.Alarm.objects.open()
            .filter(group=OuterRef("group"))
            .order_by()
            .values("group")
            .annotate(n=Count("pk"))
            .values("n")
        )
        return rows.filter(Q(group__isnull=True) | Q(pk__in=firsts)).annotate(
            folded=Subquery(size, output_field=IntegerField())
        )

    def context(self, rows: Any) -> dict[str, Any]:
        """Add what the sound needs."""
        may_mute = permissions.holds(self.request.user, ACKNOWLEDGE)
        mute = reverse("telemetry:mute") if may_mute else ""
        return {**super().context(rows), "sound": {"mute_url": mute}}

    def row_href(self, row: models.Alarm) -> str:
        """Lead to the alarm, or into the group."""
        folded = getattr(row, "folded", None)
        if folded and folded > 1:
            return f"{reverse(self.url_name)}?group={row.group_id}"
        return alarm_words.alarm_url(row)

    def row_css(self, row: models.Alarm) -> str:
        """Mark alarms that wait for somebody."""
        waits = queries_alarms.state_of(row) in {"active", "returned"}
        return "hs-row-alert" if waits else ""

    def actions(self, request: HttpRequest) -> Sequence[SafeString]:
        """Lead to what else there is about alarms."""
        return (
            kit.link_button(gettext("Shelved"), reverse("telemetry:suppressions"), icon="zzz"),
            kit.link_button(
                pgettext("alarms", "History"), reverse("telemetry:alarm-history"), icon="history"
            ),
            kit.link_button(gettext("Figures"), reverse("telemetry:alarm-kpi"), icon="chart-bar"),
            kit.link_button(gettext("Rules"), reverse("telemetry:rules"), icon="adjustments"),
        )

    def above(self, request: HttpRequest) -> SafeString | None:
        """Say which group is open."""
        wanted = request.GET.get("group", "")
        if not (wanted.isdecimal() and len(wanted) < 12):
            return None
        group = (
            models.AlarmGroup.objects.filter(pk=int(wanted)).select_related("lead__point").first()
        )
        if group is None:
            return None
        count = group.alarms.count()
        return render_to_string(
            "telemetry/alarm_group.html",
            {
                "title": alarm_words.group_title(group, count),
                "cause": alarm_words.cause_text(group),
                "group": group,
                "url": alarm_words.alarm_url(group.lead),
                "all_url": reverse(self.url_name),
            },
        )


def row_buttons(request: HttpRequest, row: models.Alarm) -> SafeString:
    """Return the buttons of a row: acknowledge where it waits, shelve where it calls."""
    state = queries_alarms.state_of(row)
    folded = (getattr(row, "folded", None) or 0) > 1
    pieces = []
    if state in {"active", "returned"} or (folded and row.closed_at is None):
        values = {"next": request.get_full_path()}
        if folded:
            values["group"] = str(row.group_id)
        pieces.append(
            kit.action_button(
                request,
                gettext("Acknowledge"),
                reverse("telemetry:acknowledge", args=[row.pk]),
                colour="sm",
                icon="check",
                values=values,
            )
        )
    if state in {"active", "acknowledged", "returned"} and permissions.holds(
        request.user, "telemetry.shelve_alarm"
    ):
        whole = "?group=1" if folded else ""
        pieces.append(
            format_html(
                '<a class="btn btn-sm" data-shelve href="{}{}">{}</a>',
                reverse("telemetry:shelve", args=[row.pk]),
                whole,
                gettext("Shelve"),
            )
        )
    return format_html('<span class="tm-row-buttons">{}</span>', SafeString("".join(pieces)))


@permissions.needs(ACKNOWLEDGE)
@require_POST
def acknowledge(request: HttpRequest, alarm_id: int) -> HttpResponse:
    """Acknowledge an alarm, or all of its group, and go back to where the button was."""
    by_id = asking.reader_id(request)
    group = request.POST.get("group", "")
    if group.isdecimal() and len(group) < 12:
        members = models.Alarm.objects.open().filter(group=int(group))
        count = actions.acknowledge_many(members.values_list("pk", flat=True), by_id=by_id)
        said = gettext("%(n)d alarms are yours now: you have acknowledged them.") % {"n": count}
        messages.success(request, said)
    else:
        actions.acknowledge_alarm(alarm_id, by_id=by_id)
        messages.success(request, gettext("The alarm is yours now: you have acknowledged it."))
    return HttpResponseRedirect(back_to(request, reverse("telemetry:alarms")))


def back_to(request: HttpRequest, otherwise: str) -> str:
    """Return the page that a button was on, never one of another site."""
    back = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}):
        return back
    return otherwise
