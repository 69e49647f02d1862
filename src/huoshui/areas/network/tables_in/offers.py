"""What may be imported into the network beside its files, told to the kernel at the start."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from huoshui.kernel.intake import kinds
from huoshui.kernel.intake.kinds import Option

SHEET = Option("sheet", _("Sheet of the workbook"))
CUSTOMER_OPTIONS = (
    Option("crs", _("Coordinate system"),
           _("Of easting and northing, such as EPSG:4547; not needed for degrees.")),
    Option("farthest_m", _("Farthest pipe [m]"),
           _("A customer farther from every pipe is listed and stays unconnected."), default="100"),
    Option("largest_mm", _("Largest pipe that is tapped [mm]"),
           _("Transmission mains above it are passed over; empty means any.")),
    SHEET,
)  # fmt: skip


def _customers() -> Any:
    from huoshui.areas.network.tables_in import customers

    return customers


def _valves() -> Any:
    from huoshui.areas.network.tables_in import valves

    return valves


def declare() -> None:
    """Offer the imports on the command line and the pages."""
    kinds.declare_kind(
        kinds.of_module(
            _customers,
            code="customers",
            label=_("Customers"),
            description=_("Connections with their places; each is joined to the nearest pipe."),
            permission="network.edit",
            counted=_("connections"),
            options=CUSTOMER_OPTIONS,
            order=10,
        )
    )
    kinds.declare_kind(
        kinds.of_module(
            _valves,
            code="valves",
            label=_("Valves"),
            description=_("How valves stand, whether they can be turned, and their data."),
            permission="network.edit",
            counted=_("valves"),
            options=(SHEET,),
            order=20,
        )
    )
