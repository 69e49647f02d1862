"""The report of a wave: made, shown, compared, opened number by number, as Excel."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from huoshui.areas.surge import actions, models, queries, rules, words
from huoshui.areas.surge.queries import figures, snapshots
from huoshui.areas.surge.queries.counting import Gathered
from huoshui.areas.surge.web import shown, waves
from huoshui.kernel import clock
from huoshui.kernel.accounts import permissions
from huoshui.kernel.pages import kit
from huoshui.kernel.pages.kit import excel

READ, REPORT = "surge.read", "surge.report"


def report_url(row: models.SurgeReport) -> str:
    """Return the address of a report."""
    return reverse("surge:report", args=[row.number])


class ReportForm(forms.Form):
    """Until when is counted."""

    until = kit.MomentField(
        label=pgettext_lazy("report", "Until"), help_text=_("17:00 of today, or the present.")
    )


class MakeReport(kit.FormPage):
    """Make the report of a wave until a moment."""

    title = _("Make a report")
    permission = REPORT
    once = True
    form_class = ReportForm
    submit_label = _("Count and keep")
    explanation = _(
        "What is counted now stays as it is, with the very calls, repairs and jobs behind each "
        "number. What happened after the moment does not count."
    )

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        """Lead back to the wave."""
        row = shown.surge_of(self.kwargs["code"])
        return ((waves.TITLE, reverse("surge:surges")), (row.name, waves.surge_url(row)))

    def get_cancel_url(self, request: HttpRequest) -> str:
        """Go back to the wave."""
        return reverse("surge:surge", args=[self.kwargs["code"]])

    def initial(self, request: HttpRequest) -> dict[str, Any]:
        """Begin with five in the afternoon, or with now before that."""
        row = shown.surge_of(self.kwargs["code"])
        now = clock.now()
        five = clock.local(now).replace(hour=17, minute=0, second=0, microsecond=0)
        moment = five if row.from_at < five <= now else now
        return {"until": min(moment, row.until) if row.until else moment}

    def submit(self, request: HttpRequest, form: Any) -> str:
        """Make it, and show it."""
        row = actions.make_report(
            self.kwargs["code"], until=form.cleaned_data["until"], by_id=request.user.pk
        )
        return report_url(row)


def _report(number: str) -> models.SurgeReport:
    row = models.SurgeReport.objects.select_related("surge", "made_by").filter(number=number)
    found = row.first()
    if found is None:
        raise Http404
    return found


@permissions.needs(READ)
@require_GET
def report(request: HttpRequest, number: str) -> HttpResponseBase:
    """Show a report as it was made, or give it as Excel; beside another where one is named."""
    row = _report(number)
    base = f"{reverse('surge:report-figure')}?report={number}&figure=FIGURE"
    shown_groups = shown.groups(row.figures, row.keys, base)
    others = queries.reports().exclude(pk=row.pk)[:40]
    asked = request.GET.get("with", "")
    other = next((one for one in others if one.number == asked), None)
    if other is not None:
        for group in shown_groups:
            for line in group["rows"]:
                code = line["code"]
                before = other.figures.get(code)
                line["before"] = shown.value_text(code, before)
                line["change"] = shown.difference(code, before, row.figures.get(code))
    estates = shown.estates(row.more["estates"], row.until)
    parts = shown.parts(row.more["parts"])
    if request.GET.get("format") == "xlsx":
        return _as_excel(row, shown_groups, estates, parts)
    context = {
        "title": gettext("Report %(number)s") % {"number": row.number},
        "trail": (
            (waves.TITLE, reverse("surge:surges")),
            (row.surge.name, waves.surge_url(row.surge)),
        ),
        "report": row,
        "surge": row.surge,
        "kind": shown.kind_badge(row.surge.kind),
        "area": waves.area_words(row.surge),
        "groups": shown_groups,
        "bars": shown.bars([tuple(one) for one in row.more["hours"]]),
        "estates": estates,
        "parts": parts,
        "waits": shown.waiting_for(row.rows, row.keys.get("jobs_waiting", ())),
        "waits_url": base.replace("FIGURE", "jobs_waiting"),
        "others": others,
        "other": other,
        "version_now": rules.VERSION,
    }
    return render(request, "surge/report.html", context)


def _as_excel(
    row: models.SurgeReport,
    groups: Sequence[dict[str, Any]],
    estates: Sequence[dict[str, Any]],
    parts: Sequence[dict[str, Any]],
) -> HttpResponseBase:
    columns = (
        kit.Column("part", _("Part of the report")),
        kit.Column("what", _("What")),
        kit.Column("value", _("Number")),
        kit.Column("before", _("In the other report")),
        kit.Column("change", _("Change")),
    )

    def lines() -> Iterator[dict[str, Any]]:
        for group in groups:
            for one in group["rows"]:
                yield {"part": group["title"], "what": one["label"], "value": one["value"],
                       "before": one.get("before", ""),
                       "change": one.get("change", "")}  # fmt: skip
        for one in estates:
            yield {"part": gettext("Estates"), "what": one["name"], "value": one["words"],
                   "before": "", "change": ""}  # fmt: skip
        for one in parts:
            yield {"part": gettext("Parts"), "what": one["name"], "value": one["used"],
                   "before": "", "change": ""}  # fmt: skip

    return excel.write(f"{row.surge.name} {row.number}", columns, lines())


def _figures_offered() -> list[tuple[str, Any]]:
    return list(words.FIGURES.items())


class FigureList(kit.ListPage):
    """What a figure of a wave counts, now."""

    permission = READ
    url_name = "surge:figure"
    columns = (
        kit.Column("key", _("Number"), href=lambda row: row["url"] or None),
        kit.Column("at", _("When"), format="moment"),
        kit.Column("about", pgettext_lazy("surge", "About")),
        kit.Column("way", _("How it came in"), phone=False),
        kit.Column("name", _("Name")),
        kit.Column("estate", _("Estate")),
        kit.Column("state", _("State"), badge=words.STATES),
        kit.Column("case", _("Case"), phone=False),
        kit.Column("crew", _("Crew"), phone=False),
        kit.Column("why", _("Why without a crew")),
    )
    search = ("key", "about", "estate", "crew", "why")
    filters: Sequence[kit.Filter] = (
        kit.ChoiceFilter(
            "surge", _("Wave of trouble"), choices=shown.waves_offered, apply=shown.as_it_is
        ),
        kit.ChoiceFilter(
            "figure", pgettext_lazy("surge", "Figure"), choices=_figures_offered,
            apply=shown.as_it_is,
        ),
    )  # fmt: skip
    empty = _("This figure is nought.")

    @property
    def title(self) -> Any:  # type: ignore[override]
        """What is listed."""
        return words.FIGURES.get(self.figure) or _("What a figure counts")

    @cached_property
    def figure(self) -> str:
        """The figure that is asked for, or nothing."""
        asked = self.request.GET.get("figure", "")
        return asked if asked in rules.FIGURES else ""

    @cached_property
    def row(self) -> models.Surge | None:
        """The wave that is asked for."""
        return queries.surges().filter(code=self.request.GET.get("surge", "")).first()

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        """Lead back to the wave."""
        found: list[tuple[Any, str]] = [(waves.TITLE, reverse("surge:surges"))]
        if self.row is not None:
            found.append((self.row.name, waves.surge_url(self.row)))
        return found

    def rows(self, request: HttpRequest) -> Any:
        """Count anew, and return what was counted."""
        if self.row is None or not self.figure:
            return []
        found = Gathered(self.row, clock.now())
        keys = figures.figures(found).keys.get(self.figure, [])
        return list(shown.listed(snapshots.rows(found), keys))


def _reports_offered() -> list[tuple[str, str]]:
    return [(one.number, f"{one.number} {one.surge.name}") for one in queries.reports()[:200]]


class ReportFigureList(FigureList):
    """What a figure of a report counted when it was made."""

    url_name = "surge:report-figure"
    filters: Sequence[kit.Filter] = (
        kit.ChoiceFilter(
            "report", pgettext_lazy("surge", "Report"), choices=_reports_offered,
            apply=shown.as_it_is,
        ),
        *FigureList.filters[1:],
    )  # fmt: skip

    @cached_property
    def report(self) -> models.SurgeReport | None:
        """The report that is asked for."""
        rows = models.SurgeReport.objects.select_related("surge")
        return rows.filter(number=self.request.GET.get("report", "")).first()

    @cached_property
    def row(self) -> models.Surge | None:
        """The wave of the report."""
        return self.report.surge if self.report is not None else None

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        """Lead back to the report."""
        found = list(super().trail(request))
        if self.report is not None:
            said = gettext("Report %(number)s") % {"number": self.report.number}
            found.append((said, report_url(self.report)))
        return found

    def rows(self, request: HttpRequest) -> Any:
        """Return what was counted, as it stood then."""
        if self.report is None:
            return []
        keys = self.report.keys.get(self.figure, [])
        return list(shown.listed(self.report.rows, keys))


class Reports(kit.ListPage):
    """All reports of all waves."""

    title = pgettext_lazy("surge", "Reports")
    permission = READ
    url_name = "surge:reports"
    columns = (
        kit.Column("number", _("Number"), href=report_url),
        kit.Column("surge", _("Wave of trouble"), sort="surge__name"),
        kit.Column("until", pgettext_lazy("report", "Until"), format="moment"),
        kit.Column("calls", _("Calls in all"), value=lambda row: row.figures.get("calls"),
                   format="d"),
        kit.Column("repairs", _("Calls about repairs"),
                   value=lambda row: row.figures.get("repairs"), format="d"),
        kit.Column("made_at", _("Made"), format="moment", phone=False),
        kit.Column("made_by", pgettext_lazy("report", "Made by"), sort="made_by__name",
                   phone=False),
    )  # fmt: skip
    search = ("number", "surge__name")
    default_sort = "-until"
    empty = _("No report was made yet.")

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        """Lead back to the waves."""
        return ((waves.TITLE, reverse("surge:surges")),)

    def rows(self, request: HttpRequest) -> Any:
        """Return all reports."""
        return queries.reports()
