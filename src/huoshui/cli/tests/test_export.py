"""The network in and out by command, with the exit statuses that the reference states."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from huoshui.areas.network import facade as network
from huoshui.cli.main import main
from huoshui.democity.worlds import broken, two_pipes
from huoshui.kernel import clock
from huoshui.kernel.accounts.models import User


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    path = tmp_path / "toy.inp"
    path.write_text(two_pipes().inp_text)
    return path


def bring(path: Path, *words: str) -> int:
    return main(["import", "network", str(path), "--origin", "113.6,34.75", *words])


@pytest.mark.django_db
class TestNetwork:
    def test_comes_in_and_goes_out_the_same(self, toy: Path, tmp_path: Path):
        out = tmp_path / "out.inp"

        assert bring(toy) == 0
        assert main(["export", "network", str(out)]) == 0
        assert out.read_text() == toy.read_text()

    def test_is_checked_without_a_change(self, toy: Path, capsys):
        assert bring(toy, "--check", "--json") == 0
        answer = json.loads(capsys.readouterr().out)

        assert answer["checked_only"] is True
        assert answer["created"] > 0
        assert bring(toy, "--check", "--json") == 0
        assert json.loads(capsys.readouterr().out)["created"] == answer["created"]

    def test_says_by_its_status_that_nothing_came_in(self, tmp_path: Path, capsys):
        path = tmp_path / "broken.inp"
        path.write_text(broken.pipe_to_nowhere().inp_text)

        assert bring(path, "--strict") == 1
        assert "X" in capsys.readouterr().out
        assert bring(path) == 0
        path.write_text(broken.garbage().inp_text)
        assert bring(path) == 1

    def test_names_the_option_that_helps_in_the_language_of_the_terminal(
        self, toy: Path, capsys, monkeypatch
    ):
        for said, words in (("zh_CN.UTF-8", "可用选项："), ("en_GB.UTF-8", "Options that help:")):
            monkeypatch.setenv("LC_ALL", said)

            assert main(["import", "network", str(toy), "--check"]) == 1

            out = capsys.readouterr().out
            assert words in out
            assert all(flag in out for flag in ("--crs", "--origin", "--offset"))

    def test_writes_problems_as_excel(self, tmp_path: Path):
        path, excel = tmp_path / "broken.inp", tmp_path / "problems.xlsx"
        path.write_text(broken.pipe_to_nowhere().inp_text)
        bring(path, "--check", "--problems", str(excel))

        assert excel.read_bytes().startswith(b"PK")

    def test_goes_out_as_gis_file_of_a_past_day(self, toy: Path, tmp_path: Path):
        bring(toy)
        out = tmp_path / "out.geojson"

        assert main(["export", "network", str(out), "--at", "2020-01-01"]) == 0
        assert json.loads(out.read_text())["features"]

    def test_says_by_its_status_that_epanet_cannot_calculate_it(self, toy, tmp_path, capsys):
        bring(toy)
        out = tmp_path / "out.inp"
        one, other = (
            User.objects.create(username=name, name=name, created_at=clock.now()) for name in "ab"
        )
        (source,) = network.assets(kind="reservoir")
        steps = [("modify", source.code, {"attributes": {"status": "abandoned"}})]
        number = network.draw_change("dry", steps, by_id=one.pk)
        network.submit_change(number, by_id=one.pk)
        network.approve_change(number, by_id=other.pk)
        capsys.readouterr()

        assert main(["export", "network", str(out), "--json"]) == 1
        answer = json.loads(capsys.readouterr().out)
        assert answer["solved"] is False
        assert "network.no_source" in [one["code"] for one in answer["problems"]]
        assert out.exists()

    def test_refuses_a_format_or_day_that_it_does_not_know(self, tmp_path: Path):
        assert main(["export", "network", str(tmp_path / "out.dwg")]) == 2
        assert main(["export", "network", str(tmp_path / "o.inp"), "--at", "yesterday"]) == 2
