"""Balances of files by command."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import xlsxwriter

from huoshui.cli.main import main

EXAMPLES = Path(__file__).resolve().parents[4] / "docs/guides/leakage-engineer/examples"
SMALL = """
period = "2025-03"
own_sources = {own}
billed_metered = {billed}
people = 20000
"""


def balance(path: Path, capsys, *words: str):
    status = main(["balance", str(path), "--json", *words])
    return status, json.loads(capsys.readouterr().out)


def small(tmp_path: Path, *, own: str = "100000", billed: str = "90000", more: str = "") -> Path:
    path = tmp_path / "zone.toml"
    path.write_text(SMALL.format(own=own, billed=billed) + more, encoding="utf-8")
    return path


class TestToml:
    def test_gives_every_term_with_its_band_and_the_grade(self, capsys):
        """Worked by hand: 10,000 supplied, 8,500 + 20 + 60 + 120 used; see `test_cjj92`."""
        status, answer = balance(EXAMPLES / "balance.toml", capsys)

        (city,) = answer["balances"]
        assert status == 0
        terms = city["iwa"]
        assert terms["water_supplied"]["volume_m3"] == 1e8
        assert terms["water_losses"]["volume_m3"] == pytest.approx(1.3e7)
        meters = (8560 / 0.98 - 8560) * 1e4
        assert terms["meter_errors"]["volume_m3"] == pytest.approx(meters, abs=1)
        assert terms["meter_errors"]["half_width_m3"] == pytest.approx(0.3 * meters, abs=1)
        widths = [180, 10, 85, 4, 1.2, 60, 12.5, 0.3 * meters / 1e4]
        expected = sum(one**2 for one in widths) ** 0.5 * 1e4
        assert terms["real_losses"]["half_width_m3"] == pytest.approx(expected, abs=1)
        assert terms["real_losses"]["dominant"] == "own_sources"
        assert terms["own_sources"]["estimated_m3"] == 600_000
        assert terms["data_errors"]["given"] is False
        assert city["cjj92"]["rate_pct"] == pytest.approx(5.5)
        assert (city["cjj92"]["grade"], city["cjj92"]["sales_gap_pct"]) == (1, 14.8)
        assert city["indices"]["uarl_m3_day"] == pytest.approx((18_000 + 48_000) * 32 / 1000)
        # 2,100 - 1,200,000 x 6 % x 10 L = 1,380 m³/h at 21.5 h a day.
        assert city["night"]["real_losses_m3"] == pytest.approx(1380 * 21.5 * 365, rel=1e-6)
        assert city["night"]["agrees"] is True

    def test_keeps_to_the_rules_that_were_asked_for(self, tmp_path, capsys):
        _status, answer = balance(small(tmp_path), capsys, "--rules", "cjj92")

        assert "iwa" not in answer["balances"][0]
        assert main(["balance", str(small(tmp_path)), "--rules", "m36"]) == 2
        assert "m36" in capsys.readouterr().err

    def test_takes_known_leaks_off_the_real_losses(self, tmp_path, capsys):
        more = "mains_leaks = 4000\ntank_overflows = { value = 500, error_pct = 40 }\n"

        _status, answer = balance(small(tmp_path, more=more), capsys)

        terms = answer["balances"][0]["iwa"]
        assert terms["real_losses"]["volume_m3"] == 10_000
        assert terms["unlocated_losses"]["volume_m3"] == 5_500
        assert terms["unlocated_losses"]["half_width_m3"] == 200

    def test_counts_a_fall_of_what_tanks_hold(self, tmp_path, capsys):
        more = "storage_rise = { value = -300, error_pct = 10 }\n"

        _status, answer = balance(small(tmp_path, more=more), capsys)

        terms = answer["balances"][0]["iwa"]
        assert terms["water_supplied"]["volume_m3"] == 100_300
        assert terms["real_losses"]["half_width_m3"] == 30

    def test_gives_no_grade_where_a_correction_is_not_known(self, tmp_path, capsys):
        _status, answer = balance(small(tmp_path), capsys)

        rate = answer["balances"][0]["cjj92"]
        assert rate["gross_rate_pct"] == pytest.approx(10.0)
        assert (rate["rate_pct"], rate["grade"], rate["r1_pct"]) == (None, None, None)

    def test_leaves_the_index_blank_where_it_does_not_hold(self, tmp_path, capsys):
        more = "connections = 2000\nmains_km = 30\npressure_m = 40\n"

        _status, answer = balance(small(tmp_path, more=more), capsys)

        found = answer["balances"][0]["indices"]
        assert found["ili"] is None
        assert found["ili_blank_because"] == "few_connections"

    def test_suspects_an_index_below_one(self, tmp_path, capsys):
        more = "connections = 4000\nmains_km = 30\npressure_m = 40\n"

        _status, answer = balance(small(tmp_path, billed="97000", more=more), capsys)

        found = answer["balances"][0]["indices"]
        # 3,000 m³ in 31 days are 97 m³ a day; (540 + 3,200) x 40 L are 149.6.
        assert found["ili"] == pytest.approx(3000 / 31 / 149.6, rel=1e-3)
        assert found["ili_suspect"] is True

    @pytest.mark.parametrize(
        ("change", "line", "column", "value"),
        [
            ({"own": '"much"'}, 3, "own_sources", "much"),
            ({"own": "-5"}, 3, "own_sources", "-5"),
            ({"billed": '{ value = 1, unit = "barrel" }'}, 4, "billed_metered", "barrel"),
            ({"more": "peple = 3\n"}, 6, "peple", ""),
            ({"more": "frost_depth_m = 200\n"}, 6, "frost_depth_m", "200"),
            ({"more": "own_source = [\n"}, 6, "", None),
        ],
    )
    def test_says_where_the_file_is_wrong(self, tmp_path, capsys, change, line, column, value):
        status, answer = balance(small(tmp_path, **change), capsys)

        assert status == 2
        first = answer["problems"][0]
        assert first["column"] == column
        if value is not None:
            assert (first["line"], first["value"]) == (line, value)
        assert first["remedy"]

    def test_says_all_that_is_wrong_at_once(self, tmp_path, capsys):
        path = tmp_path / "zone.toml"
        path.write_text('from = 2025-02-01\nuntil = 2025-01-01\nmains_km = "x"\n')

        assert main(["balance", str(path)]) == 2

        said = capsys.readouterr().err
        for word in ("line 2", "mains_km", "own_sources", "billed_metered"):
            assert word in said


class TestRefusals:
    def test_hold_back_a_month_with_too_little_data_unless_asked(self, tmp_path, capsys):
        path = small(tmp_path, own="{ value = 100000, data_pct = 74 }")

        status, answer = balance(path, capsys)
        assert (status, answer["balances"][0]["balanced"]) == (1, False)
        assert answer["balances"][0]["findings"][0]["code"] == "too_little_data"

        status, answer = balance(path, capsys, "--anyway")
        assert (status, answer["balances"][0]["balanced"]) == (0, True)
        assert answer["balances"][0]["findings"][0]["code"] == "too_little_data"

    @pytest.mark.parametrize(
        ("own", "billed", "code", "likely"),
        [
            ("100000000", "90000000", "impossible_use", "litres_as_m3"),
            ("10", "9", "impossible_use", "ten_thousand_m3_as_m3"),
            ("100000", "9", "impossible_use", "ten_thousand_m3_as_m3"),
            ("100000", "120000", "losses_below_zero", None),
        ],
    )
    def test_catch_volumes_that_cannot_be(self, tmp_path, capsys, own, billed, code, likely):
        status, answer = balance(small(tmp_path, own=own, billed=billed), capsys)

        assert status == 1
        finding = answer["balances"][0]["findings"][0]
        assert finding["code"] == code
        if likely:
            assert finding["likely"] == likely

    @pytest.mark.parametrize(
        ("more", "code", "status"),
        [
            ('household_read = { value = 9, unit = "万m³" }', None, 0),
            ('household_read = { value = 900, unit = "万m³" }', "household_above_use", 1),
            ("unauthorised = 9000", None, 0),
            ("unauthorised = 20000", "real_losses_below_zero", 1),
            ("mains_leaks = 20000", "unlocated_losses_below_zero", 0),
        ],
    )
    def test_catch_terms_that_contradict_each_other(self, tmp_path, capsys, more, code, status):
        path = small(tmp_path, more=f"\n{more}\n")

        found, answer = balance(path, capsys)

        codes = [one["code"] for one in answer["balances"][0]["findings"]]
        assert [one for one in codes if one not in ("no_error_given", "size_unknown")] == (
            [code] if code else []
        )
        assert found == status
        # And in words, by the command as people use it.
        main(["balance", str(path), "--anyway"])
        said = capsys.readouterr().out
        assert ("9,000,000" in said) == (code == "household_above_use")
        assert ("-10,000 ± 0" in said) == (code is not None and code != "household_above_use")

    def test_are_not_made_where_more_is_used_within_the_errors(self, tmp_path, capsys):
        status, _answer = balance(
            small(tmp_path, billed="{ value = 101000, error_pct = 2 }"), capsys
        )

        assert status == 0


class TestRegion:
    def test_weighs_the_rates_of_zones_by_their_water(self, tmp_path, capsys):
        """15 % of 1,000 and 5 % of 3,000, no corrections but R2 = -3: (18 + 3 x 8) / 4 = 10.5 %."""
        path = tmp_path / "zones.toml"
        zone = "[[zone]]\nown_sources = {}\nbilled_metered = {}\n"
        path.write_text(
            'period = "2025"\nhousehold_read = 0\nmains_km = 0\noutlet_pressure_mpa = 0.2\n'
            "frost_depth_m = 0\n" + zone.format(1000, 850) + zone.format(3000, 2850)
        )

        _status, answer = balance(path, capsys)

        assert answer["region"] == {"zones": 2, "supplied_m3": 4000.0, "rate_pct": 10.5}
        assert main(["balance", str(path)]) == 0
        assert "10.50 %" in capsys.readouterr().out.splitlines()[-1]

    def test_is_not_given_for_different_periods(self, capsys):
        _status, answer = balance(EXAMPLES / "balance.toml", capsys)

        assert answer["region"] is None


class TestTables:
    def test_balance_each_row_and_refuse_the_bad_ones_in_words(self, capsys, monkeypatch):
        for said, words in (("zh_CN.UTF-8", "可能是 m³"), ("en_GB.UTF-8", "probably in m³")):
            monkeypatch.setenv("LC_ALL", said)

            assert main(["balance", str(EXAMPLES / "balance.csv")]) == 1

            out = capsys.readouterr().out
            assert words in out
            assert "71.0 %" in out
            assert "48,000" in out  # 312,000 - 264,000: the gap of the first zone

    def test_are_read_without_setting_the_platform_up(self, tmp_path):
        path = tmp_path / "empty.csv"
        path.write_text("")
        program = (
            "import sys\n"
            "from huoshui.cli.main import main\n"
            "status = main(['balance', sys.argv[1]])\n"
            "print(status, [name for name in sys.modules if name.startswith('huoshui.areas')])\n"
        )

        ran = subprocess.run(
            [sys.executable, "-c", program, str(path)], capture_output=True, text=True,
            check=True, env={**os.environ, "LC_ALL": "zh_CN.UTF-8", "PYTHONIOENCODING": "utf-8"},
        )  # fmt: skip

        assert ran.stdout.splitlines()[-1] == "2 []"
        assert "文件是空的" in ran.stdout + ran.stderr

    def test_come_from_excel_too(self, tmp_path, capsys):
        path = tmp_path / "zones.xlsx"
        with xlsxwriter.Workbook(path) as book:
            sheet = book.add_worksheet()
            sheet.write_row(0, 0, ["name", "period", "own_sources [L]", "计费计量用水量（m³）"])
            sheet.write_row(1, 0, ["A", "2025-03", 5_000_000, 4000])

        status, answer = balance(path, capsys)

        assert status == 0
        assert answer["balances"][0]["iwa"]["water_losses"]["volume_m3"] == pytest.approx(1000)

    def test_name_a_column_that_is_unknown(self, tmp_path, capsys):
        path = tmp_path / "zones.csv"
        path.write_text("name,period,own_sources,billed_metered,wheather\nA,2025,5,4,1\n")

        status, answer = balance(path, capsys)

        assert status == 2
        assert answer["problems"][0]["column"] == "wheather"

    def test_name_the_line_and_value_of_a_bad_cell(self, tmp_path, capsys):
        path = tmp_path / "zones.csv"
        path.write_text("name,period,own_sources,billed_metered\nA,2025,5,4\nB,2025-13,5,x\n")

        status, answer = balance(path, capsys)

        assert status == 2
        assert [(one["line"], one["column"], one["value"]) for one in answer["problems"]] == [
            (3, "period", "2025-13"), (3, "billed_metered", "x"),
        ]  # fmt: skip


class TestReadings:
    """March 2025 by the hour: 36 m³/h by day, 18 m³/h from 02:00 to 04:00."""

    def write(self, folder: Path, *, lost: range = range(0), more: str = "") -> Path:
        rows = ["time;inlet_m3h;leak"]
        for hour in range(31 * 24):
            flow = "18,0" if hour % 24 in (2, 3) else "36,0"
            flow = "" if hour in lost else flow
            rows.append(f"2025-03-{hour // 24 + 1:02} {hour % 24:02}:00;{flow};1,5")
        (folder / "flows.csv").write_text("\n".join(rows))
        path = folder / "zone.toml"
        path.write_text(
            'period = "2025-03"\npeople = 3000\nbilled_metered = 20000\n'
            'own_sources = { readings = "flows.csv", column = "inlet_m3h", error_pct = 2'
            f"{more} }}\n"
        )
        return path

    def test_become_a_volume_and_a_night_flow(self, tmp_path, capsys):
        status, answer = balance(self.write(tmp_path), capsys)

        assert status == 0
        found = answer["balances"][0]
        volume = 31 * (22 * 36 + 2 * 18)
        assert found["iwa"]["own_sources"]["volume_m3"] == pytest.approx(volume)
        assert found["iwa"]["own_sources"]["half_width_m3"] == pytest.approx(0.02 * volume)
        assert found["night"]["night_flow_m3h"] == pytest.approx(18)

    def test_are_filled_by_the_time_of_day_and_called_an_estimate(self, tmp_path, capsys):
        lost = range(24 * 10, 24 * 17)

        _status, answer = balance(self.write(tmp_path, lost=lost), capsys)

        found = answer["balances"][0]
        assert found["iwa"]["own_sources"]["volume_m3"] == pytest.approx(31 * 828)
        assert found["iwa"]["own_sources"]["estimated_m3"] == pytest.approx(7 * 828)
        assert "estimated" in [one["code"] for one in found["findings"]]

    def test_of_less_than_three_quarters_are_refused(self, tmp_path, capsys):
        status, answer = balance(self.write(tmp_path, lost=range(24 * 8)), capsys)

        assert status == 1
        assert answer["balances"][0]["findings"][0]["code"] == "too_little_data"
        assert answer["balances"][0]["findings"][0]["share"] == pytest.approx(23 / 31)

    @pytest.mark.parametrize(
        ("more", "code"),
        [
            (', columns = ["inlet"]', "balance.column_unknown"),
            (', columns = ["leak"]', "balance.flow_unit_unknown"),
            (', unit = "m³"', "balance.flow_unit_unknown"),
            (", data_pct = 3", "balance.key_unknown"),
        ],
    )
    def test_are_refused_with_the_reason(self, tmp_path, capsys, more, code):
        status, answer = balance(self.write(tmp_path, more=more), capsys)

        assert status == 2
        assert [(one["code"], one["line"]) for one in answer["problems"]] == [(code, 4)]

    def test_of_another_year_are_none(self, tmp_path, capsys):
        path = self.write(tmp_path)
        path.write_text(path.read_text().replace("2025-03", "2024-03"))

        _status, answer = balance(path, capsys)

        assert answer["problems"][0]["code"] == "balance.no_readings"
