"""Import of customers: each becomes a connection on the nearest pipe, or on the one named."""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import numpy as np
from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from huoshui.areas.network import choices, geo, rules
from huoshui.areas.network.actions.common import new_revision
from huoshui.areas.network.importing.apply import roomy
from huoshui.areas.network.models import Connection, Zone
from huoshui.areas.network.tables_in import tapping
from huoshui.kernel import audit, jobs
from huoshui.kernel.intake import fields, kinds, tables, values
from huoshui.kernel.intake.fields import Column
from huoshui.kernel.intake.problems import Problem

ROWS_AT_ONCE = 1_000
COLUMNS = (
    Column("code", _("Connection code"), required=True, length=64,
           accepted=("编号", "接户编号", "户号", "水表编号", "表号", "connection", "id"),
           help=_("Stable for ever; a second import with the same code changes this connection.")),
    Column("customer_code", _("Customer code"), length=64,
           accepted=("用户编号", "客户编号", "用户号", "customer", "account")),
    Column("address", _("Address"), accepted=("地址", "用水地址", "安装地址"), length=300),
    Column("lon", _("Longitude"), fields.NUMBER, unit="°", accepted=("经度", "lng", "longitude"),
           help=_("WGS 84 or CGCS2000, in degrees.")),
    Column("lat", _("Latitude"), fields.NUMBER, unit="°", accepted=("纬度", "latitude"),
           help=_("WGS 84 or CGCS2000, in degrees.")),
    Column("x", _("Easting"), fields.NUMBER, unit="m", accepted=("横坐标", "东坐标", "y坐标"),
           help=_("In the system that the import is told; instead of longitude and latitude.")),
    Column("y", _("Northing"), fields.NUMBER, unit="m", accepted=("纵坐标", "北坐标", "x坐标")),
    Column("pipe", _("Pipe"), accepted=("管道编号", "接水管道", "管段编号"), length=64,
           help=_("Only where somebody knows better than the nearest one; it is then kept.")),
    Column("zone", _("Zone"), accepted=("分区", "分区编号", "dma"), length=64,
           help=_("Left empty it stays as it is known; of a new connection it is the pipe's.")),
    Column("diameter_mm", _("Diameter"), fields.NUMBER, unit="mm", accepted=("口径", "管径", "dn")),
    Column("annual_use_m3", _("Use in a year"), fields.NUMBER, unit="m³",
           accepted=("年用水量", "年水量", "annual use")),
    Column("status", _("Status"), fields.CHOICE, choices=choices.CONNECTION_STATUSES,
           accepted=("状态", "用水状态")),
)  # fmt: skip
EXAMPLES = (
    {"code": "EXAMPLE-10001", "customer_code": "C10001", "address": "人民路 12 号",
     "lon": 113.32413, "lat": 23.10642, "diameter_mm": 20, "annual_use_m3": 180,
     "status": "in_use"},
    {"code": "EXAMPLE-10002", "customer_code": "C10002", "address": "人民路 14 号",
     "lon": 113.32452, "lat": 23.10651, "diameter_mm": 100, "annual_use_m3": 26000,
     "status": "in_use"},
)  # fmt: skip
SAID = ("customer_code", "address", "diameter_mm", "annual_use_m3", "status")
WRITTEN = (
    "sort_code", "customer_code", "address", "lon", "lat", "pipe", "tap_lon", "tap_lat",
    "along_m", "away_m", "zone", "is_manual", "diameter_mm", "annual_use_m3", "status",
)  # fmt: skip
LABELS = {column.code: column.label for column in COLUMNS} | {"away_m": _("Distance to the pipe")}


@dataclass
class Plan:
    """Connections as they shall be, with the line of each; not written yet."""

    outcome: kinds.Outcome
    new: list[Connection] = field(default_factory=list)
    changed: list[Connection] = field(default_factory=list)
    pipe_codes: dict[int, str] = field(default_factory=dict)
    zone_codes: dict[int, str] = field(default_factory=dict)
    zones_kept: int = 0
    """Connections whose known zone is not the pipe's, and of which the file says nothing."""


def template(target: IO[bytes]) -> None:
    """Write the Excel file to fill in."""
    fields.write_template(target, str(_("Customers")), COLUMNS, EXAMPLES)


def check(path: Path, name: str, options: Mapping[str, str]) -> kinds.Outcome:
    """Say which connections would be made and changed, and on which pipes; changes nothing."""
    return _plan(path, name, options).outcome


