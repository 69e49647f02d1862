"""Pages of maintenance: the list of plans, one plan with its history, how well it is kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from huoshui.areas.fieldwork import models
from huoshui.areas.fieldwork import words as job_words
from huoshui.areas.fieldwork.upkeep import asking, queries, rules, words
from huoshui.areas.fieldwork.upkeep.web import telling
from huoshui.areas.fieldwork.web import who
from huoshui.areas.network import facade as network
from huoshui.kernel import errors
from huoshui.kernel.accounts import permissions
from huoshui.kernel.pages import kit

READ, MANAGE, REQUEST = (
    "fieldwork.read_jobs", "fieldwork.manage_upkeep", "fieldwork.request_job",
)  # fmt: skip
HISTORY_SHOWN = 60
MONTHS_SHOWN = 12
SHOW = (
    ("overdue", pgettext_lazy("upkeep", "Overdue")),
    ("week", _("This week")),
    ("month", _("Next 30 days")),
    ("quarter", _("Next three months")),
    ("asked", pgettext_lazy("upkeep", "Job is out")),
    ("trouble", pgettext_lazy("upkeep", "Cannot be asked for")),
    ("routine", _("Daily and weekly routines")),
    ("retired", pgettext_lazy("upkeep", "Retired")),
)
AHEAD_DAYS = {"week": 7, "month": 30, "quarter": 92}


def plan_url(row: models.MaintenancePlan) -> str:
    """Return the address of a plan's page."""
    return reverse("upkeep:plan", args=[row.code])


def _shown(rows: Any, wanted: str) -> Any:
    today = queries.today()
    if wanted == "retired":
        return rows.filter(is_retired=True)
    rows = rows.filter(is_retired=False)
    if wanted == "overdue":
        return rows.filter(due_date__lt=today)
    if wanted in AHEAD_DAYS:
        return rows.filter(due_date__lte=today + timedelta(days=AHEAD_DAYS[wanted]))
    if wanted == "asked":
        return rows.filter(job__isnull=False)
    if wanted == "trouble":
        return rows.exclude(trouble="")
    return rows.filter(is_routine=True)


def _types() -> list[tuple[str, Any]]:
    rows = models.JobType.objects.filter(pk__in=models.MaintenancePlan.objects.values("job_type"))
    return [(one.code, job_words.name_of(one)) for one in rows]


def _crews() -> list[tuple[str, str]]:
    rows = models.Crew.objects.filter(is_retired=False)
    return [(one.code, one.name) for one in rows]


def _standing(row: models.MaintenancePlan) -> str:
    return queries.standing(row, queries.today())


def _job_url(row: models.MaintenancePlan) -> str:
    return reverse("fieldwork:job", args=[row.job.number]) if row.job else ""


def _ask_many(request: HttpRequest, ids: list[Any]) -> int:
    """Ask for the jobs of many plans; what is refused is said by its plan."""
    asked = 0
    for code in models.MaintenancePlan.objects.filter(pk__in=ids).values_list("code", flat=True):
        try:
            asking.ask_now(code, by_id=who.id_of(request))
            asked += 1
        except errors.Refused as refused:
            messages.warning(request, f"{code}: {refused.message}")
    return asked


def _in_zone(rows: Any, code: str) -> Any:
    zones = network.zones_of_assets(rows.order_by().values_list("asset_code", flat=True))
    return rows.filter(asset_code__in=[one for one, zone in zones.items() if zone == code])


