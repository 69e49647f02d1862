"""A main that is flushed for hours is called by pressures unless somebody told of it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from huoshui.cli.main import main
from huoshui.lab.hydraulics.epanet import EpanetProject

ROWS, COLUMNS, DAYS = 4, 5, 44
START = datetime(2018, 3, 5, tzinfo=UTC)
FLUSH = range(34 * 24 + 6, 35 * 24 + 14)  # thirty-two hours
LEAK_FROM = 39 * 24
SENSORS = ("n0_0", "n0_4", "n1_2", "n2_1", "n3_0", "n3_4")


def town(hours: int) -> str:
    """Return a town of streets in a grid, an hour for each pattern step."""
    nodes = [f"n{row}_{column}" for row in range(ROWS) for column in range(COLUMNS)]
    pipes = [
        *(f"r{r}_{c} n{r}_{c} n{r}_{c + 1}" for r in range(ROWS) for c in range(COLUMNS - 1)),
        *(f"c{r}_{c} n{r}_{c} n{r + 1}_{c}" for r in range(ROWS - 1) for c in range(COLUMNS)),
    ]
    return "\n".join(
        [
            "[JUNCTIONS]", *(f"{name} 0 5 day" for name in nodes),
            "[RESERVOIRS]", "R 60",
            "[PIPES]", "inlet R n0_0 50 250 110 0 Open",
            *(f"{pipe} 200 120 110 0 Open" for pipe in pipes),
            "[PATTERNS]", "day 1.0",
            "[TIMES]", f"Duration {hours}:00", "Hydraulic Timestep 1:00", "Pattern Timestep 1:00",
            "[OPTIONS]", "Units CMH", "Headloss H-W", "[END]",
        ]
    )  # fmt: skip


def measured(flushed_m3h: float, leak_m3h: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """Return inflow [m³/h] and pressures [m] hour by hour, as meters show them."""
    rng = np.random.default_rng(6)
    hour = np.arange(DAYS * 24)
    use = 1 + 0.5 * np.sin(2 * np.pi * (hour - 8) / 24) + rng.normal(0, 0.02, hour.size)
    flush, leak = np.zeros(hour.size), np.zeros(hour.size)
    flush[FLUSH.start : FLUSH.stop] = flushed_m3h / 3600
    leak[LEAK_FROM:] = leak_m3h / 3600
    with EpanetProject(town(DAYS * 24 - 1)) as project:
        project.set_pattern("day", use)
        project.add_pattern("flush", flush)
        project.add_pattern("leak", leak)
        base = project.base_demands_m3s()
        base["n3_3"] = [*base["n3_3"], (1.0, "flush")]
        base["n1_4"] = [*base["n1_4"], (1.0, "leak")]
        project.set_demands(base)
        places = [project.node(name) for name in SENSORS]
        inlet = project.link("inlet")
        rows = [
            (project.flows_m3s()[inlet] * 3600, project.pressures_m()[places])
            for _now in project.moments()
        ]
    flow = np.array([row[0] for row in rows]) * rng.normal(1, 0.002, hour.size)
    pressure = np.array([row[1] for row in rows])
    return flow, pressure + rng.normal(0, 0.02, pressure.shape)


def write(path: Path, heading: str, values: np.ndarray) -> None:
    table = values.reshape(len(values), -1)
    rows = [
        f"{START + timedelta(hours=hour):%Y-%m-%d %H:%M}," + ",".join(f"{one:.3f}" for one in row)
        for hour, row in enumerate(table)
    ]
    path.write_text("\n".join([f"time,{heading}", *rows]) + "\n")


@pytest.fixture
def found(tmp_path: Path):
    """Return a way to detect the leaks of a town, with an event told or not."""

    def detect(flow, pressure, *, told: bool) -> list[dict]:
        write(tmp_path / "flows.csv", "inlet", flow)
        write(tmp_path / "pressures.csv", ",".join(SENSORS), pressure)
        (tmp_path / "town.inp").write_text(town(24))
        begins, ends = (START + timedelta(hours=one) for one in (FLUSH.start, FLUSH.stop))
        (tmp_path / "events.csv").write_text(
            f"from,until,what\n{begins:%Y-%m-%d %H:%M},{ends:%Y-%m-%d %H:%M},main flushed\n"
        )
        answer = tmp_path / "answer.json"
        status = main(
            [
                *("leaks", "detect", "--flows", str(tmp_path / "flows.csv")),
                *("--pressures", str(tmp_path / "pressures.csv")),
                *("--network", str(tmp_path / "town.inp")),
                *("--out", str(tmp_path / "out"), "--json", str(answer)),
                *(("--events", str(tmp_path / "events.csv")) if told else ()),
            ]
        )
        assert status == 0
        leaks: list[dict] = json.loads(answer.read_text())["leaks"]
        return leaks

    return detect


def test_a_flushing_is_called_where_nobody_told_of_it_and_not_where_somebody_did(found):
    flow, pressure = measured(flushed_m3h=30.0)

    untold, told = found(flow, pressure, told=False), found(flow, pressure, told=True)

    assert [one["evidence"] for one in untold] == ["pressures"]
    flushed = START + timedelta(hours=FLUSH.start)
    since = datetime.fromisoformat(untold[0]["since"]).replace(tzinfo=UTC)
    assert abs(since - flushed) <= timedelta(days=1)
    assert told == []


def test_a_leak_is_called_all_the_same_where_a_flushing_was_told(found):
    flow, pressure = measured(flushed_m3h=30.0, leak_m3h=12.0)

    (leak,) = found(flow, pressure, told=True)

    since = datetime.fromisoformat(leak["since"]).replace(tzinfo=UTC)
    assert abs(since - (START + timedelta(hours=LEAK_FROM))) <= timedelta(days=1)
    # The days of which its size is taken hold some of the time before it.
    assert 5 < leak["size_m3h"] < 15
