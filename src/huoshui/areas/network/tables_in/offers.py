"""What may be imported into the network beside its files, told to the kernel at the start."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import IO

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


def _check_customers(path: Path, name: str, options: Mapping[str, str]) -> kinds.Outcome:
    from huoshui.areas.network.tables_in import customers

    return customers.check(path, name, options)


def _import_customers(
    path: Path, name: str, options: Mapping[str, str], by_id: int | None
) -> kinds.Outcome:
    from huoshui.areas.network.tables_in import customers

    return customers.carry_out(path, name, options, by_id)


def _customers_template(target: IO[bytes]) -> None:
    from huoshui.areas.network.tables_in import customers

    customers.template(target)


def _check_valves(path: Path, name: str, options: Mapping[str, str]) -> kinds.Outcome:
    from huoshui.areas.network.tables_in import valves

    return valves.check(path, name, options)


def _import_valves(
    path: Path, name: str, options: Mapping[str, str], by_id: int | None
) -> kinds.Outcome:
    from huoshui.areas.network.tables_in import valves

    return valves.carry_out(path, name, options, by_id)


def _valves_template(target: IO[bytes]) -> None:
    from huoshui.areas.network.tables_in import valves

    valves.template(target)


def declare() -> None:
    """Offer the imports on the command line and the pages."""
    kinds.declare_kind(
        kinds.Kind(
            code="customers",
            label=_("Customers"),
            description=_("Connections with their places; each is joined to the nearest pipe."),
            permission="network.edit",
            check=_check_customers,
            carry_out=_import_customers,
            counted=_("connections"),
            options=CUSTOMER_OPTIONS,
            template=_customers_template,
            order=10,
        )
    )
    kinds.declare_kind(
        kinds.Kind(
            code="valves",
            label=_("Valves"),
            description=_("How valves stand, whether they can be turned, and their data."),
            permission="network.edit",
            check=_check_valves,
            carry_out=_import_valves,
            counted=_("valves"),
            options=(SHEET,),
            template=_valves_template,
            order=20,
        )
    )
