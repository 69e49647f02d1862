"""Registers the hotline with the kernel."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class HotlineConfig(AppConfig):
    """The area of calls."""

    name = "huoshui.areas.hotline"
    label = "hotline"
    verbose_name = _("Hotline")

    def ready(self) -> None:
        """Offer everything to the rest of the product."""
        from huoshui.areas.hotline import registration

        registration.register()