class Plans(kit.ListPage):
    """All maintenance plans, the soonest due first."""

    title = _("Maintenance")
    permission = READ
    url_name = "upkeep:plans"
    columns = (
        kit.Column("code", words.FIELDS["code"], href=plan_url),
        kit.Column("name", words.FIELDS["name"], href=plan_url),
        kit.Column("standing", _("State"), value=_standing, badge=words.STANDINGS),
        kit.Column("due_date", pgettext_lazy("upkeep", "Due next"), format="day"),
        kit.Column("asset_code", _("Asset"),
                   href=lambda row: reverse("network:asset", args=[row.asset_code])),
        kit.Column("every", pgettext_lazy("upkeep", "Every"), value=telling.every, sort=False),
        kit.Column("job_type", _("Type of job"), sort="job_type__code", phone=False,
                   value=lambda row: job_words.name_of(row.job_type)),
        kit.Column("crew", words.FIELDS["crew"], sort="crew__name", phone=False),
        kit.Column("done_date", words.FIELDS["done_date"], format="day", phone=False),
        kit.Column("asset_kind", _("Kind of asset"), labels=telling.asset_kinds, optional=True),
        kit.Column("job", _("Job"), href=_job_url, sort="job__number", optional=True),
    )  # fmt: skip
    search = ("code", "name", "asset_code", "instructions")
    search_hint = _("Number, words, asset")
    filters = (
        kit.ChoiceFilter("show", _("Show"), choices=SHOW, apply=_shown),
        kit.ChoiceFilter("job_type", _("Type of job"), field="job_type__code", choices=_types),
        kit.ChoiceFilter("kind", _("Kind of asset"), field="asset_kind",
                         choices=lambda: list(telling.asset_kinds().items())),
        kit.ChoiceFilter("zone", _("Zone"), choices=lambda: network.zone_names().items(),
                         apply=_in_zone),
        kit.ChoiceFilter("crew", words.FIELDS["crew"], field="crew__code", choices=_crews),
    )  # fmt: skip
    default_sort = "due_date"
    bulk = (
        kit.BulkAction(
            "ask", _("Ask for the jobs now"), _ask_many, permission=REQUEST, icon="clipboard-check",
            confirm=_("Ask for the jobs of {n} plans now?"),
        ),
    )  # fmt: skip
    empty = _("No maintenance is planned yet. Make a plan, or bring your list as an Excel file.")

    def rows(self, request: HttpRequest) -> Any:
        """Return the plans that are followed, or the retired ones when asked."""
        rows = queries.plans()
        retired = request.GET.get("show") == "retired"
        return rows if retired else rows.filter(is_retired=False)

    def row_css(self, row: models.MaintenancePlan) -> str:
        """Mark what is late."""
        alert = _standing(row) in (rules.Standing.OVERDUE, rules.Standing.TROUBLE)
        return "hs-row-alert" if alert else ""

    def actions(self, request: HttpRequest) -> Sequence[SafeString]:
        """Lead to how well it is kept; offer a new plan and the import."""
        found = [
            kit.link_button(pgettext("upkeep", "Calendar"), reverse("upkeep:calendar"),
                            icon="calendar"),
            kit.link_button(gettext("How well it is kept"), reverse("upkeep:kept"),
                            icon="chart-bar"),
        ]  # fmt: skip
        if permissions.holds(request.user, MANAGE):
            found += [
                kit.link_button(gettext("Import from Excel"),
                                reverse("intake:bring", args=["maintenance-plans"]), icon="upload"),
                kit.link_button(gettext("New maintenance plan"), reverse("upkeep:new"),
                                colour="primary", icon="plus"),
            ]  # fmt: skip
        return found


