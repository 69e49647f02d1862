"""One alarm: its facts, its trend, its history, and what a person may do with it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from huoshui.areas.network import facade as network
from huoshui.areas.telemetry import actions, models, queries, queries_alarms, refusals, rules
from huoshui.areas.telemetry.web import alarm_words, alarms, asking, points, words
from huoshui.kernel import audit, clock
from huoshui.kernel.accounts import permissions
from huoshui.kernel.pages import formats, kit

SHELVE = "telemetry.shelve_alarm"
SERVICE = "telemetry.out_of_service"


def alarm_of(alarm_id: int) -> models.Alarm:
    """Return an alarm with what its page names, or refuse."""
    row = (
        models.Alarm.objects.filter(pk=alarm_id)
        .select_related("point", "suppression__by", "group", "acknowledged_by", "alarm_rule")
        .first()
    )
    if row is None:
        raise refusals.NoSuchAlarm(alarm_id)
    return row


class AlarmPage(kit.DetailPage):
    """One alarm from raising to closing, with the trend around it."""

    permission = "telemetry.read"
    template = "telemetry/alarm.html"

    def get_object(self, request: HttpRequest, **kwargs: Any) -> models.Alarm:
        """Return the alarm."""
        return alarm_of(kwargs["alarm_id"])

    def heading(self, request: HttpRequest, obj: models.Alarm) -> str:
        """Name what it is about."""
        name = alarm_words.place_name(obj, network.zone_names())
        return f"{name} · {words.RULES.get(obj.rule, obj.rule)}"

    def badges(self, request: HttpRequest, obj: models.Alarm) -> Sequence[SafeString]:
        """Show priority and state."""
        return alarm_words.priority_badge(obj), alarm_words.state_badge(obj)

    def trail(self, request: HttpRequest, obj: models.Alarm) -> Sequence[tuple[Any, str]]:
        """Lead back to the list."""
        return ((_("Alarms"), reverse("telemetry:alarms")),)

    def actions(self, request: HttpRequest, obj: models.Alarm) -> Sequence[SafeString]:
        """Offer what fits the state and the reader."""
        state = queries_alarms.state_of(obj)
        found: list[SafeString] = []

        def button(label: str, name: str, icon: str, number: int = obj.pk) -> None:
            url = reverse(f"telemetry:{name}", args=[number])
            found.append(
                kit.action_button(
                    request, label, url, icon=icon, colour="primary" if not found else "",
                    values={"next": request.path},
                )
            )  # fmt: skip

        def may(code: str) -> bool:
            return permissions.holds(request.user, code)

        if may(alarms.ACKNOWLEDGE) and obj.closed_at is None and obj.acknowledged_at is None:
            button(gettext("Acknowledge"), "acknowledge", "check")
        if may(alarms.ACKNOWLEDGE) and state == "latched":
            button(gettext("Reset"), "reset-alarm", "refresh")
        if may(SHELVE) and obj.closed_at is None and obj.suppression is None:
            url = reverse("telemetry:shelve", args=[obj.pk])
            found.append(kit.link_button(gettext("Shelve"), url, icon="zzz"))
        if may(SHELVE) and state == "shelved" and obj.suppression:
            button(gettext("End the shelving"), "unshelve", "bell", obj.suppression.pk)
        if may(SERVICE) and obj.point and state != "out_of_service":
            url = reverse("telemetry:take-out", args=[obj.point.code])
            found.append(kit.link_button(gettext("Out of service"), url, icon="tools"))
        return found

    def facts(self, request: HttpRequest, obj: models.Alarm) -> Sequence[kit.Section]:
        """Say what is wrong, since when, who has it, and what to do."""
        chinese = (get_language() or "zh").startswith("zh")
        rule = obj.alarm_rule
        advice = (rule.advice_zh if chinese else rule.advice_en) if rule else ""
        kept = obj.suppression
        code, zone = (obj.point.code, alarm_words.zone_of(obj)) if obj.point else ("", obj.zone_id)
        return (
            kit.Section(
                _("Alarm"),
                (
                    kit.Fact(_("What is wrong"), words.RULES.get(obj.rule, obj.rule)),
                    kit.Fact(_("Details"), alarm_words.message(obj)),
                    kit.Fact(pgettext_lazy("telemetry", "Raised"), obj.raised_at, format="moment"),
                    kit.Fact(_("Cleared at"), obj.cleared_at, format="moment"),
                    kit.Fact(_("Acknowledged at"), obj.acknowledged_at, format="moment"),
                    kit.Fact(_("Acknowledged by"), obj.acknowledged_by),
                    kit.Fact(_("Advice to the operator"), advice),
                ),
            ),
            kit.Section(
                _("Where"),
                (
                    kit.Fact(
                        _("Point"),
                        code,
                        href=reverse("telemetry:point", args=[code]) if code else "",
                    ),
                    kit.Fact(
                        _("Zone"),
                        network.zone_names().get(zone or "", zone),
                        href=reverse("network:zone", args=[zone]) if zone else "",
                    ),
                    kit.Fact(
                        _("Rule"),
                        (rule.name_zh if chinese else rule.name_en) if rule else None,
                        href=reverse("telemetry:rule", args=[rule.code]) if rule else "",
                    ),
                    kit.Fact(
                        _("Group of alarms"),
                        alarm_words.group_title(obj.group, obj.group.alarms.count())
                        if obj.group
                        else None,
                        href=f"{reverse('telemetry:alarms')}?state=all&group={obj.group_id}"
                        if obj.group
                        else "",
                    ),
                    kit.Fact(_("Silent because"), kept.reason if kept else None),
                    kit.Fact(_("Silent until"), kept.until if kept else None, format="moment"),
                    kit.Fact(_("Silenced by"), kept.by if kept else None),
                ),
            ),
        )

    def context(self, request: HttpRequest, obj: models.Alarm) -> dict[str, Any]:
        """Add the trend around the alarm, its history and the box for a remark."""
        trend = None
        if obj.point:
            trend = points.trend([obj.point.code], fixed=True, span="day")
            end = min(obj.raised_at + timedelta(hours=12), clock.now())
            trend["until_ms"] = int(end.timestamp() * 1000)
        entries = [
            {
                "at": entry.at,
                "what": alarm_words.DEEDS[entry.what],
                "by": entry.by,
                "text": entry.text,
            }
            for entry in obj.entries.select_related("by").order_by("at", "pk")[:200]
        ]
        may = permissions.holds(request.user, alarms.ACKNOWLEDGE)
        remark = reverse("telemetry:comment", args=[obj.pk]) if may else ""
        return {
            "trend": trend,
            "entries": entries,
            "remark_url": remark,
            "alarm": queries.alarm_contract(obj),
        }


class ShelveForm(forms.Form):
    """How long, and why."""

    DURATIONS = ((1800, _("30 minutes")), (3600, _("1 hour")), (4 * 3600, _("4 hours")),
                 (8 * 3600, _("8 hours")), (86_400, _("1 day")), (3 * 86_400, _("3 days")),
                 (7 * 86_400, _("7 days")))  # fmt: skip
    duration_s = forms.TypedChoiceField(label=_("For how long"), coerce=int, initial=3600)
    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("The next shift reads it."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        now = clock.now()
        chosen = self.fields["duration_s"]
        assert isinstance(chosen, forms.TypedChoiceField)
        # With the end in the clock that the page shows: a demo's hour is over in seconds.
        chosen.choices = [
            (
                seconds,
                gettext("%(span)s, until %(until)s")
                % {"span": span, "until": formats.moment(now + timedelta(seconds=seconds))},
            )
            for seconds, span in self.DURATIONS
        ]


class Shelve(kit.FormPage):
    """Silence an alarm for a while; it comes back by itself."""

    title = _("Shelve an alarm")
    permission = SHELVE
    form_class = ShelveForm
    submit_label = _("Shelve")
    explanation = _(
        "A shelved alarm does not call until the time is over. It goes on being watched, and"
        " everybody sees in the list of shelved alarms who silenced it and why."
    )

    def heading(self, request: HttpRequest) -> str:
        """Name what is shelved."""
        row = alarm_of(self.kwargs["alarm_id"])
        if request.GET.get("group") and row.group:
            members = row.group.alarms.filter(closed_at__isnull=True).count()
            name = alarm_words.group_title(row.group, members)
        else:
            name = alarm_words.place_name(row, network.zone_names())
        return gettext("Shelve: %(name)s") % {"name": name}

    def get_cancel_url(self, request: HttpRequest) -> str:
        """Lead back to the list."""
        return reverse("telemetry:alarms")

    def submit(self, request: HttpRequest, form: Any) -> str:
        """Shelve the alarm, or all of its group."""
        row = alarm_of(self.kwargs["alarm_id"])
        ids = [row.pk]
        if request.GET.get("group") and row.group_id:
            ids = list(
                models.Alarm.objects.open().filter(group=row.group_id).values_list("pk", flat=True)
            )
        until = clock.now() + timedelta(seconds=form.cleaned_data["duration_s"])
        actions.shelve(
            ids, until=until, reason=form.cleaned_data["reason"], by_id=asking.reader_id(request)
        )
        messages.success(
            request,
            gettext("Shelved until %(until)s. It comes back by itself.")
            % {"until": formats.moment(until)},
        )
        return reverse("telemetry:alarms")


class OutOfServiceForm(forms.Form):
    """Why a point's alarms are out of service."""

    rule = forms.ChoiceField(label=_("Which alarms"), required=False)
    reason = forms.CharField(
        label=_("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # The conditions that a point has once; of the others each rule can be paused by itself.
        once = [(kind, words.RULES[kind]) for kind in (*rules.LIMIT_KINDS, "no_data")]
        chosen = self.fields["rule"]
        assert isinstance(chosen, forms.ChoiceField)
        chosen.choices = [("", _("All alarms of the point")), *once]


class TakeOutOfService(kit.FormPage):
    """Take all alarms of a point, or those of one kind, out of service until put back."""

    title = _("Take out of service")
    permission = SERVICE
    form_class = OutOfServiceForm
    submit_label = _("Take out of service")
    explanation = _(
        "For an instrument under repair. Its alarms stay silent until somebody puts them back."
    )

    def heading(self, request: HttpRequest) -> str:
        """Name the point."""
        return gettext("Out of service: %(name)s") % {"name": self.kwargs["code"]}

    def get_cancel_url(self, request: HttpRequest) -> str:
        """Lead back to the point."""
        return reverse("telemetry:point", args=[self.kwargs["code"]])

    def submit(self, request: HttpRequest, form: Any) -> str:
        """Do it."""
        actions.take_out_of_service(
            self.kwargs["code"],
            rule=form.cleaned_data["rule"],
            reason=form.cleaned_data["reason"],
            by_id=asking.reader_id(request),
        )
        return reverse("telemetry:suppressions")


@permissions.needs(SHELVE)
@require_POST
def unshelve(request: HttpRequest, suppression_id: int) -> HttpResponse:
    """End a shelving before its time."""
    actions.unshelve(suppression_id, by_id=asking.reader_id(request))
    messages.success(request, gettext("The shelving has ended."))
    return HttpResponseRedirect(alarms.back_to(request, reverse("telemetry:suppressions")))


@permissions.needs(SERVICE)
@require_POST
def put_back(request: HttpRequest, suppression_id: int) -> HttpResponse:
    """Put a point's alarms back into service."""
    actions.return_to_service(suppression_id, by_id=asking.reader_id(request))
    messages.success(request, gettext("The alarms are back in service."))
    return HttpResponseRedirect(alarms.back_to(request, reverse("telemetry:suppressions")))


@permissions.needs(alarms.ACKNOWLEDGE)
@require_POST
def comment(request: HttpRequest, alarm_id: int) -> HttpResponse:
    """Keep a remark with an alarm."""
    actions.comment(alarm_id, request.POST.get("text", ""), by_id=asking.reader_id(request))
    return HttpResponseRedirect(reverse("telemetry:alarm", args=[alarm_id]))


@permissions.needs(alarms.ACKNOWLEDGE)
@require_POST
def reset_alarm(request: HttpRequest, alarm_id: int) -> HttpResponse:
    """Let go of a latched alarm."""
    actions.reset_alarm(alarm_id, by_id=asking.reader_id(request))
    return HttpResponseRedirect(alarms.back_to(request, reverse("telemetry:alarms")))


@permissions.needs(alarms.ACKNOWLEDGE)
@require_POST
def mute(request: HttpRequest) -> HttpResponse:
    """Note who silenced the sound of a control room, for how long and why."""
    reason = request.POST.get("reason", "").strip()
    if not reason:
        raise refusals.ReasonMissing
    minutes = request.POST.get("minutes", "")
    audit.record(
        asking.reader_id(request),
        "telemetry.sound_muted",
        "alarm:sound",
        {"reason": reason[:200], "minutes": int(minutes) if minutes.isdecimal() else None},
    )
    return HttpResponse(status=204)
