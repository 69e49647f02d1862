from datetime import timedelta

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class JobsConfig(AppConfig):
    name = "huoshui.kernel.jobs"
    label = "jobs"
    verbose_name = _("Background work")

    def ready(self) -> None:
        from huoshui.kernel import audit, jobs
        from huoshui.kernel.accounts import permissions
        from huoshui.kernel.jobs import actions
        from huoshui.kernel.pages import menu

        permissions.declare("jobs.read", _("See background work"), posts=("administrator",))
        permissions.declare(
            "jobs.repair",
            _("Run background work again or now, and cancel it"),
            posts=("administrator",),
        )
        menu.add("system", _("Background tasks"), "jobs:tasks", "jobs.read", "cpu", 30)
        menu.add("system", _("Schedules"), "jobs:schedules", "jobs.read", "calendar", 40)
        audit.name_deed("jobs.task_run_again", _("Failed task run again"))
        audit.name_deed("jobs.task_cancelled", _("Task cancelled"))
        audit.name_deed("jobs.schedule_run_now", _("Schedule run at once"))
        audit.name_deed("jobs.schedule_retried", _("Failing schedule tried again"))
        audit.name_subject("task", _("Task"))
        audit.name_subject("schedule", _("Schedule"))
        jobs.schedule(
            "jobs.tidy",
            every=timedelta(days=1),
            offset=timedelta(hours=3),
            run=actions.tidy,
            catch_up=False,
            label=_("Remove old task results"),
        )
