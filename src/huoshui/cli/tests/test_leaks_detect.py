"""Leaks found by command: flows of one zone as plain files, and what is refused."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from huoshui.cli.main import main
from huoshui.lab.leakage import detection

BURST_HOUR = 30 * 24 + 10


@pytest.fixture
def flows(tmp_path: Path) -> Path:
    """Return forty days of a zone of 100 m³/h with a burst of 20, as the battle writes them."""
    rng = np.random.default_rng(4)
    hour = np.arange(40 * 24)
    flow = (100 + 60 * np.sin(2 * np.pi * (hour - 8) / 24)) * (
        1 + 0.02 * rng.normal(size=hour.size)
    )
    flow[BURST_HOUR:] += 20
    start = datetime(2018, 1, 1, tzinfo=UTC)
    rows = [
        f"{start + timedelta(hours=int(h)):%Y-%m-%d %H:%M:%S};{value:.2f}".replace(".", ",")
        for h, value in zip(hour, flow, strict=True)
    ]
    path = tmp_path / "flows.csv"
    path.write_text("\n".join(["Timestamp;p227", *rows]) + "\n")
    return path


class TestDetect:
    def test_finds_a_burst_in_the_flow_of_a_zone(self, flows, tmp_path, capsys):
        out, answer = tmp_path / "results.txt", tmp_path / "results.json"

        status = main(
            ["leaks", "detect", "--flows", str(flows), "--out", str(out), "--json", str(answer)]
        )

        assert status == 0
        lines = out.read_text().splitlines()
        assert lines[0] == "# linkID, startTime"
        assert len(lines) == 2
        answered = json.loads(answer.read_text())
        assert answered["version"] == detection.VERSION
        (leak,) = answered["leaks"]
        assert lines[1] == f"p227, {leak['known_at']}"
        known = datetime.fromisoformat(leak["known_at"])
        burst = datetime.fromisoformat("2018-01-31 10:00")
        assert timedelta(0) < known - burst <= timedelta(hours=24)
        assert leak["size_m3h"] == pytest.approx(20, rel=0.25)
        assert leak["evidence"] == "inflow"
        assert leak["confidence_frac"] is None
        assert "p227" in capsys.readouterr().out
        (zone,) = answered["losses"]
        january, february = zone["months"]
        assert zone["link"] == "p227"
        assert zone["evidence"] == "inflow"
        assert january["loss_m3h"] == pytest.approx(20 * 14 / 744, abs=1.0)
        assert february["loss_m3h"] == pytest.approx(20, abs=2)
        assert february["known_at"] == "2018-02-10 00:00"

    def test_reports_nothing_before_the_training_ends(self, flows, tmp_path):
        out = tmp_path / "results.txt"

        main(
            [
                *("leaks", "detect", "--flows", str(flows), "--out", str(out)),
                *("--train-until", "2018-02-05 00:00"),
            ]
        )

        assert out.read_text().splitlines() == ["# linkID, startTime"]

    def test_refuses_pressures_without_a_network(self, flows, tmp_path, capsys):
        status = main(
            [
                *("leaks", "detect", "--flows", str(flows), "--pressures", str(flows)),
                *("--out", str(tmp_path / "out")),
            ]
        )

        assert status == 2
        assert "--network" in capsys.readouterr().err

    def test_refuses_a_training_end_that_is_no_time(self, flows, tmp_path, capsys):
        status = main(
            [
                *("leaks", "detect", "--flows", str(flows), "--out", str(tmp_path / "out")),
                *("--train-until", "spring"),
            ]
        )

        assert status == 2
        assert "spring" in capsys.readouterr().err

    def test_refuses_a_column_that_the_network_does_not_have(self, flows, tmp_path, capsys):
        network = tmp_path / "net.inp"
        network.write_text(
            "[JUNCTIONS]\n n1 0 1\n[RESERVOIRS]\n R 50\n[PIPES]\n p1 R n1 100 200 100 0 Open\n"
            "[OPTIONS]\n Units LPS\n Headloss H-W\n[END]\n"
        )

        status = main(
            [
                *("leaks", "detect", "--flows", str(flows), "--network", str(network)),
                *("--out", str(tmp_path / "out")),
            ]
        )

        assert status == 2
        assert "p227" in capsys.readouterr().err

    def test_does_not_judge_what_was_told(self, flows, tmp_path, capsys):
        events, out = tmp_path / "events.csv", tmp_path / "out"
        events.write_text("from,until,what\n2018-01-31,2018-02-09,a new main is filled\n")

        status = main(
            [
                *("leaks", "detect", "--flows", str(flows), "--out", str(out)),
                *("--events", str(events)),
            ]
        )

        assert status == 0
        assert out.read_text().splitlines() == ["# linkID, startTime"]

    def test_takes_a_gap_for_a_gap_and_not_for_the_last_reading(self, flows, tmp_path, capsys):
        lines = flows.read_text().splitlines()
        flows.write_text("\n".join(lines[: 20 * 24 + 19] + lines[22 * 24 + 19 : 30 * 24]) + "\n")
        out = tmp_path / "out"

        status = main(["leaks", "detect", "--flows", str(flows), "--out", str(out)])

        assert status == 0
        assert out.read_text().splitlines() == ["# linkID, startTime"]
        assert "49 h" in capsys.readouterr().err

    def test_refuses_too_few_days_and_says_how_many_are_needed(self, flows, tmp_path, capsys):
        flows.write_text("\n".join(flows.read_text().splitlines()[: 24 * 10]) + "\n")

        status = main(["leaks", "detect", "--flows", str(flows), "--out", str(tmp_path / "out")])

        assert status == 2
        assert "15" in capsys.readouterr().err

    def test_adds_only_the_inlets_that_were_named(self, flows, tmp_path, capsys):
        head, *rows = flows.read_text().splitlines()
        flows.write_text("\n".join([f"{head};pump", *(f"{row};900" for row in rows)]) + "\n")
        out = tmp_path / "out"
        asked = ("leaks", "detect", "--flows", str(flows), "--out", str(out))

        assert main([*asked, "--inlet", "p227"]) == 0
        assert "sum" not in capsys.readouterr().err
        assert len(out.read_text().splitlines()) == 2

        assert main([*asked, "--inlet", "p9"]) == 2
        assert "p227, pump" in capsys.readouterr().err

    def test_refuses_flows_that_run_out_of_the_zone(self, flows, tmp_path, capsys):
        head, *rows = flows.read_text().splitlines()
        flows.write_text("\n".join([head, *(row.replace(";", ";-") for row in rows)]) + "\n")

        status = main(["leaks", "detect", "--flows", str(flows), "--out", str(tmp_path / "out")])

        assert status == 2
        assert "--inlet" in capsys.readouterr().err

    def test_watches_an_area_with_an_unmeasured_tank_with_its_neighbour(
        self, flows, tmp_path, capsys
    ):
        head, *rows = flows.read_text().splitlines()
        pumped = [f"{row};{60 if n % 24 < 6 else 0}" for n, row in enumerate(rows)]
        flows.write_text("\n".join([f"{head};fill", *pumped]) + "\n")
        network = tmp_path / "net.inp"
        network.write_text(
            "[JUNCTIONS]\n a 0 20\n b 0 5\n[RESERVOIRS]\n R 60\n[TANKS]\n T 30 2 0 5 20 0\n"
            "[PIPES]\n p227 R a 100 300 120 0 Open\n fill a b 100 300 120 0 Open\n"
            " up b T 100 300 120 0 Open\n[OPTIONS]\n Units CMH\n Headloss H-W\n[TIMES]\n"
            " Duration 24\n[END]\n"
        )
        out = tmp_path / "out"

        status = main(
            [
                *("leaks", "detect", "--flows", str(flows), "--network", str(network)),
                *("--out", str(out)),
            ]
        )

        assert status == 0
        assert "fill" in capsys.readouterr().err
        (_heading, line) = out.read_text().splitlines()
        late = datetime.fromisoformat(line.split(", ")[1]) - datetime(2018, 1, 31, 10)  # noqa: DTZ001
        assert timedelta(0) < late <= timedelta(hours=24)
