"""Pages of waves: the list, one wave as it stands, declare and end one, answer a call."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from huoshui.areas.customers import facade as customers
from huoshui.areas.fieldwork import facade as fieldwork
from huoshui.areas.hotline import facade as hotline
from huoshui.areas.network import facade as network
from huoshui.areas.surge import contracts, models, queries, words
from huoshui.areas.surge.actions import preparing, waves
from huoshui.areas.surge.queries import figures
from huoshui.areas.surge.queries.counting import Gathered
from huoshui.areas.surge.web import shown
from huoshui.kernel import clock
from huoshui.kernel.accounts import permissions
from huoshui.kernel.pages import kit

READ, DECLARE, REPORT, ANSWER = "surge.read", "surge.declare", "surge.report", "surge.answer"
TITLE = _("Waves of trouble")


def surge_url(row: models.Surge) -> str:
    """Return the address of a wave's page."""
    return reverse("surge:surge", args=[row.code])


class Surges(kit.ListPage):
    """All waves."""

    title = TITLE
    permission = READ
    url_name = "surge:surges"
    columns = (
        kit.Column("code", _("Number"), href=surge_url),
        kit.Column("name", _("Name"), href=surge_url),
        kit.Column("kind", pgettext_lazy("surge", "Kind"), badge=words.KINDS),
        kit.Column("from_at", pgettext_lazy("surge", "From"), format="moment"),
        kit.Column("until", pgettext_lazy("surge", "Until"), format=lambda at: _until(at)),
        kit.Column("declared_by", _("Declared by"), sort="declared_by__name", phone=False),
    )
    search = ("code", "name")
    filters = (
        kit.ChoiceFilter(
            "kind", pgettext_lazy("surge", "Kind"),
            choices=[(code, label) for code, (label, _colour) in words.KINDS.items()],
        ),
        kit.PeriodFilter("from_at", _("When")),
    )  # fmt: skip
    default_sort = "-from_at"
    empty = _("No wave was declared yet.")

    def rows(self, request: HttpRequest) -> Any:
        """Return all waves."""
        return queries.surges().select_related("declared_by")

    def above(self, request: HttpRequest) -> SafeString | None:
        """Show the proposals that wait for a leader."""
        return _open_proposals(request)

    def actions(self, request: HttpRequest) -> Sequence[SafeString]:
        """Offer to declare one."""
        if not permissions.holds(request.user, DECLARE):
            return ()
        url = reverse("surge:declare")
        return (kit.link_button(gettext("Declare a wave"), url, colour="primary", icon="plus"),)


def _until(at: Any) -> str:
    from huoshui.kernel.pages import formats

    return formats.moment(at) if at else gettext("stands")


def _open_proposals(request: HttpRequest) -> SafeString | None:
    from django.template.loader import render_to_string

    if not permissions.holds(request.user, DECLARE):
        return None
    rows = queries.proposals().filter(state=contracts.ProposalState.OPEN)
    found = [
        {"url": reverse("surge:proposal", args=[one.pk]), "name": one.plan.name,
         "day": one.first_date}
        for one in rows[:5]
    ]  # fmt: skip
    return render_to_string("surge/proposed.html", {"proposals": found}) if found else None


@permissions.needs(READ)
@require_GET
def surge(request: HttpRequest, code: str) -> HttpResponse:
    """Show one wave as it stands now: figures, hours, estates, parts, crews, reports."""
    row = shown.surge_of(code)
    now = clock.now()
    found = Gathered(row, now)
    made = figures.figures(found)
    base = shown.of_surge("surge:figure", row, figure="FIGURE")
    answers = list(queries.crew_calls(row.pk))
    names = {one.code: one.name for one in fieldwork.crew_facts()}
    may = {
        name: permissions.holds(request.user, wanted)
        for name, wanted in (
            ("declare", DECLARE), ("report", REPORT), ("rank", "surge.rank"),
        )
    }  # fmt: skip
    context = {
        "title": row.name,
        "trail": ((TITLE, reverse("surge:surges")),),
        "surge": row,
        "kind": shown.kind_badge(row.kind),
        "area": area_words(row),
        "topics": [dict(hotline.topics()).get(one, one) for one in row.topics],
        "now": found.until,
        "groups": shown.groups(made.values, made.keys, base),
        "bars": shown.bars(found.by_hour()),
        "estates": shown.estates(figures.by_estate(found), found.until),
        "parts": shown.parts(figures.by_part(found)),
        "answers": [
            {"name": names.get(one.crew_code, one.crew_code), "at": one.answered_at,
             "by": str(one.answered_by or "")}
            for one in answers
        ],
        "answered": sum(one.answered_at is not None for one in answers),
        "warnings": [
            {"number": one, "url": reverse("announcements:announcement", args=[one])}
            for one in found.warnings
        ],
        "reports": queries.reports(row.pk)[:20],
        "may": may,
    }  # fmt: skip
    return render(request, "surge/surge.html", context)


def area_words(row: models.Surge) -> str:
    """Return where a wave is, in words."""
    if not row.estates and not row.zones:
        return gettext("Whole city")
    names, zones = customers.estate_names(), network.zone_names()
    return "、".join(
        [*(names.get(one, one) for one in row.estates), *(zones.get(one, one) for one in row.zones)]
    )


