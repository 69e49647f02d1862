"""Pages of what is prepared: emergency plans, forecasts, proposals."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from huoshui.areas.fieldwork import facade as fieldwork
from huoshui.areas.hotline import facade as hotline
from huoshui.areas.surge import contracts, models, queries, refusals, words
from huoshui.areas.surge.actions import preparing
from huoshui.areas.surge.web import shown, waves
from huoshui.areas.telemetry import facade as telemetry
from huoshui.kernel import clock, errors
from huoshui.kernel.accounts import permissions
from huoshui.kernel.pages import formats, kit

DECLARE, PREPARE = "surge.declare", "surge.prepare"
PLANS = _("Emergency plans")
DAYS = 7


class Plans(kit.ListPage):
    """All emergency plans."""

    title = PLANS
    permission = PREPARE
    url_name = "surge:plans"
    columns = (
        kit.Column("code", _("Number"), optional=True,
                   href=lambda row: reverse("surge:plan", args=[row.code])),
        kit.Column("name", _("Name"), href=lambda row: reverse("surge:plan", args=[row.code])),
        kit.Column("kind", pgettext_lazy("surge", "Kind"), badge=words.KINDS),
        kit.Column("limit_c", pgettext_lazy("surge", "Trigger"), value=lambda row: _trigger(row),
                   sort="limit_c"),
        kit.Column("crews", _("Crews"), value=lambda row: len(row.crews) or gettext("all"),
                   phone=False),
        kit.Column("risk_list", _("Customers at risk"), sort="risk_list__name", phone=False),
    )  # fmt: skip
    search = ("code", "name")
    default_sort = "name"
    empty = _("There is no plan yet.")

    def rows(self, request: HttpRequest) -> Any:
        """Return the plans there are."""
        return queries.plans()

    def actions(self, request: HttpRequest) -> Sequence[SafeString]:
        """Offer a new plan."""
        url = reverse("surge:new-plan")
        return (kit.link_button(gettext("New plan"), url, colour="primary", icon="plus"),)


def _trigger(row: models.EmergencyPlan) -> str:
    if row.limit_c is None:
        return gettext("by hand")
    sign = "≥" if row.kind == contracts.Kind.HEAT else "≤"
    return gettext("%(sign)s %(limit)s °C on %(nights)s days in a row") % {
        "sign": sign, "limit": formats.number(row.limit_c, ".0f"), "nights": row.nights,
    }  # fmt: skip


class PlanForm(forms.Form):
    """Everything of an emergency plan."""

    code = forms.SlugField(label=_("Number"), max_length=40, help_text=_("Such as cold."))
    name = forms.CharField(label=_("Name"), max_length=120)
    kind = forms.ChoiceField(
        label=pgettext_lazy("surge", "Kind"),
        choices=[(code, label) for code, (label, _colour) in words.KINDS.items()],
    )
    limit_c = forms.FloatField(
        label=_("Limit of the temperature [°C]"), required=False, min_value=-60, max_value=60,
        help_text=_("The low in the cold, the high in the heat. Empty: only by hand."),
    )  # fmt: skip
    nights = forms.IntegerField(label=_("Days in a row"), min_value=1, max_value=14, initial=2)
    ahead_days = forms.IntegerField(
        label=_("Days to look ahead"), min_value=1, max_value=14, initial=5
    )
    point_code = forms.CharField(
        label=_("Point that measures outside"), required=False, max_length=100,
        help_text=_("Code of a measuring point; empty: forecasts alone count."),
    )  # fmt: skip
    topics = forms.MultipleChoiceField(
        label=_("Topics of calls that count"), required=False, choices=lambda: hotline.topics(),
        help_text=_("None chosen: all of them."),
    )  # fmt: skip
    crews = forms.MultipleChoiceField(
        label=_("Crews"), required=False, help_text=_("None chosen: all of them."),
        choices=lambda: [(one.code, one.name) for one in fieldwork.crew_facts()],
    )  # fmt: skip
    risk_list = forms.ModelChoiceField(
        label=_("Customers at risk"), required=False, queryset=models.RiskList.objects.all()
    )
    minimums = forms.CharField(
        label=_("Minimum of parts"), required=False, widget=forms.Textarea({"rows": 3}),
        help_text=_("One a line: name or number of the part, how many, first and last month, such "
                    "as Meter DN15 300 11 3."),
    )  # fmt: skip
    steps = forms.CharField(
        label=_("What to do, one step a line"), required=False, widget=forms.Textarea({"rows": 6})
    )

    def clean_minimums(self) -> list[list[Any]]:
        """Return what was typed as lists; names the line that cannot be read."""
        names = shown.part_names()
        known = {name: code for code, name in names.items()} | {code: code for code in names}
        found: list[list[Any]] = []
        for line in self.cleaned_data["minimums"].splitlines():
            if not line.strip():
                continue
            # The name of a part may have spaces; the three numbers stand at the end.
            part, *rest = line.rsplit(maxsplit=3)
            code = known.get(" ".join(part.split()))
            numbers = [int(one) for one in rest if one.isdigit()]
            if code is None or len(numbers) != 3 or not all(1 <= one <= 12 for one in numbers[1:]):
                raise forms.ValidationError(
                    _("This line cannot be read: %(line)s") % {"line": line}
                )
            found.append([code, *numbers])
        return found

    def clean_point_code(self) -> str:
        """Refuse a point that there is not."""
        code = str(self.cleaned_data["point_code"]).strip()
        if code and code not in telemetry.point_ids():
            raise forms.ValidationError(_("There is no point of this code."))
        return code


class NewPlan(kit.FormPage):
    """Write an emergency plan."""

    title = _("New plan")
    permission = PREPARE
    once = True
    form_class = PlanForm

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        """Lead back to the list."""
        return ((PLANS, reverse("surge:plans")),)

    def get_cancel_url(self, request: HttpRequest) -> str:
        """Go back to the list."""
        return reverse("surge:plans")

    def submit(self, request: HttpRequest, form: Any) -> str:
        """Keep it."""
        values = dict(form.cleaned_data)
        code = values.pop("code")
        if models.EmergencyPlan.objects.filter(code=code).exists():
            raise refusals.NeedsValue("code", _("There is a plan with this number already."))
        preparing.keep_plan(code, values, by_id=request.user.pk)
        return reverse("surge:plans")


class ChangePlan(NewPlan):
    """Change an emergency plan, or retire it."""

    @cached_property
    def row(self) -> models.EmergencyPlan:
        """The plan."""
        found = queries.plans().filter(code=self.kwargs["code"]).first()
        if found is None:
            raise Http404
        return found

    def heading(self, request: HttpRequest) -> Any:
        """Return its name."""
        return self.row.name

    def get_form(self, request: HttpRequest, **arguments: Any) -> Any:
        """Return the form without the number, which stays, and with the way to retire it."""
        form = PlanForm(**arguments)
        del form.fields["code"]
        form.fields["is_retired"] = forms.BooleanField(
            label=_("Not in force any more"), required=False
        )
        return form

    def initial(self, request: HttpRequest) -> dict[str, Any]:
        """Begin with what it says."""
        names = ("name", "kind", "limit_c", "nights", "ahead_days", "point_code", "topics", "crews",
                 "risk_list", "steps")  # fmt: skip
        known = shown.part_names()
        lines = "\n".join(
            " ".join((known.get(part, part), *(str(one) for one in numbers)))
            for part, *numbers in self.row.minimums
        )
        return {**{name: getattr(self.row, name) for name in names}, "minimums": lines}

    def submit(self, request: HttpRequest, form: Any) -> str:
        """Keep it."""
        preparing.keep_plan(self.row.code, dict(form.cleaned_data), by_id=request.user.pk)
        return reverse("surge:plans")


class Forecast(kit.FormPage):
    """Type how cold and warm the next days become."""

    title = _("Forecast")
    permission = PREPARE
    once = True
    template = "surge/forecast.html"
    explanation = _(
        "As the weather service tells it. Where a plan's trigger is reached, the leaders are asked "
        "whether to declare."
    )

    @cached_property
    def days(self) -> list[date]:
        """The days that are asked for: today and the six after it."""
        today = clock.local(clock.now()).date()
        return [today + timedelta(days=number) for number in range(DAYS)]

    def get_form(self, request: HttpRequest, **arguments: Any) -> Any:
        """Return a form with two temperatures for each day."""
        fields: dict[str, forms.Field] = {}
        for day in self.days:
            for name, label in (("low", _("low")), ("high", _("high"))):
                fields[f"{name}_{day}"] = forms.FloatField(
                    label=f"{formats.short_day(day)} {label} [°C]",
                    required=False,
                    min_value=-60,
                    max_value=60,
                )
        return type("ForecastForm", (forms.Form,), fields)(**arguments)

    def initial(self, request: HttpRequest) -> dict[str, Any]:
        """Begin with what was told last."""
        told = queries.forecasts(self.days[0], self.days[-1])
        return {
            f"{name}_{day}": value
            for day, row in told.items()
            for name, value in (("low", row.low_c), ("high", row.high_c))
        }

    def context(self, request: HttpRequest) -> dict[str, Any]:
        """Add the proposals that came of forecasts."""
        return {
            "proposals": [
                {"url": reverse("surge:proposal", args=[one.pk]), "name": one.plan.name,
                 "day": one.first_date, "state": kit.badge(*words.PROPOSAL_STATES[one.state])}
                for one in queries.proposals()[:10]
            ]
        }  # fmt: skip

    def submit(self, request: HttpRequest, form: Any) -> str:
        """Keep the days that have both temperatures; refuses one without the other."""
        told: dict[date, tuple[float, float]] = {}
        for day in self.days:
            low, high = (form.cleaned_data[f"{name}_{day}"] for name in ("low", "high"))
            if (low is None) != (high is None):
                raise refusals.NeedsValue("low_c", _("Give both temperatures of a day, or none."))
            if low is not None:
                told[day] = (low, high)
        preparing.keep_forecast(told, by_id=request.user.pk)
        messages.success(request, gettext("The forecast is kept."))
        return reverse("surge:forecast")


@permissions.needs(DECLARE)
@require_GET
def proposal(request: HttpRequest, number: int) -> HttpResponse:
    """Show a proposal with what may be done: declare, warn, raise the minimum, set aside."""
    row = queries.proposals().filter(pk=number).first()
    if row is None:
        raise Http404
    plan = row.plan
    names = shown.part_names()
    context = {
        "title": plan.name,
        "trail": ((waves.TITLE, reverse("surge:surges")),),
        "proposal": row,
        "state": kit.badge(*words.PROPOSAL_STATES[row.state]),
        "kind": shown.kind_badge(plan.kind),
        "trigger": _trigger(plan),
        "days": [
            {"day": date.fromisoformat(day), "low": low, "high": high}
            for day, low, high in row.days
        ],
        "steps": plan.steps.splitlines(),
        "listed": plan.risk_list.entries.listed().count() if plan.risk_list else 0,
        "minimums": [
            {"name": names.get(part, part), "quantity": quantity, "first": first, "last": last}
            for part, quantity, first, last in plan.minimums
        ],
        "is_open": row.state == contracts.ProposalState.OPEN,
        "declare_url": f"{reverse('surge:declare')}?plan={plan.code}&proposal={row.pk}",
        "surge_url": waves.surge_url(row.surge) if row.surge else "",
        "warning_url": reverse("announcements:announcement", args=[row.warning])
        if row.warning else "",
        "may_warn": permissions.holds(request.user, "announcements.compose"),
        "may_stock": permissions.holds(request.user, "fieldwork.manage_stock"),
    }  # fmt: skip
    return render(request, "surge/proposal.html", context)


def _done(request: HttpRequest, number: int, refusal: errors.Refused | None) -> HttpResponse:
    if refusal is not None:
        messages.error(request, f"{refusal.message} {refusal.next_step}")
    return HttpResponseRedirect(reverse("surge:proposal", args=[number]))


@permissions.needs(DECLARE)
@require_POST
def set_aside(request: HttpRequest, number: int) -> HttpResponse:
    """Decide against a proposal."""
    try:
        preparing.set_aside(number, reason=request.POST.get("reason", ""), by_id=request.user.pk)
    except errors.Refused as refusal:
        return _done(request, number, refusal)
    return _done(request, number, None)


@permissions.needs("announcements.compose")
@require_POST
def warn(request: HttpRequest, number: int) -> HttpResponse:
    """Begin the announcement to the customers at risk, and open it to be completed."""
    try:
        announcement = preparing.draft_warning(number, by_id=request.user.pk)
    except errors.Refused as refusal:
        return _done(request, number, refusal)
    return HttpResponseRedirect(reverse("announcements:announcement", args=[announcement]))


@permissions.needs("fieldwork.manage_stock")
@require_POST
def raise_minimums(request: HttpRequest, number: int) -> HttpResponse:
    """Raise the minimum of the stores as the plan says."""
    try:
        raised = preparing.raise_minimums(number, by_id=request.user.pk)
    except errors.Refused as refusal:
        return _done(request, number, refusal)
    names = shown.part_names()
    said = "、".join(f"{names.get(code, code)} {n}" for code, n in raised.items())
    messages.success(
        request,
        gettext("Minimum of the stores together: %(parts)s.") % {"parts": said}
        if said else gettext("The minimums are as high already."),
    )  # fmt: skip
    return _done(request, number, None)
