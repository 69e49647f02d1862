"""How long repairs take: a page of means by cause, crew and month, the list, and a job's panel."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from huoshui.areas.fieldwork import models, words
from huoshui.areas.fieldwork.actions import timing
from huoshui.areas.fieldwork.contracts import JobKind, JobState
from huoshui.areas.fieldwork.queries import repairs as queries
from huoshui.areas.network import facade as network
from huoshui.kernel import clock
from huoshui.kernel.accounts import permissions
from huoshui.kernel.pages import kit

CALLED = pgettext_lazy("repair", "Called")
GIVEN = pgettext_lazy("repair", "Given")
ARRIVED = pgettext_lazy("repair", "Arrived")
REPAIRED = pgettext_lazy("repair", "Repaired")
READ, CLOSE = "fieldwork.read_jobs", "fieldwork.close_job"
BY_CAUSE = _("By cause")
BY = (("crew", _("By crew")), ("month", _("By month")))
YEAR = _("12 months")
PERIODS = (("month", _("30 days")),)
DAYS = {"month": 30, "year": 365}


class RepairTimes(kit.ListPage):
    """The time from the call until water is back, in groups."""

    title = _("Repair times")
    permission = READ
    url_name = "fieldwork:repair-times"
    columns: Sequence[kit.Column] = (
        kit.Column("name", pgettext_lazy("repair", "Group"), sort="key"),
        kit.Column("count", pgettext_lazy("repair", "Repairs"), format="d"),
        kit.Column("ended", _("Water back known"), format="d", phone=False),
        kit.Column("median_min", _("Call to water back, median"), unit="min", format=",.0f"),
        kit.Column("mean_min", pgettext_lazy("repair", "Mean"), unit="min", format=",.0f"),
        kit.Column("longest_min", pgettext_lazy("repair", "Longest"), unit="min", format=",.0f",
                   phone=False, optional=True),
        kit.Column("given_min", _("Call to given, median"), unit="min", format=",.0f",
                   phone=False, optional=True),
        kit.Column("way_min", _("Given to arrived, median"), unit="min", format=",.0f",
                   phone=False),
        kit.Column("work_min", _("Arrived to repaired, median"), unit="min", format=",.0f",
                   phone=False),
    )  # fmt: skip
    filters = (
        kit.ChoiceFilter("by", pgettext_lazy("repair", "Groups"), choices=BY,
                         unchosen=BY_CAUSE,
                         apply=lambda rows, wanted: rows),
        kit.ChoiceFilter("called", _("Called within"), choices=PERIODS,
                         unchosen=YEAR,
                         apply=lambda rows, wanted: rows),
    )  # fmt: skip
    default_sort = "-count"
    empty = _("No repairs in this time.")

    def __init__(self, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(request, **kwargs)
        if request.GET.get("by") == "month":
            self.default_sort = "-key"

    def rows(self, request: HttpRequest) -> list[dict[str, Any]]:
        """Return the groups; by cause and of the last twelve months where nothing is chosen."""
        by = request.GET.get("by", "")
        by = by if by in queries.BY else "cause"
        days = DAYS.get(request.GET.get("called", ""), DAYS["year"])
        now = clock.now()
        found = queries.times(since=now - timedelta(days=days), until=now + timedelta(seconds=1))
        groups = queries.groups(found, by)
        return [
            {"name": _name(by, one.key), **{key: getattr(one, key) for key in one.__slots__}}
            for one in groups
        ]

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        """Lead back to the jobs."""
        return ((_("Jobs"), reverse("fieldwork:jobs")),)

    def actions(self, request: HttpRequest) -> Sequence[SafeString]:
        """Lead to the single repairs."""
        url = reverse("fieldwork:repairs")
        return (kit.link_button(gettext("Single repairs"), url, icon="list"),)


def _name(by: str, key: str) -> str:
    if by == "cause":
        return str(words.CAUSES.get(key, _("Cause not said")))
    return key or gettext("Without a crew")


def _minutes(begin: datetime | None, end: datetime | None) -> float | None:
    if begin is None or end is None or end < begin:
        return None
    return (end - begin).total_seconds() / 60


class Repairs(kit.ListPage):
    """Each repair with its moments, the latest first."""

    title = _("Single repairs")
    permission = READ
    url_name = "fieldwork:repairs"
    columns = (
        kit.Column("number", _("Job"),
                   href=lambda row: reverse("fieldwork:job", args=[row.number])),
        kit.Column("cause", _("Cause"), labels={**words.CAUSES, "": ""}),
        kit.Column("crew", _("Crew"), sort="crew__name", phone=False),
        kit.Column("called", CALLED, format="moment", sort="requested_at",
                   value=lambda row: row.called_at or row.requested_at),
        kit.Column("given_at", GIVEN, format="moment", sort=False, phone=False, optional=True),
        kit.Column("set_off_at", _("Set off"), format="moment", phone=False, optional=True),
        kit.Column("arrived_at", ARRIVED, format="moment", phone=False),
        kit.Column("repaired_at", REPAIRED, format="moment", phone=False, optional=True),
        kit.Column("water_back_at", _("Water back"), format="moment"),
        kit.Column("minutes", _("Call to water back"), unit="min", format=",.0f",
                   value=lambda row: _minutes(row.called_at or row.requested_at,
                                              row.water_back_at)),
    )  # fmt: skip
    search = ("number", "title", "crew__name")
    filters = (
        kit.ChoiceFilter("cause", _("Cause"), field="cause",
                         choices=tuple(words.CAUSES.items())),
        kit.ChoiceFilter("zone", _("Zone"), field="zone_code",
                         choices=lambda: network.zone_names().items()),
        kit.PeriodFilter("requested_at", _("Asked for")),
    )  # fmt: skip
    default_sort = "-requested_at"
    empty = _("No repairs yet.")

    def rows(self, request: HttpRequest) -> Any:
        """Return the repairs."""
        return queries.rows()

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        """Lead back to the groups."""
        return ((_("Repair times"), reverse("fieldwork:repair-times")),)


def job_times(request: HttpRequest, *, job: Any, **_context: Any) -> SafeString | None:
    """Show the moments of a repair from the call until water is back, on the job's page."""
    row = queries.rows().filter(number=job.number).first() if job.kind == JobKind.REPAIR else None
    if row is None:
        return None
    found = queries.time_of(row)
    stages = [
        (str(CALLED), found.called_at), (str(GIVEN), found.given_at),
        (gettext("Set off"), found.set_off_at), (str(ARRIVED), found.arrived_at),
        (str(REPAIRED), found.repaired_at), (gettext("Water back"), found.water_back_at),
    ]  # fmt: skip
    context = {
        "stages": [
            {"label": label, "at": at, "minutes": _minutes(found.called_at, at)}
            for label, at in stages
        ],
        "cause": words.CAUSES.get(found.cause, ""),
        "number": row.number,
        "may_tell": row.state != JobState.CANCELLED and permissions.holds(request.user, CLOSE),
    }
    return render_to_string("fieldwork/times_panel.html", context, request=request)


