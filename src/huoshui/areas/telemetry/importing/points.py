"""Import of points: a list of what is measured where, with its limits."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huoshui.areas.telemetry import contracts, models
from huoshui.areas.telemetry.actions import points as actions
from huoshui.kernel.intake import fields, kinds, tables
from huoshui.kernel.intake.fields import Column
from huoshui.kernel.intake.problems import Problem

KIND_WORDS = {
    "pressure": _("Pressure"), "flow": _("Flow"), "level": _("Level"), "use": _("Water use"),
    "running_hours": pgettext_lazy("point kind", "Running hours"),
    "temperature": pgettext_lazy("point kind", "Temperature"),
    "vibration": pgettext_lazy("point kind", "Vibration"),
    "power": pgettext_lazy("point kind", "Power"),
    "current": pgettext_lazy("point kind", "Electric current"),
}  # fmt: skip


def _kind_choices() -> dict[str, Any]:
    return {code: KIND_WORDS.get(code, code) for code in contracts.KINDS}


IN_UNIT = _("In the unit of the kind: metres of water, m³/h, m, L/h, h, °C, mm/s, kW, A.")
COLUMNS = (
    Column("code", _("Point code"), required=True, length=64,
           accepted=("编号", "测点编号", "测点编码", "点号", "位号", "point", "tag"),
           help=_("Stable for ever; letters, digits and _ . : / -; by custom asset.kind.")),
    Column("name_zh", _("Chinese name"), length=200,
           accepted=("名称", "测点名称", "中文名", "name")),
    Column("name_en", _("English name"), accepted=("英文名", "英文名称"), length=200),
    Column("kind", _("Measures"), fields.CHOICE, required=True, choices=_kind_choices(),
           accepted=("类型", "测量类型", "测点类型", "参数", "type")),
    Column("asset_code", _("Asset"), accepted=("设施编号", "设备编号", "asset"), length=64,
           help=_("Code of the asset it belongs to; it must be in the register.")),
    Column("zone_code", _("Zone"), accepted=("分区", "分区编号", "zone", "dma"), length=64,
           help=_("Code of the zone; it must be in the register.")),
    Column("limit_low_low", _("Lowest limit"), fields.NUMBER, accepted=("低低限", "下下限"),
           help=IN_UNIT),
    Column("limit_low", _("Low limit"), fields.NUMBER, accepted=("低限", "下限"), help=IN_UNIT),
    Column("limit_high", _("High limit"), fields.NUMBER, accepted=("高限", "上限"), help=IN_UNIT),
    Column("limit_high_high", _("Highest limit"), fields.NUMBER, accepted=("高高限", "上上限"),
           help=IN_UNIT),
    Column("dead_band", _("Dead band"), fields.NUMBER, accepted=("死区",),
           help=_("How far a value must return before the alarm is over.")),
    Column("delay_s", _("Delay"), fields.WHOLE, unit="s", accepted=("延时", "延迟"),
           help=_("How long a value must be beyond before it counts.")),
    Column("range_min", _("Least the instrument measures"), fields.NUMBER,
           accepted=("量程下限", "最小量程"), help=IN_UNIT),
    Column("range_max", _("Most the instrument measures"), fields.NUMBER,
           accepted=("量程上限", "最大量程"), help=IN_UNIT),
    Column("rate_max_per_s", _("Fastest possible change in a second"), fields.NUMBER,
           accepted=("最大变化率",)),
    Column("expected_every_s", _("Expected every"), fields.WHOLE, unit="s",
           accepted=("上报周期", "采集周期", "采集间隔")),
)  # fmt: skip
EXAMPLES = (
    {"code": "EXAMPLE-P1.pressure", "name_zh": "东门压力", "name_en": "East gate pressure",
     "kind": "pressure", "limit_low": 20, "limit_high": 60, "range_min": 0, "range_max": 100,
     "expected_every_s": 300},
    {"code": "EXAMPLE-DMA3.flow", "name_zh": "三区进口流量", "name_en": "Inlet of zone 3",
     "kind": "flow", "zone_code": "DMA3", "range_min": 0, "range_max": 500,
     "expected_every_s": 900},
)  # fmt: skip
LABELS = {column.code: column.label for column in COLUMNS}
FAULTS: Mapping[str, tuple[str, Any]] = {
    "code": ("code", _("The code has signs that a code may not have.")),
    "name": ("name_zh", _("A point needs a name.")),
    "kind": ("kind", _("This kind is not known.")),
    "not_finite": ("", _("A limit is no number.")),
    "limits_order": ("", _("Limits and range do not rise from lowest to highest.")),
    "negative": ("dead_band", _("Dead band and delay cannot be negative.")),
    "rate": ("rate_max_per_s", _("The fastest change must be more than nothing.")),
    "expected_every": ("expected_every_s", _("The time between readings must be more than 0.")),
    "checks": ("", _("The settings of the checks cannot be negative.")),
    "declared_twice": ("code", _("This point stands in the file twice.")),
    "kind_changed": ("kind", _("The point is known with another kind, which never changes.")),
    "asset_code": ("asset_code", _("The register has no such asset.")),
    "zone_code": ("zone_code", _("The register has no such zone.")),
}


def template(target: IO[bytes]) -> None:
    """Write the Excel file to fill in."""
    fields.write_template(target, str(_("Points")), COLUMNS, EXAMPLES)


def check(path: Path, name: str, options: Mapping[str, str]) -> kinds.Outcome:
    """Say which points would be made and changed; changes nothing."""
    return _read(path, name, options)[0]


def carry_out(
    path: Path, name: str, options: Mapping[str, str], by_id: int | None
) -> kinds.Outcome:
    """Declare the points that are sound; the others are listed. Audited."""
    outcome, wanted = _read(path, name, options)
    if wanted and not outcome.problems.fatal:
        actions.declare_points(wanted, by_id)
    return outcome


def _read(
    path: Path, name: str, options: Mapping[str, str]
) -> tuple[kinds.Outcome, list[contracts.PointDeclaration]]:
    table = tables.open_table(path, sheet=options.get("sheet") or None, name=name)
    outcome = kinds.Outcome(problems=table.problems)
    matched = fields.match(table, COLUMNS, name)
    if outcome.problems.fatal:
        return outcome, []
    known = {row.code: row for row in models.Point.objects.all()}
    wanted: list[tuple[int, contracts.PointDeclaration]] = []
    rows = 0
    for entry in matched.rows():
        rows += 1
        if entry.is_good:
            wanted.append((entry.line, _declaration(entry.values, known)))
        else:
            outcome.left_out += 1
    faults = actions.faults_of([one for _line, one in wanted], known)
    sound = []
    said: set[str] = set()
    for line, one in wanted:
        if one.code not in faults:
            sound.append(one)
            continue
        outcome.left_out += 1
        _say_faults(outcome, one, line, faults[one.code], name, again=one.code in said)
        said.add(one.code)
    for one in sound:
        _differ(outcome, one, known.get(one.code))
    outcome.facts += [(_("Rows"), rows)]
    return outcome, sound


def _declaration(
    said: Mapping[str, Any], known: Mapping[str, models.Point]
) -> contracts.PointDeclaration:
    """Return what a row declares; what it leaves empty stays as it is known."""
    row = known.get(said["code"])
    given = {code: value for code, value in said.items() if value is not None}
    if row is not None:
        now = {
            one.name: getattr(row, _stored(one.name))
            for one in dataclasses.fields(contracts.PointDeclaration)
        }
        return contracts.PointDeclaration(**(now | given))
    name = given.get("name_zh") or given.get("name_en") or given["code"]
    given.setdefault("name_zh", name)
    given.setdefault("name_en", given["name_zh"])
    return contracts.PointDeclaration(**given)


def _stored(name: str) -> str:
    return {"asset_code": "asset_id", "zone_code": "zone_id"}.get(name, name)


def _differ(
    outcome: kinds.Outcome, one: contracts.PointDeclaration, row: models.Point | None
) -> None:
    if row is None:
        outcome.created += 1
        return
    before = outcome.differences_total
    for column in COLUMNS:
        was, shall = getattr(row, _stored(column.code)), getattr(one, column.code)
        if was != shall:
            outcome.differ(one.code, column.label, was, shall)
    if outcome.differences_total > before:
        outcome.changed += 1
    else:
        outcome.unchanged += 1


def _say_faults(
    outcome: kinds.Outcome, one: contracts.PointDeclaration, line: int, faults: list[str],
    name: str, *, again: bool,
) -> None:  # fmt: skip
    for fault in faults:
        if again and fault != "declared_twice":
            continue
        code, words = FAULTS.get(fault, ("", _("The point cannot be declared so.")))
        outcome.problems.add(
            Problem(f"telemetry.point_{fault}", words, False, subject=one.code, file=name,
                    line=line, column=str(LABELS.get(code, "")),
                    value=str(getattr(one, code) or "") if code else "",
                    remedy=_("Correct the row and import the file again; "
                             "the other rows do not wait for it."))
        )  # fmt: skip
