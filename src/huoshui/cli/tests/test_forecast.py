"""The command on plain files: what it writes, what it lists, what it refuses."""

import gzip
from datetime import datetime, timedelta

import numpy as np
import pytest

from huoshui import cli

FIRST = datetime.fromisoformat("2021-02-01T00:00")
HOURS = 24 * 21


@pytest.fixture(autouse=True)
def in_english(monkeypatch):
    for name in ("LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "C.UTF-8")


def lines_of(hours=HOURS, separator=","):
    """Return the lines of a file of two zones with a rhythm of the day."""
    found = [separator.join(("local_time", "north_lps", "south_lps"))]
    for number in range(hours):
        at = FIRST + timedelta(hours=number)
        north = 10 + 3 * np.sin(at.hour / 24 * 2 * np.pi)
        cells = [f"{north:.2f}", f"{2 * north:.2f}"]
        if separator == ";":
            cells = [cell.replace(".", ",") for cell in cells]
        found.append(separator.join([at.isoformat(timespec="minutes"), *cells]))
    return found


@pytest.fixture
def ask(tmp_path):
    """Return a function that writes the inflow, runs the command, and returns its status."""

    def asked(lines, *words, start="2021-02-19T00:00"):
        (tmp_path / "in.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
        return cli.main(
            ["forecast", "--inflow", str(tmp_path / "in.csv"), "--start", start,
             "--out", str(tmp_path / "out.csv"), *words]
        )  # fmt: skip

    return asked


class TestForecast:
    def test_writes_the_same_columns_and_one_row_per_hour(self, ask, tmp_path):
        assert ask(lines_of(), "--hours", "48") == 0

        lines = (tmp_path / "out.csv").read_text(encoding="utf-8").splitlines()
        assert lines[0] == "local_time,north_lps,south_lps"
        assert [line.split(",")[0] for line in lines[1:3]] == [
            "2021-02-19T00:00",
            "2021-02-19T01:00",
        ]
        assert len(lines) == 49
        # The rhythm is exact, so the forecast is it: 10 + 3 sin(6/24 2 pi) = 13 at six o'clock.
        assert [float(cell) for cell in lines[7].split(",")[1:]] == pytest.approx(
            [13, 26], abs=0.05
        )

    def test_reads_nothing_at_or_after_the_start(self, ask, tmp_path):
        lines = lines_of()
        ask(lines)
        there = (tmp_path / "out.csv").read_text(encoding="utf-8")
        begin = 1 + 24 * 18
        changed = lines[:begin] + [line.split(",")[0] + ",999,-999" for line in lines[begin:]]

        ask(changed)

        assert (tmp_path / "out.csv").read_text(encoding="utf-8") == there

    def test_keeps_to_semicolons_and_decimal_commas(self, ask, tmp_path):
        assert ask(lines_of(separator=";")) == 0

        row = (tmp_path / "out.csv").read_text(encoding="utf-8").splitlines()[7].split(";")
        assert float(row[1].replace(",", ".")) == pytest.approx(13, abs=0.05)

    def test_lists_bad_rows_with_line_and_value_and_goes_on(self, ask, tmp_path, capsys):
        lines = lines_of()
        lines[4] = lines[4].replace(lines[4].split(",")[1], "twelve")
        lines[5] = "yesterday,1,2"
        lines[6] += ",7"
        lines[9] = lines[8]

        assert ask(lines) == 0

        said = capsys.readouterr().err
        assert "line 5, north_lps: 'twelve' is not a number" in said
        assert "line 6: 'yesterday' is not a time" in said
        assert "line 7: 4 values instead of 3" in said
        assert "2021-02-01T07:00 stands there 2 times" in said
        assert len((tmp_path / "out.csv").read_text(encoding="utf-8").splitlines()) == 169

    @pytest.mark.parametrize(
        "packed",
        [lambda text: gzip.compress(text.encode()), lambda text: text.encode("gb18030")],
    )
    def test_reads_packed_files_and_those_of_old_programs(self, ask, tmp_path, packed):
        text = "\n".join(lines_of()).replace("local_time", "时间")
        other = tmp_path / "other.csv"
        other.write_bytes(packed(text))

        assert ask(lines_of(), "--inflow", str(other)) == 0

    def test_says_when_the_history_ended_long_before(self, ask, capsys):
        assert ask(lines_of(24 * 15)) == 0

        assert "ends at 2021-02-16T00:00" in capsys.readouterr().err

    def test_says_when_there_is_too_little_history_for_bands(self, ask, tmp_path, capsys):
        assert ask(lines_of(), "--bands", str(tmp_path / "b.csv")) == 0

        assert "seven weeks" in capsys.readouterr().err
        assert (tmp_path / "b.csv").read_text(encoding="utf-8").splitlines()[1].endswith(",,,,")

    def test_refuses_a_start_that_the_history_does_not_reach(self, ask, tmp_path, capsys):
        assert ask(lines_of(), start="2030-02-19T00:00") == 2

        assert "2021-02-22T00:00" in capsys.readouterr().err
        assert not (tmp_path / "out.csv").exists()

    def test_refuses_a_file_that_cannot_be_written(self, ask, tmp_path, capsys):
        assert ask(lines_of(), "--out", str(tmp_path)) == 2

        assert "cannot be written" in capsys.readouterr().err

    def test_writes_the_bands_beside(self, ask, tmp_path):
        lines = lines_of(24 * 90)

        assert ask(lines, "--bands", str(tmp_path / "b.csv"), start="2021-04-25 00:00") == 0

        written = (tmp_path / "b.csv").read_text(encoding="utf-8").splitlines()
        assert written[0].split(",")[1:3] == ["north_lps_low", "north_lps_high"]
        low, high = (float(cell) for cell in written[7].split(",")[1:3])
        assert low <= 13.01
        assert high >= 12.99

    def test_uses_weather_by_the_words_of_its_header(self, ask, tmp_path, capsys):
        weather = ["time,Rainfall depth (mm),Air temperature (°C)"]
        weather += [line.split(",")[0] + ",0,12" for line in lines_of()[1:]]
        (tmp_path / "w.csv").write_text("\n".join(weather), encoding="utf-8")

        assert ask(lines_of(), "--weather", str(tmp_path / "w.csv")) == 0

        assert "Weather is not used" not in capsys.readouterr().err

    @pytest.mark.parametrize(
        ("words", "said"),
        [
            (["--hours", "200"], "1 to 168"),
            (["--country", "QQ"], "QQ"),
            (["--inside", "1"], "between 0 and 1"),
            (["--zone", "Europe/Nowhere"], "Europe/Nowhere"),
            (["--weather", "/nowhere.csv"], "/nowhere.csv"),
        ],
    )
    def test_refuses_in_words(self, ask, capsys, words, said):
        assert ask(lines_of(), *words) == 2

        assert said in capsys.readouterr().err

    @pytest.mark.parametrize(
        ("lines", "start", "said"),
        [
            ([], "2021-02-19T00:00", "empty"),
            (["local_time"], "2021-02-19T00:00", "first line"),
            (lines_of(24), "2021-01-01T00:00", "nothing before"),
            (lines_of(24), "soon", "'soon' is not a time"),
            (lines_of(24), "2021-02-03T00:30", "full hour"),
            (lines_of(24), "2021-02-03T00:00", "at least 7 days"),
        ],
    )
    def test_refuses_files_and_starts(self, ask, capsys, lines, start, said):
        assert ask(lines, start=start) == 2

        assert said in capsys.readouterr().err
