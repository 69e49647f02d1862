"""The signs of the weather, on a shower and a warm day made by hand."""

import numpy as np
import pytest

from huoshui.lab.demand import signs

DAYS = 40


def weather_signs(rain_mm, temperature_c):
    kind = np.zeros((DAYS + 7, 24), dtype=np.int64)
    weather = signs.Weather(rain_mm=rain_mm, temperature_c=temperature_c)
    return signs.read(np.ones((DAYS, 24, 1)), kind, np.arange(24), weather).weather


class TestWeather:
    def test_rain_is_told_for_two_hours_and_for_six(self):
        rain = np.zeros((DAYS + 7, 24))
        rain[5, 10] = 1.0

        found = weather_signs(rain, np.full_like(rain, 20.0))

        # 1 of the 2 mm, 1 of the 4 mm that count in full.
        assert found["rain_now"][0][5, 9:13].tolist() == [0.0, 0.5, 0.5, 0.0]
        assert found["rain_lately"][0][5, 9:17].tolist() == [0.0, *[0.25] * 6, 0.0]

    def test_warmth_of_the_week_forgets_nothing_within_it(self):
        warm = np.full((DAYS + 7, 24), 16.0)
        warm[20] = 30.0

        found = weather_signs(np.zeros_like(warm), warm)

        # One day of 14 °C more within seven: 2 °C more, in units of 10 and of 5 °C.
        assert found["warm_week"][0][20:28, 23] == pytest.approx([1.8] * 7 + [1.6])
        assert found["hot_week"][0][20:28, 23] == pytest.approx([0.4] * 7 + [0.0])