def carry_out(
    path: Path, name: str, options: Mapping[str, str], by_id: int | None
) -> kinds.Outcome:
    """Make and change connections; rows with problems that matter are left out. Audited."""
    with transaction.atomic():
        plan = _plan(path, name, options)
        if plan.outcome.problems.fatal or not (plan.new or plan.changed):
            return plan.outcome
        total = len(plan.new) + len(plan.changed)
        with roomy():
            for start in range(0, len(plan.new), ROWS_AT_ONCE):
                _insert(plan.new[start : start + ROWS_AT_ONCE])
                jobs.progress(start, total)
            for start in range(0, len(plan.changed), ROWS_AT_ONCE):
                Connection.objects.bulk_create(
                    plan.changed[start : start + ROWS_AT_ONCE], update_conflicts=True,
                    unique_fields=["code"], update_fields=list(WRITTEN),
                )  # fmt: skip
                jobs.progress(len(plan.new) + start, total)
        new_revision()
        audit.record(
            by_id, "network.customers_imported", "network.connections",
            {"file": name, "created": len(plan.new), "changed": len(plan.changed)},
        )  # fmt: skip
    return plan.outcome


def _insert(rows: Sequence[Connection]) -> None:
    """Insert new connections as plain tuples: Django's way takes ten times as long."""
    quote = connection.ops.quote_name
    fields_ = [one for one in Connection._meta.concrete_fields if not one.primary_key]
    statement = (
        f"INSERT INTO {quote(Connection._meta.db_table)} "
        f"({', '.join(quote(str(one.column)) for one in fields_)}) "
        f"VALUES ({', '.join(['%s'] * len(fields_))})"
    )
    for row in rows:
        row.sort_code = rules.natural_key(row.code)
    values_of = operator.attrgetter(*(one.attname for one in fields_))
    with connection.cursor() as cursor:
        cursor.executemany(statement, [values_of(row) for row in rows])


def _plan(path: Path, name: str, options: Mapping[str, str]) -> Plan:
    table = tables.open_table(path, sheet=options.get("sheet") or None, name=name)
    plan = Plan(kinds.Outcome(problems=table.problems))
    farthest = _number(plan, options, "farthest_m", tapping.FARTHEST_M, name)
    largest = _number(plan, options, "largest_mm", None, name)
    matched = fields.match(table, COLUMNS, name)
    reader = _reader(plan, matched, options.get("crs", ""), name)
    if table.problems.fatal:
        return plan
    entries = _entries(plan, matched, name)
    places = _places(plan, entries, reader, name)
    pipes = tapping.Pipes(largest_mm=largest)
    if not len(pipes):
        table.problems.add(
            Problem("network.no_pipes", _("The register has no pipes to connect to."), True,
                    file=name, remedy=_("Import the network first."))
        )  # fmt: skip
        return plan
    _connect(plan, entries, places, pipes, farthest or tapping.FARTHEST_M, name)
    plan.outcome.facts[:0] = [(_("Rows"), len(entries) + plan.outcome.left_out)]
    return plan


def _number(
    plan: Plan, options: Mapping[str, str], code: str, otherwise: float | None, name: str
) -> float | None:
    said = options.get(code, "")
    if not said:
        return otherwise
    try:
        found = values.number(said)
    except ValueError:
        found = -1.0
    if found <= 0:
        plan.outcome.problems.add(
            Problem("network.option_unreadable", _("This is not a number above zero."), True,
                    file=name, value=said, remedy=_("Write a number, or leave it empty."))
        )  # fmt: skip
    return found


def _reader(plan: Plan, matched: fields.Matched, crs: str, name: str) -> Any:
    """Return what makes places of easting and northing; nothing where they are in degrees."""
    has = matched.places
    if "lon" in has and "lat" in has:
        return None
    reader = geo.reader_of(crs) if crs and "x" in has and "y" in has else None
    if reader is None:
        plan.outcome.problems.add(
            Problem("network.places_missing",
                    _("Where the customers are cannot be read from this file."), True, file=name,
                    remedy=_("Give longitude and latitude, or easting and northing with their "
                             "system, such as EPSG:4547."))
        )  # fmt: skip
    return reader


def _entries(plan: Plan, matched: fields.Matched, name: str) -> list[fields.Entry]:
    """Return the rows that can be used, each code once."""
    found: dict[str, fields.Entry] = {}
    for entry in matched.rows():
        code = entry.values.get("code")
        if not entry.is_good or code is None:
            plan.outcome.left_out += 1
        elif code in found:
            plan.outcome.left_out += 1
            plan.outcome.problems.add(
                Problem("network.connection_twice", _("This connection stands in the file twice."),
                        False, subject=code, file=name, line=entry.line,
                        remedy=_("The first row counts; delete the wrong one."))
            )  # fmt: skip
        else:
            found[code] = entry
    return list(found.values())


