"""The books of one zone and period, from a notebook."""

from datetime import date

import numpy as np
import pytest

from huoshui.lab.leakage import account, iwa

ZONE = {
    "name": "A",
    "from_date": date(2025, 3, 1),
    "until_date": date(2025, 4, 1),
    "volumes_m3": {"own_sources": 100_000.0, "billed_metered": 90_000.0},
    "people": 20_000.0,
}


def codes(**change):
    return [(one.code, one.term) for one in account.check(account.Account(**ZONE | change))
            if one.fatal]  # fmt: skip


class TestCheck:
    def test_finds_nothing_fatal_in_a_sound_month(self):
        assert codes() == []

    def test_names_the_term_with_too_little_data(self):
        assert codes(data_frac={"own_sources": 0.75, "billed_metered": 0.749}) == [
            ("too_little_data", "billed_metered")
        ]

    @pytest.mark.parametrize(("own", "billed"), [(100_000.0, 9.0), (10.0, 90_000.0)])
    def test_sees_two_columns_in_different_units_without_people(self, own, billed):
        volumes = {"own_sources": own, "billed_metered": billed}

        assert codes(volumes_m3=volumes, people=float("nan")) == [
            ("units_differ", "billed_metered")
        ]

    def test_refuses_a_volume_that_is_missing_as_the_balance_does(self):
        with pytest.raises(iwa.BadTerm, match="billed_metered"):
            codes(volumes_m3={"own_sources": 1000.0})

    def test_sees_more_read_home_by_home_than_is_used(self):
        assert codes(household_read_m3=90_000.0) == []
        assert codes(household_read_m3=90_001.0) == [("household_above_use", "household_read")]

    def test_sees_apparent_losses_above_all_losses(self):
        volumes = {**ZONE["volumes_m3"], "unauthorised": 10_001.0}

        assert codes(volumes_m3=volumes) == [("real_losses_below_zero", "real_losses")]
        assert codes(volumes_m3=volumes, half_widths_m3={"unauthorised": 100.0}) == []

    def test_needs_water_to_balance(self):
        volumes = {"own_sources": 5.0, "exported": 5.0, "billed_metered": 0.0}

        assert codes(volumes_m3=volumes) == [("nothing_supplied", "water_supplied")]

    def test_goes_by_the_mains_where_nobody_counts(self):
        """100,000 m³ in 31 days through 40 km are 81 m³ a day and km; as litres, 81,000."""
        assert codes(people=float("nan"), mains_m=40e3) == []
        assert codes(people=float("nan"), mains_m=40.0) == [
            ("impossible_use", "water_supplied"), ("impossible_use", "billed_metered"),
        ]  # fmt: skip

    def test_says_that_units_cannot_be_checked_without_a_size(self):
        one = account.Account(**ZONE | {"people": float("nan")})

        assert "size_unknown" in [finding.code for finding in account.check(one)]

    def test_says_what_is_an_estimate_and_what_is_taken_as_exact(self):
        one = account.Account(
            **ZONE, half_widths_m3={"own_sources": 2000.0}, estimated_m3={"own_sources": 5000.0}
        )

        found = {finding.code: finding for finding in account.check(one)}

        assert found["estimated"].facts["share"] == pytest.approx(0.05)
        assert found["no_error_given"].term == "billed_metered"


class TestWorkOut:
    def test_has_no_night_where_none_is_known(self):
        assert account.work_out(account.Account(**ZONE)).night is None

    def test_leaves_the_night_unknown_without_people(self):
        one = account.Account(**ZONE | {"people": float("nan")}, night=account.Night(0.01))

        night = account.work_out(one).night

        assert night is not None
        assert np.isnan(night.real_losses_m3)

    def test_takes_the_edition_of_the_time(self):
        one = account.Account(
            **ZONE | {"from_date": date(2017, 1, 1), "until_date": date(2017, 2, 1)}
        )

        assert account.work_out(one).in_force is False

    @pytest.mark.parametrize(("until", "in_force"), [(1, False), (2, True)])
    def test_goes_by_the_last_day_of_the_period(self, until, in_force):
        """The edition is in force from 1 February 2019; a period's end is the first day after."""
        dates = {"from_date": date(2019, 1, 1), "until_date": date(2019, 2, until)}

        assert account.work_out(account.Account(**ZONE | dates)).in_force is in_force
