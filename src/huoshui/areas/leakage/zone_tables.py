"""Import of watched zones: which flows go in and out, since when, and what a lost m³ costs.

A zone that the register does not have is made, without assets: its night flow needs only meters.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import IO, Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from huoshui.areas.leakage import actions, contracts, judging, models
from huoshui.areas.leakage.actions.zones import KIND_OF_ROLE
from huoshui.areas.network import contracts as network_contracts
from huoshui.areas.network import facade as network
from huoshui.areas.telemetry import facade as telemetry
from huoshui.kernel import clock, jobs
from huoshui.kernel.intake import fields, kinds, tables
from huoshui.kernel.intake.fields import Column
from huoshui.kernel.intake.problems import Problem

SEVERAL = _("Several point codes with semicolons between them.")
COLUMNS = (
    Column("code", _("Zone code"), required=True, length=64,
           accepted=("编号", "分区编号", "zone", "dma")),
    Column("name", _("Chinese name"), accepted=("名称", "分区名称"), length=200),
    Column("name_en", _("English name"), accepted=("英文名", "英文名称"), length=200),
    Column("inlets", _("Inlets"), required=True, accepted=("进口", "进口流量", "inlet"),
           help=SEVERAL, length=4_000),
    Column("outlets", _("Outlets"), accepted=("出口", "出口流量", "outlet"), help=SEVERAL,
           length=4_000),
    Column("meters", _("Metered use"), accepted=("用户表", "大用户"), help=SEVERAL, length=10_000),
    Column("level_point", _("Level of the tank"), accepted=("水池液位",), length=64),
    Column("tank_area_m2", _("Surface of the tank"), fields.NUMBER, unit="m²",
           accepted=("水池面积",)),
    Column("price_yuan_per_m3", _("Cost of a lost m³"), fields.NUMBER, unit="¥/m³",
           accepted=("水价", "单方成本")),
    Column("watched_since", _("Watched since"), fields.DAY, accepted=("起始日期", "开始日期"),
           help=_("The first night that may be judged; the nights since then are judged at once.")),
)  # fmt: skip
EXAMPLES = (
    {"code": "EXAMPLE-DMA1", "name": "一区", "name_en": "Zone 1", "inlets": "dma_1.flow",
     "watched_since": date(2026, 1, 1), "price_yuan_per_m3": 3.0},
    {"code": "EXAMPLE-DMA2", "name": "二区", "name_en": "Zone 2",
     "inlets": "dma_2a.flow; dma_2b.flow", "outlets": "dma_2_out.flow"},
)  # fmt: skip
ROLES = {"inlets": "inlet", "outlets": "outlet", "meters": "meter", "level_point": "storage"}
PRICE_CENTS = 300
LABELS = {column.code: column.label for column in COLUMNS}


@dataclass
class Plan:
    """What is to be set up; nothing is written yet."""

    outcome: kinds.Outcome
    zones: list[dict[str, Any]] = field(default_factory=list)


def template(target: IO[bytes]) -> None:
    """Write the Excel file to fill in."""
    fields.write_template(target, str(_("Watched zones")), COLUMNS, EXAMPLES)


def check(path: Path, name: str, options: Mapping[str, str]) -> kinds.Outcome:
    """Say which zones would be watched and how; changes nothing."""
    return _plan(path, name, options).outcome


def carry_out(
    path: Path, name: str, options: Mapping[str, str], by_id: int | None
) -> kinds.Outcome:
    """Set the sound zones up, and judge the nights whose readings are here. Audited."""
    plan = _plan(path, name, options)
    if plan.outcome.problems.fatal or not plan.zones:
        return plan.outcome
    known = {zone.code for zone in network.zones()}
    with transaction.atomic():
        fresh = [one for one in plan.zones if one["code"] not in known]
        if fresh:
            network.assign_zones(
                [
                    network_contracts.ZoneDeclaration(
                        code=one["code"], name=one["name"] or one["code"],
                        name_en=one["name_en"] or "",
                    )
                    for one in fresh
                ],
                by_id=by_id,
            )  # fmt: skip
        for one in plan.zones:
            _set_up(one, by_id)
    nights = 0
    until = clock.local(clock.now()).date()
    for done, one in enumerate(plan.zones):
        if one["watched_since"] is not None:
            nights += judging.judge(
                from_date=one["watched_since"], until_date=until, zone_code=one["code"]
            )
        jobs.progress(done, len(plan.zones))
    plan.outcome.facts.append((_("Nights judged"), nights))
    return plan.outcome


def _set_up(one: Mapping[str, Any], by_id: int | None) -> None:
    level, area = one["level_point"], one["tank_area_m2"]
    actions.set_up_zone(
        one["code"], inlets=one["inlets"], outlets=one["outlets"], meters=one["meters"],
        storage=contracts.Storage(level[0], area) if level and area else None,
        price_cents_per_m3=one["price_cents"], watched_since=one["watched_since"], by_id=by_id,
    )  # fmt: skip


def _plan(path: Path, name: str, options: Mapping[str, str]) -> Plan:
    table = tables.open_table(path, sheet=options.get("sheet") or None, name=name)
    plan = Plan(kinds.Outcome(problems=table.problems))
    matched = fields.match(table, COLUMNS, name)
    if table.problems.fatal:
        return plan
    points = {point.code: point.kind for point in telemetry.points()}
    setups = {row.zone_code: row for row in models.ZoneSetup.objects.prefetch_related("points")}
    rows, seen = 0, set()
    for entry in matched.rows():
        rows += 1
        code = entry.values.get("code")
        one = _zone(plan, entry, points, name) if entry.is_good and code not in seen else None
        if entry.is_good and code in seen:
            _say(
                plan, entry, "leakage.zone_twice", _("This zone stands in the file twice."), "code",
                code or "", _("The first row counts; delete the wrong one."), name,
            )  # fmt: skip
        seen.add(code)
        if one is None:
            plan.outcome.left_out += 1
            continue
        plan.zones.append(one)
        _compare(plan, one, setups.get(one["code"]))
    plan.outcome.facts.append((_("Rows"), rows))
    return plan


def _zone(
    plan: Plan, entry: fields.Entry, points: Mapping[str, str], name: str
) -> dict[str, Any] | None:
    """Return what a row says, or nothing where its points cannot serve."""
    said: dict[str, Any] = {column.code: entry.values.get(column.code) for column in COLUMNS}
    is_sound = True
    for code, role in ROLES.items():
        text = (said[code] or "").replace("；", ";").replace("\n", ";")
        said[code] = [part.strip() for part in text.split(";") if part.strip()]
        for point in said[code]:
            if points.get(point) == KIND_OF_ROLE[role]:
                continue
            is_sound = False
            words = (
                _("This point measures something else than is needed here.")
                if point in points
                else _("There is no such point.")
            )
            _say(plan, entry, "leakage.point_unfit", words, code, point,
                 _("Correct the code, or import the point first."), name)  # fmt: skip
    if is_sound and not said["inlets"]:
        is_sound = False
        _say(plan, entry, "leakage.inlet_missing", _("A zone needs at least one inlet."), "inlets",
             "", _("Name the points that measure its inflow."), name)  # fmt: skip
    price = said["price_yuan_per_m3"]
    for code in ("price_yuan_per_m3", "tank_area_m2"):
        if said[code] is not None and not 0 < said[code] < 1e6:
            is_sound = False
            _say(plan, entry, "leakage.value_impossible", _("This value is not possible."), code,
                 str(said[code]), _("Write a number above zero."), name)  # fmt: skip
    if not is_sound:
        return None
    said["price_cents"] = PRICE_CENTS if price is None else round(price * 100)
    return said


def _compare(plan: Plan, one: Mapping[str, Any], row: models.ZoneSetup | None) -> None:
    outcome = plan.outcome
    if row is None:
        outcome.created += 1
        return
    before = outcome.differences_total
    kept: dict[str, list[str]] = {role: [] for role in ROLES.values()}
    for point in row.points.all():
        kept[point.role].append(point.point_code)
    for code, role in ROLES.items():
        if kept[role] != one[code]:
            outcome.differ(one["code"], LABELS[code], "; ".join(kept[role]), "; ".join(one[code]))
    if row.price_cents_per_m3 != one["price_cents"]:
        outcome.differ(one["code"], LABELS["price_yuan_per_m3"], row.price_cents_per_m3 / 100,
                       one["price_cents"] / 100)  # fmt: skip
    if one["watched_since"] not in (None, row.watched_since):
        outcome.differ(
            one["code"], LABELS["watched_since"], row.watched_since, one["watched_since"]
        )
    if outcome.differences_total > before:
        outcome.changed += 1
    else:
        outcome.unchanged += 1


def _say(
    plan: Plan, entry: fields.Entry, code: str, words: Any, column: str, value: str, remedy: Any,
    name: str,
) -> None:  # fmt: skip
    plan.outcome.problems.add(
        Problem(code, words, False, subject=entry.values.get("code") or "", file=name,
                line=entry.line, column=str(LABELS[column]), value=value, remedy=remedy)
    )  # fmt: skip
