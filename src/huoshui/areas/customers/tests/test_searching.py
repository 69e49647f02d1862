"""Finding an account by what people type."""

from __future__ import annotations

import pytest

from huoshui.areas.customers import facade, searching
from huoshui.areas.customers.models import Account

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("town")]


def codes(text: str) -> list[str]:
    return [one.account_code for one in facade.find(text)]


class TestFind:
    @pytest.mark.parametrize(
        "text",
        [
            "光明小区3号楼2单元501",
            "光明小区 3-2-501",
            "光明小区3栋501室",
            "光明小区三号楼二单元五〇一室",
            "光明小区３幢２单元５０１",
            "光明小区3-501",
            "gmxq 3 501",
            "gmxq3-2-501",
            "guangmingxiaoqu 3 2 501",
            "guangming xiaoqu 3-2-501",
            "历下区光明小区3号楼2单元501室",
            "光明小区 501 张伟",
            "gmxq 张伟",
            "gmxq zw",
            "zhangwei 光明小区",
        ],
    )
    def test_finds_one_door_however_it_is_typed(self, text):
        assert codes(text)[0] == "A1001"

    def test_an_abbreviated_name_finds_every_estate_it_may_be(self):
        assert codes("光明3-2-501") == ["A1001", "A1004"]

    def test_puts_the_very_building_before_those_that_begin_so(self):
        assert codes("光明小区2-1-101") == []
        assert codes("光明小区21-1-101") == ["A1003"]

    @pytest.mark.parametrize(
        ("text", "code"),
        [
            ("泉水花园a座1201", "A1005"),
            ("qshy 1201", "A1005"),
            ("人民路12号", "A1006"),
            ("人民路十二号", "A1006"),
            ("rml 12", "A1006"),
            ("二环东路7号", "A1007"),
            ("重庆家园", "A1008"),
            ("chongqing 1-1-102", "A1008"),
            ("cqjy 102", "A1008"),
            ("西郊果园", "A1009"),
            ("纺织", "A1006"),
            ("清泉纺织印染厂", "A1006"),
            ("qqfzyrc", "A1006"),
            ("建国", "A1002"),
            ("wangjianguo", "A1002"),
            ("wang jianguo", "A1002"),
            ("wjg", "A1002"),
            ("zengli", "A1003"),
            ("shanxiaofang", "A1005"),
            ("sxf", "A1005"),
            ("13800138002", "A1002"),
            ("+86 138 0013 8002", "A1002"),
            ("8002", "A1002"),
            ("0531-88881234", "A1002"),
            ("A1003", "A1003"),
            ("a1003", "A1003"),
            ("1003", "A1003"),
            ("M200006", "A1006"),
            ("200006", "A1006"),
        ],
    )
    def test_finds_by(self, text, code):
        assert code in codes(text)

    def test_shows_nobody_more_than_they_knew(self):
        found = facade.find("13800138002")[0]

        assert found.name == "王*国"
        assert found.how == "phone"

    @pytest.mark.parametrize("text", ["", "   ", "不存在的地方", "zzzz", "99999999999", "%", "'"])
    def test_finds_nothing_for_what_is_not_there(self, text):
        assert codes(text) == []

    def test_costs_few_questions(self, django_assert_max_num_queries):
        with django_assert_max_num_queries(8):
            facade.find("光明小区3号楼2单元501")


class TestNarrow:
    def test_keeps_the_same_accounts_for_a_list(self):
        rows = searching.narrow(Account.objects.order_by("code"), "光明 501")

        assert [row.code for row in rows] == ["A1001", "A1004"]

    def test_keeps_everything_for_nothing(self):
        assert searching.narrow(Account.objects.all(), " ").count() == 9

    def test_a_text_that_fits_very_many_still_narrows(self, monkeypatch):
        monkeypatch.setattr(searching, "FEW", 1)

        rows = searching.narrow(Account.objects.order_by("code"), "zhang")

        assert [row.code for row in rows] == ["A1001", "A1004", "A1008"]

    @pytest.mark.parametrize(
        "text",
        ["zhang", "gmxq zw", "guangming z", "M1", "A10", "8001", "光明 张", "光明小区 501", "路"],
    )
    def test_finds_the_same_whether_few_or_many_fit(self, text, monkeypatch):
        few = {row.code for row in searching.narrow(Account.objects.all(), text)}
        hits = set(codes(text))

        monkeypatch.setattr(searching, "FEW", 0)

        many = [row.code for row in searching.narrow(Account.objects.order_by("code"), text)]
        assert set(many) == few
        assert len(many) == len(set(many))
        assert set(codes(text)) == hits

    @pytest.mark.parametrize("text", ["1单元", "3号楼", "12号", "5层"])
    def test_a_part_of_a_door_in_no_place_means_nothing(self, text):
        """Before, it read the whole register to list twenty doors that nobody looks for."""
        assert codes(text) == []
        assert not searching.narrow(Account.objects.all(), text).exists()
