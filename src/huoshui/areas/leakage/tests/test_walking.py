"""Which zones are worth a walk, and which of their pipes."""

from __future__ import annotations

from datetime import date

import pytest

from huoshui.areas.fieldwork import facade as fieldwork
from huoshui.areas.leakage import walking
from huoshui.areas.leakage.tests.conftest import TODAY
from huoshui.areas.network import contracts as network


class TestWorthWalking:
    @pytest.mark.parametrize(
        ("nights_above", "excess_m3h", "bursts", "reason"),
        [
            (3, 1.2, 0, "night_flow"),
            (3, 1.2, 5, "night_flow"),
            (2, 1.2, 0, None),
            (7, 0.0, 0, None),
            (0, 0.0, 3, "bursts"),
            (0, 0.0, 2, None),
        ],
    )
    def test_asks_for_nights_above_or_for_bursts(self, nights_above, excess_m3h, bursts, reason):
        found = walking.worth_walking(
            nights_above=nights_above, excess_m3h=excess_m3h, bursts=bursts
        )

        assert found == reason


def pipe(code: str, start: str, end: str, *, length_m: float = 2_500.0, laid: int = 2000):
    return network.Asset(
        id=0, code=code, kind=network.Kind.PIPE, name="", zone="A", lon=0.0, lat=0.0, start=start,
        end=end, length_m=length_m, laid_year=laid,
    )  # fmt: skip


# a ---- b ---- c ---- d        and, apart, x ---- y
PIPES = [pipe("ab", "a", "b"), pipe("bc", "b", "c", laid=1980), pipe("cd", "c", "d"),
         pipe("xy", "x", "y", laid=1960)]  # fmt: skip


class TestSuspicious:
    def test_begins_at_the_burst_and_goes_on_along_the_pipes(self):
        # Six kilometres are three pipes of 2.5 km: cd burst, bc touches it, then ab hangs on.
        found = walking.suspicious(PIPES, {"cd": 1}, 2026)

        assert [one.code for one in found] == ["cd", "bc", "ab"]

    def test_without_bursts_it_begins_at_the_oldest(self):
        assert walking.suspicious(PIPES, {}, 2026)[0].code == "xy"

    def test_takes_all_of_a_small_zone(self):
        small = [pipe(one.code, one.start, one.end, length_m=100.0) for one in PIPES]

        assert len(walking.suspicious(small, {}, 2026)) == 4


class TestBursts:
    def test_say_how_many_where_and_how_long_ago(self):
        found = walking.evidence({"p1": 3, "p2": 1}, date(2026, 2, 20), date(2026, 3, 2))

        assert found == {"bursts": 4, "burst_pipes": 2, "burst_worst": 3, "burst_days_ago": 10}

    def test_are_ranked_by_the_kilometre(self):
        # Four leaks on two kilometres; a stub of 20 m counts as 100 m.
        assert walking.burst_rate({"p1": 3, "p2": 1}, 2.0) == 2.0
        assert walking.burst_rate({"p1": 1}, 0.02) == 10.0


class TestTell:
    def test_proposes_a_leaking_zone_with_its_figures(self, nights):
        nights(200, TODAY, leaking=10, extra_m3h=6.0)

        assert walking.tell() == 1
        row = fieldwork.walking.proposals()[0]
        assert (row.zone_code, row.reason, set(row.pipes)) == ("A", "night_flow", {"p1", "p2"})
        # Six cubic metres an hour were added; the nights scatter by 0.3.
        assert row.size == pytest.approx(6.0, abs=0.6)
        assert set(row.figures) == {"excess_m3h", "nights_above", "length_km"}

    def test_proposes_nothing_after_quiet_nights(self, nights):
        nights(200, TODAY)

        assert walking.tell() == 0
