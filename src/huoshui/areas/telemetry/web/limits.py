"""Changing limits, and deciding on changes that go beyond what a post may do alone."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from huoshui.areas.telemetry import actions, contracts, models, queries_rules, refusals, rules
from huoshui.areas.telemetry.web import alarm_words, alarms, asking, words
from huoshui.areas.telemetry.web import rules as rule_pages
from huoshui.kernel.accounts import permissions
from huoshui.kernel.pages import kit

APPROVE = "telemetry.approve_limits"
STATES: dict[str, tuple[Any, str]] = {
    "waiting": (_("Waiting for approval"), "orange"),
    "applied": (_("In force"), "green"),
    "refused": (_("Turned down"), "secondary"),
}


class LimitForm(forms.Form):
    """The new limit and why."""

    value = forms.FloatField(label=_("New limit"), required=False)
    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("It stays in the history of the limit."),
    )


class SetLimit(kit.FormPage):
    """Change one limit: of a rule, or of a point."""

    title = _("Change a limit")
    permission = rule_pages.SET_LIMITS
    form_class = LimitForm

    def heading(self, request: HttpRequest) -> str:
        """Name the limit."""
        rule, point, side = self._subject(request)
        if rule is not None:
            return gettext("Limit of: %(name)s") % {"name": rule_pages.rule_name(rule)}
        assert point is not None
        what = words.RULES[side]
        return f"{alarm_words.spoken_name(point)} · {what}"

    @property
    def explanation(self) -> str:  # type: ignore[override]
        """Say what the reader may do alone."""
        rule, point, side = self._subject(self.request)
        covering = rule
        unit = rule_pages.unit_of(rule) if rule else ""
        if point is not None:
            covering = queries_rules.Covering([point]).rule_of(point, side)
            unit = contracts.KINDS[point.kind].unit
        if covering is None or covering.may_set_min is None or covering.may_set_max is None:
            return gettext("No range is set for this limit: another person must approve a change.")
        return gettext(
            "From %(low)g to %(high)g %(unit)s it counts at once; beyond, another person approves."
        ) % {"low": covering.may_set_min, "high": covering.may_set_max, "unit": unit}

    def _subject(
        self, request: HttpRequest
    ) -> tuple[models.AlarmRule | None, models.Point | None, str]:
        if code := request.GET.get("rule", ""):
            return rule_pages.rule_of(code), None, ""
        code, side = request.GET.get("point", ""), request.GET.get("side", "")
        point = models.Point.objects.filter(code=code).first()
        if point is None or side not in rules.LIMIT_KINDS:
            raise refusals.NoSuchPoint([code])
        return None, point, side

    def initial(self, request: HttpRequest) -> dict[str, Any]:
        """Return the limit as it is."""
        rule, point, side = self._subject(request)
        return {"value": rule.threshold if rule else getattr(point, side)}

    def get_cancel_url(self, request: HttpRequest) -> str:
        """Lead back to the rule or the point."""
        rule, point, _side = self._subject(request)
        if rule is not None:
            return reverse("telemetry:rule", args=[rule.code])
        assert point is not None
        return reverse("telemetry:point", args=[point.code])

    def submit(self, request: HttpRequest, form: Any) -> str:
        """Set the limit, or ask for it."""
        rule, point, side = self._subject(request)
        change = actions.ask_limit(
            value=form.cleaned_data["value"],
            reason=form.cleaned_data["reason"],
            by_id=asking.reader_id(request),
            rule_code=rule.code if rule else "",
            point_code=point.code if point else "",
            side=side,
        )
        if change.state == "applied":
            messages.success(request, gettext("The limit is set; it counts within a second."))
            return self.get_cancel_url(request)
        messages.info(request, gettext("The change waits until another person approves it."))
        return reverse("telemetry:limit-changes")


class LimitChanges(kit.ListPage):
    """Every change of a limit: from when, by whom, why, and who agreed."""

    title = _("Changes of limits")
    permission = "telemetry.read"
    url_name = "telemetry:limit-changes"
    search = (
        "rule__code", "rule__name_en", "rule__name_zh", "point__code", "point__name_en",
        "point__name_zh", "reason",
    )  # fmt: skip
    search_hint = _("Rule, point or reason")
    filters = (
        kit.ChoiceFilter(
            "state", _("State"), choices=tuple((c, w) for c, (w, _colour) in STATES.items())
        ),
        kit.PeriodFilter("asked_at", _("Asked for")),
    )
    default_sort = "-asked_at"
    empty = _("No limit has been changed yet.")

    def __init__(self, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(request, **kwargs)
        found = [
            kit.Column("asked_at", _("Asked for"), format="moment"),
            kit.Column("subject", _("Limit of"), value=subject_of, href=subject_url),
            kit.Column("before", pgettext_lazy("telemetry", "Before"), format=".2f", sort=False),
            kit.Column("after", _("After"), format=".2f", sort=False),
            kit.Column("unit", _("Unit"), value=unit_of_change),
            kit.Column("reason", _("Reason"), sort=False),
            kit.Column("asked_by", _("Asked by"), sort=False),
            kit.Column("state", _("State"), badge=STATES),
            kit.Column("decided_by", _("Decided by"), sort=False, phone=False),
            kit.Column("decided_at", _("Decided at"), format="moment", phone=False),
        ]
        if request.GET.get("format") != "xlsx" and permissions.holds(request.user, APPROVE):
            button = partial(decide_buttons, request)
            found.insert(8, kit.Column("id", "", value=button, sort=False))
        self.columns = tuple(found)

    def rows(self, request: HttpRequest) -> Any:
        """Return all changes."""
        return models.LimitChange.objects.select_related(
            "rule__point", "point", "asked_by", "decided_by"
        )

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        """Lead back to the rules."""
        return ((_("Alarm rules"), reverse("telemetry:rules")),)


def subject_of(row: models.LimitChange) -> str:
    """Return which limit a change is about."""
    if row.rule is not None:
        return rule_pages.rule_name(row.rule)
    name = alarm_words.spoken_name(row.point) if row.point else ""
    return f"{name} · {words.RULES.get(row.side, row.side)}"


def subject_url(row: models.LimitChange) -> str:
    """Return the page of the rule or the point."""
    if row.rule is not None:
        return reverse("telemetry:rule", args=[row.rule.code])
    return reverse("telemetry:point", args=[row.point.code if row.point else ""])


def unit_of_change(row: models.LimitChange) -> str:
    """Return the unit of a changed limit."""
    if row.rule is not None:
        return rule_pages.unit_of(row.rule)
    return contracts.KINDS[row.point.kind].unit if row.point else ""


def decide_buttons(request: HttpRequest, row: models.LimitChange) -> SafeString:
    """Return the two buttons of a change that waits for somebody else than who asked."""
    if row.state != "waiting" or row.asked_by_id == request.user.pk:
        return SafeString("")
    url = reverse("telemetry:decide-limit", args=[row.pk])
    values = {"next": request.get_full_path()}
    return format_html(
        '<span class="tm-row-buttons">{}{}</span>',
        kit.action_button(
            request, gettext("Approve"), url, colour="sm btn-primary",
            values={**values, "approve": "yes"},
        ),
        kit.action_button(
            request, gettext("Turn down"), url, colour="sm", values={**values, "approve": "no"}
        ),
    )  # fmt: skip


@permissions.needs(APPROVE)
@require_POST
def decide(request: HttpRequest, change_id: int) -> HttpResponse:
    """Approve or turn down a change of a limit."""
    approve = request.POST.get("approve") == "yes"
    actions.decide_limit(change_id, approve=approve, by_id=asking.reader_id(request))
    messages.success(
        request, gettext("The limit is set.") if approve else gettext("The change is turned down.")
    )
    return HttpResponseRedirect(alarms.back_to(request, reverse("telemetry:limit-changes")))