class PlanPage(kit.DetailPage):
    """One plan: when it is due and why, how it is done, and every time that it was."""

    permission = READ
    template = "fieldwork/upkeep.html"

    def get_object(self, request: HttpRequest, **kwargs: Any) -> models.MaintenancePlan:
        """Return the plan or answer that there is none."""
        row = queries.plan(kwargs["code"])
        if row is None:
            raise Http404
        return row

    def heading(self, request: HttpRequest, obj: models.MaintenancePlan) -> str:
        """Return its number and what is done."""
        return f"{obj.code} {obj.name}"

    def badges(self, request: HttpRequest, obj: models.MaintenancePlan) -> Sequence[SafeString]:
        """Show how it stands."""
        return (kit.badge(*words.STANDINGS[_standing(obj)]),)

    def trail(
        self, request: HttpRequest, obj: models.MaintenancePlan
    ) -> Sequence[tuple[Any, str]]:  # fmt: skip
        """Lead back to the list."""
        return ((_("Maintenance"), reverse("upkeep:plans")),)

    def facts(self, request: HttpRequest, obj: models.MaintenancePlan) -> Sequence[kit.Section]:
        """Say when, where, how and why then."""
        sections = [kit.Section(_("When it is due"), telling.due_facts(obj)),
                    kit.Section(_("What is done"), telling.work_facts(obj))]  # fmt: skip
        if obj.every_hours:
            sections.append(kit.Section(_("Running hours"), telling.hours_facts(obj)))
        return sections

    def actions(self, request: HttpRequest, obj: models.MaintenancePlan) -> Sequence[SafeString]:
        """Offer what this reader may do."""
        found = []
        unit = network.unit_in_charge(asset_code=obj.asset_code)
        may_ask = permissions.may_in(request.user, REQUEST, unit)
        if may_ask and obj.job_id is None and obj.due_date and not obj.is_retired:
            found.append(
                kit.action_button(
                    request, gettext("Ask for the job now"), reverse("upkeep:ask", args=[obj.code]),
                    confirm=gettext("Ask for the job of this plan now?"), icon="clipboard-check",
                )
            )  # fmt: skip
        if permissions.may_in(request.user, MANAGE, unit):
            if obj.job_id is None and not obj.is_retired:
                found.append(kit.link_button(gettext("Enter as done"),
                                             reverse("upkeep:done", args=[obj.code]),
                                             icon="list-check"))  # fmt: skip
            found.append(
                kit.link_button(
                    gettext("Change"), reverse("upkeep:change", args=[obj.code]), icon="edit"
                )
            )
            if not obj.is_retired:
                found.append(kit.link_button(pgettext("upkeep", "Retire"),
                                             reverse("upkeep:retire", args=[obj.code]),
                                             colour="ghost-danger"))  # fmt: skip
        return found

    def context(self, request: HttpRequest, obj: models.MaintenancePlan) -> dict[str, Any]:
        """Add the history, the kit and what keeps it from being asked for."""
        rows = queries.history(obj.pk, limit=HISTORY_SHOWN)
        kit_lines = obj.job_type.kit.select_related("part")
        return {
            "history": telling.history(rows),
            "missed": sum(one.outcome == rules.Outcome.MISSED for one in rows),
            "parts": [
                {"name": job_words.name_of(one.part), "quantity": one.quantity,
                 "unit": one.part.unit}
                for one in kit_lines
            ],
            "steps": telling.steps(obj),
            "trouble": words.TROUBLES.get(obj.trouble, words.ANOTHER_TROUBLE)
            if obj.trouble else "",
        }  # fmt: skip


@permissions.needs(REQUEST)
@require_POST
def ask(request: HttpRequest, code: str) -> HttpResponse:
    """Ask for the job of a plan now, and show it."""
    job = asking.ask_now(code, by_id=who.id_of(request))
    messages.success(request, gettext("Job %(number)s was asked for.") % {"number": job.number})
    return HttpResponseRedirect(reverse("fieldwork:job", args=[job.number]))


@permissions.needs(READ)
@require_GET
def kept(request: HttpRequest) -> HttpResponse:
    """Show how well maintenance was kept, by month and by crew."""
    today = queries.today()
    months = list(_months(today, MONTHS_SHOWN))
    found = queries.compliance(months, today)
    coming = list(queries.plans().filter(
        is_retired=False, due_date__lte=today + timedelta(days=30)).order_by(
        F("due_date").asc(nulls_last=True)))  # fmt: skip
    context = {
        "title": gettext("How well maintenance is kept"),
        "trail": ((gettext("Maintenance"), reverse("upkeep:plans")),),
        "whole": telling.kept(found.whole),
        "months": [{"month": one, **telling.kept(found.months[one])} for one in reversed(months)],
        "crews": [{"name": name or gettext("No crew"), **telling.kept(one)}
                  for name, one in found.crews.items()],
        "parts": telling.parts(queries.parts_of(coming)),
        "coming": len(coming),
    }  # fmt: skip
    return render(request, "fieldwork/upkeep_kept.html", context)


def _months(day: date, count: int) -> list[date]:
    """Return the first days of some months, the one of a day last."""
    found = [day.replace(day=1)]
    while len(found) < count:
        found.insert(0, (found[0] - timedelta(days=1)).replace(day=1))
    return found
