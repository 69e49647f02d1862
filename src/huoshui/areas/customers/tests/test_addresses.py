"""Addresses as people type them, taken apart without any register."""

from __future__ import annotations

import pytest

from huoshui.areas.customers import addresses, rules, sounds, stating


class TestTakenApart:
    @pytest.mark.parametrize(
        ("text", "names", "figures"),
        [
            ("光明小区3号楼2单元501", ("光明小区",), ("3", "2", "501")),
            ("光明3-2-501", ("光明",), ("3", "2", "501")),
            ("光明 3栋 501室", ("光明",), ("3", "501")),
            ("光明小区三号楼二单元五〇一室", ("光明小区",), ("3", "2", "501")),
            ("光明小区０３幢０２单元", ("光明小区",), ("3", "2")),
            ("人民路十二号", ("人民路",), ("12",)),
            ("人民路一百零三号", ("人民路",), ("103",)),
            ("二环东路12号", ("二环东路",), ("12",)),
            ("光明小区a座1201", ("光明小区",), ("a", "1201")),
            ("光明—3—2", ("光明",), ("3", "2")),
        ],
    )
    def test_finds_names_and_figures(self, text, names, figures):
        found = addresses.taken_apart(text)

        assert (found.names, found.figures) == (names, figures)

    def test_reads_letters_beside_figures(self):
        found = addresses.taken_apart("ｇｍｘｑ　３　５０１")

        assert (found.letters, found.figures) == (("gmxq",), ("3", "501"))

    def test_a_second_storey_is_no_second_building(self):
        assert addresses.taken_apart("3栋5楼").marked == {"building": "3", "floor": "5"}

    def test_never_fails_on_rubbish(self):
        for text in ("", "   ", "---", "号楼", "🚰", "'; DROP TABLE", "十" * 300, "%_\x00"):
            addresses.taken_apart(text)


class TestSounds:
    def test_knows_every_reading_of_a_surname(self):
        assert {"zengguofan", "cengguofan", "zgf", "cgf"} <= set(sounds.keys("曾国藩"))

    def test_gives_the_usual_reading_first(self):
        assert sounds.keys("重庆路")[0] == "chongqinglu"

    def test_says_nothing_of_what_has_no_sound(self):
        assert sounds.keys("！？") == ()


class TestRules:
    @pytest.mark.parametrize(
        ("name", "masked"),
        [("王建国", "王*国"), ("王芳", "王*"), ("欧阳娜娜", "欧**娜"), ("王", "*"), ("", ""),
         ("John Smith", "J*** S***")],
    )  # fmt: skip
    def test_masks_a_name(self, name, masked):
        assert rules.masked_name(name) == masked

    def test_leaves_a_company_its_name(self):
        assert rules.masked_name("清泉纺织厂", is_company=True) == "清泉纺织厂"

    @pytest.mark.parametrize(
        ("typed", "digits"),
        [("+86 138-0013-8000", "13800138000"), ("0086 13800138000", "13800138000"),
         ("０１３８００１３８０００", "13800138000"), ("0531-8888 1234", "053188881234"),
         ("86123456", "86123456")],
    )  # fmt: skip
    def test_compares_numbers_by_their_digits(self, typed, digits):
        assert rules.phone_digits(typed) == digits

    @pytest.mark.parametrize(
        ("name", "kind"),
        [("王建国", "person"), ("金泉纺织印染厂", "company"), ("早点铺", "person"),
         ("食品厂", "company"), ("欧阳娜娜", "person")],
    )  # fmt: skip
    def test_guesses_who_is_a_company(self, name, kind):
        assert stating.kind_of(name) == kind
