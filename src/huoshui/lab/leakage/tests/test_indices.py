"""UARL and ILI."""

import numpy as np
import pytest

from huoshui.lab.leakage import indices

M3_A_DAY = 1 / 86_400
SYSTEM = {"mains_m": 200e3, "connections": 10_000, "pressure_m": 40.0}
LEAST = (18 * 200 + 0.8 * 10_000) * 40 / 1000  # m³ a day


class TestUnavoidableLosses:
    def test_follow_the_formula(self):
        """100 km, 5,000 connections, 40 m: (1,800 + 4,000) x 40 = 232,000 L a day."""
        found = indices.unavoidable_losses(mains_m=100e3, connections=5_000, pressure_m=40)

        assert found / M3_A_DAY == pytest.approx(232)

    def test_agree_with_the_american_form(self):
        """(5.41 Lm + 0.15 Nc + 7.5 Lp) P in gallons a day, miles and psi (AWWA M36)."""
        miles, psi, gallon = 120.0, 65.0, 3.785411784e-3
        american = (5.41 * miles + 0.15 * 8_000 + 7.5 * 30) * psi * gallon

        found = indices.unavoidable_losses(
            mains_m=miles * 1609.344, connections=8_000, private_m=30 * 1609.344,
            pressure_m=psi * 0.70307,
        )  # fmt: skip

        assert found / M3_A_DAY == pytest.approx(american, rel=0.01)


class TestLeakageIndex:
    def test_is_the_ratio_with_its_band(self):
        found = indices.leakage_index(
            real_losses_m3s=3 * LEAST * M3_A_DAY, half_width_m3s=LEAST * M3_A_DAY / 2, **SYSTEM
        )

        assert found.ili == pytest.approx(3)
        assert found.half_width == pytest.approx(0.5)
        assert not found.suspect.any()

    def test_suspects_what_is_below_one(self):
        found = indices.leakage_index(real_losses_m3s=0.9 * LEAST * M3_A_DAY, **SYSTEM)

        assert found.ili == pytest.approx(0.9)
        assert found.suspect.all()

    @pytest.mark.parametrize(
        ("change", "reason"),
        [
            ({"connections": 2_999}, "few_connections"),
            ({"mains_m": 501e3}, "sparse"),
            ({"mains_m": 0.0}, "sparse"),
            ({"pressure_m": 24.9}, "low_pressure"),
            ({"pressure_m": 101.0}, "high_pressure"),
            ({"pressure_m": np.nan}, "unknown"),
        ],
    )
    def test_is_blank_where_the_formula_does_not_hold(self, change, reason):
        found = indices.leakage_index(real_losses_m3s=1e-6, **{**SYSTEM, **change})

        assert indices.REASONS[found.reason.item()] == reason
        assert np.isnan(found.ili).all()
        assert not found.suspect.any()
