"""Registers hotline with the kernel: permissions and menu."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class HotlineConfig(AppConfig):
    """The area of calls."""

    name = "huoshui.areas.hotline"
    label = "hotline"
    verbose_name = _("Hotline")

    def ready(self) -> None:
        """Declare permissions and the menu line."""
        from huoshui.kernel.accounts import permissions
        from huoshui.kernel.pages import menu

        permissions.declare("hotline.read", _("See: Hotline"), posts=("manager", "viewer"))
        permissions.declare("hotline.edit", _("Change: Hotline"), posts=("manager",))
        menu.add("work", _("Hotline"), "hotline:calls", "hotline.read")
