"""What may be imported of customers, told to the kernel at the start."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

from django.utils.translation import gettext_lazy as _

from huoshui.kernel.intake import kinds
from huoshui.kernel.intake.kinds import Option

SHEET = Option("sheet", _("Sheet of the workbook"))


def _kind(code: str, label: Any, description: Any, counted: Any, order: int) -> kinds.Kind:
    """Describe a kind whose module is loaded when somebody imports it."""

    def module() -> Any:
        from huoshui.areas.customers.importing import accounts, estates, grids

        return {"accounts": accounts, "estates": estates, "grids": grids}[code]

    def check(path: Path, name: str, options: Mapping[str, str]) -> kinds.Outcome:
        return module().check(path, name, options)  # type: ignore[no-any-return]

    def carry_out(
        path: Path, name: str, options: Mapping[str, str], by_id: int | None
    ) -> kinds.Outcome:
        return module().carry_out(path, name, options, by_id)  # type: ignore[no-any-return]

    def template(target: IO[bytes]) -> None:
        module().template(target)

    return kinds.Kind(
        code=code, label=label, description=description, permission="customers.edit",
        check=check, carry_out=carry_out, counted=counted, options=(SHEET,), template=template,
        order=order,
    )  # fmt: skip


def declare() -> None:
    """Offer the imports on the command line and the pages."""
    kinds.declare_kind(
        _kind("grids", _("Grids"), _("Grids with their specialists and deputies."),
              _("grids"), 30)
    )  # fmt: skip
    kinds.declare_kind(
        _kind("estates", _("Estates"), _("Housing estates, where they are, and their grids."),
              _("estates"), 31)
    )  # fmt: skip
    kinds.declare_kind(
        _kind("accounts", _("Accounts"),
              _("Accounts with their holders, addresses, meters and what they owe."),
              _("accounts"), 32)
    )  # fmt: skip
