"""Import of readings: check a file, say what it holds, and hand the readings over."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from huoshui.areas.telemetry import actions, contracts, handing, queries
from huoshui.areas.telemetry.importing import layout as layouts
from huoshui.areas.telemetry.importing import reading, staging
from huoshui.areas.telemetry.importing.offers import LAYOUTS
from huoshui.areas.telemetry.importing.targets import Targets
from huoshui.kernel import audit, clock, jobs, settings
from huoshui.kernel.intake import kinds, moments, tables
from huoshui.kernel.intake.problems import Found, Problem
from huoshui.lab.units import written

SAME_REL = 1e-9
CODES_SHOWN = 20
WAIT_S = 3.0  # for a running ingest to take a block in, which is a matter of a second


@dataclass
class Asked:
    """What a person said about the file, as far as it makes sense."""

    zone: ZoneInfo
    unit: str = ""
    declare: bool = False
    counters: bool = False
    keep_stored: bool = False
    sheet: str | None = None
    mapping: Mapping[str, str] = field(default_factory=dict)
    layout: Mapping[str, str] = field(default_factory=dict)


def check(path: Path, name: str, options: Mapping[str, str]) -> kinds.Outcome:
    """Say what a file holds and what importing it would do; changes nothing."""
    return _read(path, name, options, None, write=False)


def carry_out(
    path: Path, name: str, options: Mapping[str, str], by_id: int | None
) -> kinds.Outcome:
    """Declare new points if asked to, and hand the readings over to the historian. Audited.

    A second import of the same file hands over nothing: what is stored already is left out.
    """
    return _read(path, name, options, by_id, write=True)


def _read(
    path: Path, name: str, options: Mapping[str, str], by_id: int | None, *, write: bool
) -> kinds.Outcome:
    outcome = kinds.Outcome()
    asked = _asked(options, name, outcome.problems)
    if asked is None:
        return outcome
    table = tables.open_table(path, sheet=asked.sheet, name=name)
    # One list: the table goes on finding problems while its rows are read.
    outcome.problems = table.problems
    if outcome.problems.fatal:
        return outcome
    targets = Targets(
        name, asked.mapping, asked.unit, asked.declare, asked.counters, outcome.problems
    )
    layout, records = layouts.understand(table, name, asked.layout, targets.knows)
    if layout is None:
        return outcome
    reader = reading.Reader(
        name, layout, targets, asked.zone, table.decimal, contracts.to_us(clock.now()),
        outcome.problems,
    )  # fmt: skip
    with tempfile.TemporaryDirectory(dir=_room()) as folder, staging.Stage(Path(folder)) as stage:
        reader.read(table.columns, records, stage)
        counters = [slot for slot, one in enumerate(targets.list) if one.counter]
        repeats, fell_back = stage.settle(counters)
        _say_seen(outcome, table, layout, asked, reader.seen, name)
        _say_repeats(outcome, repeats, targets, asked, name)
        if fell_back:
            outcome.facts.append((_("Counters set back, differences left out"), fell_back))
        extent = stage.extent()
        _say_points(outcome, extent, targets, asked)
        if not extent:
            outcome.problems.add(
                Problem("telemetry.no_readings", _("There are no readings to import."), True,
                        file=name, remedy=_("Look at the problems listed with it."))
            )  # fmt: skip
        if not outcome.problems.fatal:
            _settle_with_store(outcome, stage, targets, asked, extent, name, by_id, write=write)
    return outcome


def _room() -> Path:
    """Return the folder for what is put down on the way: on the disk of the home, never memory."""
    room = settings.get().home / "run" / "intake"
    room.mkdir(parents=True, exist_ok=True)
    return room


def _asked(options: Mapping[str, str], name: str, problems: Found) -> Asked | None:
    """Return the options, or nothing and a fatal problem for each that makes no sense."""

    def wrong(code: str, words: Any, value: str, remedy: Any) -> None:
        problems.add(Problem(code, words, True, file=name, value=value, remedy=remedy))

    zone_name = options.get("time_zone") or settings.get().time_zone
    zone = None
    try:
        zone = ZoneInfo(zone_name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        wrong("telemetry.time_zone_unknown", _("This time zone is not known."), zone_name,
              _("Write it as Asia/Shanghai or Europe/Rome."))  # fmt: skip
    unit = options.get("unit", "")
    if unit and written.find(unit) is None:
        wrong("telemetry.unit_unknown", _("This unit is not known."), unit,
              _("Write it as L/s, m³/h, kPa, MPa, bar or m."))  # fmt: skip
    mapping = {}
    for pair in options.get("points", "").replace("\n", ";").split(";"):
        left, mark, right = pair.rpartition("=")
        if mark and left.strip() and right.strip():
            mapping[left.strip()] = right.strip()
        elif pair.strip():
            wrong("telemetry.mapping_unreadable", _("This names no column and point."), pair,
                  _("Write column=point, several with semicolons between them."))  # fmt: skip
    if zone is None or problems.fatal:
        return None
    said = ("layout", "time_column", "point_column", "value_column", "day_order")
    return Asked(
        zone, unit, options.get("declare") == "yes", options.get("counters") == "yes",
        options.get("keep_stored") == "yes", options.get("sheet") or None, mapping,
        {code: options[code] for code in said if options.get(code)},
    )  # fmt: skip


def _say_seen(
    outcome: kinds.Outcome, table: tables.Table, layout: layouts.Layout, asked: Asked,
    seen: reading.Seen, name: str,
) -> None:  # fmt: skip
    time = ", ".join(table.columns[place] for place in layout.time)
    outcome.facts += [
        (_("Layout"), LAYOUTS[layout.form]),
        (_("Moments"), f"{time}: {moments.WRITTEN[layout.moment_form]}"),
    ]
    if layout.moment_form not in moments.UTC_FORMS:
        outcome.facts.append((_("Time zone"), asked.zone.key))
    about = [table.about.get(key, "") for key in ("encoding", "separator", "sheet")]
    outcome.facts.append((_("Form"), " ".join([table.about["form"], *about]).strip()))
    outcome.facts += [(_("Rows"), seen.rows), (_("Readings that can go in"), seen.readings)]
    if seen.empty:
        outcome.facts.append((_("Empty cells, nothing recorded"), seen.empty))
    if seen.missing_hour:
        outcome.facts.append((_("Rows in an hour that did not exist"), seen.missing_hour))
    if seen.doubled_hour:
        outcome.facts.append(
            (_("Rows in an hour that came twice, told apart by their order"), seen.doubled_hour)
        )
    for code, count in sorted(seen.codes.items(), key=lambda one: -one[1])[:CODES_SHOWN]:
        outcome.facts.append((_("Readings of the unknown code %(code)s") % {"code": code}, count))
    if (more := len(seen.codes) - CODES_SHOWN) > 0:
        outcome.facts.append((_("Unknown codes beside these"), more))
    outcome.left_out = seen.left_out


def _say_repeats(
    outcome: kinds.Outcome, repeats: staging.Repeats, targets: Targets, asked: Asked, name: str
) -> None:
    if repeats.duplicates:
        outcome.facts.append((_("Readings that stand there more than once"), repeats.duplicates))
    for one in repeats.shown:
        target = targets.list[one.slot]
        at = contracts.from_us(one.at_us).astimezone(asked.zone)
        outcome.problems.add(
            Problem(
                "telemetry.conflict_in_file",
                _("Two values for one moment: %(at)s. The later line counts.")
                % {"at": f"{at:%Y-%m-%d %H:%M:%S%z}"},
                False, subject=target.code, file=name, line=one.last_line,
                value=f"{_shown(one.first, target)} (line {one.first_line}) → "
                f"{_shown(one.last, target)}",
                remedy=_("Delete the wrong one and import the file again."),
            )
        )  # fmt: skip
    outcome.problems.count("telemetry.conflict_in_file", repeats.conflicts)


def _shown(value: float, target: Any) -> str:
    """Return a value as the file had it, in the file's unit."""
    return f"{value / target.factor:.6g} {target.unit}"