class SurgeForm(forms.Form):
    """What a wave is declared with."""

    name = forms.CharField(label=_("Name"), max_length=120)
    kind = forms.ChoiceField(
        label=pgettext_lazy("surge", "Kind"),
        choices=[(code, label) for code, (label, _colour) in words.KINDS.items()],
    )
    from_at = kit.MomentField(label=pgettext_lazy("surge", "From"))
    plan = forms.ChoiceField(label=_("Emergency plan"), required=False, choices=lambda: _plans())
    estates = forms.MultipleChoiceField(
        label=_("Estates"), required=False, choices=lambda: sorted(
            customers.estate_names().items(), key=lambda one: one[1]
        ),
        help_text=_("With estates and zones both empty it is the whole city."),
    )  # fmt: skip
    zones = forms.MultipleChoiceField(
        label=_("Zones"), required=False, choices=lambda: sorted(network.zone_names().items())
    )
    topics = forms.MultipleChoiceField(
        label=_("Topics of calls that count"), required=False, choices=lambda: hotline.topics(),
        help_text=_("None chosen: all of them."),
    )  # fmt: skip
    crews = forms.MultipleChoiceField(
        label=_("Crews"), required=False, help_text=_("None chosen: all of them."),
        choices=lambda: [(one.code, one.name) for one in fieldwork.crew_facts()],
    )  # fmt: skip
    parts = forms.MultipleChoiceField(
        label=_("Parts to watch"), required=False, choices=lambda: shown.part_names().items(),
        help_text=_("None chosen: those that the exchange of a meter takes."),
    )  # fmt: skip
    risk_list = forms.ChoiceField(
        label=_("Customers at risk"), required=False,
        choices=lambda: [("", "—"), *((one.code, one.name) for one in queries.risk_lists())],
    )  # fmt: skip
    announcements = forms.CharField(
        label=_("Warnings sent"), required=False,
        help_text=_("Numbers of announcements, with blanks between. Empty: freeze warnings of the "
                    "ten days before."),
    )  # fmt: skip
    text = forms.CharField(label=_("Order"), required=False, widget=forms.Textarea({"rows": 3}))


def _plans() -> list[tuple[str, str]]:
    return [("", "—"), *((one.code, one.name) for one in queries.plans())]


class Declare(kit.FormPage):
    """Declare a wave, from scratch, from a plan, or from a proposal of the weather."""

    title = _("Declare a wave")
    permission = DECLARE
    once = True
    form_class = SurgeForm
    submit_label = _("Declare and call the crews up")
    submit_colour = "danger"
    confirm = _("Declare this wave? The people of the chosen crews are called up at once.")

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        """Lead back to the list."""
        return ((TITLE, reverse("surge:surges")),)

    def get_cancel_url(self, request: HttpRequest) -> str:
        """Go back to the list."""
        return reverse("surge:surges")

    def initial(self, request: HttpRequest) -> dict[str, Any]:
        """Begin with what the plan says that the address names."""
        begun: dict[str, Any] = {"from_at": clock.now(), "kind": contracts.Kind.COLD}
        plan = queries.plans().filter(code=request.GET.get("plan", "")).first()
        if plan is not None:
            begun |= {
                "name": plan.name, "kind": plan.kind, "plan": plan.code, "topics": plan.topics,
                "crews": plan.crews, "text": plan.steps,
                "risk_list": plan.risk_list.code if plan.risk_list else "",
            }  # fmt: skip
        return begun

    def submit(self, request: HttpRequest, form: Any) -> str:
        """Declare it, and show it."""
        given = form.cleaned_data
        said = waves.Declared(
            **{name: given[name] for name in (
                "name", "from_at", "estates", "zones", "topics", "crews", "parts", "risk_list",
                "plan", "text",
            )},
            kind=contracts.Kind(given["kind"]),
            announcements=given["announcements"].replace("，", " ").replace(",", " ").split(),
        )  # fmt: skip
        proposal = request.GET.get("proposal", "")
        if proposal.isdigit():
            row = preparing.declare_proposed(int(proposal), said, by_id=request.user.pk)
        else:
            row = waves.declare(said, by_id=request.user.pk)
        return surge_url(row)


@permissions.needs(DECLARE)
@require_POST
def end(request: HttpRequest, code: str) -> HttpResponse:
    """End a wave now."""
    row = waves.end(code, by_id=request.user.pk)
    return HttpResponseRedirect(surge_url(row))


@permissions.needs(ANSWER)
def answer(request: HttpRequest, code: str) -> HttpResponse:
    """Show the call to somebody of a crew, and take their answer."""
    row = shown.surge_of(code)
    mine = [one for one in fieldwork.crew_facts() if request.user.pk in one.people]
    calls = {one.crew_code: one for one in queries.crew_calls(row.pk)}
    if request.method == "POST":
        for crew in mine:
            if crew.code in calls:
                waves.acknowledge(code, crew_code=crew.code, by_id=request.user.pk)
        return HttpResponseRedirect(request.path)
    context = {
        "title": row.name,
        "surge": row,
        "kind": shown.kind_badge(row.kind),
        "area": area_words(row),
        "crews": [
            {"name": one.name, "at": calls[one.code].answered_at}
            for one in mine
            if one.code in calls
        ],
    }
    context["is_answered"] = all(one["at"] for one in context["crews"])
    return render(request, "surge/answer.html", context)
