"""What law, customers and gateways make true."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest

from huoshui.areas.announcements import rules
from huoshui.areas.announcements.contracts import Kind

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
H = timedelta(hours=1)


@pytest.mark.parametrize(
    ("kind", "begins_in", "lasts", "missing"),
    [
        (Kind.PLANNED_OUTAGE, 24 * H, 6 * H, 0 * H),
        (Kind.PLANNED_OUTAGE, 20 * H, 6 * H, 4 * H),
        (Kind.PLANNED_OUTAGE, 24 * H, 12 * H, 0 * H),  # twelve hours are not longer than twelve
        (Kind.PLANNED_OUTAGE, 24 * H, 13 * H, 24 * H),
        (Kind.BURST, 0 * H, 13 * H, 0 * H),
    ],
)
def test_a_planned_outage_is_told_a_day_ahead_and_a_long_one_two(kind, begins_in, lasts, missing):
    begins = NOON + begins_in

    assert rules.missing_notice(kind, begins, begins + lasts, told_at=NOON) == missing


@pytest.mark.parametrize(
    ("wall", "quiet"),
    [
        (time(21, 29), False),
        (time(21, 30), True),
        (time(3, 0), True),
        (time(7, 29), True),
        (time(7, 30), False),
    ],
)
def test_quiet_hours_go_over_midnight(wall, quiet):
    moment = datetime.combine(NOON.date(), wall)

    assert rules.is_quiet(moment, time(21, 30), time(7, 30)) is quiet


@pytest.mark.parametrize(
    ("length", "letter", "parts"),
    # 3GPP TS 23.040: one message holds 160 basic letters or 70 others, of several each 153 or 67.
    [(160, "a", 1), (161, "a", 2), (306, "a", 2), (307, "a", 3), (70, "水", 1), (71, "水", 2),
     (134, "水", 2), (135, "水", 3)],
)  # fmt: skip
def test_short_messages_are_counted_as_gateways_do(length, letter, parts):
    assert rules.sms_parts(letter * length) == parts


@pytest.mark.parametrize(
    ("phone", "is_mobile"),
    [
        ("13800000001", True),
        ("+86 138-0000-0001", True),
        ("008613800000001", True),
        ("0531-88881234", False),
        ("12345", False),
        ("", False),
    ],
)
def test_a_mobile_number_is_known(phone, is_mobile):
    assert rules.is_mobile(phone) is is_mobile


def test_two_accounts_are_of_one_person_by_telephone_else_wechat_else_mail():
    def key(**known):
        return rules.person_key(**{"phone": "", "wechat": "", "email": "", "account": "A", **known})

    assert key(phone="138 0000 0001", account="A") == key(phone="+8613800000001", account="B")
    assert key(wechat="o1", account="A") == key(wechat="o1", email="x@y.z", account="B")
    assert key(email="X@y.z", account="A") == key(email="x@y.z", account="B")
    assert key(account="A") != key(account="B")


def test_a_place_is_inside_or_not():
    #   (0,2)___(2,2)
    #     |  \    |      the notch reaches to (1,1)
    #   (0,0)___(2,0)
    notched = [(0.0, 0.0), (2.0, 0.0), (2.0, 2.0), (1.0, 1.0), (0.0, 2.0)]

    assert rules.is_inside(0.5, 0.5, notched)
    assert not rules.is_inside(1.0, 1.5, notched)
    assert not rules.is_inside(3.0, 1.0, notched)


@pytest.mark.parametrize("corners", [[], [(0, 0), (1, 1)], [(0, 0), (1, 1), (2, 2)],
                                     [(0, 0), (1, 0), (0, 95)]])  # fmt: skip
def test_what_encloses_nothing_is_no_area(corners):
    assert not rules.is_polygon(corners)


def test_variables_nobody_can_fill_in_are_named_once():
    assert rules.unknown_variables("{place} {nmae} {nmae} {name}") == ["nmae"]


@pytest.mark.parametrize(("text", "out"), [("TD", True), (" 退订。", True), ("td!", True),
                                           ("为什么停水", False), ("", False)])  # fmt: skip
def test_who_wants_no_more_is_understood(text, out):
    assert rules.opt_out_asked(text) is out


def test_waits_double_and_end_at_an_hour():
    assert [rules.backoff_s(n) for n in (1, 2, 3)] == [30, 60, 120]
    assert rules.backoff_s(50) == 3600


class TestShareBetween:
    @pytest.mark.parametrize(
        ("hits", "of", "least", "most"),
        [
            # Newcombe, Statistics in Medicine 17 (1998) 857-872, table I, method 3.
            (81, 263, 0.2553, 0.3662),
            (15, 148, 0.0624, 0.1605),
            (0, 20, 0.0, 0.1611),
            (1, 29, 0.0061, 0.1718),
        ],
    )
    def test_agrees_with_a_published_table(self, hits, of, least, most):
        assert rules.share_between(hits, of) == pytest.approx((least, most), abs=5e-5)

    def test_of_nobody_says_nothing(self):
        assert rules.share_between(0, 0) == (0.0, 1.0)
