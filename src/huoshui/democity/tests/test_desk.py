"""The shift book, the organisation's list and the customers' file of the demo city."""

from datetime import UTC, datetime

import numpy as np
import pytest

from huoshui.democity import city, customers, desk, offices
from huoshui.democity.simulate import living


@pytest.fixture
def book(tmp_path):
    return desk.ShiftBook(tmp_path)


def a_block(hour, *, level=3.02, codes=("T1.level", "PUMP_1.flow")):
    return living.Block(
        codes=codes,
        from_at=datetime(2026, 3, 1, hour, 0, tzinfo=UTC),
        step_s=300,
        values=np.array([[level], [61.4]]),
        quality=np.zeros((2, 1), np.uint8),
    )


class TestShiftBook:
    def test_writes_what_the_gauges_show_as_far_as_they_can_be_read(self, book, tmp_path):
        book.note(a_block(10))

        (file,) = tmp_path.iterdir()
        lines = file.read_text("utf-8-sig").splitlines()
        assert lines == ["时间,shift.T1.level", "2026-03-01 18:00,3.00"]

    def test_is_written_at_the_hours_of_the_rounds_only(self, book, tmp_path):
        for hour in range(10, 20):
            book.note(a_block(hour))

        # 18:00 in the city at first, then 20:00 and every four hours after it.
        hours = sorted(one.stem[-4:] for one in tmp_path.iterdir())
        assert hours == ["0000", "1800", "2000"]

    def test_leaves_out_a_gauge_that_shows_nothing(self, book, tmp_path):
        book.note(a_block(10, level=np.nan))

        assert not list(tmp_path.iterdir())

    def test_knows_no_other_blocks(self, book, tmp_path):
        book.note(a_block(10, codes=("n1.use", "n2.use")))

        assert not list(tmp_path.iterdir())


class TestOffices:
    def test_every_unit_stands_behind_the_one_it_belongs_to(self):
        known = {""}
        for code, above, *_rest in offices.UNITS:
            assert above in known
            known.add(code)

    def test_everybody_has_a_seat(self):
        assert set(offices.SEATS) == {username for username, _name, _post in city.PEOPLE}


class TestCustomers:
    def test_estates_belong_to_the_two_supply_zones(self):
        assert {one.parent for one in customers.ESTATES} == {"AB", "C"}
        assert len({one.code for one in customers.ESTATES}) == len(customers.ESTATES)
