"""Registers emergency support with the kernel."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SurgeConfig(AppConfig):
    """The area of waves of trouble."""

    name = "huoshui.areas.surge"
    label = "surge"
    verbose_name = _("Emergency support")

    def ready(self) -> None:
        """Offer everything to the rest of the product."""
        from huoshui.areas.surge import registration

        registration.register()
