"""Registers cases with the rest of the kernel."""

from datetime import timedelta

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


def _ensure_fields(*, using: str, **_more: object) -> None:
    from huoshui.kernel.cases import by_field

    by_field.ensure(using)


class CasesConfig(AppConfig):
    """The engine of cases."""

    name = "huoshui.kernel.cases"
    label = "cases"
    verbose_name = _("Cases")

    def ready(self) -> None:
        """Name deeds, permissions, the index of words and the schedule that drives deadlines."""
        from huoshui.kernel import jobs, search
        from huoshui.kernel.accounts import permissions
        from huoshui.kernel.cases import driving, queries

        search.declare(queries.WORDS)
        permissions.declare("cases.set_days", _("Set local working days"), posts=("manager",))
        permissions.declare(
            "cases.mend", _("Bring a case whose state is gone back into the present"), posts=()
        )
        permissions.declare(
            "cases.read_retired", _("See cases of types that are gone"), posts=("manager",)
        )
        jobs.schedule(
            "cases.deadlines",
            every=timedelta(minutes=1),
            run=driving.check_deadlines,
            catch_up=False,
            label=_("Warn of deadlines of cases, and escalate"),
        )
        self._name_deeds()
        # After every migration, because declarations change without one.
        post_migrate.connect(_ensure_fields, sender=self, dispatch_uid="cases.by_field")
        from huoshui.kernel.cases.web import registering

        registering.register()

    def _name_deeds(self) -> None:
        from huoshui.kernel.cases import trail_words

        trail_words.register()
