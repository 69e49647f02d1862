"""What lies on the desks of the demo: saved views, remarks, corrections and the shift book.

The shift book is a second data source: every four hours somebody reads the staff gauge of the
tank and saves a file, which the connector for files takes in.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path

from huoshui.areas.telemetry import contracts as telemetry_contracts
from huoshui.areas.telemetry import facade as telemetry
from huoshui.connectors.files import entry
from huoshui.democity.simulate import living
from huoshui.kernel import clock
from huoshui.kernel.accounts.models import User
from huoshui.kernel.views import actions as views

SHIFT_BOOK = "shift-book"
SHIFT_BOOK_TITLE = "加压站值班抄表"
EVERY = timedelta(hours=4)
GAUGES = {"T1.level": ("shift.T1.level", 0.05)}
"""Which point each gauge shows again, its own point, and to what it can be read.

A gauge belongs to no asset, or the map would draw two figures on one tank."""

VIEWS = (
    ("zhangmin", "telemetry:trends", "/telemetry/trends/", "夜间流量核对",
     "points=p227.flow,p235.flow,PUMP_1.flow", True),
    ("chenjing", "network:assets", "/network/assets/", "待更换的灰口铸铁管",
     "kind=pipe&material=grey_cast_iron&sort=laid_year", False),
)  # fmt: skip


def set_up(by_id: int) -> None:
    """Declare the gauges of the shift book and its folder, and keep the views, once."""
    if telemetry.source(SHIFT_BOOK) is not None:
        return
    telemetry.declare_points(_gauges(), by_id)
    telemetry.keep_source(
        SHIFT_BOOK,
        "files",
        title=SHIFT_BOOK_TITLE,
        options={
            "every_s": 2, "zone": str(clock.local_zone()), "code": "{column}",
            "language": "zh-hans",
        },
        by_id=by_id,
    )  # fmt: skip
    for username, page, path, name, query, is_shared in VIEWS:
        owner = User.objects.get(username=username)
        views.save(owner, page=page, path=path, name=name, query=query, is_shared=is_shared)


def _gauges() -> list[telemetry_contracts.PointDeclaration]:
    return [
        telemetry_contracts.PointDeclaration(
            code="shift.T1.level", name_en="Staff gauge of T1, read by hand",
            name_zh="T1 水尺（人工）", kind="level", zone_code="C", range_min=-0.1, range_max=4.5,
            expected_every_s=EVERY // timedelta(seconds=1),
        ),
    ]  # fmt: skip


def look_back(people: Mapping[str, int], at: Callable[[date, int], datetime]) -> None:
    """Leave remarks on the past year, and correct what a calibration disturbed."""
    engineer, dispatcher = people["leakage_engineer"], people["dispatcher"]
    for code, text, from_at, until, by_id in (
        ("p227.flow", "p427 爆管，至 8 月 11 日修复", at(date(2025, 8, 5), 9),
         at(date(2025, 8, 11), 21), engineer),
        ("PUMP_1.flow", "高岗片区漏失缓慢增大，12 月 14 日修复 p302", at(date(2025, 11, 4), 0),
         at(date(2025, 12, 14), 21), engineer),
        ("p227.flow", "除夕夜，用水高峰推迟到零点以后", at(date(2026, 2, 16), 20),
         at(date(2026, 2, 17), 2), dispatcher),
    ):  # fmt: skip
        telemetry.remark(code, text, from_at=from_at, until=until, by_id=by_id)
    telemetry.correct(
        "n215.pressure",
        at(date(2026, 2, 24), 9),
        at(date(2026, 2, 24), 11),
        how="bad",
        reason="压力变送器离线校验，期间读数不代表管网压力（校验单 2026-0224）",
        by_id=engineer,
    )


def folder() -> Path | None:
    """Return the folder of the shift book, or None in a home from before it was there."""
    source = telemetry.source(SHIFT_BOOK)
    return entry.folder_of(source) if source is not None else None


class ShiftBook:
    """Watches what the instruments send and saves a file of the gauges at each round."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._next: datetime | None = None

    def note(self, block: living.Block) -> None:
        """Look at a block; where a reading of the gauges is due in it, save the file."""
        if self._folder is None or not set(GAUGES) <= set(block.codes):
            return
        if self._next is not None and block.until <= self._next:
            return
        row = {
            own: step * round(float(block.values[block.codes.index(code), -1]) / step)
            for code, (own, step) in GAUGES.items()
            if block.values[block.codes.index(code), -1] == block.values[
                block.codes.index(code), -1]
        }  # fmt: skip
        read_at = clock.local(block.until - timedelta(seconds=block.step_s))
        self._next = _next_round(read_at)
        if row:
            self._save(read_at, {code: f"{value:.2f}" for code, value in row.items()})

    def _save(self, read_at: datetime, row: Mapping[str, str]) -> None:
        assert self._folder is not None
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / f"值班抄表 {read_at:%Y-%m-%d %H%M}.csv"
        fresh = path.with_suffix(".part")
        with fresh.open("w", encoding="utf-8-sig", newline="") as out:
            writer = csv.writer(out)
            writer.writerow(["时间", *row])
            writer.writerow([f"{read_at:%Y-%m-%d %H:%M}", *row.values()])
        fresh.replace(path)


def _next_round(moment: datetime) -> datetime:
    """Return the next hour of the local day at which the gauges are read."""
    step = EVERY // timedelta(hours=1)
    ahead = (moment.hour // step + 1) * step
    begin = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    return begin + timedelta(hours=ahead)