def _say_points(
    outcome: kinds.Outcome, extent: list[tuple[int, int, int, int]], targets: Targets, asked: Asked
) -> None:
    for slot, count, low, high in extent:
        target = targets.list[slot]
        own = contracts.KINDS[target.kind].unit
        unit = own if target.unit == own else f"{target.unit} → {own}"
        if target.code in targets.assumed:
            unit = _("%(unit)s, as the file states none") % {"unit": own}
        days = [
            f"{contracts.from_us(us).astimezone(asked.zone):%Y-%m-%d %H:%M}" for us in (low, high)
        ]
        state = _("new point") if target.is_new else _("known point")
        outcome.facts.append((target.code, f"{count} · {days[0]} – {days[1]} · {unit} · {state}"))


def _settle_with_store(
    outcome: kinds.Outcome, stage: staging.Stage, targets: Targets, asked: Asked,
    extent: list[tuple[int, int, int, int]], name: str, by_id: int | None, *, write: bool,
) -> None:  # fmt: skip
    """Compare with what is stored, and hand over what is new or different."""
    used = {slot for slot, *_rest in extent}
    new = [one for slot, one in enumerate(targets.list) if one.is_new and slot in used]
    if write and new:
        actions.declare_points(
            [contracts.PointDeclaration(one.code, one.name, one.name, one.kind) for one in new],
            by_id,
        )
    ids = queries.point_ids()
    point_id = np.array([ids.get(one.code, -1) for one in targets.list], np.int32)
    total, done, handed = sum(count for _slot, count, *_rest in extent), 0, 0
    conflicts = 0
    is_stored = True
    for block in stage.blocks():
        same, differs = _compare(block, targets, outcome, asked, name)
        conflicts += int(differs.sum())
        give = ~same & ~differs if asked.keep_stored else ~same
        outcome.unchanged += int(same.sum())
        outcome.changed += int((differs & give).sum())
        outcome.created += int((give & ~differs).sum())
        if write and give.any():
            is_stored = handing.hand_in(
                [contracts.Batch(f"file:{name}"[:100], point_id[block.slot[give]],
                                 block.at_us[give], block.value[give], block.quality[give])],
                wait_s=WAIT_S if is_stored else 0.0,
            ).stored  # fmt: skip
            handed += int(give.sum())
        done += len(block.slot)
        jobs.progress(done, total)
    outcome.problems.count("telemetry.conflict_with_store", conflicts)
    if write and (handed or new):
        with transaction.atomic():
            audit.record(
                by_id, "telemetry.readings_imported", "telemetry:readings",
                {"file": name, "readings": handed, "points": [targets.list[s].code for s in used],
                 "replaced": outcome.changed},
            )  # fmt: skip


