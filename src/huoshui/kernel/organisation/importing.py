"""Import of the organisation from a table: units with what they belong to, their kind and names.

Rows may stand in any order. A unit that is known is renamed, moved or closed from the day that its
row names; the same table a second time changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import IO, Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from huoshui.kernel import errors
from huoshui.kernel.intake import fields, kinds, tables
from huoshui.kernel.intake.fields import Column
from huoshui.kernel.intake.problems import Problem
from huoshui.kernel.organisation import actions, tree
from huoshui.kernel.organisation.models import Kind, Unit, UnitPeriod

COLUMNS = (
    Column("code", _("Unit code"), required=True, length=40,
           accepted=("单位编码", "单位编号", "部门编码", "编码", "编号", "代码", "unit", "id"),
           help=_("Never changes; people, posts and zones refer to it.")),
    Column("above", _("Belongs to"), length=40,
           accepted=("上级", "上级编码", "上级单位", "上级部门", "隶属", "parent"),
           help=_("Code of the unit above; empty: the top.")),
    Column("kind", _("Kind of unit"), fields.CHOICE, choices=dict(Kind.choices),
           accepted=("单位类型", "类型", "类别", "性质")),
    Column("name_zh", _("Chinese name"), required=True, length=200,
           accepted=("名称", "单位名称", "部门名称", "name")),
    Column("name_en", _("English name"), length=200, accepted=("英文名", "英文名称")),
    Column("from_date", _("Valid from"), fields.DAY,
           accepted=("生效日期", "启用日期", "成立日期", "开始日期", "from", "since"),
           help=_("Since when the row holds; empty: from today.")),
    Column("until_date", _("Valid until"), fields.DAY,
           accepted=("失效日期", "停用日期", "撤销日期", "结束日期", "until"),
           help=_("From this day on the unit exists no longer; empty: it goes on.")),
)  # fmt: skip
EXAMPLES = (
    {"code": "EXAMPLE-GROUP", "kind": "group", "name_zh": "某市水务集团",
     "name_en": "City Water Group", "from_date": date(2015, 1, 1)},
    {"code": "EXAMPLE-EAST", "above": "EXAMPLE-GROUP", "kind": "branch",
     "name_zh": "城东供水分公司", "name_en": "East Branch", "from_date": date(2018, 7, 1)},
)  # fmt: skip
LABELS = {column.code: column.label for column in COLUMNS}
# Refusals of the actions, said without the names that the row says itself.
REFUSED = {
    "organisation.not_open_then": _("The unit, or what it belongs to, does not exist then."),
    "organisation.would_contain_itself": _("A unit cannot belong to one of its own parts."),
    "organisation.still_in_use": _("The unit still has parts, people or posts."),
}


@dataclass
class _Work:
    """One import under way."""

    outcome: kinds.Outcome
    name: str
    by_id: int | None
    rows: dict[str, fields.Entry] = field(default_factory=dict)
    created: set[str] = field(default_factory=set)
    changed: set[str] = field(default_factory=set)

    def refuse(self, entry: fields.Entry, refused: errors.Refused, column: str) -> None:
        """Note that the organisation does not allow what a row says."""
        words = REFUSED.get(refused.code, refused.message)
        self.say(entry, refused.code, words, column, refused.next_step)

    def say(self, entry: fields.Entry, code: str, words: Any, column: str, remedy: Any) -> None:
        """Note what is wrong with one row."""
        value = entry.values.get(column)
        self.outcome.problems.add(
            Problem(code, words, False, subject=entry.values.get("code") or "", file=self.name,
                    line=entry.line, column=str(LABELS[column]),
                    value="" if value is None else str(value), remedy=remedy)
        )  # fmt: skip


def template(target: IO[bytes]) -> None:
    """Write the Excel file to fill in."""
    fields.write_template(target, str(_("Organisation")), COLUMNS, EXAMPLES)


def check(path: Path, name: str, options: Mapping[str, str]) -> kinds.Outcome:
    """Do everything and take it back: what is refused then is refused when it counts."""
    return kinds.done_and_taken_back(carry_out, path, name, options)


def carry_out(
    path: Path, name: str, options: Mapping[str, str], by_id: int | None
) -> kinds.Outcome:
    """Add, rename, move and close the units of a table. Audited one by one."""
    table = tables.open_table(path, sheet=options.get("sheet") or None, name=name)
    work = _Work(kinds.Outcome(problems=table.problems), name, by_id)
    matched = fields.match(table, COLUMNS, name)
    if table.problems.fatal:
        return work.outcome
    _read(work, matched)
    with transaction.atomic():
        done = [entry for entry in _in_order(work) if _take(work, entry)]
        # Parts before what they are parts of: a unit in use cannot be closed.
        for entry in reversed(done):
            _close(work, entry)
    outcome = work.outcome
    outcome.created, outcome.changed = len(work.created), len(work.changed - work.created)
    outcome.unchanged = len(done) - outcome.created - outcome.changed
    outcome.facts.append((_("Rows"), len(work.rows)))
    return outcome


def _read(work: _Work, matched: fields.Matched) -> None:
    for entry in matched.rows():
        code = entry.values.get("code")
        if not entry.is_good or code is None:
            work.outcome.left_out += 1
        elif code in work.rows:
            work.outcome.left_out += 1
            work.say(entry, "organisation.row_twice", _("This unit stands in the file twice."),
                     "code", _("The first row counts; delete the wrong one."))  # fmt: skip
        else:
            work.rows[code] = entry


def _in_order(work: _Work) -> Iterator[fields.Entry]:
    """Yield rows so that what a unit belongs to comes before it; name those that go in a circle."""
    waiting = dict(work.rows)
    while waiting:
        ready = [
            code for code, entry in waiting.items() if entry.values.get("above") not in waiting
        ]
        for code in ready:
            yield waiting.pop(code)
        if not ready:
            for entry in waiting.values():
                work.outcome.left_out += 1
                work.say(entry, "organisation.rows_in_a_circle",
                         _("These units would belong to each other."), "above",
                         _("Correct what one of them belongs to."))  # fmt: skip
            return


def _take(work: _Work, entry: fields.Entry) -> bool:
    """Add or change the unit of one row; a refusal is said and leaves the row out."""
    said = entry.values
    unit = Unit.objects.filter(code=said["code"]).first()
    above = Unit.objects.filter(code=said["above"]).first() if said.get("above") else None
    if said.get("above") and above is None:
        work.outcome.left_out += 1
        work.say(entry, "organisation.above_unknown", _("There is no such unit."), "above",
                 _("Correct the code, or add a row for that unit."))  # fmt: skip
        return False
    try:
        with transaction.atomic():
            if unit is None:
                _add(work, said, above)
            else:
                _change(work, unit, said, above)
    except errors.Refused as refused:
        work.outcome.left_out += 1
        work.refuse(entry, refused, "code")
        return False
    return True


def _add(work: _Work, said: Mapping[str, Any], above: Unit | None) -> None:
    actions.add_unit(
        said["code"],
        name_zh=said["name_zh"],
        name_en=said.get("name_en") or "",
        kind=said.get("kind") or Kind.DEPARTMENT,
        parent=above,
        from_date=said.get("from_date"),
        by_id=work.by_id,
    )
    work.created.add(said["code"])


def _change(work: _Work, unit: Unit, said: Mapping[str, Any], above: Unit | None) -> None:
    """Rename, move or recast a known unit from the day of its row, where that differs."""
    day = said.get("from_date") or tree.today()
    period = UnitPeriod.objects.select_related("parent").filter(unit=unit).valid_on(day).first()
    if period is None:
        raise actions.NotOpenThen(unit.code, day)
    before = {
        "above": period.parent.code if period.parent else None,
        "kind": str(period.kind),
        "name_zh": period.name_zh,
        "name_en": period.name_en,
    }
    # What the table does not say stays, except that an empty unit above means the top.
    after = {
        "above": above.code if above else None,
        "kind": said.get("kind") or before["kind"],
        "name_zh": said["name_zh"],
        "name_en": said.get("name_en") or before["name_en"],
    }
    if before == after:
        return
    actions.change_unit(
        unit, from_date=day, name_zh=after["name_zh"] or "", name_en=after["name_en"] or "",
        kind=after["kind"] or Kind.DEPARTMENT, parent=above, by_id=work.by_id,
    )  # fmt: skip
    for name, value in after.items():
        if before[name] != value:
            work.outcome.differ(unit.code, LABELS[name], before[name], value)
    work.changed.add(unit.code)


def _close(work: _Work, entry: fields.Entry) -> None:
    until = entry.values.get("until_date")
    if until is None:
        return
    unit = Unit.objects.get(code=entry.values["code"])
    latest = UnitPeriod.objects.filter(unit=unit).order_by("from_date").last()
    if latest is not None and latest.until_date == until:
        return
    try:
        with transaction.atomic():
            actions.close_unit(unit, until_date=until, by_id=work.by_id)
    except errors.Refused as refused:
        work.refuse(entry, refused, "until_date")
        return
    work.outcome.differ(unit.code, LABELS["until_date"], None, until)
    work.changed.add(unit.code)
