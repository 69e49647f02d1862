"""The script of the cold wave: believable, the same each time, and counted right by itself.

The bars are those of the story: more than 900 calls until 17:00, over 600 enquiries and over 300
reports, from more than 30 estates; over 800 meters exchanged and 300 faults of pipes in all.
"""

from __future__ import annotations

import dataclasses
import random
from collections import Counter

import pytest

from huoshui.democity.cold_wave import people, script, truth
from huoshui.democity.cold_wave.script import DAY_S, MORNING_S, Call, Cure, Kind, Script, Why

WHOLE = len(script.DAYS)


@pytest.fixture(scope="module")
def day():
    return script.write(1)


@pytest.fixture(scope="module")
def wave():
    return script.write(WHOLE)


class TestTheFirstDay:
    def test_is_as_large_as_told(self, day):
        said = truth.count(day, MORNING_S)

        assert said.calls > 900
        assert (said.enquiries > 600, said.repairs > 300, said.estates > 30) == (True,) * 3

    def test_has_a_peak_in_the_morning(self, day):
        hours = Counter(one.at_s // 3600 for one in day.calls if one.at_s < MORNING_S)

        assert max(hours, key=lambda one: hours[one]) in (2, 3)
        assert hours[2] > 1.5 * hours[6]

    def test_has_everybody_who_makes_it_hard(self, day):
        why = Counter(one.why for one in day.calls)

        assert all(why[one] >= 10 for one in Why)

    def test_is_the_beginning_of_the_whole_wave(self, day, wave):
        assert wave.troubles[: len(day.troubles)] == day.troubles
        assert [one for one in wave.calls if one.at_s < DAY_S] == [
            one for one in day.calls if one.at_s < DAY_S
        ]

    def test_is_written_alike_each_time_and_otherwise_from_another_seed(self, day):
        assert script.write.__wrapped__(1) == day
        assert script.write.__wrapped__(1, seed=2).calls != day.calls


class TestLullBefore:
    @staticmethod
    def calls(day, *times):
        first = next(one for one in day.calls if one.talk_s)
        talked = [dataclasses.replace(first, at_s=at_s, wait_s=10, talk_s=100) for at_s in times]
        return dataclasses.replace(day, calls=tuple(talked))

    def test_is_the_moment_itself_where_nobody_is_on_the_line(self, day):
        assert truth.lull_before(self.calls(day, 1000, 3000), 2000) == 2000

    def test_goes_back_before_all_who_follow_each_other_without_a_pause(self, day):
        assert truth.lull_before(self.calls(day, 100, 1000, 1150, 1300, 1400), 1450) == 1000

    def test_leaves_no_call_of_the_wave_unnoted(self, wave):
        ends_s = truth.lull_before(wave, WHOLE * DAY_S)

        assert WHOLE * DAY_S - 3600 < ends_s <= WHOLE * DAY_S
        assert not [
            one for one in wave.calls if one.at_s < ends_s < one.at_s + one.wait_s + one.talk_s
        ]


class TestTheWave:
    def test_ends_as_told(self, wave):
        cures = Counter(one.cure for one in wave.troubles)

        assert cures[Cure.EXCHANGE] > 800
        assert cures[Cure.REPAIR] > 300

    def test_strikes_no_home_twice(self, wave):
        accounts = [one.home.account for one in wave.troubles]

        assert len(accounts) == len(set(accounts))

    def test_strikes_exposed_meters_more_often_where_nobody_was_warned(self, wave):
        said = truth.exposed(wave, WHOLE * DAY_S)
        warned = said.warned_frozen / said.warned
        not_warned = said.not_warned_frozen / said.not_warned

        assert not_warned > 1.2 * warned

    def test_neighbours_live_in_the_building_and_call_after_the_first(self, wave):
        first = {one.trouble: one for one in wave.calls if one.why is Why.FIRST}
        for call in wave.calls:
            if call.why is Why.NEIGHBOUR:
                before = first[call.trouble]
                assert call.at_s > before.at_s
                assert call.phone != before.phone
                assert call.home.estate == before.home.estate
                assert call.home.building == before.home.building

    def test_only_meters_are_thawed_or_exchanged(self, wave):
        for one in wave.troubles:
            assert (one.kind is Kind.METER) == (one.cure is not Cure.REPAIR)


class TestPeople:
    def test_have_accounts_and_telephones_of_their_own(self, day):
        for values in (
            {one.account for one in day.homes},
            {one.phone for one in day.homes},
            {one.meter for one in day.homes},
            {one.address for one in day.homes},
        ):
            assert len(values) == len(day.homes)
        assert all(len(one.phone) == 11 for one in day.homes)

    def test_are_warned_only_where_the_meter_is_exposed_and_the_estate_listed(self, day):
        warned = [one for one in day.homes if one.is_warned]

        assert warned
        assert all(one.is_exposed and one.estate.is_listed for one in warned)
        assert any(one.is_exposed and not one.estate.is_listed for one in day.homes)


# Five calls counted by hand: a first one, her neighbour, herself again, a question, a wrong number.
HOMES = people.homes(random.Random(1))


def _call(number: int, why: Why, phone: str, home=None, trouble=None, at_s=100) -> Call:
    return Call(number, at_s, why, phone, "frozen_meter", "", "", 5, 60, home, trouble)


class TestCount:
    def test_counts_what_a_hand_counts(self):
        one, two = HOMES[0], HOMES[1]
        calls = (
            _call(0, Why.FIRST, one.phone, one, 0),
            _call(1, Why.NEIGHBOUR, two.phone, two, 0),
            _call(2, Why.AGAIN, one.phone, one, 0),
            _call(3, Why.ASKS, "13000000000", HOMES[500]),
            _call(4, Why.WRONG, "13000000001"),
            _call(5, Why.FIRST, "13000000002", HOMES[700], 1, at_s=5000),
        )

        said = truth.count(Script(1, HOMES, (), calls), until_s=5000)

        assert dataclasses.astuple(said) == (5, 1, 3, 0, 1, 0, 1, 2, 1, 1)
