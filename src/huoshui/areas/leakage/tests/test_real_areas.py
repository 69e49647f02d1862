"""Ten metered areas of an Italian city, from their published table to judged nights.

Origin: Battle of Water Demand Forecasting, WDSA-CCWI 2024 (Ferrara), CC BY 4.0. The table is not
kept here: set REFERENCE_DATA to the folder that holds ``real-dmas/inflow.csv``.
"""

from __future__ import annotations

import csv
import os
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from huoshui.areas.leakage import facade
from huoshui.areas.telemetry import facade as telemetry
from huoshui.kernel import settings
from huoshui.kernel.intake import kinds

TABLE = Path(os.environ.get("REFERENCE_DATA", "nowhere")) / "real-dmas" / "inflow.csv"
ROME = ZoneInfo("Europe/Rome")
UNTIL = date(2022, 7, 25)

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(
        not TABLE.is_file(), reason="the measured inflows are not here; set REFERENCE_DATA"
    ),
]


@pytest.fixture
def areas(tmp_path, monkeypatch):
    """The ten areas, imported and judged as an operator would do it."""
    monkeypatch.setenv("HUOSHUI_HOME", str(tmp_path))
    monkeypatch.setenv("HUOSHUI_TIME_ZONE", "Europe/Rome")
    settings.get.cache_clear()
    outcome = kinds.KINDS["readings"].carry_out(
        TABLE, TABLE.name, {"time_zone": "Europe/Rome", "declare": "yes"}, None
    )
    historian = telemetry.open_historian()
    historian.take_in()
    historian.close()
    zones = tmp_path / "zones.csv"
    zones.write_text(
        "code,name,inlets,watched_since\n"
        + "".join(f"DMA{n},DMA {n},dma_{n}.flow,2021-01-02\n" for n in range(1, 11))
    )
    set_up = kinds.KINDS["zones"].carry_out(zones, zones.name, {}, None)
    assert not set_up.problems.total
    yield outcome
    monkeypatch.undo()
    settings.get.cache_clear()


def test_every_reading_goes_in_and_every_night_is_measured_as_in_the_table(areas):
    """The mean of 02:00 and 03:00 by the table's own clock, times 3.6, for 569 nights x 10."""
    with TABLE.open(newline="", encoding="utf-8") as handle:
        rows = list(csv.DictReader(handle))
    cells = sum(bool(row[f"dma_{n}_lps"]) for row in rows for n in range(1, 11))
    assert (areas.created, areas.left_out, areas.problems.total) == (cells, 0, 0)

    by_hour = {row["local_time"]: row for row in rows}
    changes = {date(2021, 3, 28), date(2021, 10, 31), date(2022, 3, 27)}
    measured = 0
    for n in range(1, 11):
        for night in facade.nights(f"DMA{n}", date(2021, 1, 2), UNTIL):
            if night.night_date in changes:
                assert (night.flow_m3h, night.quality) == (None, "clock_change")
                continue
            both = [
                by_hour.get(f"{night.night_date}T{hour}:00", {}).get(f"dma_{n}_lps", "")
                for hour in ("02", "03")
            ]
            if not all(both):
                assert night.flow_m3h is None, night
                continue
            expected = sum(map(float, both)) / 2 * 3.6
            assert night.flow_m3h == pytest.approx(expected, abs=1e-5), night
            measured += 1
    assert measured > 5_000


def test_clock_changes_neither_lose_nor_double_an_hour(areas):
    for day, hours in ((28, 23), (31, 25)):
        month = 3 if day == 28 else 10
        start = datetime(2021, month, day, tzinfo=ROME)
        until = datetime(2021, month + (day == 31), 1 if day == 31 else day + 1, tzinfo=ROME)
        found = telemetry.readings(["dma_2.flow"], start, until)["dma_2.flow"]
        assert len(found) == hours
