"""A model held against its measurements by command."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from huoshui.cli.main import main
from huoshui.lab.hydraulics import epanet

NETWORK = """[JUNCTIONS]
 A 10 36
 B 5 18
 C 6 9
 D 7 9
 E 8 9
[RESERVOIRS]
 R 50
[PIPES]
 P1 R A 1000 200 130 0 Open
 P2 A B 500 150 100 0 Open
 P3 B C 500 150 100 0 Open
 P4 A D 500 150 100 0 Open
 P5 D E 500 150 100 0 Open
[PATTERNS]
 1 0.3 0.9 1.5 1.3
[TIMES]
 Duration 48
 Pattern Timestep 6:00
[OPTIONS]
 Units CMH
 Headloss H-W
 Accuracy 1e-6
[END]
"""
NODES = ("A", "B", "C", "D", "E")


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """Two days measured in the network itself, by a sensor at C that shows two metres too much."""
    network, measured = tmp_path / "net.inp", tmp_path / "scada.csv"
    network.write_text(NETWORK)
    rng = np.random.default_rng(2)
    rows = ["Timestamp;" + ";".join([*NODES, "P1", "valve_7"])]
    with epanet.EpanetProject(NETWORK) as project:
        for now in project.moments():
            if now % 3600:
                continue
            pressures = project.pressures_m()[:5] + rng.normal(0, 0.02, 5)
            pressures[2] += 2
            cells = [*pressures, project.flows_m3s()[0] * 3600, 1.0]
            stamp = f"2019-01-{1 + int(now // 86400):02} {int(now % 86400 // 3600):02}:00:00"
            rows.append(";".join([stamp, *(f"{cell:.3f}".replace(".", ",") for cell in cells)]))
    measured.write_text("\n".join(rows) + "\n")
    return network, measured


class TestCompare:
    def test_names_the_sensor_that_stands_alone(self, files, capsys):
        network, measured = files
        done = main(["twin", "compare", str(network), "--measurements", str(measured), "--json"])
        answer = json.loads(capsys.readouterr().out)
        assert done == 1
        assert answer["solved"] == answer["moments"] == 49
        fits = {one["sensor"]: one for one in answer["pressures_m"]}
        assert fits["C"]["bias"] == pytest.approx(2.0, abs=0.02)
        assert fits["C"]["suspicion"] == "offset"
        assert [name for name in NODES if fits[name]["suspicion"]] == ["C"]
        assert fits["A"]["rmse"] < 0.05
        assert answer["ignored_columns"] == ["valve_7"]

    def test_says_it_in_words(self, files, capsys):
        network, measured = files
        main(["twin", "compare", str(network), "--measurements", str(measured)])
        said = capsys.readouterr().out
        assert "49 of 49 moments solved, 5 pressures and 1 flows compared" in said
        assert "check height and zero" in said

    def test_refuses_measurements_of_another_network(self, files, tmp_path, capsys):
        other = tmp_path / "other.csv"
        other.write_text("time,X\n2019-01-01 00:00,1.5\n")
        assert main(["twin", "compare", str(files[0]), "--measurements", str(other)]) == 2
        assert "No column is named as a junction" in capsys.readouterr().err

    def test_refuses_a_start_that_is_no_time(self, files, capsys):
        words = ["--measurements", str(files[1]), "--pattern-start", "monday"]
        assert main(["twin", "compare", str(files[0]), *words]) == 2
        assert "monday is no time" in capsys.readouterr().err


class TestCalibrate:
    def test_says_what_it_found_and_how_well_it_is_known(self, files, capsys):
        network, measured = files
        words = ["twin", "calibrate", str(network), "--measurements", str(measured)]
        assert main([*words, "--without-demands", "--json"]) == 0
        answer = json.loads(capsys.readouterr().out)
        # The files were measured in this very model: the factors hold 1.
        assert len(answer["parameters"]) == 2
        for one in answer["parameters"]:
            assert one["low"] <= 1 <= one["high"]
        assert answer["offsets_m"]["C"] == pytest.approx(2.0, abs=0.2)
        assert main(words) == 0
        said = capsys.readouterr().out
        assert "pipes of roughness 130: resistance ×1.0" in said

    def test_refuses_to_fit_nothing(self, files, capsys):
        words = ["--measurements", str(files[1]), "--groups", "0"]
        assert main(["twin", "calibrate", str(files[0]), *words]) == 2
        assert "Nothing to fit" in capsys.readouterr().err
