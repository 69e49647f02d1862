"""Records with known leaks, made by command."""

from __future__ import annotations

from pathlib import Path

import pytest

from huoshui.cli.main import main
from huoshui.lab.leakage import battle_files
from huoshui.lab.series import scada_files


def test_makes_records_that_the_other_deeds_read(tmp_path: Path) -> None:
    folder = tmp_path / "town"

    assert main(["leaks", "make", "--seed", "5", "--days", "2", "--out", str(folder)]) == 0

    flows = scada_files.read([folder / "2018" / "SCADA_Flows.csv.gz"])
    assert flows.values.shape == (2 * 288, 3)
    leaks = battle_files.read_leaks(folder / "leaks.csv")
    assert len(leaks) > 20
    network = (folder / "L-TOWN.inp").read_text(encoding="utf-8")
    assert all(one.link in network for one in leaks)


def test_makes_another_town_of_another_seed(tmp_path: Path) -> None:
    for seed in ("5", "6"):
        main(["leaks", "make", "--seed", seed, "--days", "1", "--out", str(tmp_path / seed)])

    assert (tmp_path / "5/leaks.csv").read_text() != (tmp_path / "6/leaks.csv").read_text()


@pytest.mark.parametrize("wrong", [["--days", "0"], ["--days", "731"], ["--seed", "-1"]])
def test_refuses_what_cannot_be_made(tmp_path: Path, wrong: list[str], capsys) -> None:
    told = ["leaks", "make", "--out", str(tmp_path / "x"), "--seed", "5", *wrong]

    assert main(told) != 0
    assert not (tmp_path / "x").exists()
    assert "730" in capsys.readouterr().err


def test_leaves_what_lies_in_a_folder(tmp_path: Path, capsys) -> None:
    (tmp_path / "mine.txt").write_text("mine")

    assert main(["leaks", "make", "--out", str(tmp_path), "--seed", "5"]) != 0
    assert [one.name for one in tmp_path.iterdir()] == ["mine.txt"]
    assert str(tmp_path) in capsys.readouterr().err


def test_refuses_a_folder_that_is_a_file(tmp_path: Path, capsys) -> None:
    path = tmp_path / "x"
    path.write_text("mine")

    for inside in (path, path / "deeper"):
        assert main(["leaks", "make", "--out", str(inside), "--seed", "5", "--days", "1"]) == 2
        assert str(inside) in capsys.readouterr().err
    assert path.read_text() == "mine"
