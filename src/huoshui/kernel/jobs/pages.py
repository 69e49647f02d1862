"""Pages of background work: tasks with their progress, and schedules."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.db.models import Case, CharField, F, OuterRef, QuerySet, Subquery, Value, When
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from django_tasks_db.models import DBTaskResult

from huoshui.kernel import clock
from huoshui.kernel.accounts import permissions
from huoshui.kernel.accounts.models import User
from huoshui.kernel.jobs import actions, schedules, work
from huoshui.kernel.jobs.models import Progress, Schedule
from huoshui.kernel.pages import kit

REFRESH_S = 2
STATES = {
    "READY": (_("Waiting"), "secondary"),
    "RUNNING": (_("Running"), "blue"),
    "SUCCESSFUL": (_("Done"), "green"),
    "FAILED": (_("Failed"), "red"),
    "CANCELLED": (_("Cancelled"), "secondary"),
}
OPEN = ("READY", "RUNNING")
SCHEDULE_STATES = {
    "in_order": (_("In order"), "green"),
    "asked": (_("Runs at once"), "blue"),
    "failing": (_("Failing"), "red"),
}
# What people see as the state: a task that was cancelled has not failed.
SHOWN_STATE = Case(
    When(exception_class_path=actions.CANCELLED, then=Value("CANCELLED")),
    default=F("status"),
    output_field=CharField(),
)


def progress_bar(done: int | None, total: int | None, note: str | None) -> SafeString | str:
    """Return how far a task is, as a bar with its numbers and its own words."""
    if not total:
        return note or ""
    return format_html(
        '<span class="hs-progress-line">'
        '<progress class="hs-progress" value="{}" max="{}"></progress>'
        "<span>{} / {} {}</span></span>",
        done or 0,
        total,
        done or 0,
        total,
        note or "",
    )


def reason_of(traceback: str) -> str:
    """Return why a task failed, in words: what we refused on purpose says so itself."""
    line = traceback.strip().rpartition("\n")[2]
    if not line:
        return ""
    kind, _colon, told = line.partition(": ")
    if kind.startswith("huoshui.") and ": " in told:
        return told.partition(": ")[2]
    return gettext("The program stumbled: %(error)s") % {"error": line}


def _duration_s(row: dict[str, Any]) -> float | None:
    if row["started_at"] is None:
        return None
    return ((row["finished_at"] or clock.real_now()) - row["started_at"]).total_seconds()


def _in_state(rows: Any, wanted: str) -> Any:
    return rows.filter(shown_state=wanted)


def _run_again(request: HttpRequest, ids: list[Any]) -> int:
    failed = DBTaskResult.objects.filter(pk__in=ids, status="FAILED").values_list("pk", flat=True)
    for pk in list(failed):
        actions.run_task_again(pk, by_id=request.user.pk)
    return len(failed)


class Tasks(kit.ListPage):
    """Background tasks, newest first."""

    title = _("Background tasks")
    permission = "jobs.read"
    url_name = "jobs:tasks"
    columns = (
        kit.Column("task", _("Task"), value=lambda row: str(work.label_of(row["task_path"]))),
        kit.Column("shown_state", _("State"), badge=STATES, sort=False),
        kit.Column(
            "progress",
            _("Progress"),
            value=lambda row: progress_bar(
                row["progress_done"], row["progress_total"], row["progress_note"]
            ),
        ),
        kit.Column("by_name", _("Started by"), sort=False),
        kit.Column("enqueued_at", _("Asked for"), format="moment"),
        kit.Column("duration", _("Duration"), value=_duration_s, format="duration", phone=False),
        kit.Column(
            "reason", _("Reason"), value=lambda row: reason_of(row["traceback"]), phone=False
        ),
    )
    search = ("task_path", "by_name", "progress_note")
    filters = (
        kit.ChoiceFilter(
            "status",
            _("State"),
            choices=[(code, label) for code, (label, _c) in STATES.items()],
            apply=_in_state,
        ),
        kit.PeriodFilter("enqueued_at", _("Asked for")),
    )
    bulk: Sequence[kit.BulkAction] = (
        kit.BulkAction(
            "run_again",
            _("Run again"),
            _run_again,
            permission="jobs.repair",
            confirm=_("Run what has failed among these {n} again?"),
            icon="refresh",
        ),
    )
    default_sort = "-enqueued_at"
    empty = _("No task has run in the background yet.")

    def rows(self, request: HttpRequest) -> QuerySet[Any]:
        told = Progress.objects.filter(task_id=OuterRef("pk"))
        return DBTaskResult.objects.order_by().values(
            "id",
            "task_path",
            "status",
            "enqueued_at",
            "started_at",
            "finished_at",
            "traceback",
            shown_state=SHOWN_STATE,
            progress_done=Subquery(told.values("done")),
            progress_total=Subquery(told.values("total")),
            progress_note=Subquery(told.values("note")),
            by_name=Subquery(told.values("by__name")),
        )

    def refresh_s(self, rows: Sequence[Any]) -> int:
        return REFRESH_S if any(row["status"] in OPEN for row in rows) else 0

    def row_href(self, row: Any) -> str:
        return reverse("jobs:task", args=[row["id"]])


class OwnTasks(Tasks):
    """Background tasks that the reader started."""

    title = _("My background tasks")
    permission = permissions.SIGNED_IN
    url_name = "jobs:own"
    bulk = ()
    empty = _("You have started nothing that runs in the background.")

    def rows(self, request: HttpRequest) -> QuerySet[Any]:
        own = Progress.objects.filter(by_id=request.user.pk).values("task_id")
        return super().rows(request).filter(pk__in=own)


def may_touch(request: HttpRequest, told: Progress | None, code: str) -> bool:
    """Tell whether a reader may see or end a task: by a permission, or because it is theirs."""
    own = told is not None and told.by_id is not None and told.by_id == request.user.pk
    return own or permissions.holds(request.user, code)


class TaskDetail(kit.DetailPage):
    """One background task: how far it is, what came of it, or why it failed."""

    permission = permissions.SIGNED_IN
    template = "jobs/task.html"

    def get_object(self, request: HttpRequest, **kwargs: Any) -> DBTaskResult:
        self.told = Progress.objects.select_related("by").filter(task_id=kwargs["pk"]).first()
        if not may_touch(request, self.told, "jobs.read"):
            raise permissions.NotAllowed("jobs.read")
        found = DBTaskResult.objects.annotate(shown_state=SHOWN_STATE).filter(pk=kwargs["pk"])
        task = found.first()
        if task is None:
            raise Http404
        return task

    def heading(self, request: HttpRequest, obj: Any) -> Any:
        return work.label_of(obj.task_path)

    def badges(self, request: HttpRequest, obj: Any) -> Sequence[SafeString]:
        return [kit.badge(*STATES[obj.shown_state])]

    def trail(self, request: HttpRequest, obj: Any) -> Sequence[tuple[Any, str]]:
        if permissions.holds(request.user, "jobs.read"):
            return [(_("Background tasks"), reverse("jobs:tasks"))]
        return [(_("My background tasks"), reverse("jobs:own"))]

    def facts(self, request: HttpRequest, obj: Any) -> Sequence[kit.Section]:
        told = self.told
        by: User | None = told.by if told else None
        bar = progress_bar(told.done, told.total, told.note) if told else None
        took = {"started_at": obj.started_at, "finished_at": obj.finished_at}
        course = [
            kit.Fact(_("Started by"), str(by) if by else None),
            kit.Fact(_("Asked for"), obj.enqueued_at, format="moment"),
            kit.Fact(_("Began"), obj.started_at, format="moment"),
            kit.Fact(_("Ended"), obj.finished_at, format="moment"),
            kit.Fact(_("Duration"), _duration_s(took), format="duration"),
            kit.Fact(_("Starts"), len(obj.worker_ids), format="d"),
            kit.Fact(_("Progress"), bar),
        ]
        failure = [kit.Fact(_("Reason"), reason_of(obj.traceback))]
        return [
            kit.Section(_("Course"), course),
            *([kit.Section(_("Failure"), failure)] if obj.traceback else []),
        ]

    def context(self, request: HttpRequest, obj: Any) -> dict[str, Any]:
        return {"refresh_s": REFRESH_S if obj.status in OPEN else 0}

    def actions(self, request: HttpRequest, obj: Any) -> Sequence[SafeString]:
        buttons: list[SafeString] = []
        result = obj.return_value if obj.status == "SUCCESSFUL" else None
        if isinstance(result, dict) and str(result.get("url", "")).startswith("/"):
            buttons.append(kit.link_button(_("To the result"), result["url"], colour="primary"))
        if obj.status in OPEN and may_touch(request, self.told, "jobs.repair"):
            url = reverse("jobs:cancel", args=[obj.pk])
            asked = self.told is not None and self.told.cancel_asked_at is not None
            if not asked:
                buttons.append(
                    kit.action_button(
                        request, _("Cancel"), url, colour="", icon="x", confirm=_("End this task?")
                    )
                )
        if obj.status == "FAILED" and permissions.holds(request.user, "jobs.repair"):
            url = reverse("jobs:run_again", args=[obj.pk])
            buttons.append(kit.action_button(request, _("Run again"), url))
        return buttons


@permissions.needs("jobs.repair")
@require_POST
def run_again(request: HttpRequest, pk: Any) -> HttpResponse:
    """Let a failed task run once more."""
    actions.run_task_again(pk, by_id=request.user.pk)
    return HttpResponseRedirect(reverse("jobs:task", args=[pk]))


@permissions.signed_in
@require_POST
def cancel(request: HttpRequest, pk: Any) -> HttpResponse:
    """End a task: one's own, or any with `jobs.repair`."""
    told = Progress.objects.filter(task_id=pk).first()
    if not may_touch(request, told, "jobs.repair"):
        raise permissions.NotAllowed("jobs.repair")
    actions.cancel_task(pk, by_id=request.user.pk)
    return HttpResponseRedirect(reverse("jobs:task", args=[pk]))


