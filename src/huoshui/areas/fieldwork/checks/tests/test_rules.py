"""What answers say, and how items are written; no rows."""

from __future__ import annotations

from datetime import date

import pytest
from django.utils import translation

from huoshui.areas.fieldwork.checks import item_lines, refusals, rules
from huoshui.areas.fieldwork.checks.kinds import ItemKind
from huoshui.areas.fieldwork.patrol.rules import Period

NUMBER = rules.Item("n", "数", "Number", ItemKind.NUMBER, "°C", 5.0, 75.0)
OK = rules.Item("o", "好", "Fine", ItemKind.OK)
TEXT = rules.Item("t", "话", "Words", ItemKind.TEXT, is_needed=False)
FREE = rules.Item("f", "数", "Number", ItemKind.NUMBER)


class TestVerdict:
    @pytest.mark.parametrize(
        ("item", "value", "verdict"),
        [
            (NUMBER, 75.0, "good"),
            (NUMBER, 75.01, "wrong"),
            (NUMBER, 5, "good"),
            (NUMBER, 4.9, "wrong"),
            (NUMBER, 0, "wrong"),
            (NUMBER, None, "missing"),
            (FREE, 1e6, "noted"),
            (OK, True, "good"),
            (OK, False, "wrong"),
            (OK, None, "missing"),
            (TEXT, "", "noted"),
            (TEXT, "oil on the floor", "noted"),
        ],
    )
    def test_holds_the_limit_itself_for_good(self, item, value, verdict):
        assert rules.verdict(item, value) == verdict

    @pytest.mark.parametrize(
        ("item", "value", "fits"),
        [
            (NUMBER, "75", False),
            (NUMBER, True, False),
            (NUMBER, float("nan"), False),
            (OK, 1, False),
            (TEXT, 7, False),
            (TEXT, "x" * 501, False),
            (NUMBER, None, True),
        ],
    )
    def test_an_answer_that_cannot_be_is_known(self, item, value, fits):
        assert rules.fits(item.kind, value) is fits

    def test_an_item_that_the_list_dropped_is_kept_and_says_nothing(self):
        found = rules.judged([OK], {"o": True, "gone": 3})

        assert [(one["item"], one["value"], one["verdict"]) for one in found] == [
            ("o", True, "good"), ("gone", "3", "noted"),
        ]  # fmt: skip


class TestStanding:
    @pytest.mark.parametrize(
        ("done", "today", "standing"),
        [
            (2, date(2026, 3, 1), "walked"),
            (1, date(2026, 3, 1), "due"),
            (1, date(2026, 3, 2), "partly"),
            (0, date(2026, 3, 2), "missed"),
        ],
    )
    def test_wants_every_asset(self, done, today, standing):
        period = Period(date(2026, 3, 1), date(2026, 3, 2))

        assert rules.standing(done=done, of=2, period=period, today=today) == standing


class TestItemLines:
    def test_are_read_as_they_were_written(self):
        items = item_lines.read(item_lines.EXAMPLE)

        assert [(one.code, one.kind, one.high, one.is_needed, one.wants_job) for one in items] == [
            ("leak", "ok", None, True, False), ("bearing", "number", 75.0, True, True),
            ("noise", "ok", None, True, True), ("photo", "photo", None, False, False),
        ]  # fmt: skip
        assert item_lines.read(item_lines.written(items)) == items

    def test_say_what_is_wrong_with_each_line(self):
        text = "\n".join([
            "A b | 甲 | A | ok", "a |  | A | ok", "b | 乙 | B | perhaps",
            "c | 丙 | C | number | | 5 | 5", "d | 丁 | D | number | | x", "e | 戊 | E | ok | | 1",
            "f | 己 | F | ok", "f | 庚 | F | ok", "g | 辛 | G | ok | | | | maybe",
        ])  # fmt: skip
        with translation.override("en"), pytest.raises(refusals.ListNotUsable) as caught:
            item_lines.read(text)

        told = caught.value.data["problems"]
        assert [one.split(":")[0] for one in told] == [
            f"Line {number}" for number in (1, 2, 3, 4, 5, 6, 8, 9)
        ]

    def test_nothing_is_no_list(self):
        with pytest.raises(refusals.ListNotUsable):
            item_lines.read(" \n")
