"""What events of a call say together, numbers, signatures and gaps in the rota."""

from __future__ import annotations

import hashlib
import hmac
import itertools
from datetime import UTC, datetime, timedelta

import pytest

from huoshui.areas.hotline import rules
from huoshui.areas.hotline.contracts import CallState, EventKind, ToldEvent

SIX = datetime(2026, 1, 7, 6, 0, tzinfo=UTC)


def told(kind, after_s, event_id="", **more):
    return ToldEvent(
        event_id or f"{kind}-{after_s}", EventKind(kind), SIX + timedelta(seconds=after_s), **more
    )


WHOLE_CALL = [
    told("ringing", 0, extension="8001"),
    told("answered", 9, extension="8001"),
    told("held", 60),
    told("resumed", 75),
    told("transferred", 90, target="8002"),
    told("ended", 200),
]


class TestAsTold:
    def test_adds_up_a_whole_call(self):
        call = rules.as_told(WHOLE_CALL)

        assert call.state is CallState.ENDED
        assert (call.wait_s, call.held_s, call.transfers) == (9.0, 15.0, 1)
        assert call.extension == "8002"

    def test_is_the_same_in_whatever_order_events_come(self):
        expected = rules.as_told(WHOLE_CALL)

        for order in itertools.permutations(WHOLE_CALL):
            assert rules.as_told(order) == expected

    def test_is_abandoned_when_nobody_answered(self):
        call = rules.as_told([told("ringing", 0), told("ended", 40)])

        assert call.state is CallState.ABANDONED
        assert call.wait_s is None

    def test_is_held_until_it_is_resumed(self):
        assert rules.as_told(WHOLE_CALL[:3]).state is CallState.HELD
        assert rules.as_told(WHOLE_CALL[:4]).state is CallState.TALKING

    def test_counts_a_told_end_before_one_that_we_assumed(self):
        assumed = told("ended", 30, event_id=rules.SILENT_EVENT)

        call = rules.as_told([*WHOLE_CALL, assumed])

        assert call.ended_at == SIX + timedelta(seconds=200)

    def test_rings_before_it_is_answered_at_the_same_moment(self):
        call = rules.as_told([told("answered", 0, extension="8001"), told("ringing", 0)])

        assert (call.state, call.wait_s) == (CallState.TALKING, 0.0)


@pytest.mark.parametrize(
    ("number", "key"),
    [
        ("13812345678", "13812345678"),
        ("+86 138-1234-5678", "13812345678"),
        ("008613812345678", "13812345678"),
        ("013812345678", "13812345678"),
        ("0635-8212345", "06358212345"),
        ("86123456", "86123456"),
        ("anonymous", ""),
    ],
)
def test_a_number_has_one_key_however_it_is_written(number, key):
    assert rules.number_key(number) == key


class TestSignature:
    def test_is_hmac_sha256_of_timestamp_point_and_body(self):
        by_hand = hmac.new(b"secret", b'1767740400.{"a":1}', hashlib.sha256).hexdigest()

        assert rules.signature("secret", "1767740400", b'{"a":1}') == by_hand
        assert rules.is_signed("secret", "1767740400", b'{"a":1}', by_hand.upper())

    def test_fits_no_other_body_or_time(self):
        good = rules.signature("secret", "1767740400", b"one")

        assert not rules.is_signed("secret", "1767740400", b"two", good)
        assert not rules.is_signed("secret", "1767740401", b"one", good)
        assert not rules.is_signed("secret", "1767740400", b"one", "")
        assert not rules.is_signed("secret", "1767740400", b"one", "é")


class TestGaps:
    def test_are_what_no_shift_covers(self):
        def at(hour):
            return SIX + timedelta(hours=hour)

        shifts = [(at(0), at(8)), (at(7), at(12)), (at(16), at(20))]

        assert rules.gaps(shifts, at(0), at(24)) == [(at(12), at(16)), (at(20), at(24))]
        assert rules.gaps([], at(0), at(1)) == [(at(0), at(1))]
        assert rules.gaps([(at(-1), at(30))], at(0), at(24)) == []


def test_distance_agrees_with_a_degree_of_latitude():
    # One thousandth of a degree of the mean sphere: 6 371 008.8 m * pi / 180 / 1000.
    assert rules.distance_m(120.0, 30.0, 120.0, 30.001) == pytest.approx(111.195, abs=0.001)
    assert rules.distance_m(120.0, 60.0, 120.001, 60.0) == pytest.approx(55.6, abs=0.1)
