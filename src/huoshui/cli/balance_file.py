"""Accounts of zones from a file: TOML by hand, CSV or Excel by the row. See docs/guides."""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from huoshui.cli import balance_keys, balance_series, speaking
from huoshui.cli.balance_keys import NUMBERS, VOLUMES
from huoshui.cli.speaking import gettext as _
from huoshui.kernel.intake import values
from huoshui.kernel.intake.problems import Problem
from huoshui.lab.leakage import account, iwa
from huoshui.lab.units import written

PERIOD = re.compile(r"(\d{4})(?:\s*[-/.年]\s*(\d{1,2})\s*月?)?\s*年?")
AS_M3 = written.UNITS["m3"]
# More than all rivers of the earth carry in a year is a slip of the finger.
VOLUME_MAX = 1e13


@dataclass(frozen=True)
class Row:
    """One account as written: its values by key, where each stands, the unit of each volume."""

    line: int | None
    said: Mapping[str, Any]
    line_of: Callable[[str], int | None]
    unit_of: Mapping[str, written.Unit]
    decimal: str = "."
    readings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def _always(line: int) -> Callable[[str], int | None]:
    """Return what says that every value of a row stands in this line."""
    return lambda _key: line


class Reader:
    """Reads one file, and takes down everything that is wrong with it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.problems: list[Problem] = []

    def read(self) -> list[tuple[account.Account, int | None]]:
        """Return the accounts with their lines; what cannot be read is in ``problems``."""
        is_toml = self.path.suffix.lower() == ".toml"
        found = []
        for row in self._toml() if is_toml else self._table():
            before = len(self.problems)
            one = self._account(row)
            if one is not None and len(self.problems) == before:
                found.append((one, row.line))
        if not found and not self.problems:
            self._wrong("balance.nothing", _("There is no balance in the file."),
                        _("Write one zone and period, as the guide shows."))  # fmt: skip
        return found

    def _wrong(
        self, code: str, words: str, remedy: str, *, line: int | None = None, column: str = "",
        value: Any = "",
    ) -> None:  # fmt: skip
        self.problems.append(
            Problem(code, words, True, file=str(self.path), line=line, column=column,
                    value=value, remedy=remedy)
        )  # fmt: skip

    # -- the two forms

    def _toml(self) -> Iterator[Row]:
        text = self.path.read_bytes().decode("utf-8-sig", "replace")
        try:
            content = tomllib.loads(text)
        except tomllib.TOMLDecodeError as fault:
            at = re.search(r"line (\d+)", str(fault))
            self._wrong(
                "balance.no_toml", _("This is no TOML."), _("Correct this line."),
                line=int(at[1]) if at else None, value=str(fault),
            )  # fmt: skip
            return
        zones = content.pop("zone", None)
        tables = [{}] if zones is None else zones
        if not isinstance(tables, list) or not all(isinstance(one, dict) for one in tables):
            self._wrong("balance.no_zones", _("Zones are written as tables."),
                        _("Begin each zone with [[zone]]."), column="zone")  # fmt: skip
            return
        starts = [n for n, row in enumerate(text.splitlines(), 1) if row.strip() == "[[zone]]"]
        for number, table in enumerate(tables):
            start = starts[number] if number < len(starts) else 0
            end = starts[number + 1] if number + 1 < len(starts) else 10**9
            line_of = balance_keys.finder(text, start, end)
            whole = {**content, **table}
            readings = {
                key: one for key, one in whole.items()
                if key in VOLUMES and isinstance(one, dict) and "readings" in one
            }  # fmt: skip
            rest = {key: one for key, one in whole.items() if key not in readings}
            said, unit_of = self._flat(rest, line_of)
            yield Row(start or None, said, line_of, unit_of, readings=readings)

    def _flat(
        self, table: Mapping[str, Any], line_of: Callable[[str], int | None]
    ) -> tuple[dict[str, Any], dict[str, written.Unit]]:
        """Lay `{value = 1, error_pct = 2}` out as keys behind one another."""
        said: dict[str, Any] = {}
        unit_of: dict[str, written.Unit] = {}
        for key, value in table.items():
            if key not in VOLUMES or not isinstance(value, dict):
                said[key] = value
                continue
            if "value" not in value:
                self._wrong("balance.no_value", _("This volume has no value."),
                            _("Write value = 1200, or readings = a file."), line=line_of(key),
                            column=key)  # fmt: skip
            for inner, cell in value.items():
                if inner == "unit":
                    unit = self._unit(cell, line_of(key), key)
                    if unit:
                        unit_of[key] = unit
                else:
                    said[key if inner == "value" else f"{key}_{inner}"] = cell
        for key in said:
            if not balance_keys.known(key):
                self._wrong("balance.key_unknown", _("There is no such value in a balance."),
                            _("Look the name up in the guide; capital letters count."),
                            line=line_of(key), column=key)  # fmt: skip
        return said, unit_of

    def _table(self) -> Iterator[Row]:
        speaking.begin_without_areas()
        from huoshui.kernel.intake import tables

        table = tables.open_table(self.path, name=str(self.path))
        self.problems += [one for one in table.problems if one.fatal]
        keys: dict[str, int] = {}
        unit_of: dict[str, written.Unit] = {}
        for place, heading in enumerate(table.columns):
            key, unit = balance_keys.key_of(heading)
            if key is None:
                self._wrong("balance.key_unknown", _("There is no such value in a balance."),
                            _("Look the name up in the guide, or take the column out."),
                            line=table.header_line, column=heading)  # fmt: skip
                continue
            keys[key] = place
            if unit:
                unit_of[key] = unit
        if self.problems:
            return
        for line, cells in table.records:
            said = {
                key: cells[place]
                for key, place in keys.items()
                if place < len(cells) and not values.is_nothing(cells[place])
            }
            if said:
                yield Row(line, said, _always(line), unit_of, table.decimal)
        self.problems += [one for one in table.problems if one.fatal]

    # -- one row

    def _account(self, row: Row) -> account.Account | None:
        before = len(self.problems)
        period = self._period(row)
        unit = self._unit(row.said["unit"], row.line_of("unit"), "unit") if "unit" in row.said \
            else AS_M3  # fmt: skip
        volumes: dict[str, float] = {}
        widths: dict[str, float] = {}
        shares: dict[str, float] = {}
        estimated: dict[str, float] = {}
        measured = self._measured(row, period) if period and row.readings else None
        for key, one in measured.terms.items() if measured else ():
            volumes[key], widths[key] = one.volume_m3, one.half_width_m3
            shares[key], estimated[key] = one.data_frac, one.estimated_m3
        for key in VOLUMES:
            factor = (row.unit_of.get(key) or unit or AS_M3).factor
            # Tanks may hold less at the end than at the beginning; nothing else runs backwards.
            lowest = -VOLUME_MAX if key == "storage_rise" else 0
            volume = self._number(row, key, factor, lowest, VOLUME_MAX)
            if volume is None:
                continue
            volumes[key] = volume
            error = self._number(row, f"{key}_error_pct", 0.01, 0, 100)
            share = self._number(row, f"{key}_data_pct", 0.01, 0, 100)
            part = self._number(row, f"{key}_estimated", factor, 0, VOLUME_MAX)
            widths[key] = abs(volume) * (error or 0.0)
            if share is not None:
                shares[key] = share
            if part is not None:
                estimated[key] = part
                if part > volume:
                    self._wrong("balance.estimate_too_large",
                                _("More is estimated than the whole volume."),
                                _("The estimated part is contained in the volume."),
                                line=row.line_of(f"{key}_estimated"), column=f"{key}_estimated",
                                value=row.said.get(f"{key}_estimated"))  # fmt: skip
        numbers = {
            key: self._number(row, key, factor, low, high)
            for key, (_heading, factor, low, high) in NUMBERS.items()
        }
        for needed, others in (("billed_metered", ()), ("own_sources", ("imported",))):
            if not any(key in row.said or key in row.readings for key in (needed, *others)):
                self._wrong("balance.term_missing", _("A balance needs this volume."),
                            _("Write it; zero where there is none."), line=row.line,
                            column=needed)  # fmt: skip
        if period is None or len(self.problems) > before:
            return None
        if sum(sign * volumes.get(key, 0.0) for key, sign in iwa.SUPPLIED.items()) <= 0:
            self._wrong("balance.nothing_supplied", _("Nothing is supplied."),
                        _("Own sources and water imported must be more than water exported."),
                        line=row.line_of("own_sources"), column="own_sources",
                        value=row.said.get("own_sources", ""))  # fmt: skip
            return None
        if measured and measured.night_m3s is not None and numbers["night_flow_m3h"] is None:
            numbers["night_flow_m3h"] = measured.night_m3s
            if measured.night_m3s > 0:
                numbers["night_flow_error_pct"] = measured.night_width_m3s / measured.night_m3s
        return _made(str(row.said.get("name", self.path.stem)), period, volumes, widths, shares,
                     estimated, numbers)  # fmt: skip

    def _measured(self, row: Row, period: tuple[date, date]) -> balance_series.Measured | None:
        """Return what readings say of the terms; takes down what is wrong with them."""
        try:
            return balance_series.measured(self.path.parent, row.readings, period)
        except balance_series.BadReadings as bad:
            self._wrong(bad.code, bad.words, bad.remedy, line=row.line_of(bad.term),
                        column=bad.term, value=bad.value)  # fmt: skip
            return None

    def _period(self, row: Row) -> tuple[date, date] | None:
        said = row.said
        if "period" in said:
            found = PERIOD.fullmatch(values.text(said["period"]).strip())
            year, month = (int(found[1]), int(found[2] or 0)) if found else (0, 0)
            if not 1900 <= year < 2200 or not 0 <= month <= 12:
                self._wrong("balance.period", _("This is no year or month."),
                            _("Write it as 2025 or 2025-03."), line=row.line_of("period"),
                            column="period", value=said["period"])  # fmt: skip
                return None
            after = (year + 1, 1) if month in (0, 12) else (year, month + 1)
            return date(year, month or 1, 1), date(*after, 1)
        days = []
        for key in ("from", "until"):
            try:
                days.append(values.day(said[key]))
            except (KeyError, ValueError):
                self._wrong("balance.day", _("The first day, and the first one after, are needed."),
                            _("Write from and until as 2025-01-01, or period as 2025-03."),
                            line=row.line_of(key) or row.line, column=key,
                            value=said.get(key, ""))  # fmt: skip
                return None
        if days[0] >= days[1]:
            self._wrong("balance.period_backwards", _("The period ends before it begins."),
                        _("The day in until is the first one that does not count."),
                        line=row.line_of("until"), column="until", value=said["until"])  # fmt: skip
            return None
        return days[0], days[1]

    def _unit(self, said: Any, line: int | None, column: str) -> written.Unit | None:
        unit = written.find(str(said))
        if unit is None or unit.quantity != "volume":
            self._wrong("balance.unit_unknown", _("This is no unit of volume."),
                        _("Write m³, 千m³, 万m³ or L."), line=line, column=column,
                        value=said)  # fmt: skip
            return None
        return unit

    def _number(
        self, row: Row, key: str, factor: float, low: float, high: float
    ) -> float | None:  # fmt: skip
        if key not in row.said:
            return None
        said = row.said[key]
        try:
            value = values.number(said, row.decimal)
        except (ValueError, OverflowError):
            self._wrong("balance.no_number", _("This is no number."), _("Write digits only."),
                        line=row.line_of(key), column=key, value=said)  # fmt: skip
            return None
        if not low <= value <= high:
            words = _("This value is not possible.")
            remedy = _("It must lie between %(low)g and %(high)g.") % {"low": low, "high": high}
            if high == VOLUME_MAX and value < 0:
                remedy = _("It must not be below zero.")
            self._wrong("balance.impossible", words, remedy, line=row.line_of(key), column=key,
                        value=said)  # fmt: skip
            return None
        return value * factor


def _made(
    name: str, period: tuple[date, date], volumes: dict[str, float], widths: dict[str, float],
    shares: dict[str, float], estimated: dict[str, float], numbers: Mapping[str, float | None],
) -> account.Account:  # fmt: skip
    """Put an account together from what is known."""

    def known(key: str, without: float = math.nan) -> float:
        value = numbers[key]
        return without if value is None else value

    flow = numbers["night_flow_m3h"]
    night = None if flow is None else account.Night(
        flow_m3s=flow, half_width_m3s=flow * known("night_flow_error_pct", 0.0),
        pressure_m=known("night_pressure_m"), day_factor_h=known("day_factor_h", 24.0),
        small_users=known("small_users", 0.0), large_use_m3s=known("large_night_use_m3h", 0.0),
        condition=known("condition", 1.0),
    )  # fmt: skip
    return account.Account(
        name=name, from_date=period[0], until_date=period[1],
        volumes_m3={key: one for key, one in volumes.items() if key in iwa.TERMS},
        half_widths_m3={key: one for key, one in widths.items() if key in iwa.TERMS},
        data_frac=shares, estimated_m3=estimated,
        household_read_m3=volumes.get("household_read", math.nan),
        meter_loss_frac=known("meter_loss_pct"),
        meter_loss_error_frac=known("meter_loss_error_pct", 0.0), mains_m=known("mains_km"),
        private_m=known("private_km", 0.0), connections=known("connections"),
        people=known("people"), pressure_m=known("pressure_m"),
        outlet_pressure_mpa=known("outlet_pressure_mpa"), frost_depth_m=known("frost_depth_m"),
        night=night,
    )  # fmt: skip
