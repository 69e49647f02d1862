"""Leaks placed along pipes without a model, by command."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from huoshui.cli.main import main

BURST_H = 45 * 24 + 8
START = datetime(2018, 1, 1, tzinfo=UTC)


def _write(path: Path, heading: str, values: np.ndarray) -> None:
    rows = [
        f"{START + timedelta(hours=hour):%Y-%m-%d %H:%M}," + ",".join(f"{one:.3f}" for one in row)
        for hour, row in enumerate(values)
    ]
    path.write_text("\n".join([f"time,{heading}", *rows]) + "\n")


@pytest.fixture
def given(tmp_path: Path) -> list[str]:
    """Write fifty days of three streets from the works; the second street's sensor falls."""
    rng = np.random.default_rng(8)
    hour = np.arange(50 * 24)
    flow = (100 + 50 * np.sin(2 * np.pi * hour / 24)) * rng.normal(1, 0.02, hour.size)
    flow[BURST_H:] += 20
    pressure = 60 - 1e-3 * flow[:, None] ** 1.852 + rng.normal(0, 0.02, (hour.size, 3))
    pressure[BURST_H:, 1] -= 2.0
    _write(tmp_path / "flows.csv", "meter", flow[:, None])
    _write(tmp_path / "pressures.csv", "an3,bn3,cn3", pressure)
    rows = [
        f"{street}{pipe},{'works' if pipe == 1 else street + 'n' + str(pipe - 1)},"
        f"{street}n{pipe},200,100"
        for street in "abc"
        for pipe in (1, 2, 3)
    ]
    (tmp_path / "pipes.csv").write_text("\n".join(["id,from,to,length_m,diameter_mm", *rows]))
    return [
        *("--flows", str(tmp_path / "flows.csv"), "--pressures", str(tmp_path / "pressures.csv")),
        *("--pipes", str(tmp_path / "pipes.csv"), "--source", "works"),
    ]


class TestDetectWithPipes:
    def test_gives_a_burst_of_the_flow_its_street(self, given, tmp_path):
        out, answer = tmp_path / "out.txt", tmp_path / "out.json"

        status = main(["leaks", "detect", *given, "--out", str(out), "--json", str(answer)])

        assert status == 0
        (leak,) = json.loads(answer.read_text())["leaks"]
        assert leak["link"] in ("b2", "b3")
        assert leak["evidence"] == "pipes"
        assert leak["ranked"][0]["link"] == "b3"
        assert 0 < leak["walk_m_50"] < leak["walk_m_90"] < 1800
        assert out.read_text().splitlines()[1].startswith(leak["link"])

    def test_looks_at_nothing_after_the_leak_is_known(self, given, tmp_path):
        first = tmp_path / "first.json"
        out = ["--out", str(tmp_path / "out")]
        main(["leaks", "detect", *given, *out, "--json", str(first)])
        (whole,) = json.loads(first.read_text())["leaks"]
        known = datetime.fromisoformat(whole["known_at"]).replace(tzinfo=UTC)
        for name in ("flows", "pressures"):
            path = tmp_path / f"{name}.csv"
            hours = int((known - START).total_seconds() // 3600)
            path.write_text("\n".join(path.read_text().splitlines()[: hours + 1]) + "\n")

        main(["leaks", "detect", *given, *out, "--json", str(first)])

        (cut,) = json.loads(first.read_text())["leaks"]
        assert cut == whole

    def test_says_what_it_does_not_use(self, given, tmp_path, capsys):
        status = main(
            [
                *("leaks", "detect", *given[:2], "--source", "works"),
                *("--train-until", "2030-01-01", "--out", str(tmp_path / "out")),
            ]
        )

        assert status == 0
        said = capsys.readouterr().err
        assert "--source" in said
        assert "2030-01-01" in said

    def test_refuses_pipes_beside_a_model(self, given, tmp_path, capsys):
        network = tmp_path / "net.inp"
        network.write_text("[JUNCTIONS]\n")

        status = main(
            ["leaks", "detect", *given, "--network", str(network), "--out", str(tmp_path / "out")]
        )

        assert status == 2
        assert "--pipes" in capsys.readouterr().err


class TestRank:
    SINCE = ("--since", "2018-02-15 08:00")

    def test_ranks_the_street_whose_sensor_fell(self, given, capsys):
        status = main(["leaks", "rank", *given, *self.SINCE, "--json"])

        assert status == 0
        found = json.loads(capsys.readouterr().out)
        assert found["ranked"][0]["link"] == "b3"
        assert found["falls_m"]["bn3"] > 10 * abs(found["falls_m"]["an3"]) > 0
        assert found["walk_m_50"] <= found["walk_m_90"]

    def test_names_the_line_of_a_network_that_epanet_cannot_read(self, given, tmp_path, capsys):
        network = tmp_path / "net.inp"
        network.write_text("[RESERVOIRS]\n R 50\n[PIPES]\n p R nowhere 100 200 100 0 Open\n[END]\n")
        files = [str(network) if word.endswith("pipes.csv") else word for word in given]

        status = main(["leaks", "rank", *files, *self.SINCE])

        assert status == 2
        assert "line 4:" in capsys.readouterr().err

    def test_says_in_words_where_to_walk_first(self, given, capsys):
        main(["leaks", "rank", *given, *self.SINCE])

        said = capsys.readouterr().out
        assert "bn3" in said.splitlines()[0]
        assert said.splitlines()[2].startswith("b3")

    @pytest.mark.parametrize(
        ("change", "word"),
        [
            (["--source", "moon"], "moon"),
            (["--since", "2018-01-02 08:00"], "four days"),
            (["--since", "2019-01-02 08:00"], "2018-02-19"),
            (["--since", "spring"], "spring"),
            (["--inlet", "moon"], "moon"),
            (["--since", "2018-02-15 08:00+08:00"], "+08:00"),
            (["--until", "2018-02-14"], "no whole hour"),
        ],
    )
    def test_refuses_what_it_cannot_use(self, given, capsys, change, word):
        status = main(["leaks", "rank", *given, *self.SINCE, *change])

        assert status == 2
        assert word in capsys.readouterr().err

    def test_refuses_flows_of_other_days(self, given, tmp_path, capsys):
        lines = (tmp_path / "flows.csv").read_text().splitlines()
        (tmp_path / "flows.csv").write_text("\n".join(lines[: 24 * 5]) + "\n")

        assert main(["leaks", "rank", *given, *self.SINCE]) == 2
        assert "no whole hour" in capsys.readouterr().err

    def test_says_why_a_file_cannot_be_opened_in_the_readers_language(
        self, given, capsys, monkeypatch
    ):
        monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")

        assert main(["leaks", "rank", *given, *self.SINCE, "--events", "nowhere.csv"]) == 2

        said = capsys.readouterr().err
        assert "nowhere.csv" in said
        assert "没有这个文件或文件夹" in said

    def test_asks_where_the_water_comes_in(self, given, capsys):
        status = main(["leaks", "rank", *given[:-2], *self.SINCE])

        assert status == 2
        assert "--source" in capsys.readouterr().err
