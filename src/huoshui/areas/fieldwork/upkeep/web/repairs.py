"""Forms and panels of breakdowns and retrofits, beside the pages of their cases and jobs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import format_lazy
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from huoshui.areas.fieldwork import models, queries
from huoshui.areas.fieldwork import words as job_words
from huoshui.areas.fieldwork.upkeep import case_types, repairs, words
from huoshui.areas.fieldwork.web import who
from huoshui.kernel import cases, clock
from huoshui.kernel.accounts import permissions
from huoshui.kernel.pages import formats, kit

BREAKDOWN, RETROFIT = case_types.BREAKDOWN, case_types.RETROFIT
OPEN, WORK = f"{BREAKDOWN}.open", f"{BREAKDOWN}.work"
YUAN_MAX, M3H_MAX = 100_000_000, 1_000_000


def case_url(number: str) -> str:
    """Return the page of a case."""
    return reverse("cases:case", args=[number])


@permissions.needs(OPEN)
@require_POST
@kit.once
def pair(request: HttpRequest, number: str) -> HttpResponse:
    """Make a job the stop-gap of a breakdown, with its permanent repair; show the case."""
    row = repairs.pair_of_job(number, by_id=who.id_of(request))
    messages.success(
        request,
        gettext("Breakdown %(case)s has its two jobs now.") % {"case": row.case_number},
    )
    return HttpResponseRedirect(case_url(row.case_number))


class _OfCase(kit.FormPage):
    """A form that belongs to a case and leads back to it."""

    once = True
    type_code = BREAKDOWN

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        """Lead back to the case; refuses one that is not there or closed."""
        repairs.case_of(
            self.kwargs["number"], self.type_code, by_id=who.id_of(request), short="work"
        )
        return ((self.kwargs["number"], self.get_cancel_url(request)),)

    def get_cancel_url(self, request: HttpRequest) -> str:
        """Go back to the case."""
        return case_url(self.kwargs["number"])


class JobsForm(forms.Form):
    """Where the two jobs are."""

    asset_code = forms.CharField(label=_("Asset number"), max_length=64)


class MakeJobs(_OfCase):
    """Ask for both jobs of a breakdown that was opened as a case."""

    title = _("Ask for stop-gap and permanent repair")
    permission = WORK
    form_class = JobsForm
    submit_label = _("Ask for both jobs")

    def submit(self, request: HttpRequest, form: Any) -> str:
        """Ask for them."""
        repairs.pair_of_case(
            self.kwargs["number"], form.cleaned_data["asset_code"], by_id=who.id_of(request)
        )
        return self.get_cancel_url(request)


def _figure(label: Any, unit: str, most: float, help_text: Any = "") -> forms.FloatField:
    # Put together when it is shown: here it would stay in the language of the start.
    said = format_lazy("[{}] {}", unit, help_text)
    return forms.FloatField(
        label=label, required=False, min_value=0, max_value=most, help_text=said
    )


class MeasureForm(forms.Form):
    """What was done, and what the well looks like then."""

    what = forms.CharField(
        label=pgettext_lazy("breakdown", "What was done"),
        max_length=500,
        help_text=_("Such as: alarm; valve throttled; level lowered; cable joint dried."),
    )
    at = kit.MomentField(label=pgettext_lazy("case line", "When"))
    level_m = forms.FloatField(
        label=pgettext_lazy("well", "Level"),
        required=False,
        min_value=-100,
        max_value=10_000,
        help_text=_("[m] Empty: the newest reading of the point below."),
    )
    level_point = forms.CharField(label=_("Point of the level"), required=False, max_length=100)
    inflow_m3h = _figure(
        pgettext_lazy("well", "Inflow"),
        "m³/h",
        M3H_MAX,
        _("Empty: the newest reading of the point below."),
    )
    inflow_point = forms.CharField(label=_("Point of the inflow"), required=False, max_length=100)
    outflow_m3h = _figure(_("Taken out by pumps and valves"), "m³/h", M3H_MAX)
    edge_level_m = forms.FloatField(
        label=_("Level of the edge"), required=False, min_value=-100, max_value=10_000,
        help_text=_("[m] Where it runs over; kept for the next measure."),
    )  # fmt: skip
    well_area_m2 = forms.FloatField(
        label=_("Surface of the well"), required=False, min_value=0.01, max_value=1_000_000,
        help_text=_("[m²] Mean up to the edge; kept for the next measure."),
    )  # fmt: skip
    room_m3 = _figure(_("Room up to the edge"), "m³", M3H_MAX, _("Empty: edge - level × surface."))


class Measure(_OfCase):
    """Write down a measure of a breakdown."""

    title = _("Measure of a breakdown")
    permission = WORK
    form_class = MeasureForm
    explanation = _(
        "Minutes until it runs over = room up to the edge ÷ (inflow - what is taken out), with the "
        "flows as they are now."
    )

    def initial(self, request: HttpRequest) -> dict[str, Any]:
        """Begin with what is known of the well."""
        row = models.Breakdown.objects.filter(case_number=self.kwargs["number"]).first()
        known: dict[str, Any] = {"at": clock.now()}
        if row is not None:
            known |= {"edge_level_m": row.edge_level_m, "well_area_m2": row.well_area_m2}
        return known

    def submit(self, request: HttpRequest, form: Any) -> str:
        """Keep it and say what it means."""
        values = form.cleaned_data
        well = repairs.Well(
            level_m=values["level_m"],
            inflow_m3h=values["inflow_m3h"],
            outflow_m3h=values["outflow_m3h"],
            room_m3=values["room_m3"],
            area_m2=values["well_area_m2"],
            edge_level_m=values["edge_level_m"],
            level_point=values["level_point"],
            inflow_point=values["inflow_point"],
        )
        found = repairs.measure(
            self.kwargs["number"], values["what"], well, at=values["at"], by_id=who.id_of(request)
        )
        messages.success(request, said_of(found))
        return self.get_cancel_url(request)


def said_of(row: models.BreakdownMeasure) -> str:
    """Say how long there is after a measure."""
    if row.minutes_left is not None:
        left = formats.duration(60 * int(row.minutes_left))
        return gettext("It runs over in %(time)s.") % {"time": left}
    if row.volume_m3 is None or row.inflow_m3h is None:
        return gettext("Not measured")
    return gettext("The water does not rise")


class LineForm(forms.Form):
    """One line of a case."""

    kind = forms.ChoiceField(label=words.LINE_FIELDS["kind"])
    text = forms.CharField(label=words.LINE_FIELDS["text"], max_length=500)
    who = forms.CharField(
        label=words.LINE_FIELDS["who"],
        required=False,
        max_length=100,
        help_text=_("Of a quote the firm, of hours the people."),
    )
    hours = forms.FloatField(
        label=words.LINE_FIELDS["hours"], required=False, min_value=0.1, max_value=10_000,
        help_text=_("All people together."),
    )  # fmt: skip
    yuan = forms.FloatField(
        label=words.LINE_FIELDS["yuan"], required=False, min_value=0, max_value=YUAN_MAX,
        help_text=_("In all; of hours worked, for one hour."),
    )  # fmt: skip
    is_good = forms.NullBooleanField(
        label=words.LINE_FIELDS["is_good"], required=False,
        help_text=_("Of an observation: all was well. Of an option: it was chosen."),
    )  # fmt: skip
    asset_code = forms.CharField(
        label=words.LINE_FIELDS["asset_code"], required=False, max_length=64,
        help_text=_("Of a sister machine."),
    )  # fmt: skip

    def __init__(self, *args: Any, kinds: Sequence[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(str(one), words.LINES[one]) for one in kinds]
        self.fields["kind"].choices = choices  # type: ignore[attr-defined]
        if repairs.Line.QUOTE not in kinds:
            for name in ("is_good", "asset_code"):
                del self.fields[name]


class _AddLine(_OfCase):
    title = _("New line")
    form_class = LineForm

    def initial(self, request: HttpRequest) -> dict[str, Any]:
        """Take the kind from the address."""
        return {"kind": request.GET.get("kind", "")}

    def get_form(self, request: HttpRequest, **arguments: Any) -> Any:
        """Offer the kinds of lines that such cases have."""
        return LineForm(kinds=repairs.LINES_OF[self.type_code], **arguments)

    def submit(self, request: HttpRequest, form: Any) -> str:
        """Add it."""
        values = form.cleaned_data
        repairs.add_line(
            self.kwargs["number"], self.type_code, repairs.Line(values["kind"]), values["text"],
            who=values["who"], hours=values["hours"], yuan=values["yuan"],
            is_good=values.get("is_good"), asset_code=values.get("asset_code", ""),
            by_id=who.id_of(request),
        )  # fmt: skip
        return self.get_cancel_url(request)


class AddBreakdownLine(_AddLine):
    """Add hours, parts or a purchase to a breakdown."""

    permission = WORK
    type_code = BREAKDOWN


class AddRetrofitLine(_AddLine):
    """Add a quote, an option, work, an observation or a sister machine to a retrofit."""

    permission = f"{RETROFIT}.work"
    type_code = RETROFIT


@permissions.needs(WORK)
@require_POST
def strike_breakdown_line(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """Strike a line of a breakdown out."""
    repairs.strike_line(number, BREAKDOWN, pk, by_id=who.id_of(request))
    return HttpResponseRedirect(case_url(number))


@permissions.needs(f"{RETROFIT}.work")
@require_POST
def strike_retrofit_line(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """Strike a line of a retrofit out."""
    repairs.strike_line(number, RETROFIT, pk, by_id=who.id_of(request))
    return HttpResponseRedirect(case_url(number))


# What stands on the pages of cases and jobs ------------------------------------------------


def case_panel(request: HttpRequest, *, case: cases.CaseFact, **_more: Any) -> SafeString | None:
    """Show the jobs, measures, lines and costs of a breakdown or retrofit."""
    if case.type_code not in (BREAKDOWN, RETROFIT):
        return None
    rows = repairs.lines(case.number)
    short = "breakdown" if case.type_code == BREAKDOWN else "retrofit"
    values: dict[str, Any] = {
        "number": case.number,
        "kind": short,
        "may_work": case.is_open and permissions.holds(request.user, f"{case.type_code}.work"),
        "lines": [_line(one) for one in rows],
        "costs": repairs.costs(rows),
        "offered": [(str(one), words.LINES[one]) for one in repairs.LINES_OF[case.type_code]],
        "add_url": reverse(f"upkeep:{short}-line", args=[case.number]),
    }
    if case.type_code == BREAKDOWN:
        rows_of = models.Breakdown.objects.select_related("stop_gap", "permanent")
        row = rows_of.filter(case_number=case.number).first()
        values |= {
            "jobs": _jobs(row),
            "measures": [
                {"row": one, "said": said_of(one), "is_pressing": (one.minutes_left or 1e9) < 60}
                for one in row.measures.select_related("by")
            ]
            if row
            else [],
            "downtime_s": repairs.downtime_s(case),
            "is_over": bool(case.fields.get("ended_at")),
        }
    return render_to_string("fieldwork/upkeep_case.html", values, request=request)


def _line(row: models.CaseLine) -> dict[str, Any]:
    return {
        "row": row,
        "label": words.LINES[row.kind],
        "asset_url": reverse("network:asset", args=[row.asset_code]) if row.asset_code else "",
        "total": (row.hours or 0) * (row.yuan or 0) if row.kind == repairs.Line.HOURS else row.yuan,
    }


def _jobs(row: models.Breakdown | None) -> list[dict[str, Any]]:
    if row is None:
        return []
    named = ((_("Stop-gap"), row.stop_gap), (_("Permanent repair"), row.permanent))
    return [
        {
            "label": label,
            "number": job.number,
            "state": job_words.STATES[job.state],
            "colour": job_words.STATE_COLOURS[job.state],
            "due_at": job.due_at,
        }
        for label, job in named
        if job is not None
    ]


def job_panel(request: HttpRequest, *, job: Any, **_more: Any) -> SafeString | None:
    """Show on a job's page its breakdown and the other job, or offer to make the pair."""
    row = repairs.of_job(job.id)
    if row is None:
        may = permissions.holds(request.user, OPEN) and job.kind == "repair"
        if not may or job.state in ("closed", "cancelled"):
            return None
        button = kit.action_button(
            request, gettext("Stop-gap and permanent repair"),
            reverse("upkeep:pair", args=[job.number]),
            confirm=gettext("Open a breakdown with this job as the stop-gap, and ask for the "
                            "permanent repair?"), icon="tools", colour="secondary", once=True,
        )  # fmt: skip
        return render_to_string("fieldwork/upkeep_pair.html", {"button": button}, request=request)
    latest = row.measures.order_by("-at", "-pk").first()
    values = {
        "case_number": row.case_number,
        "is_stop_gap": row.stop_gap_id == job.id,
        "jobs": [one for one in _jobs(row) if one["number"] != job.number],
        "latest": latest,
        "said": said_of(latest) if latest else "",
    }
    return render_to_string("fieldwork/upkeep_pair.html", values, request=request)


def case_link(request: HttpRequest, *, kind: str, code: str, **_more: Any) -> SafeString | None:
    """Draw what a case is about where that is a job or an asset."""
    if kind == repairs.JOB and queries.job(code) is not None:
        url = reverse("fieldwork:job", args=[code])
        return format_html('<a href="{}">{} {}</a>', url, gettext("Job"), code)
    if kind == repairs.ASSET:
        url = reverse("network:asset", args=[code])
        return format_html('<a href="{}">{} {}</a>', url, gettext("Asset"), code)
    return None
