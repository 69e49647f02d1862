"""A list of accounts brought as a table: read without trust, each row that cannot be used named."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from django.utils.translation import gettext_lazy as _

from huoshui.areas.customers import facade as customers
from huoshui.kernel.intake import fields, problems, tables

ROWS_MAX = 200_000
CODES_AT_ONCE = 2_000
COLUMNS = (
    fields.Column(
        "account",
        _("Account"),
        required=True,
        length=60,
        help=_("The number of the customer's account."),
        accepted=("account_code", "account_number", "户号", "用户编号", "用户号", "编号"),
        example="EXAMPLE-10001",
    ),
)


@dataclass(frozen=True)
class Read:
    """The accounts of a list, each once, and what is wrong with the rest."""

    codes: tuple[str, ...]
    problems: problems.Found


def template(target: IO[bytes]) -> None:
    """Write the Excel file to fill in."""
    fields.write_template(target, str(_("Accounts")), COLUMNS, [{"account": "EXAMPLE-10001"}])


def read(path: Path, name: str) -> Read:
    """Read a list; accounts that are not there or closed are named with their line."""
    limits = tables.Limits(rows=ROWS_MAX, excel_cells=2_000_000)
    table = tables.open_table(path, name=name, limits=limits)
    if table.problems.fatal:
        return Read((), table.problems)
    matched = fields.match(table, COLUMNS, name)
    if table.problems.fatal:
        return Read((), table.problems)
    lines: dict[str, int] = {}
    for entry in matched.rows():
        code = entry.values.get("account")
        if code:
            lines.setdefault(str(code), entry.line)
    known = _known(lines)
    for code, line in lines.items():
        if code not in known:
            table.problems.add(
                problems.Problem(
                    "announcements.account_unknown",
                    _("There is no open account of this number."),
                    False,
                    file=name,
                    line=line,
                    value=code,
                    remedy=_("Correct the number, or leave the row out."),
                )
            )
    return Read(tuple(code for code in lines if code in known), table.problems)


def _known(codes: Iterable[str]) -> set[str]:
    wanted = list(codes)
    found: set[str] = set()
    for at in range(0, len(wanted), CODES_AT_ONCE):
        part = wanted[at : at + CODES_AT_ONCE]
        found.update(one.account_code for one in customers.recipients(accounts=part))
    return found
