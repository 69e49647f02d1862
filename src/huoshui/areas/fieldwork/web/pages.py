"""The pages of fieldwork: the list of jobs and the page of one job."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from huoshui.areas.fieldwork import contracts, models, queries, words
from huoshui.areas.fieldwork.queries import differing, facts, waiting
from huoshui.areas.fieldwork.web import labels
from huoshui.areas.network import facade as network
from huoshui.kernel import clock
from huoshui.kernel.accounts import permissions
from huoshui.kernel.pages import formats, kit

JobState = contracts.JobState

STATE_BADGES = {code: (label, words.STATE_COLOURS[code]) for code, label in words.STATES.items()}
PRIORITY_BADGES = {
    code: (label, words.PRIORITY_COLOURS[code]) for code, label in words.PRIORITIES.items()
}


def job_url(row: models.Job) -> str:
    """Return the address of a job's page."""
    return reverse("fieldwork:job", args=[row.number])


def _whose(rows: Any, wanted: str) -> Any:
    """Narrow by what needs attention; "mine" is narrowed in `Jobs.rows`, which knows the reader."""
    if wanted == "open":
        return rows.open()
    if wanted == "overdue":
        return rows.overdue(clock.now())
    if wanted == "to_check":
        return rows.filter(state=JobState.DONE)
    return rows


def _zones() -> list[tuple[str, str]]:
    return list(network.zone_names().items())


