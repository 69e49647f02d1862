from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PagesConfig(AppConfig):
    name = "huoshui.kernel.pages"
    label = "pages"
    verbose_name = _("Pages")

    def ready(self) -> None:
        from huoshui.kernel import audit, slots
        from huoshui.kernel.accounts import permissions
        from huoshui.kernel.accounts.posts import POSTS

        slots.declare("pages.top", "In the bar at the top of every page. Receives nothing.")
        permissions.declare("pages.change_demo_clock", _("Change the demo clock"), posts=POSTS)
        audit.name_deed("pages.demo_clock_changed", _("Demo clock changed"))
        audit.name_subject("clock", _("Demo clock"))