def _places(plan: Plan, entries: list[fields.Entry], reader: Any, name: str) -> tapping.Array:
    """Return longitude and latitude of each row, NaN where it states none that can be."""
    names = ("lon", "lat") if reader is None else ("x", "y")
    given = np.array(
        [[_or_nan(entry.values.get(one)) for one in names] for entry in entries], float
    ).reshape(-1, 2)
    if reader is not None and len(given):
        given = np.column_stack(reader.transform(given[:, 0], given[:, 1]))
    with np.errstate(invalid="ignore"):
        wrong = np.isinf(given).any(axis=1) | (np.abs(given) > np.array([180, 85])).any(axis=1)
    given[wrong] = np.nan
    for place in np.flatnonzero(wrong):
        plan.outcome.problems.add(
            Problem("network.place_impossible", _("This place is not on the map."), False,
                    subject=entries[place].values["code"], file=name, line=entries[place].line,
                    remedy=_("Look whether longitude and latitude are the right way round."))
        )  # fmt: skip
    return np.round(given, 7)


def _or_nan(value: float | None) -> float:
    return np.nan if value is None else value


def _connect(
    plan: Plan, entries: list[fields.Entry], places: tapping.Array, pipes: tapping.Pipes,
    farthest_m: float, name: str,
) -> None:  # fmt: skip
    """Work out each row's connection and whether it is new, changed or as it was."""
    known = {row.code: row for row in Connection.objects.all().iterator(chunk_size=5_000)}
    zones = dict(Zone.objects.values_list("code", "id"))
    plan.zone_codes = {pk: code for code, pk in zones.items()}
    plan.pipe_codes = dict(zip(pipes.id, pipes.code, strict=True))
    for place, entry in enumerate(entries):
        row = known.get(entry.values["code"])
        if row is not None and row.lon is not None and not np.isfinite(places[place]).all():
            places[place] = (row.lon, row.lat)
    chosen = np.full(len(entries), -1, np.int64)
    for place, entry in enumerate(entries):
        chosen[place] = _chosen(plan, entry, known, pipes, name)
    nearest = pipes.nearest(places, farthest_m=farthest_m)
    taps = pipes.taps(places, np.where(chosen >= 0, chosen, nearest.pipe))
    near = far = 0
    for place, entry in enumerate(entries):
        row = known.get(entry.values["code"])
        keeps = row is not None and row.is_manual and not entry.values.get("pipe")
        wanted = _wanted(entry, row, zones, plan, name)
        if not keeps:
            _tap(wanted, place, places, taps, pipes, stated=bool(chosen[place] >= 0))
            _zone_of_pipe(plan, wanted, row, pipes, int(taps.pipe[place]))
        else:
            wanted |= {"lon": row.lon, "lat": row.lat} if row is not None else {}
        if wanted.get("pipe_id") is None and not keeps:
            far += 1
            _say_far(plan, entry, places[place], farthest_m, name)
        else:
            near += 1
        _compare(plan, entry, row, wanted)
    plan.outcome.facts += [
        (_("Connected to a pipe"), near), (_("Without a pipe near enough"), far),
    ]  # fmt: skip
    if plan.zones_kept:
        plan.outcome.facts.append((_("Zones kept that are not the pipe's"), plan.zones_kept))
    away = taps.away_m[np.isfinite(taps.away_m)]
    if len(away):
        middle, most = np.percentile(away, [50, 100])
        plan.outcome.facts.append(
            (_("Distance to the pipe, middle and largest"), f"{middle:.1f} m, {most:.1f} m")
        )


def _chosen(
    plan: Plan, entry: fields.Entry, known: Mapping[str, Connection], pipes: tapping.Pipes,
    name: str,
) -> int:  # fmt: skip
    """Return the pipe that the file names, or -1."""
    code = entry.values.get("pipe")
    if not code:
        return -1
    if code in pipes.place:
        return pipes.place[code]
    plan.outcome.problems.add(
        Problem("network.pipe_unknown", _("The register has no such pipe in use."), False,
                subject=entry.values["code"], file=name, line=entry.line, value=code,
                column=str(LABELS["pipe"]),
                remedy=_("Correct the code; until then the nearest pipe is taken."))
    )  # fmt: skip
    return -1


