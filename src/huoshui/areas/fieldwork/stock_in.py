"""Import of stock from a table: what was counted where, and what should lie there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huoshui.areas.fieldwork import models
from huoshui.areas.fieldwork.actions import stock as actions
from huoshui.kernel import audit
from huoshui.kernel.intake import fields, kinds, tables
from huoshui.kernel.intake.fields import Column
from huoshui.kernel.intake.problems import Problem

COLUMNS = (
    Column("store", _("Store or vehicle"), required=True, length=80,
           accepted=("仓库", "库房", "车辆", "车牌", "仓库编号", "warehouse"),
           help=_("Code or name of a store, or the number plate of a vehicle.")),
    Column("part", _("Code of the part"), required=True, length=40,
           accepted=("物料编码", "物料编号", "材料编码", "备件编码", "物料", "备件", "零件", "编码",
                     "code"),
           help=_("The code, or for a part that is known its name.")),
    Column("quantity", _("Quantity"), fields.WHOLE,
           accepted=("数量", "库存", "实盘", "盘点数", "count"),
           help=_("How many were counted. Empty: the books stay.")),
    Column("name_zh", _("Chinese name"), length=80, accepted=("名称", "物料名称", "材料名称"),
           help=_("Needed for a part that is not known yet.")),
    Column("name_en", _("English name"), length=80, accepted=("英文名",)),
    Column("unit", pgettext_lazy("stock", "Unit"), length=40,
           accepted=("单位", "计量单位", "unit"), help=_("Such as pieces, m.")),
    Column("minimum", _("Minimum"), fields.WHOLE, accepted=("最低库存", "下限", "min")),
    Column("from_month", _("First month"), fields.WHOLE, accepted=("起始月", "从月"),
           help=_("Of the season of the minimum; empty: January.")),
    Column("until_month", _("Last month"), fields.WHOLE, accepted=("截止月", "到月"),
           help=_("Included; may lie after New Year. Empty: December.")),
)  # fmt: skip
EXAMPLES = (
    {"store": "EXAMPLE-D-1", "part": "meter_dn15", "quantity": 60, "name_zh": "水表 DN15",
     "name_en": "Meter DN15", "unit": "只", "minimum": 80, "from_month": 11, "until_month": 3},
)  # fmt: skip
LABELS = {column.code: column.label for column in COLUMNS}
MOST = 1_000_000


@dataclass
class Plan:
    """What the good rows say: new parts, counts by store, minimums."""

    parts: dict[str, dict[str, Any]] = field(default_factory=dict)
    counts: dict[str, dict[str, int]] = field(default_factory=lambda: defaultdict(dict))
    minimums: list[tuple[str, str, int, int, int]] = field(default_factory=list)


def template(target: IO[bytes]) -> None:
    """Write the Excel file to fill in."""
    fields.write_template(target, str(_("Stock of parts")), COLUMNS, EXAMPLES)


def check(path: Path, name: str, options: Mapping[str, str]) -> kinds.Outcome:
    """Say what the good rows would change; changes nothing."""
    return _plan(path, name, options)[0]


def carry_out(
    path: Path, name: str, options: Mapping[str, str], by_id: int | None
) -> kinds.Outcome:
    """Book the good rows as counts; rows with problems are left out. Audited."""
    with transaction.atomic():
        outcome, plan = _plan(path, name, options)
        if outcome.problems.fatal:
            return outcome
        for code, said in sorted(plan.parts.items()):
            actions.keep_part(code, **said, by_id=by_id)
        for store, counted in sorted(plan.counts.items()):
            actions.count(store, counted, note=name, by_id=by_id)
        for store, part, quantity, first, last in plan.minimums:
            actions.keep_minimum(
                store, part, quantity, from_month=first, until_month=last, by_id=by_id
            )
        audit.record(
            by_id, "fieldwork.stock_imported", "fieldwork.stock",
            {"file": name, "created": outcome.created, "changed": outcome.changed},
        )  # fmt: skip
    return outcome


class _Known:
    """What the books know before the first row."""

    def __init__(self) -> None:
        rows = list(models.Store.objects.filter(is_retired=False))
        self.stores = {one.name: one for one in rows} | {one.code: one for one in rows}
        parts = list(models.Part.objects.filter(is_retired=False))
        self.parts = {one.name_zh: one.code for one in parts} | {
            one.code: one.code for one in parts
        }
        self.retired = set(
            models.Part.objects.filter(is_retired=True).values_list("code", flat=True)
        )
        self.lying = {
            (store, part): quantity
            for store, part, quantity in models.Stock.objects.values_list(
                "store__code", "part__code", "quantity"
            )
        }


def _plan(path: Path, name: str, options: Mapping[str, str]) -> tuple[kinds.Outcome, Plan]:
    table = tables.open_table(path, sheet=options.get("sheet") or None, name=name)
    outcome, plan = kinds.Outcome(problems=table.problems), Plan()
    matched = fields.match(table, COLUMNS, name)
    if table.problems.fatal:
        return outcome, plan
    known = _Known()
    for entry in matched.rows():
        problem = _problem_of(entry, known, plan, name) if entry.is_good else None
        if not entry.is_good or problem is not None:
            outcome.left_out += 1
            if problem is not None:
                outcome.problems.add(problem)
            continue
        _take(entry.values, known, plan, outcome)
    return outcome, plan


def _take(
    said: Mapping[str, Any], known: _Known, plan: Plan, outcome: kinds.Outcome
) -> None:  # fmt: skip
    store = known.stores[said["store"]].code
    part = known.parts.get(said["part"], said["part"])
    is_new = part not in known.parts
    if is_new:
        plan.parts[part] = {
            "name_zh": said["name_zh"], "name_en": said.get("name_en") or said["name_zh"],
            "unit": said["unit"],
        }  # fmt: skip
        known.parts[part] = part
    changed = is_new
    if said.get("quantity") is not None:
        before = known.lying.get((store, part), 0)
        plan.counts[store][part] = said["quantity"]
        if before != said["quantity"]:
            changed = True
            outcome.differ(f"{store} · {part}", LABELS["quantity"], before, said["quantity"])
    if said.get("minimum") is not None:
        first, last = said.get("from_month") or 1, said.get("until_month") or 12
        plan.minimums.append((store, part, said["minimum"], first, last))
        changed = True
    if is_new:
        outcome.created += 1
    elif changed:
        outcome.changed += 1
    else:
        outcome.unchanged += 1


def _problem_of(entry: fields.Entry, known: _Known, plan: Plan, name: str) -> Problem | None:
    said = entry.values

    def problem(what: str, text: Any, column: str, remedy: Any) -> Problem:
        return Problem(f"fieldwork.{what}", text, False, subject=str(said.get("part") or ""),
                       file=name, line=entry.line, column=str(LABELS[column]),
                       value=str(said.get(column) or ""), remedy=remedy)  # fmt: skip

    store, part = known.stores.get(said["store"]), said["part"]
    if store is None:
        return problem("store_unknown", _("There is no such store or vehicle."), "store",
                       _("Write its code as in the list, or add it there."))  # fmt: skip
    if part in known.retired:
        return problem("part_retired", _("This part is not there any more."), "part",
                       _("Take it back into the parts list, or use another."))  # fmt: skip
    if part not in known.parts:
        if not said.get("name_zh") or not said.get("unit"):
            return problem("part_unknown", _("There is no such part."), "part",
                           _("Correct the code; a new part needs a name and a unit."))  # fmt: skip
        if not _is_code(part):
            return problem("code_not_possible", _("This cannot be a code."), "part",
                           _("Use letters, digits, dash and underscore."))  # fmt: skip
    code = known.parts.get(part, part)
    if said.get("quantity") is not None and code in plan.counts.get(store.code, {}):
        return problem("row_twice", _("This part stands in the file twice for this store."), "part",
                       _("Keep one of the rows; the first one counts."))  # fmt: skip
    for column in ("quantity", "minimum"):
        value = said.get(column)
        if value is not None and not 0 <= value <= MOST:
            return problem("quantity_impossible", _("This is no number of parts."), column,
                           _("Write a whole number from 0."))  # fmt: skip
    for column in ("from_month", "until_month"):
        value = said.get(column)
        if value is not None and not 1 <= value <= 12:
            return problem("month_impossible", _("There is no such month."), column,
                           _("Write 1 to 12."))  # fmt: skip
    if said.get("quantity") is None and said.get("minimum") is None:
        return problem("row_says_nothing", _("Neither a quantity nor a minimum is given."),
                       "quantity", _("Write what was counted, or take the row out."))  # fmt: skip
    return None


def _is_code(text: str) -> bool:
    return text.isascii() and text.replace("-", "").replace("_", "").isalnum() and len(text) <= 40
