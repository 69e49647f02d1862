"""Import of maintenance plans from a table: the list that every maintenance office keeps.

A row that names a known plan changes it; what a row leaves empty stays. The same table a second
time changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time
from pathlib import Path
from typing import IO, Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from huoshui.areas.fieldwork import models
from huoshui.areas.fieldwork import words as job_words
from huoshui.areas.fieldwork.upkeep import actions, refusals, words
from huoshui.kernel import errors
from huoshui.kernel.intake import fields, kinds, tables
from huoshui.kernel.intake.fields import Column
from huoshui.kernel.intake.problems import Problem

LABEL = words.FIELDS
COLUMNS = (
    Column("code", LABEL["code"], required=True, length=40,
           accepted=("计划编号", "编号", "保养编号", "plan", "id")),
    Column("name", LABEL["name"], required=True, length=200,
           accepted=("保养项目", "项目", "保养内容", "工作内容", "work", "task")),
    Column("asset_code", LABEL["asset_code"], required=True, length=64,
           accepted=("设施编号", "设施编码", "设备编号", "设备编码", "asset")),
    Column("job_type", LABEL["job_type"], required=True, length=40,
           accepted=("工单类型", "作业类型", "保养类别", "type"),
           help=_("Code or name of a type of job.")),
    Column("crew", LABEL["crew"], length=40, accepted=("班组", "责任班组", "crew"),
           help=_("Code or name of the crew; empty: nobody.")),
    Column("every_days", LABEL["every_days"], fields.WHOLE, unit="d",
           accepted=("周期天数", "保养周期", "周期", "days")),
    Column("every_hours", LABEL["every_hours"], fields.WHOLE, unit="h",
           accepted=("运行小时", "周期小时", "hours")),
    Column("hours_point", LABEL["hours_point"], length=100,
           accepted=("运行时间测点", "小时测点")),
    Column("runs_above", LABEL["runs_above"], fields.NUMBER, accepted=("运行门限",)),
    Column("from_month", LABEL["from_month"], fields.WHOLE, accepted=("起始月", "开始月份")),
    Column("until_month", LABEL["until_month"], fields.WHOLE, accepted=("截止月", "结束月份")),
    Column("window_from", LABEL["window_from"], length=5, accepted=("开始时间", "时段起"),
           help=_("Written as 08:10.")),
    Column("window_until", LABEL["window_until"], length=5, accepted=("结束时间", "时段止"),
           help=_("Written as 11:00.")),
    Column("heat_from", LABEL["heat_from"], length=5, accepted=("高温避让起",)),
    Column("heat_until", LABEL["heat_until"], length=5, accepted=("高温避让止",)),
    Column("heat_limit_c", LABEL["heat_limit_c"], fields.NUMBER, unit="°C",
           accepted=("高温门限",)),
    Column("heat_point", LABEL["heat_point"], length=100, accepted=("温度测点",)),
    Column("is_routine", LABEL["is_routine"], fields.FLAG, accepted=("日常", "例行")),
    Column("wants_photos", LABEL["wants_photos"], fields.FLAG, accepted=("前后照片", "拍照")),
    Column("ahead_days", LABEL["ahead_days"], fields.WHOLE, unit="d", accepted=("提前天数",)),
    Column("done_date", LABEL["done_date"], fields.DAY, required=True,
           accepted=("上次日期", "上次保养", "最近保养日期", "last done")),
    Column("done_hours", LABEL["done_hours"], fields.NUMBER, unit="h", accepted=("上次小时",)),
    Column("instructions", LABEL["instructions"], length=5000, accepted=("要求", "备注", "note")),
)  # fmt: skip
EXAMPLES = (
    {"code": "EXAMPLE-1", "name": "阀门启闭与润滑", "asset_code": "V-01", "job_type": "valve_check",
     "every_days": 180, "from_month": 4, "until_month": 10, "wants_photos": "是",
     "done_date": date(2025, 9, 12)},
    {"code": "EXAMPLE-2", "name": "水泵 2000 小时保养", "asset_code": "PUMP_1",
     "job_type": "pump_service", "every_days": 365, "every_hours": 2000,
     "hours_point": "PUMP_1.flow", "runs_above": 5, "done_date": date(2025, 10, 8)},
)  # fmt: skip
CLOCKS = ("window_from", "window_until", "heat_from", "heat_until")
WHOLES = {"every_days": 3_660, "every_hours": 200_000, "ahead_days": 365, "from_month": 12,
          "until_month": 12}  # fmt: skip
LABELS = {column.code: column.label for column in COLUMNS}


class _Work:
    """One import under way."""

    def __init__(self, outcome: kinds.Outcome, name: str, by_id: int | None) -> None:
        self.outcome, self.name, self.by_id = outcome, name, by_id
        self.seen: set[str] = set()
        self.types = _by_name(models.JobType.objects.filter(is_retired=False),
                              ("code", "name_zh", "name_en"))  # fmt: skip
        self.crews = _by_name(models.Crew.objects.filter(is_retired=False), ("code", "name"))

    def say(self, entry: fields.Entry, column: str, code: str, said: Any, remedy: Any) -> None:
        """Note what is wrong with one row."""
        value = entry.values.get(column)
        self.outcome.problems.add(
            Problem(code, said, False, subject=entry.values.get("code") or "", file=self.name,
                    line=entry.line, column=str(LABELS.get(column, column)),
                    value="" if value is None else str(value), remedy=remedy)
        )  # fmt: skip


def _by_name(rows: Any, names: tuple[str, ...]) -> dict[str, Any]:
    return {
        fields.key(getattr(row, name)): row for row in rows for name in names if getattr(row, name)
    }


def template(target: IO[bytes]) -> None:
    """Write the Excel file to fill in."""
    fields.write_template(target, str(_("Maintenance plans")), COLUMNS, EXAMPLES)


def check(path: Path, name: str, options: Mapping[str, str]) -> kinds.Outcome:
    """Do everything and take it back: what is refused then is refused when it counts."""
    return kinds.done_and_taken_back(carry_out, path, name, options)


def carry_out(
    path: Path, name: str, options: Mapping[str, str], by_id: int | None
) -> kinds.Outcome:
    """Make and change the plans of a table; each row by itself. Audited one by one."""
    table = tables.open_table(path, sheet=options.get("sheet") or None, name=name)
    work = _Work(kinds.Outcome(problems=table.problems), name, by_id)
    matched = fields.match(table, COLUMNS, name)
    if table.problems.fatal:
        return work.outcome
    rows = 0
    for entry in matched.rows():
        rows += 1
        if not entry.is_good or not _take(work, entry):
            work.outcome.left_out += 1
    work.outcome.facts.append((_("Rows"), rows))
    return work.outcome


def _take(work: _Work, entry: fields.Entry) -> bool:
    """Keep the plan of one row; what is wrong is said and leaves the row out."""
    code = str(entry.values["code"])
    if code in work.seen:
        work.say(
            entry,
            "code",
            "fieldwork.upkeep_row_twice",
            _("This plan stands in the file twice."),
            _("The first row counts; delete the wrong one."),
        )
        return False
    work.seen.add(code)
    found = _values(work, entry)
    if found is None:
        return False
    is_new = not models.MaintenancePlan.objects.filter(code=code).exists()
    try:
        with transaction.atomic():
            # The whole check is one transaction, and nobody can write meanwhile: the next look
            # reads the hours.
            _plan, changed = actions.keep_plan(code, found, by_id=work.by_id, reads_hours=False)
    except refusals.UpkeepNotUsable as refused:
        for column, said in refused.problems.items():
            work.say(entry, column, refused.code, said, refused.next_step)
        return False
    except errors.Refused as refused:
        work.say(entry, "code", refused.code, refused.message, refused.next_step)
        return False
    if is_new:
        work.outcome.created += 1
    elif changed:
        work.outcome.changed += 1
        for field, (before, after) in changed.items():
            work.outcome.differ(code, LABEL[field], _shown(before), _shown(after))
    else:
        work.outcome.unchanged += 1
    return True


def _shown(value: Any) -> Any:
    named = isinstance(value, models.JobType)
    return job_words.name_of(value) if named else value


def _values(work: _Work, entry: fields.Entry) -> dict[str, Any] | None:
    """Return what a row says by the fields of a plan, or None with everything wrong said."""
    found = {code: value for code, value in entry.values.items()
             if value is not None and code != "code"}  # fmt: skip
    good = True
    for column, known, said in (
        ("job_type", work.types, _("There is no such type of job.")),
        ("crew", work.crews, _("There is no such crew.")),
    ):
        if column in found:
            row = known.get(fields.key(found[column]))
            if row is None:
                good = False
                work.say(entry, column, f"fieldwork.{column}_unknown", said,
                         _("Take its code from the list."))  # fmt: skip
            found[column] = row
    for column in CLOCKS:
        if column in found:
            try:
                found[column] = time.fromisoformat(str(found[column]).zfill(5))
            except ValueError:
                good = False
                work.say(entry, column, "fieldwork.hour_unreadable",
                         _("This is no hour of the day."), _("Written as 08:10."))  # fmt: skip
    for column, most in WHOLES.items():
        least = 0 if column == "ahead_days" else 1
        if column in found and not least <= found[column] <= most:
            good = False
            work.say(entry, column, "fieldwork.number_out_of_range",
                     _("This number is out of range."), f"{least} – {most}")  # fmt: skip
    return found if good else None
