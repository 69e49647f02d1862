"""Pages of background work: tasks with their progress, and schedules."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from django_tasks_db.models import DBTaskResult

from huoshui.kernel import clock
from huoshui.kernel.accounts import permissions
from huoshui.kernel.jobs import actions, schedules, work
from huoshui.kernel.jobs.models import Progress, Schedule
from huoshui.kernel.pages import kit

STATES = {
    "READY": (_("Waiting"), "secondary"),
    "RUNNING": (_("Running"), "blue"),
    "SUCCESSFUL": (_("Done"), "green"),
    "FAILED": (_("Failed"), "red"),
}
SCHEDULE_STATES = {True: (_("In order"), "green"), False: (_("Failing"), "red")}


def _progress(row: dict[str, Any]) -> str:
    note = row["progress_note"] or ""
    if not row["progress_total"]:
        return note
    return f"{row['progress_done']} / {row['progress_total']} {note}".strip()


def _duration_s(row: dict[str, Any]) -> float | None:
    if row["started_at"] is None:
        return None
    return ((row["finished_at"] or clock.real_now()) - row["started_at"]).total_seconds()


class Tasks(kit.ListPage):
    """Background tasks, newest first."""

    title = _("Background tasks")
    permission = "jobs.read"
    url_name = "jobs:tasks"
    columns = (
        kit.Column("task", _("Task"), value=lambda row: str(work.label_of(row["task_path"]))),
        kit.Column("status", _("State"), badge=STATES),
        kit.Column("progress", _("Progress"), value=_progress),
        kit.Column("enqueued_at", _("Asked for"), format="moment"),
        kit.Column("duration", _("Duration"), value=_duration_s, format="duration", phone=False),
    )
    filters = (
        kit.ChoiceFilter(
            "status", _("State"), choices=[(code, label) for code, (label, _c) in STATES.items()]
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
            progress_done=Subquery(told.values("done")),
            progress_total=Subquery(told.values("total")),
            progress_note=Subquery(told.values("note")),
        )

    def row_href(self, row: Any) -> str:
        return reverse("jobs:task", args=[row["id"]])


class TaskDetail(kit.DetailPage):
    """One background task: how far it is, or why it failed."""

    permission = "jobs.read"

    def get_object(self, request: HttpRequest, **kwargs: Any) -> DBTaskResult:
        return get_object_or_404(DBTaskResult, pk=kwargs["pk"])

    def heading(self, request: HttpRequest, obj: DBTaskResult) -> Any:
        return work.label_of(obj.task_path)

    def badges(self, request: HttpRequest, obj: DBTaskResult) -> Sequence[SafeString]:
        return [kit.badge(*STATES[obj.status])]

    def trail(self, request: HttpRequest, obj: DBTaskResult) -> Sequence[tuple[Any, str]]:
        return [(_("Background tasks"), reverse("jobs:tasks"))]

    def facts(self, request: HttpRequest, obj: DBTaskResult) -> Sequence[kit.Section]:
        told = Progress.objects.filter(task_id=obj.pk).first()
        course = [
            kit.Fact(_("Asked for"), obj.enqueued_at, format="moment"),
            kit.Fact(_("Began"), obj.started_at, format="moment"),
            kit.Fact(_("Ended"), obj.finished_at, format="moment"),
            kit.Fact(_("Starts"), len(obj.worker_ids), format="d"),
            kit.Fact(_("Progress"), f"{told.done} / {told.total}" if told else None),
            kit.Fact(_("Note"), told.note if told else None),
        ]
        failure = [kit.Fact(_("Error"), obj.traceback.strip().rpartition("\n")[2])]
        return [
            kit.Section(_("Course"), course),
            *([kit.Section(_("Failure"), failure)] if obj.traceback else []),
        ]

    def actions(self, request: HttpRequest, obj: DBTaskResult) -> Sequence[SafeString]:
        if obj.status != "FAILED" or not permissions.holds(request.user, "jobs.repair"):
            return ()
        return [
            kit.action_button(request, _("Run again"), reverse("jobs:run_again", args=[obj.pk]))
        ]


@permissions.needs("jobs.repair")
@require_POST
def run_again(request: HttpRequest, pk: Any) -> HttpResponse:
    """Let a failed task run once more."""
    actions.run_task_again(pk, by_id=request.user.pk)
    return HttpResponseRedirect(reverse("jobs:task", args=[pk]))


@permissions.needs("jobs.repair")
@require_POST
def retry_now(request: HttpRequest, name: str) -> HttpResponse:
    """Let a failing schedule try again at once."""
    actions.retry_schedule_now(name, by_id=request.user.pk)
    return HttpResponseRedirect(reverse("jobs:schedules"))


def _short(error: str) -> str:
    return error.strip().rpartition("\n")[2]


class Schedules(kit.ListPage):
    """What runs by the clock: when it ran, when it is due, and whether it works."""

    title = _("Schedules")
    permission = "jobs.read"
    url_name = "jobs:schedules"
    columns = (
        kit.Column("label", _("Schedule")),
        kit.Column("ok", _("State"), badge=SCHEDULE_STATES, sort=False),
        kit.Column("every_s", _("Every"), format="duration"),
        kit.Column("latest_due_at", _("Latest due"), format="moment", phone=False),
        kit.Column("next_due_at", _("Next due"), format="moment"),
        kit.Column("duration_s", _("Duration"), format="duration", phone=False),
        kit.Column("error", _("Error"), sort=False),
        kit.Column("again", _("Action"), sort=False),
    )
    default_sort = "next_due_at"
    empty = _("No schedule has been declared.")

    def rows(self, request: HttpRequest) -> list[dict[str, Any]]:
        known = {row.name: row for row in Schedule.objects.all()}
        may_repair = permissions.holds(request.user, "jobs.repair")
        return [
            self._row(request, one, known.get(one.name), may_repair) for one in schedules.declared()
        ]

    def _row(
        self,
        request: HttpRequest,
        one: schedules.Recurring,
        row: Schedule | None,
        may_repair: bool,
    ) -> dict[str, Any]:
        failing = bool(row and row.failures)
        again = (
            kit.action_button(request, _("Try now"), reverse("jobs:retry_now", args=[one.name]))
            if failing and may_repair
            else ""
        )
        latest = row.latest_due_at if row else clock.now()
        return {
            "label": str(one.label),
            "ok": not failing,
            "every_s": one.every.total_seconds(),
            "latest_due_at": row.latest_due_at if row and row.runs else None,
            "next_due_at": schedules.next_due(one, latest),
            "duration_s": row.duration_s if row and row.runs else None,
            "error": _short(row.error) if row else "",
            "again": again,
        }


urlpatterns = [
    Tasks.path("system/tasks/", name="tasks"),
    TaskDetail.path("system/tasks/<uuid:pk>/", name="task"),
    path("system/tasks/<uuid:pk>/run-again/", run_again, name="run_again"),
    Schedules.path("system/schedules/", name="schedules"),
    path("system/schedules/<str:name>/retry/", retry_now, name="retry_now"),
]
