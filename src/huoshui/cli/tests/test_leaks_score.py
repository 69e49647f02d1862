"""Reports of leaks valued by command, from files as they lie about."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from huoshui.cli.main import main

NETWORK = """[JUNCTIONS]
 n1 0 1
 n2 0 1
 n3 0 1
[RESERVOIRS]
 R 50
[PIPES]
 p1 R n1 100 200 100 0 Open
 p2 n1 n2 300 200 100 0 Open
 p3 n2 n3 900 200 100 0 Open
[OPTIONS]
 Units LPS
 Headloss H-W
[END]
"""
HOURS = [f"2019-01-01 {hour:02}:00:00" for hour in range(24)]


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    found = {name: tmp_path / name for name in ("results", "leaks", "flows.csv.gz", "net.inp")}
    found["net.inp"].write_text(NETWORK)
    found["leaks"].write_text("link,start,end\np2,2019-01-01 06:00,2019-01-01 23:55\n")
    rows = [f"{at};{'10,5' if at >= '2019-01-01 06' else '0,0'}" for at in HOURS]
    found["flows.csv.gz"].write_bytes(gzip.compress("\n".join(["Timestamp;p2", *rows]).encode()))
    return found


def run(files: dict[str, Path], said: str, *words: str) -> int:
    files["results"].write_text(said)
    return main(
        [
            "leaks", "score", "--results", str(files["results"]), "--leaks", str(files["leaks"]),
            "--leak-flows", str(files["flows.csv.gz"]), "--network", str(files["net.inp"]), *words,
        ]
    )  # fmt: skip


class TestScore:
    def test_counts_hits_false_reports_and_delays(self, files, capsys):
        said = "# linkID, startTime\np1, 2019-01-01 12:00\np3, 2019-01-01 12:00\n"

        assert run(files, said, "--json") == 0
        answer = json.loads(capsys.readouterr().out)

        # 12 h and the five minutes before at 10.5 m³/h; 200 m of way; p3 is 600 m away.
        saved = 10.5 * (12 + 1 / 12)
        assert answer["score_eur"] == pytest.approx(saved * 0.8 - 500 * 200 / 300 - 500, abs=0.01)
        assert answer["best_eur"] == pytest.approx(10.5 * 18 * 0.8, abs=0.01)
        assert (answer["hits"], answer["false_reports"], answer["missed"]) == (1, 1, [])
        assert answer["delay_h_median"] == 6.0
        first, other = answer["reports"]
        assert (first["leak"], first["distance_m"], first["delay_h"]) == ("p2", 200.0, 6.0)
        assert (other["outcome"], other["distance_m"]) == ("false", 600.0)

    def test_never_names_the_score_without_the_false_reports(self, files, capsys, monkeypatch):
        for said, words in (("zh_CN.UTF-8", "误报 1 个"), ("en_GB.UTF-8", "1 false reports")):
            monkeypatch.setenv("LC_ALL", said)

            assert run(files, "p3, 2019-01-01 12:00\n") == 0

            assert words in capsys.readouterr().out.splitlines()[-1]

    def test_refuses_a_link_with_its_line(self, files, capsys):
        assert run(files, "p1, 2019-01-01 12:00\nP9, 2019-01-01 12:00\n") == 2

        said = capsys.readouterr().err
        assert "line 2" in said
        assert "P9" in said

    def test_refuses_a_row_with_its_line_and_value(self, files, capsys):
        assert run(files, "p1, noon\n") == 2

        said = capsys.readouterr().err
        assert "line 1" in said
        assert "[noon]" in said
        assert "2019-01-31 13:05" in said

    def test_leaves_out_leaks_of_years_without_flows(self, files, capsys):
        with files["leaks"].open("a") as more:
            more.write(
                "p1,2018-03-01 06:00,2018-04-01 00:00\np3,2020-01-01 00:00,2020-02-01 00:00\n"
            )

        assert run(files, "p1, 2019-01-01 12:00\n", "--json") == 0

        said = capsys.readouterr()
        answer = json.loads(said.out)
        assert (answer["leaks"], answer["hits"], answer["missed"]) == (1, 1, [])
        assert "2 leaks" in said.err

    def test_refuses_a_leak_whose_flow_is_not_there(self, files, capsys):
        files["leaks"].write_text("p1,2019-01-01 06:00,2019-01-01 23:55\n")

        assert run(files, "p1, 2019-01-01 12:00\n") == 2
        assert "p1" in capsys.readouterr().err

    def test_refuses_a_network_that_epanet_cannot_read(self, files, capsys):
        files["net.inp"].write_text(NETWORK.replace("p3 n2 n3", "p3 n2 nowhere"))

        assert run(files, "p1, 2019-01-01 12:00\n") == 2
        said = capsys.readouterr().err
        assert "nowhere" in said
        before = files["net.inp"].read_text().partition("p3")[0]
        assert f"line {before.count(chr(10)) + 1}:" in said
