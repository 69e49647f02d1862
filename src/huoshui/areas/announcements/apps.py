"""Registers announcements with the kernel: permissions and menu."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AnnouncementsConfig(AppConfig):
    """The area of announcements."""

    name = "huoshui.areas.announcements"
    label = "announcements"
    verbose_name = _("Announcements")

    def ready(self) -> None:
        """Declare permissions and the menu line."""
        from huoshui.kernel.accounts import permissions
        from huoshui.kernel.pages import menu

        permissions.declare("announcements.read", _("See: Announcements"), posts=("manager", "viewer"))
        permissions.declare("announcements.edit", _("Change: Announcements"), posts=("manager",))
        menu.add("work", _("Announcements"), "announcements:announcements", "announcements.read")
