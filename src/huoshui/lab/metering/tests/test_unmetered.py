"""What goes through a place while its meter stands still, worked by hand.

read 1 Dec: 100 m³      stopped 31 Dec: 112 m³        exchanged 7 Jan
|------- 30 days, 12 m³ -------|------- 7 days -------|      0.4 m³ a day x 7 = 2.8 m³
"""

import pytest

from huoshui.lab.metering import unmetered
from huoshui.lab.metering.unmetered import Basis

STOPPED = {"stopped_days": 7, "metered_m3": 12.0, "metered_days": 30, "year_m3": 182.5}


class TestUnmeteredUse:
    def test_takes_the_mean_day_before_the_stop(self):
        found = unmetered.unmetered_use(**STOPPED)

        assert found.volume_m3 == pytest.approx(2.8)
        assert (found.mean_m3_day, found.basis) == (pytest.approx(0.4), Basis.METERED)

    @pytest.mark.parametrize(
        "changed",
        [{"metered_days": 13}, {"metered_days": None}, {"metered_m3": None}, {"metered_m3": -1.0}],
    )
    def test_takes_the_mean_day_of_the_year_where_that_says_too_little(self, changed):
        found = unmetered.unmetered_use(**{**STOPPED, **changed})

        # 182.5 m³ in 365 days are 0.5 m³ a day, in 7 days 3.5 m³.
        assert (found.volume_m3, found.basis) == (pytest.approx(3.5), Basis.YEAR)

    def test_is_nothing_where_the_meter_ran_until_it_was_exchanged(self):
        found = unmetered.unmetered_use(**{**STOPPED, "stopped_days": 0})

        assert (found.volume_m3, found.basis) == (0.0, Basis.NOT_STOPPED)

    def test_guesses_nothing_where_nothing_is_known(self):
        found = unmetered.unmetered_use(
            stopped_days=7, metered_m3=None, metered_days=None, year_m3=None
        )

        assert (found.volume_m3, found.basis) == (None, Basis.NOTHING)

    def test_refuses_a_stop_after_the_exchange(self):
        with pytest.raises(ValueError, match="stopped_days"):
            unmetered.unmetered_use(**{**STOPPED, "stopped_days": -1})