def _wanted(
    entry: fields.Entry, row: Connection | None, zones: Mapping[str, int], plan: Plan, name: str
) -> dict[str, Any]:
    """Return what a row says about its connection, apart from the pipe."""
    wanted = {code: entry.values[code] for code in SAID if entry.values.get(code) is not None}
    for code in ("diameter_mm", "annual_use_m3"):
        if wanted.get(code, 0) < 0:
            plan.outcome.problems.add(
                Problem("network.value_negative", _("This value cannot be negative."), False,
                        subject=entry.values["code"], file=name, line=entry.line,
                        column=str(LABELS[code]), value=wanted.pop(code),
                        remedy=_("Correct it; until then it is not known."))
            )  # fmt: skip
    zone = entry.values.get("zone")
    if zone and zone in zones:
        wanted["zone_id"] = zones[zone]
    elif zone:
        plan.outcome.problems.add(
            Problem("network.zone_unknown", _("The register has no such zone."), False,
                    subject=entry.values["code"], file=name, line=entry.line, value=zone,
                    column=str(LABELS["zone"]),
                    remedy=_("Correct the code; until then it is the zone of the pipe."))
        )  # fmt: skip
    return wanted


def _tap(
    wanted: dict[str, Any], place: int, places: tapping.Array, taps: tapping.Taps,
    pipes: tapping.Pipes, *, stated: bool,
) -> None:  # fmt: skip
    has_place = bool(np.isfinite(places[place]).all())
    wanted["lon"], wanted["lat"] = places[place].tolist() if has_place else (None, None)
    pipe = int(taps.pipe[place])
    tapped = pipe >= 0 and has_place
    wanted["pipe_id"] = pipes.id[pipe] if pipe >= 0 else None
    wanted["tap_lon"], wanted["tap_lat"] = taps.tap[place].tolist() if tapped else (None, None)
    wanted["along_m"] = float(taps.along_m[place]) if tapped else None
    wanted["away_m"] = float(taps.away_m[place]) if tapped else None
    wanted["is_manual"] = stated


def _zone_of_pipe(
    plan: Plan, wanted: dict[str, Any], row: Connection | None, pipes: tapping.Pipes, pipe: int
) -> None:
    """Give a connection its pipe's zone, unless a zone is stated by the file or was by somebody."""
    if pipe < 0 or "zone_id" in wanted:
        return
    of_pipe = pipes.zone_id[pipe]
    if row is None or row.zone_id is None:
        wanted["zone_id"] = of_pipe
    elif of_pipe is not None and row.zone_id != of_pipe:
        if pipes.zone_of.get(row.pipe_id or 0) == row.zone_id:
            wanted["zone_id"] = of_pipe
        else:
            plan.zones_kept += 1


def _say_far(
    plan: Plan, entry: fields.Entry, place: tapping.Array, farthest_m: float, name: str
) -> None:
    known = bool(np.isfinite(place).all())
    words = (
        _("No pipe in use lies within %(metres)d m.") % {"metres": farthest_m}
        if known
        else _("The row states no place, so no pipe can be found.")
    )
    plan.outcome.problems.add(
        Problem("network.too_far" if known else "network.place_missing", words, False,
                subject=entry.values["code"], file=name, line=entry.line,
                value=", ".join(f"{one:.6f}" for one in place) if known else "",
                remedy=_("Correct the place, or name the pipe in the column Pipe."))
    )  # fmt: skip


def _compare(
    plan: Plan, entry: fields.Entry, row: Connection | None, wanted: dict[str, Any]
) -> None:
    outcome = plan.outcome
    if row is None:
        plan.new.append(Connection(code=entry.values["code"], **wanted))
        outcome.created += 1
        return
    changes = {name: value for name, value in wanted.items() if getattr(row, name) != value}
    if not changes:
        outcome.unchanged += 1
        return
    for name, value in changes.items():
        was = getattr(row, name)
        if name == "pipe_id":
            outcome.differ(
                row.code, LABELS["pipe"], plan.pipe_codes.get(was), plan.pipe_codes.get(value)
            )
        elif name == "zone_id":
            outcome.differ(
                row.code, LABELS["zone"], plan.zone_codes.get(was), plan.zone_codes.get(value)
            )
        elif name in LABELS:
            outcome.differ(row.code, LABELS[name], was, value)
        setattr(row, name, value)
    plan.changed.append(row)
    outcome.changed += 1
