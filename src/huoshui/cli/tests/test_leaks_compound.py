"""A compound as plain files: its alarms, its months, and what is refused."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from huoshui.cli.main import main
from huoshui.democity.simulate import compounds


@pytest.fixture(scope="module")
def made():
    return compounds.compound(2, days=120, leaks=1)


@pytest.fixture
def files(tmp_path: Path, made) -> tuple[Path, Path]:
    compounds.write(tmp_path, made)
    return tmp_path / "master.csv", tmp_path / "homes.csv"


class TestCompound:
    def test_finds_the_leak_and_balances_the_months(self, files, made, capsys):
        master, homes = files

        status = main(
            ["leaks", "compound", "--master", str(master), "--homes", str(homes), "--json"]
        )

        answer = json.loads(capsys.readouterr().out)
        (leak,) = made.leaks
        begin = made.hour_s[leak.from_hour]
        known = [
            datetime.fromisoformat(one["known_at"]).replace(tzinfo=UTC).timestamp()
            for one in answer["alarms"]
        ]
        assert any(0 < at - begin < 10 * 86400 for at in known)
        assert status in (0, 1)
        assert answer["homes"] == made.homes
        assert [one["from"][:7] for one in answer["months"]] == [
            "2025-01", "2025-02", "2025-03", "2025-04",
        ]  # fmt: skip
        january = answer["months"][0]
        true = made.lost_m3h[: 31 * 24].sum()
        assert abs(january["loss_m3"] - true) <= january["half_width_m3"]
        assert len(answer["nights"]) == 120

    def test_says_it_in_words(self, files, capsys):
        master, homes = files

        main(["leaks", "compound", "--master", str(master), "--homes", str(homes)])

        said = capsys.readouterr().out
        assert "2025-02" in said
        assert "m³/h" in said
        assert "%(" not in said

    def test_says_what_a_balance_needs_where_there_is_none(self, files, capsys):
        master, homes = files
        one = [",".join(line.split(",")[:2]) for line in homes.read_text().splitlines()]
        homes.write_text("\n".join(one) + "\n")

        main(["leaks", "compound", "--master", str(master), "--homes", str(homes)])

        said = capsys.readouterr().out
        assert "no balance" in said
        assert said.count("half of the homes") == 1

    def test_refuses_several_columns_and_too_few_days(self, files, tmp_path, capsys):
        master, homes = files

        assert main(["leaks", "compound", "--master", str(homes)]) == 2
        short = tmp_path / "short.csv"
        short.write_text("\n".join(master.read_text().splitlines()[:200]) + "\n")
        assert main(["leaks", "compound", "--master", str(short)]) == 2
        assert "22" in capsys.readouterr().err
