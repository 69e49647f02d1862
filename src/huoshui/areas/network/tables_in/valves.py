"""Import of facts about valves: how each stands, whether it can be turned, and its data.

State, operability and who turned it last are separate facts, each with its own moment. A fact that
is known just so is not reported again, so the same file may come as often as it likes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huoshui.areas.network import attributes, choices
from huoshui.areas.network.actions import attributes as attribute_actions
from huoshui.areas.network.actions import valves as valve_actions
from huoshui.areas.network.attributes import Type
from huoshui.areas.network.contracts import Kind, Operability
from huoshui.areas.network.models import Asset, ValveCondition, ValveTurn
from huoshui.kernel import audit, clock, jobs
from huoshui.kernel.intake import fields, kinds, tables
from huoshui.kernel.intake.fields import Column
from huoshui.kernel.intake.problems import Problem

STATES = {
    "open": pgettext_lazy("network", "Open"),
    "closed": pgettext_lazy("network", "Closed"),
    "part": _("Partly open"),
}
FRACS = {"open": 1.0, "closed": 0.0}
TYPES = {
    Type.TEXT: fields.TEXT, Type.NUMBER: fields.NUMBER, Type.INTEGER: fields.WHOLE,
    Type.DATE: fields.DAY, Type.CHOICE: fields.CHOICE, Type.FLAG: fields.FLAG,
}  # fmt: skip
FACTS = (
    Column("code", _("Valve code"), required=True, length=64,
           accepted=("编号", "阀门编号", "设施编号", "valve", "id"),
           help=_("The valve's code in the register.")),
    Column("state", _("State"), fields.CHOICE, choices=STATES,
           accepted=("状态", "启闭状态", "当前状态"),
           help=_("How it stands. Partly open needs the opening beside it.")),
    Column("opening_percent", _("Opening"), fields.NUMBER, unit="%",
           accepted=("开度", "开启度", "opening"), help=_("0 is closed, 100 is fully open.")),
    Column("turned_at", _("Turned at"), fields.MOMENT,
           accepted=("操作时间", "启闭时间", "最近操作时间"),
           help=_("When it was turned last; by the city's clock where no zone is written.")),
    Column("turned_by", _("Turned by"), accepted=("操作人", "操作人员"), length=120),
    Column("operability", _("Operability"), fields.CHOICE, choices=choices.OPERABILITIES,
           accepted=("可操作性", "完好情况", "启闭情况"),
           help=_("Whether it can be turned at all; says nothing of how it stands.")),
    Column("seen_at", _("Tried at"), fields.MOMENT, accepted=("检查时间", "巡检时间"),
           help=_("When somebody tried it or looked for it.")),
    Column("seen_by", _("Tried by"), accepted=("检查人", "巡检人"), length=120),
)  # fmt: skip


def columns() -> tuple[Column, ...]:
    """Return the facts, then every attribute that a valve may have, from the one table."""
    taken = {column.code for column in FACTS}
    names = {fields.key(name) for column in FACTS for name in (column.code, *column.accepted)}
    said = []
    for one in attributes.of_kind(Kind.VALVE):
        if one.given_by_shape or one.code in taken:
            continue
        # Where a fact and an attribute go by one name in offices, the fact is meant.
        accepted = tuple(name for name in one.accepted if fields.key(name) not in names)
        said.append(
            Column(one.code, one.label, TYPES[one.type], one.help, one.unit, accepted=accepted,
                   choices=one.choices, length=attributes.TEXT_LENGTH_MAX)
        )  # fmt: skip
    return (*FACTS, *said)


EXAMPLES = (
    {"code": "EXAMPLE-V1", "state": "closed", "turned_at": "2026-02-11 09:30", "turned_by": "王工",
     "operability": "operable", "seen_at": "2026-02-11 09:30", "seen_by": "王工",
     "valve_kind": "gate", "turns": 42, "closes": "clockwise"},
    {"code": "EXAMPLE-V2", "state": "part", "opening_percent": 30, "operability": "stiff"},
)  # fmt: skip


@dataclass
class Plan:
    """What is to be reported of which valve; nothing is written yet."""

    outcome: kinds.Outcome
    turns: list[tuple[str, float, datetime | None, str]] = field(default_factory=list)
    conditions: list[tuple[str, Operability, datetime | None, str]] = field(default_factory=list)
    attributes: dict[str, dict[str, Any]] = field(default_factory=dict)


def template(target: IO[bytes]) -> None:
    """Write the Excel file to fill in."""
    fields.write_template(target, str(_("Valves")), columns(), EXAMPLES)


def check(path: Path, name: str, options: Mapping[str, str]) -> kinds.Outcome:
    """Say what would be reported of which valves; changes nothing."""
    return _plan(path, name, options).outcome


def carry_out(
    path: Path, name: str, options: Mapping[str, str], by_id: int | None
) -> kinds.Outcome:
    """Report turns and conditions and set attributes of the sound rows. Audited."""
    with transaction.atomic():
        plan = _plan(path, name, options)
        if plan.outcome.problems.fatal:
            return plan.outcome
        total = len(plan.turns) + len(plan.conditions)
        for done, (code, frac, at, by) in enumerate(plan.turns):
            valve_actions.report_turn(
                code, opening_frac=frac, by_id=by_id, turned_at=at, turned_by=by, note=name
            )
            jobs.progress(done, total)
        for code, operability, at, by in plan.conditions:
            valve_actions.report_condition(
                code, operability=operability, by_id=by_id, seen_at=at, seen_by=by, note=name
            )
        if plan.attributes:
            attribute_actions.change_attributes(plan.attributes, by_id=by_id, why=name)
        if total or plan.attributes:
            audit.record(
                by_id, "network.valves_imported", "network.assets",
                {"file": name, "turns": len(plan.turns), "conditions": len(plan.conditions),
                 "attributes": len(plan.attributes)},
            )  # fmt: skip
    return plan.outcome


def _plan(path: Path, name: str, options: Mapping[str, str]) -> Plan:
    table = tables.open_table(path, sheet=options.get("sheet") or None, name=name)
    plan = Plan(kinds.Outcome(problems=table.problems))
    matched = fields.match(table, columns(), name)
    if table.problems.fatal:
        return plan
    valves = {row.code: row for row in Asset.objects.present().filter(kind=Kind.VALVE)}
    turns = {row.valve_id: row for row in ValveTurn.objects.all().standing_at(clock.now())}
    conditions: dict[int, ValveCondition] = {}
    for row in ValveCondition.objects.order_by("seen_at", "id"):
        conditions[row.valve_id] = row
    rows, seen = 0, set()
    for entry in matched.rows():
        rows += 1
        code = entry.values.get("code")
        valve = valves.get(code or "")
        if entry.is_good and valve is not None and code not in seen:
            seen.add(code)
            _report(plan, entry, valve, turns.get(valve.id), conditions.get(valve.id), name)
            continue
        plan.outcome.left_out += 1
        if entry.is_good:
            twice = code in seen
            plan.outcome.problems.add(
                Problem(
                    "network.valve_twice" if twice else "network.valve_unknown",
                    _("This valve stands in the file twice.") if twice
                    else _("The register has no such valve."),
                    False, subject=str(code), file=name, line=entry.line,
                    remedy=_("The first row counts; delete the wrong one.") if twice
                    else _("Correct the code, or import the network that has it first."),
                )
            )  # fmt: skip
    plan.outcome.facts += [
        (_("Rows"), rows), (_("Turns to report"), len(plan.turns)),
        (_("Conditions to report"), len(plan.conditions)),
    ]  # fmt: skip
    return plan


def _report(
    plan: Plan, entry: fields.Entry, valve: Asset, turn: ValveTurn | None,
    condition: ValveCondition | None, name: str,
) -> None:  # fmt: skip
    """Take down what a row says that is not known yet."""
    before = plan.outcome.differences_total
    said = entry.values
    now = clock.now()
    for which in ("turned_at", "seen_at"):
        if said.get(which) is not None and said[which] > now:
            _say(plan, entry, "network.moment_to_come", _("This moment is still to come."), which,
                 str(said[which]), _("Correct it; this fact is left out."), name)  # fmt: skip
            said[which] = None
            said["state" if which == "turned_at" else "operability"] = None
            if which == "turned_at":
                said["opening_percent"] = None
    frac = _opening(plan, entry, name)
    at = said.get("turned_at")
    if frac is not None and not (
        turn is not None and turn.opening_frac == frac and at in (None, turn.turned_at)
    ):
        plan.turns.append((valve.code, frac, at, said.get("turned_by") or ""))
        plan.outcome.differ(
            valve.code, _("State"), _percent(turn.opening_frac if turn else None), _percent(frac)
        )
    found, at = said.get("operability"), said.get("seen_at")
    if found is not None and not (
        condition is not None and condition.operability == found and at in (None, condition.seen_at)
    ):
        plan.conditions.append((valve.code, Operability(found), at, said.get("seen_by") or ""))
        known = choices.OPERABILITIES.get(condition.operability) if condition else None
        plan.outcome.differ(valve.code, _("Operability"), known, choices.OPERABILITIES[found])
    _attributes(plan, entry, valve, name)
    if plan.outcome.differences_total > before:
        plan.outcome.changed += 1
    else:
        plan.outcome.unchanged += 1


def _percent(frac: float | None) -> str:
    return "" if frac is None else f"{frac:.0%}"


def _opening(plan: Plan, entry: fields.Entry, name: str) -> float | None:
    """Return how far the valve stands open by what the row says, or nothing."""
    state, percent = entry.values.get("state"), entry.values.get("opening_percent")
    if percent is not None and not 0 <= percent <= 100:
        _say(plan, entry, "network.opening_impossible",
             _("A valve is open between 0 and 100 per cent."), "opening_percent", str(percent),
             _("Correct it; this fact is left out."), name)  # fmt: skip
        return None
    frac = FRACS.get(state or "")
    if frac is not None and percent is not None and percent != frac * 100:
        _say(plan, entry, "network.opening_contradicts", _("State and opening contradict."),
             "opening_percent", f"{STATES[str(state)]}, {percent:g} %",
             _("Correct one of them; this fact is left out."), name)  # fmt: skip
        return None
    if state == "part" and percent is None:
        _say(plan, entry, "network.opening_missing", _("How far it is open is not said."),
             "opening_percent", "", _("Add the opening; this fact is left out."), name)  # fmt: skip
        return None
    return frac if percent is None else round(percent / 100, 4)


def _attributes(plan: Plan, entry: fields.Entry, valve: Asset, name: str) -> None:
    facts = {column.code for column in FACTS}
    wanted: dict[str, Any] = {}
    for code, value in entry.values.items():
        if value is None or code in facts:
            continue
        attribute = attributes.BY_CODE[code]
        words = attribute_actions.impossible(valve, {code: value})
        if words:
            _say(plan, entry, "network.value_impossible", _("This valve cannot have this value."),
                 code, str(value), words[0], name)  # fmt: skip
            continue
        known = attributes.value(valve, attribute)
        if known != value:
            wanted[code] = value
            plan.outcome.differ(valve.code, attribute.label, _shown(attribute, known),
                                _shown(attribute, value))  # fmt: skip
    if wanted:
        plan.attributes[valve.code] = wanted


def _shown(attribute: attributes.Attribute, value: Any) -> Any:
    if value is not None and attribute.choices:
        return attribute.choices.get(value, value)
    return value


def _say(
    plan: Plan, entry: fields.Entry, code: str, words: Any, column: str, value: str, remedy: Any,
    name: str,
) -> None:  # fmt: skip
    label = next((one.label for one in columns() if one.code == column), column)
    plan.outcome.problems.add(
        Problem(code, words, False, subject=entry.values["code"], file=name, line=entry.line,
                column=str(label), value=value, remedy=remedy)
    )  # fmt: skip