def _on_schedule(deed: Callable[..., None]) -> Any:
    @permissions.needs("jobs.repair")
    @require_POST
    def view(request: HttpRequest, name: str) -> HttpResponse:
        deed(name, by_id=request.user.pk)
        return HttpResponseRedirect(reverse("jobs:schedules"))

    return view


class Schedules(kit.ListPage):
    """What runs by the clock: when it ran, when it is due, and whether it works."""

    title = _("Schedules")
    permission = "jobs.read"
    url_name = "jobs:schedules"
    columns = (
        kit.Column("label", _("Schedule")),
        kit.Column("state", _("State"), badge=SCHEDULE_STATES, sort=False),
        kit.Column("every_s", _("Every"), format="duration"),
        kit.Column("latest_due_at", _("Latest due"), format="moment", phone=False),
        kit.Column("next_due_at", _("Next due"), format="moment"),
        kit.Column("duration_s", _("Duration"), format="duration", phone=False),
        kit.Column("runs", _("Runs"), format="d", optional=True),
        kit.Column("error", _("Reason"), sort=False),
        kit.Column("again", _("Action"), sort=False),
    )
    search = ("label", "error")
    filters = (
        kit.ChoiceFilter(
            "state",
            _("State"),
            choices=[(code, label) for code, (label, _c) in SCHEDULE_STATES.items()],
        ),
    )
    default_sort = "next_due_at"
    empty = _("No schedule has been declared.")

    def rows(self, request: HttpRequest) -> list[dict[str, Any]]:
        known = {row.name: row for row in Schedule.objects.all()}
        may_repair = permissions.holds(request.user, "jobs.repair")
        return [
            self._row(request, one, known.get(one.name), may_repair) for one in schedules.declared()
        ]

    def refresh_s(self, rows: Sequence[Any]) -> int:
        return REFRESH_S if any(row["state"] == "asked" for row in rows) else 0

    def _row(
        self,
        request: HttpRequest,
        one: schedules.Recurring,
        row: Schedule | None,
        may_repair: bool,
    ) -> dict[str, Any]:
        failing = bool(row and row.failures)
        asked = bool(row and row.asked_at)
        again: SafeString | str = ""
        if may_repair and row and not asked:
            name = "jobs:retry_now" if failing else "jobs:run_now"
            label = _("Try now") if failing else _("Run now")
            again = kit.action_button(
                request, label, reverse(name, args=[one.name]), colour="primary" if failing else ""
            )
        latest = row.latest_due_at if row else clock.now()
        return {
            "label": str(one.label),
            "state": "failing" if failing else "asked" if asked else "in_order",
            "every_s": one.every.total_seconds(),
            "latest_due_at": row.latest_due_at if row and row.runs else None,
            "next_due_at": schedules.next_due(one, latest),
            "duration_s": row.duration_s if row and row.runs else None,
            "runs": row.runs if row else 0,
            "error": reason_of(row.error) if row else "",
            "again": again,
        }


urlpatterns = [
    Tasks.path("system/tasks/", name="tasks"),
    OwnTasks.path("me/tasks/", name="own"),
    TaskDetail.path("system/tasks/<uuid:pk>/", name="task"),
    path("system/tasks/<uuid:pk>/run-again/", run_again, name="run_again"),
    path("system/tasks/<uuid:pk>/cancel/", cancel, name="cancel"),
    Schedules.path("system/schedules/", name="schedules"),
    path(
        "system/schedules/<str:name>/retry/",
        _on_schedule(actions.retry_schedule_now),
        name="retry_now",
    ),
    path(
        "system/schedules/<str:name>/run/", _on_schedule(actions.run_schedule_now), name="run_now"
    ),
]
