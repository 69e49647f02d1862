from datetime import timedelta

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NoticesConfig(AppConfig):
    name = "huoshui.kernel.notices"
    label = "notices"
    verbose_name = _("Notices")

    def ready(self) -> None:
        from huoshui.kernel import jobs, live, slots
        from huoshui.kernel.accounts import permissions
        from huoshui.kernel.notices import inbox, pages

        live.stream("notices", inbox.poll, permissions.SIGNED_IN)
        slots.fill("pages.top", pages.in_the_bar, permission=permissions.SIGNED_IN, order=20)
        jobs.schedule(
            "notices.tidy",
            every=timedelta(days=1),
            offset=timedelta(hours=3, minutes=10),
            run=inbox.tidy,
            catch_up=False,
            label=_("Remove old notices"),
        )
