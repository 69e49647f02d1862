from datetime import timedelta

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

# What many events say, whatever their area.
DETAILS = {
    "by_id": pgettext_lazy("recorded detail", "By"),
    "done_at": pgettext_lazy("recorded detail", "Done"),
    "due_at": pgettext_lazy("recorded detail", "Due"),
    "file_id": pgettext_lazy("recorded detail", "Number of the file"),
    "file_name": pgettext_lazy("recorded detail", "File"),
    "number": pgettext_lazy("recorded detail", "Number"),
    "origin": pgettext_lazy("recorded detail", "Origin"),
    "priority": pgettext_lazy("recorded detail", "Priority"),
    "result": pgettext_lazy("recorded detail", "Result"),
    "since_date": pgettext_lazy("recorded detail", "Since"),
    "source": pgettext_lazy("recorded detail", "Source"),
}


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
        audit.name_details(DETAILS)
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
