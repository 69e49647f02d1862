"""Network files run by command."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from pyarrow import csv, parquet
from python_calamine import CalamineWorkbook

from huoshui.cli import simulate_file
from huoshui.cli.main import main

NETWORK = """[JUNCTIONS]
 A 10 36
 B 5 18
[RESERVOIRS]
 R 50
[PIPES]
 P1 R A 1000 200 130 0 Open
 P2 A B 500 150 100 0 Open
[TIMES]
 Duration 6
 Report Timestep 1:00
[OPTIONS]
 Units CMH
 Headloss H-W
{options}
[END]
"""


@pytest.fixture
def network(tmp_path: Path) -> Path:
    path = tmp_path / "net.inp"
    path.write_text(NETWORK.format(options=""))
    return path


class TestSimulate:
    def test_sums_up_the_run(self, network, capsys):
        assert main(["simulate", str(network)]) == 0
        said = capsys.readouterr().out
        assert "3 nodes, 2 links, 6 h in 7 report steps" in said
        assert "Delivered: 324 m³" in said  # 54 m³/h for six hours

    def test_speaks_chinese_where_the_terminal_does(self, network, capsys, monkeypatch):
        monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
        assert main(["simulate", str(network)]) == 0
        said = capsys.readouterr().out
        assert "324" in said
        assert "Delivered" not in said
        assert "最低" in said

    @pytest.mark.parametrize("name", ["out.csv", "out.parquet"])
    def test_writes_every_node_and_link_at_every_step(self, name, network, tmp_path, capsys):
        out = tmp_path / name
        assert main(["simulate", str(network), "--hours", "2", "--out", str(out)]) == 0
        table = csv.read_csv(out) if name.endswith("csv") else parquet.read_table(out)
        assert table.num_rows == 3 * (3 + 2)
        rows = table.to_pylist()
        first = next(row for row in rows if row["id"] == "P1")
        assert first["flow_lps"] == pytest.approx(15.0, abs=0.01)  # 54 m³/h
        assert first["head_m"] is None
        assert {row["time_s"] for row in rows} == {0.0, 3600.0, 7200.0}

    def test_writes_a_workbook_with_a_sheet_for_each_quantity(self, network, tmp_path, capsys):
        out = tmp_path / "out.xlsx"

        status = main(
            ["simulate", str(network), "--hours", "2", "--quality", "age", "--out", str(out)]
        )

        assert status == 0
        book = CalamineWorkbook.from_path(str(out))
        assert book.sheet_names == [
            "pressure_m", "head_m", "demand_lps", "flow_lps", "velocity_ms", "age_h",
        ]  # fmt: skip
        flow = book.get_sheet_by_name("flow_lps").to_python()
        assert flow[0] == ["time_h", "P1", "P2"]
        assert [row[0] for row in flow[1:]] == [0.0, 1.0, 2.0]
        assert flow[1][1] == pytest.approx(15.0, abs=0.01)  # 54 m³/h
        head = book.get_sheet_by_name("head_m").to_python()
        assert head[0] == ["time_h", "A", "B", "R"]
        assert head[1][3] == pytest.approx(50.0)

    def test_says_when_a_sheet_would_not_hold_the_run(self, network, tmp_path, capsys, monkeypatch):
        monkeypatch.setattr(simulate_file, "COLUMNS_MAX", 3)

        assert main(["simulate", str(network), "--out", str(tmp_path / "x.xlsx")]) == 2
        said = capsys.readouterr().err
        assert ".parquet" in said
        assert not (tmp_path / "x.xlsx").exists()

    def test_answers_programs(self, network, capsys):
        assert main(["simulate", str(network), "--hours", "0", "--quality", "age", "--json"]) == 0
        answer = json.loads(capsys.readouterr().out)
        assert (answer["nodes"], answer["report_steps"]) == (3, 1)
        assert answer["pressure_m_min_node"] in ("A", "B")
        assert np.isfinite(answer["pressure_m_max"])

    def test_says_what_epanet_warns_of(self, tmp_path, capsys):
        path = tmp_path / "thirsty.inp"
        path.write_text(NETWORK.format(options=" Demand Multiplier 9"))
        assert main(["simulate", str(path)]) == 0
        assert "Warning: negative pressure at a node with demand, 7 moments" in (
            capsys.readouterr().out
        )

    def test_shows_no_control_signs_of_a_file_that_is_no_network(self, tmp_path, capsys):
        path = tmp_path / "net.inp"
        path.write_text("[\x1b[31mRED]\n")
        assert main(["simulate", str(path)]) == 2
        said = capsys.readouterr().err
        assert "\x1b" not in said
        assert "31mRED" in said

    def test_names_the_line_that_is_wrong(self, tmp_path, capsys):
        path = tmp_path / "wrong.inp"
        path.write_text(NETWORK.format(options="").replace("P2 A B", "P2 A X"))
        assert main(["simulate", str(path)]) == 2
        assert "line 8: Error 203: undefined node X in [PIPES] section" in capsys.readouterr().err

    @pytest.mark.parametrize(
        ("words", "sentence"),
        [
            (["--hours", "-1"], "cannot last -1 hours"),
            (["--accuracy", "1"], "between 1e-10 and 0.1"),
            (["--out", "x.xls"], "neither CSV nor Parquet nor Excel"),
            (["--out", "/no/such/folder/x.xlsx"], "cannot be written"),
            (["--out", "/no/such/folder/x.csv"], "cannot be written"),
        ],
    )
    def test_refuses_what_it_cannot_do(self, words, sentence, network, capsys):
        assert main(["simulate", str(network), *words]) == 2
        assert sentence in capsys.readouterr().err
