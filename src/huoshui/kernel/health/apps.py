from datetime import timedelta

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class HealthConfig(AppConfig):
    name = "huoshui.kernel.health"
    label = "health"
    verbose_name = _("Health of the system")

    def ready(self) -> None:
        from huoshui.kernel import health, jobs, live, slots
        from huoshui.kernel.accounts import permissions
        from huoshui.kernel.health import checks, pages, samples
        from huoshui.kernel.pages import menu

        permissions.declare(
            "health.read", _("See the health of the system"), posts=("administrator",)
        )
        menu.add("system", _("Health"), "health:health", "health.read", "activity", 5)
        slots.fill("pages.top", pages.in_the_bar, permission="health.read", order=30)
        live.stream("health", pages.poll, "health.read")
        health.declare("system.parts", _("Running parts"), checks.parts, order=10)
        health.declare("system.disk", _("Disk"), checks.disk, order=20)
        health.declare("system.database", _("Database"), checks.database, order=30)
        health.declare("system.clock", _("Clock"), checks.computer_clock, order=50)
        health.declare("system.software", _("Software"), checks.software, order=60)
        health.declare("events.deliveries", _("Events between areas"), checks.events, order=70)
        health.declare("jobs.schedules", _("Schedules"), checks.schedules_in_order, order=80)
        health.declare("jobs.tasks", _("Background tasks"), checks.tasks, order=90)
        health.expect_part("worker", _("The worker"), "./huoshui worker")
        jobs.schedule(
            "health.measure",
            every=timedelta(hours=1),
            run=samples.measure,
            catch_up=False,
            label=_("Measure disk and database"),
        )
        jobs.schedule(
            "health.tell",
            every=timedelta(minutes=10),
            offset=timedelta(minutes=5),
            run=samples.tell,
            catch_up=False,
            label=_("Tell administrators of what fails"),
        )