def _compare(
    block: staging.Block, targets: Targets, outcome: kinds.Outcome, asked: Asked, name: str
) -> tuple[np.ndarray, np.ndarray]:
    """Return which readings are stored just so, and which with another value."""
    same, differs = np.zeros(len(block.slot), bool), np.zeros(len(block.slot), bool)
    slots = np.unique(block.slot)
    known = {targets.list[slot].code: slot for slot in slots if not targets.list[slot].is_new}
    if not known:
        return same, differs
    stored = queries.readings(
        list(known), contracts.from_us(int(block.at_us.min())),
        contracts.from_us(int(block.at_us.max()) + 1),
    )  # fmt: skip
    for code, slot in known.items():
        series = stored.get(code)
        if series is None or not len(series):
            continue
        mine = np.flatnonzero(block.slot == slot)
        place = np.searchsorted(series.at_us, block.at_us[mine])
        place[place == len(series.at_us)] = 0
        there = (series.at_us[place] == block.at_us[mine]) & ~np.isnan(series.value[place])
        equal = np.isclose(series.value[place], block.value[mine], rtol=SAME_REL, atol=1e-12)
        same[mine] = there & equal
        differs[mine] = there & ~equal
        for row, old in zip(mine[there & ~equal][:20], place[there & ~equal][:20], strict=True):
            _say_stored(outcome, targets.list[slot], block, int(row),
                        float(series.value[old]), asked, name)  # fmt: skip
    return same, differs


def _say_stored(
    outcome: kinds.Outcome, target: Any, block: staging.Block, row: int, old: float, asked: Asked,
    name: str,
) -> None:  # fmt: skip
    at = contracts.from_us(int(block.at_us[row])).astimezone(asked.zone)
    words = (
        _("Another value is stored for %(at)s. The stored one stays.")
        if asked.keep_stored
        else _("Another value is stored for %(at)s. The file's replaces it.")
    )
    outcome.problems.add(
        Problem("telemetry.conflict_with_store", words % {"at": f"{at:%Y-%m-%d %H:%M:%S%z}"}, False,
                subject=target.code, file=name,
                value=f"{_shown(old, target)} → {_shown(float(block.value[row]), target)}",
                remedy=_("Choose whether the stored values shall stay."))
    )  # fmt: skip