class TimesForm(forms.Form):
    """The moments that only people can tell, and the cause."""

    repaired_at = kit.MomentField(label=REPAIRED, required=False)
    water_back_at = kit.MomentField(label=_("Water back"), required=False)
    cause = forms.ChoiceField(
        label=_("Cause"), required=False,
        choices=[("", _("Not said")), *words.CAUSES.items()],
    )  # fmt: skip


class TellTimes(kit.FormPage):
    """Put the moments and the cause of a repair right."""

    title = _("Moments of the repair")
    permission = CLOSE
    form_class = TimesForm

    @cached_property
    def job(self) -> models.Job:
        """The repair of the address, or `Http404`."""
        rows = models.Job.objects.filter(kind=JobKind.REPAIR)
        row = rows.filter(number=self.kwargs["number"]).first()
        if row is None:
            raise Http404
        return row

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        """Lead back to the job."""
        return (
            (_("Jobs"), reverse("fieldwork:jobs")),
            (self.job.number, self.get_cancel_url(request)),
        )

    def get_cancel_url(self, request: HttpRequest) -> str:
        """Go back to the job."""
        return reverse("fieldwork:job", args=[self.job.number])

    def initial(self, request: HttpRequest) -> dict[str, Any]:
        """Start with what is known."""
        row = self.job
        return {
            "repaired_at": row.repaired_at, "water_back_at": row.water_back_at, "cause": row.cause,
        }  # fmt: skip

    def submit(self, request: HttpRequest, form: Any) -> str:
        """Keep them."""
        timing.tell(self.job.number, **form.cleaned_data, by=request.user)  # type: ignore[arg-type]
        messages.success(request, gettext("The moments are kept."))
        return self.get_cancel_url(request)
