"""Import of grids: who looks after which, by user name or by name."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from huoshui.areas.customers import rules
from huoshui.areas.customers.models import Grid
from huoshui.kernel import audit
from huoshui.kernel.intake import fields, kinds, tables
from huoshui.kernel.intake.fields import Column
from huoshui.kernel.intake.problems import Problem

COLUMNS = (
    Column("code", _("Grid code"), required=True, length=rules.CODE_LENGTH_MAX,
           accepted=("网格编号", "编号", "grid", "id")),
    Column("name", _("Name"), length=100, accepted=("网格名称", "名称")),
    Column("specialist", _("Specialist"), length=100, accepted=("网格员", "服务专员", "专员"),
           help=_("The user name, or the name where only one person has it.")),
    Column("deputy", _("Deputy"), length=100, accepted=("替班", "B角", "后备")),
    Column("phone", _("Work phone"), length=40, accepted=("电话", "工作电话", "手机")),
    Column("duties", _("Duties"), length=1000, accepted=("职责", "服务内容")),
)  # fmt: skip
EXAMPLES = (
    {"code": "EXAMPLE-WG-01", "name": "城东第一网格", "specialist": "zhengli",
     "phone": "13800000000", "duties": "用水咨询、报修受理、老人上门服务"},
)  # fmt: skip
LABELS = {column.code: column.label for column in COLUMNS}


def template(target: IO[bytes]) -> None:
    """Write the Excel file to fill in."""
    fields.write_template(target, str(_("Grids")), COLUMNS, EXAMPLES)


def check(path: Path, name: str, options: Mapping[str, str]) -> kinds.Outcome:
    """Say which grids would be made and changed; changes nothing."""
    return _plan(path, name, options)[0]


def carry_out(
    path: Path, name: str, options: Mapping[str, str], by_id: int | None
) -> kinds.Outcome:
    """Make and change grids; rows with problems are left out. Audited."""
    with transaction.atomic():
        outcome, rows = _plan(path, name, options)
        if outcome.problems.fatal or not rows:
            return outcome
        for row in rows:
            row.save()
        audit.record(
            by_id, "customers.grids_imported", "customers.grids",
            {"file": name, "created": outcome.created, "changed": outcome.changed},
        )  # fmt: skip
    return outcome


def _plan(path: Path, name: str, options: Mapping[str, str]) -> tuple[kinds.Outcome, list[Grid]]:
    table = tables.open_table(path, sheet=options.get("sheet") or None, name=name)
    outcome = kinds.Outcome(problems=table.problems)
    matched = fields.match(table, COLUMNS, name)
    rows: list[Grid] = []
    if table.problems.fatal:
        return outcome, rows
    known = {row.code: row for row in Grid.objects.select_related("specialist", "deputy")}
    people = _people()
    seen: set[str] = set()
    for entry in matched.rows():
        code = entry.values.get("code")
        if not entry.is_good or code is None or code in seen or not rules.is_code(code):
            outcome.left_out += 1
            if entry.is_good and code is not None:
                outcome.problems.add(_problem(
                    "code_not_possible", _("This code is impossible, or stands there twice."),
                    entry, "code", name,
                    _("Use letters, digits, dash and underscore, each code once."),
                ))  # fmt: skip
            continue
        seen.add(code)
        row = known.get(code) or Grid(code=code, name=entry.values.get("name") or code)
        changed = _set(outcome, row, entry, people, name)
        if code not in known:
            outcome.created += 1
        elif changed:
            outcome.changed += 1
        else:
            outcome.unchanged += 1
            continue
        rows.append(row)
    return outcome, rows


def _people() -> dict[str, Any]:
    """Return staff by user name, and by name where only one has it."""
    by_name: dict[str, list[Any]] = {}
    users = list(get_user_model().objects.filter(is_active=True))
    for user in users:
        by_name.setdefault(user.name, []).append(user)
    found = {name: several[0] for name, several in by_name.items() if len(several) == 1}
    return found | {user.username: user for user in users}


def _problem(
    what: str, text: Any, entry: fields.Entry, column: str, name: str, remedy: Any
) -> Problem:
    return Problem(f"customers.{what}", text, False, subject=str(entry.values.get("code")),
                   file=name, line=entry.line, column=str(LABELS[column]),
                   value=str(entry.values.get(column) or ""), remedy=remedy)  # fmt: skip


def _set(
    outcome: kinds.Outcome, row: Grid, entry: fields.Entry, people: Mapping[str, Any], name: str
) -> bool:
    is_new, changed = row.pk is None, False
    for column in ("name", "phone", "duties"):
        value = entry.values.get(column)
        if value is not None and getattr(row, column) != value:
            changed = True
            if not is_new:
                outcome.differ(row.code, LABELS[column], getattr(row, column), value)
            setattr(row, column, value)
    for column in ("specialist", "deputy"):
        value = entry.values.get(column)
        if not value:
            continue
        user = people.get(value)
        if user is None:
            outcome.problems.add(_problem(
                "person_unknown", _("Nobody of this name may sign in, or several do."),
                entry, column, name, _("Write the user name."),
            ))  # fmt: skip
            continue
        before = getattr(row, column)
        other = row.deputy_id if column == "specialist" else row.specialist_id
        if before == user or other == user.pk:
            continue
        changed = True
        if not is_new:
            outcome.differ(row.code, LABELS[column], before and before.name, user.name)
        setattr(row, column, user)
    return changed
