"""Balances worked on paper, term by term, set beside what the command says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from huoshui.cli.main import main

YEAR = """
name = "a city"
period = "2025"
unit = "m³"
own_sources = 20000000
own_sources_error_pct = 2
imported = 3000000
imported_error_pct = 1.5
exported = 1000000
exported_error_pct = 3
storage_rise = -5000
billed_metered = 17000000
billed_metered_error_pct = 1
billed_unmetered = 400000
billed_unmetered_error_pct = 20
unbilled_metered = 100000
unbilled_metered_error_pct = 5
unbilled_unmetered = 200000
unbilled_unmetered_error_pct = 30
unauthorised = 60000
unauthorised_error_pct = 50
meter_loss_pct = 3
meter_loss_error_pct = 40
mains_leaks = 500000
mains_leaks_error_pct = 10
household_read = 9000000
mains_km = 600
private_km = 20
connections = 30000
people = 300000
pressure_m = 35
outlet_pressure_mpa = 0.45
frost_depth_m = 0.5
"""
MONTH = """
name = "a town"
period = "2025-06"
unit = "万m³"
own_sources = 62
own_sources_error_pct = 2
own_sources_data_pct = {known}
own_sources_estimated = 6
billed_metered = 50
billed_metered_error_pct = 1.5
unbilled_unmetered = 0.5
unbilled_unmetered_error_pct = 50
household_read = 30
mains_km = 60
connections = 2500
people = 90000
pressure_m = 30
outlet_pressure_mpa = 0.55
frost_depth_m = 1.5
"""


def balanced(tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str) -> tuple[int, Any]:
    path = tmp_path / "balance.toml"
    path.write_text(text, encoding="utf-8")
    status = main(["balance", str(path), "--json"])
    (one,) = json.loads(capsys.readouterr().out)["balances"]
    return status, one


def test_a_year_with_every_term(tmp_path, capsys):
    """Volumes and half-widths in thousands of m³; bands add up as squares.

    supplied      20000 + 3000 - 1000 + 5 = 22005      400, 45, 30: √162925      = 403.640
    authorised    17000 + 400 + 100 + 200 = 17700      170, 80, 5, 60: √38925    = 197.294
    losses        22005 - 17700           =  4305      √(162925 + 38925)         = 449.277
    meters miss   17100 / 0.97 - 17100    =   528.866  40 %                      = 211.546
    apparent      60 + 528.866            =   588.866  30, 211.546: √45651.88    = 213.663
    real          4305 - 588.866          =  3716.134  √(201850 + 45651.88)      = 497.496
    not located   3716.134 - 500          =  3216.134  √(247501.88 + 2500)       = 500.002
    Of the losses' variance 400² / 201850 = 79.27 % are the own sources'.
    """
    status, found = balanced(tmp_path, capsys, YEAR)

    assert status == 0
    terms = {
        name: (one["volume_m3"] / 1000, one["half_width_m3"] / 1000)
        for name, one in found["iwa"].items()
    }
    for name, expected in {
        "system_input": (23000, 402.523),
        "water_supplied": (22005, 403.640),
        "authorised": (17700, 197.294),
        "water_losses": (4305, 449.277),
        "meter_errors": (528.866, 211.546),
        "apparent_losses": (588.866, 213.663),
        "real_losses": (3716.134, 497.496),
        "unlocated_losses": (3216.134, 500.002),
        "revenue_water": (17400, 187.883),
        "non_revenue_water": (4605, 445.225),
    }.items():
        assert terms[name] == pytest.approx(expected, abs=0.001), name
    losses = found["iwa"]["water_losses"]
    assert (losses["dominant"], losses["dominance_pct"]) == ("own_sources", 79.27)
    # As a share of the water supplied the errors that both have are counted once:
    # √((17700/22005 · 403.640)² + 197.294²) / 22005 = 1.7265 %.
    assert losses["share_half_width_pct"] == pytest.approx(1.7265, abs=1e-4)
    # UARL: (18 · 600 + 0.8 · 30000 + 25 · 20) · 35 m = 1235500 L/d; ILI 3716134 / 365 / 1235.5.
    assert found["indices"]["uarl_m3_day"] == pytest.approx(1235.5)
    assert found["indices"]["ili"] == pytest.approx(8.2405, abs=1e-4)
    assert found["indices"]["ili_half_width"] == pytest.approx(497495.6 / 365 / 1235.5, abs=1e-4)
    # CJJ 92: 4305 / 22005 = 19.5637 %. R1 0.08 · 9000/22005; R2 0.99 (600 km / 2200.5 万m³
    # - 0.0693) is 20.1 %, 3 % count; R3 0.5 % between 0.35 and 0.55 MPa; R4 0 up to 1.4 m.
    rate = found["cjj92"]
    assert [rate[f"r{number}_pct"] for number in (1, 2, 3, 4)] == pytest.approx(
        [3.2720, 3.0, 0.5, 0.0], abs=1e-4
    )
    assert rate["rate_pct"] == pytest.approx(19.5637 - 6.7720, abs=2e-4)
    assert (rate["grade"], rate["grade_sure"]) == (0, False)  # 12.79 ± 1.73 reaches below 12
    assert rate["sales_gap_pct"] == pytest.approx(100 * 4605 / 22005, abs=1e-4)


def test_a_month_in_ten_thousands_with_holes(tmp_path, capsys):
    """62 - 50.5 = 11.5 万m³; 1.24, 0.75, 0.25: √2.1626 = 1.47058 万m³, most of it the supply's.

    Gross 11.5 / 62 = 18.5484 %. R1 0.08 · 30/62 = 3.8710 %. A year of this month would be
    62 · 365/30 = 754.333 万m³, so R2 = 0.99 (60 / 754.333 - 0.0693) = 1.0139 %. 0.55 MPa still
    counts 0.5 %, frost below 1.4 m 1 %. Rate 18.5484 - 6.3849 = 12.1635 %.
    """
    status, found = balanced(tmp_path, capsys, MONTH.format(known=80))

    assert status == 0
    losses = found["iwa"]["water_losses"]
    assert (losses["volume_m3"], losses["half_width_m3"]) == pytest.approx(
        (115000, 14705.8), abs=0.05
    )
    assert losses["dominant"] == "own_sources"
    assert losses["dominance_pct"] == pytest.approx(100 * 1.24**2 / 2.1626, abs=0.01)
    assert found["iwa"]["own_sources"]["estimated_m3"] == 60000
    assert "estimated" in {one["code"] for one in found["findings"]}
    rate = found["cjj92"]
    assert [rate[f"r{number}_pct"] for number in (1, 2, 3, 4)] == pytest.approx(
        [3.8710, 1.0139, 0.5, 1.0], abs=2e-4
    )
    assert rate["rate_pct"] == pytest.approx(12.1635, abs=3e-4)
    # 2,500 connections: the formula for the ILI does not hold.
    assert found["indices"]["ili"] is None
    assert found["indices"]["ili_blank_because"] == "few_connections"


@pytest.mark.parametrize(
    ("change", "code", "words"),
    [
        (("own_sources_data_pct = 80", "own_sources_data_pct = 74"), "too_little_data", "74"),
        # 62 m³ for 90,000 people are 0.02 litres a day; as 万m³ they would be 230.
        (('unit = "万m³"', 'unit = "m³"'), "impossible_use", "0.02"),
    ],
)
def test_the_same_month_is_refused(tmp_path, capsys, change, code, words):
    status, found = balanced(tmp_path, capsys, MONTH.format(known=80).replace(*change))

    assert status == 1
    assert found["balanced"] is False
    fatal = [one for one in found["findings"] if one["fatal"]]
    (why,) = (one["words"] for one in fatal if one["code"] == code and words in one["words"])
    assert why


def test_a_published_balance(tmp_path, capsys):
    """Five sources and one billed volume of San Francisco, 2004/05, in million gallons.

    J. Thornton, R. Sturm, G. Kunkel, "Water Loss Control", 2nd ed. 2008, table 7.5: sources at
    2.6 % each come to 29032.56 at 1.3 %, billed 24778.64 at 1.1 %, non-revenue water 4253.92 at
    11.2 %. Its variances of 9553.7 and 20237.7 say that 2.55 % and 1.125 % were meant. All sources
    are one term in a file, so their bands are added up beforehand. m³ stand for gallons here.
    """
    sources = [7512.80, 10519.84, 6580.71, 4411.61, 7.60]
    half = sum((0.0255 * one) ** 2 for one in sources) ** 0.5
    text = (
        f'name = "table 7.5"\nperiod = "2005"\nunit = "m³"\nown_sources = {sum(sources)}\n'
        f"own_sources_error_pct = {100 * half / sum(sources)}\n"
        "billed_metered = 24778.64\nbilled_metered_error_pct = 1.12529\n"
    )

    status, found = balanced(tmp_path, capsys, text)

    assert status == 0
    supplied, unsold = found["iwa"]["water_supplied"], found["iwa"]["non_revenue_water"]
    assert supplied["volume_m3"] == pytest.approx(29032.56)
    assert supplied["half_width_m3"] / supplied["volume_m3"] == pytest.approx(0.013, abs=5e-4)
    assert unsold["volume_m3"] == pytest.approx(4253.92)
    assert unsold["half_width_m3"] / unsold["volume_m3"] == pytest.approx(0.112, abs=5e-4)