class Jobs(kit.ListPage):
    """All jobs, the latest first."""

    title = _("Jobs")
    permission = "fieldwork.read_jobs"
    url_name = "fieldwork:jobs"
    columns: Sequence[kit.Column] = (
        kit.Column("number", _("Number"), href=job_url),
        kit.Column("title", _("What"), value=labels.title),
        kit.Column("state", _("State"), badge=STATE_BADGES),
        kit.Column("priority", _("Priority"), badge=PRIORITY_BADGES, sort=False),
        kit.Column("place", _("Where"), value=labels.place_text, phone=False),
        kit.Column("assigned_to", _("With"), sort="assigned_to__name"),
        kit.Column("due_at", pgettext_lazy("job", "Until"), format="moment"),
        kit.Column("requested_at", _("Asked for"), format="moment", phone=False),
    )
    search = ("number", "title", "description", "asset_code", "zone_code", "assigned_to__name")
    search_hint = _("Number, words, asset, person")
    filters = (
        kit.ChoiceFilter("state", _("State"), choices=tuple(words.STATES.items())),
        kit.ChoiceFilter(
            "show",
            _("Show"),
            choices=(
                ("mine", _("My jobs")),
                ("open", _("Open jobs")),
                ("overdue", _("Overdue")),
                ("to_check", _("To be checked")),
            ),
            apply=_whose,
        ),
        kit.ChoiceFilter("zone", _("Zone"), field="zone_code", choices=_zones),
        kit.PeriodFilter("requested_at", _("Asked for")),
    )
    default_sort = "-requested_at"
    empty = _("No jobs yet. Ask for one with the button above, or from a suspected leak.")

    def __init__(self, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(request, **kwargs)
        zones = network.zone_names()
        self.columns = tuple(
            replace(one, value=partial(one.value, zones=zones))
            if one.value in (labels.title, labels.place_text)
            else one
            for one in self.columns
        )

    def rows(self, request: HttpRequest) -> Any:
        """Return all jobs, or only the reader's own when asked."""
        rows = models.Job.objects.select_related("assigned_to", "job_type")
        if request.GET.get("show") == "mine":
            return rows.filter(assigned_to_id=request.user.pk)
        return rows

    def row_css(self, row: models.Job) -> str:
        """Mark what waits too long."""
        return "hs-row-alert" if labels.is_overdue(row, clock.now()) else ""

    def actions(self, request: HttpRequest) -> Sequence[SafeString]:
        """Offer a new job to those who may ask for one."""
        if not permissions.holds(request.user, "fieldwork.request_job"):
            return ()
        url = reverse("fieldwork:new-job")
        return (kit.link_button(gettext("New job"), url, colour="primary", icon="plus"),)


class JobPage(kit.DetailPage):
    """One job: what, where, who, until when, its history, reports and photos."""

    permission = "fieldwork.read_jobs"
    template = "fieldwork/job.html"
    slot = "fieldwork.job.panels"

    def get_object(self, request: HttpRequest, **kwargs: Any) -> models.Job:
        """Return the job or answer that there is none."""
        row = queries.job(kwargs["number"])
        if row is None:
            raise Http404
        return row

    def heading(self, request: HttpRequest, obj: models.Job) -> str:
        """Return number and title."""
        return f"{obj.number} {labels.title(obj)}"

    def badges(self, request: HttpRequest, obj: models.Job) -> Sequence[SafeString]:
        """Show the state, how pressing it is, and whether it is late."""
        found = [kit.badge(*STATE_BADGES[obj.state])]
        if obj.priority in (contracts.Priority.URGENT, contracts.Priority.HIGH):
            found.append(kit.badge(*PRIORITY_BADGES[obj.priority]))
        if labels.is_overdue(obj, clock.now()):
            found.append(kit.badge(gettext("Overdue"), "red"))
        return found

    def trail(self, request: HttpRequest, obj: models.Job) -> Sequence[tuple[Any, str]]:
        """Lead back to the list."""
        return ((_("Jobs"), reverse("fieldwork:jobs")),)

    def facts(self, request: HttpRequest, obj: models.Job) -> Sequence[kit.Section]:
        """Say what, where, who and until when."""
        return (
            kit.Section(
                _("Job"),
                [
                    kit.Fact(_("Kind of work"), words.work_of(obj)),
                    *([kit.Fact(_("Details"), obj.description)] if obj.description else []),
                    kit.Fact(pgettext_lazy("job", "Until"), obj.due_at, format="moment"),
                    *self._plan(obj),
                    *self._place(obj),
                ],
            ),
            kit.Section(
                _("People"),
                (
                    kit.Fact(_("Asked for by"), obj.requested_by or _("the system")),
                    kit.Fact(_("Asked for at"), obj.requested_at, format="moment"),
                    kit.Fact(_("With"), obj.assigned_to),
                ),
            ),
        )

    def _plan(self, obj: models.Job) -> list[kit.Fact]:
        """Say what the job takes and when it is planned."""
        takes = formats.duration(60 * obj.duration_minutes)
        found = [kit.Fact(_("Takes"), takes), *self._waiting(obj)]
        skills = formats.listed(words.name_of(one) for one in obj.skills.all())
        if skills:
            found.append(kit.Fact(_("Skills"), skills))
        if obj.window_from_at or obj.window_until:
            found.append(kit.Fact(_("Not before"), obj.window_from_at, format="moment"))
            found.append(kit.Fact(_("To be begun before"), obj.window_until, format="moment"))
        if obj.crew is not None:
            url = reverse("fieldwork:crew", args=[obj.crew.code])
            found.append(kit.Fact(_("Crew"), obj.crew.name, href=url))
            if obj.planned_at is not None:
                found.append(kit.Fact(_("Planned for"), obj.planned_at, format="moment"))
        return found

    def _waiting(self, obj: models.Job) -> list[kit.Fact]:
        """Say why the job has no crew, and since when that is so."""
        found = waiting.of_job(obj)
        if found is None:
            return []
        names = facts.names_of_skills_and_parts()
        lacking = [names.get(code, code) for code in found.lacking]
        said = words.why_waiting(found.crew_name, found.faults, lacking)
        return [
            kit.Fact(_("Without a crew because"), said),
            kit.Fact(_("Crews last compared"), found.looked_at, format="moment"),
            *([] if found.from_at == found.looked_at else [
                kit.Fact(_("So since"), found.from_at, format="moment")
            ]),
        ]  # fmt: skip

    def _place(self, obj: models.Job) -> list[kit.Fact]:
        found = []
        if obj.asset_code:
            url = labels.asset_url(obj.asset_code)
            found.append(kit.Fact(_("Asset"), obj.asset_code, href=url))
        if obj.zone_code:
            name = labels.zone_name(obj.zone_code)
            found.append(kit.Fact(_("Zone"), name, href=labels.zone_url(obj)))
        return found

    def _map(self, request: HttpRequest, obj: models.Job) -> dict[str, Any] | None:
        if not permissions.holds(request.user, "network.read"):
            return None
        return network.small_map_of(
            asset_code=obj.asset_code, zone_code=obj.zone_code, lon=obj.lon, lat=obj.lat
        )

    def actions(self, request: HttpRequest, obj: models.Job) -> Sequence[SafeString]:
        """Offer the steps that this state and this reader's posts allow."""
        return tuple(
            kit.link_button(
                label, reverse(f"fieldwork:{step}", args=[obj.number]), colour=colour, icon=icon
            )
            for step, label, colour, icon in labels.steps_open_to(obj, request.user)
        )

    def slot_values(self, request: HttpRequest, obj: models.Job) -> dict[str, Any]:
        """Give the job to those who have something to say about it."""
        return {"job": queries.contracts_of([obj])[0]}

    def context(self, request: HttpRequest, obj: models.Job) -> dict[str, Any]:
        """Add the map, history and reports."""
        return {
            "map_props": self._map(request, obj),
            "steps": [
                {
                    "label": words.STEPS[step.what],
                    "at": step.at,
                    "by": step.by,
                    "to_whom": step.to_whom,
                    "note": "" if step.what == "reported" else step.note,
                    "colour": labels.STEP_COLOURS[step.what],
                }
                for step in queries.timeline(obj.pk)
            ],
            "reports": labels.reports_shown(queries.reports(obj.pk)),
            "differing": labels.differing_shown(differing.of_job(obj.pk)),
        }
