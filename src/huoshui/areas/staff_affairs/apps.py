"""Registers the affairs of the staff with the kernel."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class StaffAffairsConfig(AppConfig):
    """The area of the staff."""

    name = "huoshui.areas.staff_affairs"
    label = "staff_affairs"
    verbose_name = _("Staff affairs")

    def ready(self) -> None:
        """Declare the case types."""
        from huoshui.areas.staff_affairs import proposals

        proposals.declare()
