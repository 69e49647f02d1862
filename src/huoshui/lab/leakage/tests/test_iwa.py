"""The water balance and its bands."""

import numpy as np
import pytest

from huoshui.lab.leakage import iwa

CITY = {
    "own_sources": 1000.0, "imported": 200.0, "exported": 100.0, "billed_metered": 800.0,
    "billed_unmetered": 50.0, "unbilled_metered": 10.0, "unbilled_unmetered": 20.0,
    "unauthorised": 5.0, "meter_errors": 30.0, "data_errors": 5.0,
}  # fmt: skip
ERRORS = {
    "own_sources": 20.0, "imported": 5.0, "exported": 2.0, "billed_metered": 12.0,
    "unbilled_unmetered": 10.0, "meter_errors": 9.0, "unauthorised": 4.0,
}  # fmt: skip


class TestBalance:
    def test_adds_up(self):
        found = iwa.balance(volumes_m3=CITY, half_widths_m3={})

        expected = {
            "system_input": 1200, "water_supplied": 1100, "billed_authorised": 850,
            "unbilled_authorised": 30, "authorised": 880, "revenue_water": 850,
            "non_revenue_water": 250, "water_losses": 220, "apparent_losses": 40,
            "real_losses": 180, "unlocated_losses": 180,
        }  # fmt: skip
        assert {name: found[name].volume_m3.item() for name in iwa.RESULTS} == expected
        assert found["real_losses"].share_frac == pytest.approx(180 / 1100)

    def test_repeats_a_published_band(self):
        """Thornton, Sturm, Kunkel, "Water Loss Control", 2nd ed. 2008, table 7.5 (San Francisco):
        variances of the sources and of the water billed, and from them the non-revenue water,
        4,253.92 million gallons at 11.2 %, with a variance of 59,148.0.
        """
        sources = [9_553.7, 18_732.1, 7_330.2, 3_294.3]

        found = iwa.balance(
            volumes_m3={"own_sources": 29_032.56, "billed_metered": 24_778.64},
            half_widths_m3={
                "own_sources": 1.96 * np.sqrt(sum(sources)),
                "billed_metered": 1.96 * np.sqrt(20_237.7),
            },
        )

        lost = found["non_revenue_water"]
        assert lost.volume_m3 == pytest.approx(4_253.92)
        assert lost.half_width_m3 / lost.volume_m3 == pytest.approx(0.112, abs=5e-4)
        assert (lost.half_width_m3 / 1.96) ** 2 == pytest.approx(59_148.0, abs=0.1)
        assert found["system_input"].half_width_m3 / 29_032.56 == pytest.approx(0.013, abs=5e-4)

    def test_has_the_bands_of_a_million_drawn_cities(self):
        """Another way to the same: terms drawn from their errors, and the balance of each."""
        rng = np.random.default_rng(20260301)
        names = list(CITY)
        drawn = {
            name: rng.normal(CITY[name], ERRORS.get(name, 0.0) / 1.96, 1_000_000) for name in names
        }
        supplied = drawn["own_sources"] + drawn["imported"] - drawn["exported"]
        real = supplied - sum(drawn[name] for name in names[3:])

        found = iwa.balance(volumes_m3=CITY, half_widths_m3=ERRORS)["real_losses"]

        assert found.half_width_m3 == pytest.approx(1.96 * real.std(), rel=0.005)
        assert found.share_half_width_frac == pytest.approx(
            1.96 * (real / supplied).std(), rel=0.01
        )

    def test_names_the_term_that_widens_a_band_most(self):
        found = iwa.balance(volumes_m3=CITY, half_widths_m3=ERRORS)

        assert iwa.TERMS[found["real_losses"].dominant.item()] == "own_sources"
        assert found["real_losses"].dominance_frac == pytest.approx(
            400 / sum(width**2 for width in ERRORS.values())
        )
        assert iwa.TERMS[found["apparent_losses"].dominant.item()] == "meter_errors"
        assert found["unbilled_metered"].dominant.item() == -1

    def test_takes_known_leaks_off_the_real_losses_only(self):
        known = {"mains_leaks": 60.0, "connection_leaks": 30.0, "tank_overflows": 4.0}

        found = iwa.balance(volumes_m3=CITY | known, half_widths_m3=ERRORS | {"mains_leaks": 40.0})

        assert found["real_losses"].volume_m3 == 180
        assert found["unlocated_losses"].volume_m3 == 180 - 94
        assert iwa.TERMS[found["unlocated_losses"].dominant.item()] == "mains_leaks"

    @pytest.mark.parametrize(("rise", "supplied"), [(15.0, 1085), (-15.0, 1115)])
    def test_counts_what_tanks_took_or_gave(self, rise, supplied):
        found = iwa.balance(volumes_m3=CITY | {"storage_rise": rise}, half_widths_m3={})

        assert found["water_supplied"].volume_m3 == supplied
        assert found["real_losses"].volume_m3 == 180 - rise
        assert found["system_input"].volume_m3 == 1200

    def test_takes_zones_side_by_side(self):
        found = iwa.balance(
            volumes_m3={"imported": [100.0, 200.0, 300.0], "billed_metered": [90.0, 210.0, np.nan]},
            half_widths_m3={"imported": 2.0},
        )

        np.testing.assert_array_equal(found["real_losses"].volume_m3, [10, -10, np.nan])
        np.testing.assert_array_equal(found["system_input"].volume_m3, [100, 200, 300])
        assert found["real_losses"].low_m3[0] == 8
        assert "own_sources" in found.not_given

    def test_takes_zones_and_months_as_they_come(self):
        own = np.arange(1.0, 7.0).reshape(2, 3)

        found = iwa.balance(
            volumes_m3={"own_sources": own, "billed_metered": [[0.5], [1.0]]}, half_widths_m3={}
        )

        np.testing.assert_allclose(found["real_losses"].volume_m3, own - [[0.5], [1.0]])

    @pytest.mark.parametrize(
        ("volumes", "term"),
        [
            ({"own_sources": 1.0}, "billed_metered"),
            ({"billed_metered": 1.0}, "own_sources"),
            ({"own_sources": 1.0, "billed_metered": -1.0}, "billed_metered"),
            ({"own_sources": 1.0, "billed_metered": 1.0, "stolen": 1.0}, "stolen"),
        ],
    )
    def test_refuses_by_the_name_of_the_term(self, volumes, term):
        with pytest.raises(iwa.BadTerm) as refused:
            iwa.balance(volumes_m3=volumes, half_widths_m3={})
        assert refused.value.term == term
