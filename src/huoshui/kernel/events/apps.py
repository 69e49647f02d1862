from datetime import timedelta

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EventsConfig(AppConfig):
    name = "huoshui.kernel.events"
    label = "events"
    verbose_name = _("Events")

    def ready(self) -> None:
        from huoshui.kernel import audit, jobs
        from huoshui.kernel.accounts import permissions
        from huoshui.kernel.events import dispatcher
        from huoshui.kernel.pages import menu

        permissions.declare("events.read", _("See events between areas"), posts=("administrator",))
        permissions.declare("events.repair", _("Send lost events again"), posts=("administrator",))
        menu.add(
            "system", _("Events between areas"), "events:deliveries", "events.read", "mail", 50
        )
        audit.name_deed("events.sent_again", _("Lost event sent again"))
        audit.name_subject("delivery", _("Delivery"))
        jobs.schedule(
            "events.tidy",
            every=timedelta(days=1),
            offset=timedelta(hours=3),
            run=dispatcher.tidy,
            catch_up=False,
            label=_("Remove events that arrived"),
        )
