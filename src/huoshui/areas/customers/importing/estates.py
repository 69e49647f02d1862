"""Import of estates: their names, where they are, who manages them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from huoshui.areas.customers import placing, rules
from huoshui.areas.customers.models import Estate, Grid
from huoshui.kernel import audit
from huoshui.kernel.intake import fields, kinds, tables
from huoshui.kernel.intake.fields import Column
from huoshui.kernel.intake.problems import Problem

COLUMNS = (
    Column("code", _("Estate code"), required=True, length=rules.CODE_LENGTH_MAX,
           accepted=("小区编号", "编号", "estate", "id")),
    Column("name", _("Name"), length=100, accepted=("小区名称", "名称", "小区")),
    Column("district", _("District"), length=100, accepted=("区", "行政区", "街道", "社区")),
    Column("address", _("Address"), length=200, accepted=("地址",)),
    Column("lon", _("Longitude"), fields.NUMBER, unit="°", accepted=("经度", "lng", "longitude")),
    Column("lat", _("Latitude"), fields.NUMBER, unit="°", accepted=("纬度", "latitude")),
    Column("zone_code", _("Zone"), length=64, accepted=("分区", "分区编号"),
           help=_("The zone of the network that is this estate.")),
    Column("property_manager", _("Property management"), length=100,
           accepted=("物业", "物业公司", "物业名称")),
    Column("property_phone", _("Telephone of the property management"), length=40,
           accepted=("物业电话",)),
    Column("owners_group", _("Owners' chat group"), length=100, accepted=("业主群", "微信群")),
    Column("households", _("Households"), fields.WHOLE, accepted=("户数", "住户数")),
    Column("grid", _("Grid"), length=rules.CODE_LENGTH_MAX, accepted=("网格", "网格编号"),
           help=_("The code of a grid that is known.")),
)  # fmt: skip
EXAMPLES = (
    {"code": "EXAMPLE-XQ-01", "name": "光明小区", "district": "历下区", "address": "光明路 1 号",
     "lon": 117.05, "lat": 36.66, "property_manager": "光明物业", "households": 864},
)  # fmt: skip
LABELS = {column.code: column.label for column in COLUMNS}
SAID = tuple(column.code for column in COLUMNS if column.code not in ("code", "grid"))


def template(target: IO[bytes]) -> None:
    """Write the Excel file to fill in."""
    fields.write_template(target, str(_("Estates")), COLUMNS, EXAMPLES)


def check(path: Path, name: str, options: Mapping[str, str]) -> kinds.Outcome:
    """Say which estates would be made and changed; changes nothing."""
    return _plan(path, name, options)[0]


def carry_out(
    path: Path, name: str, options: Mapping[str, str], by_id: int | None
) -> kinds.Outcome:
    """Make and change estates; rows with problems are left out. Audited."""
    with transaction.atomic():
        outcome, rows, renamed = _plan(path, name, options)
        if outcome.problems.fatal or not rows:
            return outcome
        for row in rows:
            row.save()
        placing.keep_keys(estates=renamed)
        audit.record(
            by_id, "customers.estates_imported", "customers.estates",
            {"file": name, "created": outcome.created, "changed": outcome.changed},
        )  # fmt: skip
    return outcome


def _plan(
    path: Path, name: str, options: Mapping[str, str]
) -> tuple[kinds.Outcome, list[Estate], list[Estate]]:
    table = tables.open_table(path, sheet=options.get("sheet") or None, name=name)
    outcome = kinds.Outcome(problems=table.problems)
    matched = fields.match(table, COLUMNS, name)
    rows: list[Estate] = []
    renamed: list[Estate] = []
    if table.problems.fatal:
        return outcome, rows, renamed
    known = {row.code: row for row in Estate.objects.select_related("grid")}
    grids = {row.code: row for row in Grid.objects.all()}
    seen: set[str] = set()
    for entry in matched.rows():
        code = entry.values.get("code")
        problem = None if not entry.is_good else _problem_of(entry, known, seen, name)
        if not entry.is_good or problem is not None or code is None:
            outcome.left_out += 1
            if problem is not None:
                outcome.problems.add(problem)
            continue
        seen.add(code)
        is_new = code not in known
        row = known.get(code) or Estate(code=code)
        changes = {one: entry.values[one] for one in SAID if entry.values.get(one) is not None}
        before = row.name
        changed = _set(outcome, row, changes, is_new=is_new)
        changed |= _set_grid(outcome, row, entry, grids, name)
        if is_new or row.name != before:
            renamed.append(row)
        if is_new:
            outcome.created += 1
        elif changed:
            outcome.changed += 1
        else:
            outcome.unchanged += 1
            continue
        rows.append(row)
    return outcome, rows, renamed


def _problem_of(
    entry: fields.Entry, known: Mapping[str, Estate], seen: set[str], name: str
) -> Problem | None:
    said = entry.values
    code = said["code"]

    def problem(what: str, text: Any, column: str, remedy: Any) -> Problem:
        return Problem(f"customers.{what}", text, False, subject=code, file=name, line=entry.line,
                       column=str(LABELS[column]), value=str(said.get(column) or ""),
                       remedy=remedy)  # fmt: skip

    if not rules.is_code(code):
        return problem("code_not_possible", _("This cannot be a code."), "code",
                       _("Use letters, digits, dash and underscore."))  # fmt: skip
    if code in seen:
        return problem("code_twice", _("This estate stands in the file twice."), "code",
                       _("Keep one of the rows; the first one counts."))  # fmt: skip
    if code not in known and not said.get("name"):
        return problem("name_missing", _("A new estate needs a name."), "name",
                       _("Write the name by which people know it."))  # fmt: skip
    lon, lat = said.get("lon"), said.get("lat")
    if (lon is None) != (lat is None) or abs(lon or 0) > 180 or abs(lat or 0) > 85:
        return problem(
            "place_impossible",
            _("This place is not on the map."),
            "lon",
            _("Look whether longitude and latitude are the right way round."),
        )
    if (said.get("households") or 0) < 0:
        return problem("value_negative", _("This value cannot be negative."), "households",
                       _("Correct it, or leave it empty."))  # fmt: skip
    return None


def _set(outcome: kinds.Outcome, row: Estate, changes: dict[str, Any], *, is_new: bool) -> bool:
    changed = False
    for name, value in changes.items():
        before = getattr(row, name)
        if before != value:
            changed = True
            if not is_new:
                outcome.differ(row.code, LABELS[name], before, value)
            setattr(row, name, value)
    return changed


def _set_grid(
    outcome: kinds.Outcome, row: Estate, entry: fields.Entry, grids: Mapping[str, Grid], name: str
) -> bool:
    code = entry.values.get("grid")
    if not code or (row.grid is not None and row.grid.code == code):
        return False
    if code not in grids:
        outcome.problems.add(
            Problem("customers.grid_unknown", _("No grid of this code is known."), False,
                    subject=row.code, file=name, line=entry.line, column=str(LABELS["grid"]),
                    value=code, remedy=_("Import the grids first; the estate goes in without."))
        )  # fmt: skip
        return False
    outcome.differ(row.code, LABELS["grid"], row.grid.code if row.grid else None, code)
    row.grid = grids[code]
    return True
