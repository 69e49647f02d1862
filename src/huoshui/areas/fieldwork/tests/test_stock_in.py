"""Stock from a table: the good rows go in, each bad one is named with its line and its remedy."""

from __future__ import annotations

import pytest
import xlsxwriter

from huoshui.areas.fieldwork import models, stock_in
from huoshui.areas.fieldwork.actions import stock
from huoshui.areas.fieldwork.contracts import Moved

HEAD = ["仓库", "物料编码", "数量", "名称", "单位", "最低库存", "起始月", "截止月"]


@pytest.fixture
def books(db, now):
    stock.keep_part("meter", name_zh="水表", name_en="Meter", unit="只", by_id=None)
    stock.keep_part("old", name_zh="旧件", name_en="Old", unit="只", is_retired=True, by_id=None)
    stock.keep_store("S", name="材料库", is_vehicle=False, by_id=None)
    stock.keep_store("V-1", name="豫A·10001", is_vehicle=True, by_id=None)
    stock.move(stock.Way(Moved.RECEIVED, to_code="S"), {"meter": 10}, by_id=None)


@pytest.fixture
def table(tmp_path):
    def write(*rows):
        path = tmp_path / "stock.xlsx"
        with xlsxwriter.Workbook(str(path)) as book:
            sheet = book.add_worksheet()
            for line, cells in enumerate([HEAD, *rows]):
                sheet.write_row(line, 0, cells)
        return path

    return write


def lying(store, part):
    row = models.Stock.objects.filter(store__code=store, part__code=part).first()
    return row.quantity if row else None


class TestCarryOut:
    def test_books_what_was_counted_as_differences_and_keeps_minimums(self, books, table):
        path = table(
            ["材料库", "meter", 12, None, None, 80, 11, 3],
            ["豫A·10001", "水表", 4],
            ["S", "clamp_dn100", 6, "抱箍 DN100", "个"],
        )

        outcome = stock_in.carry_out(path, "stock.xlsx", {}, None)

        assert (outcome.created, outcome.changed, outcome.left_out) == (1, 2, 0)
        found = [lying("S", "meter"), lying("V-1", "meter"), lying("S", "clamp_dn100")]
        assert found == [12, 4, 6]
        minimum = models.StockMinimum.objects.get()
        assert (minimum.quantity, minimum.from_month, minimum.until_month) == (80, 11, 3)
        assert models.StockMovement.objects.filter(is_difference=True).count() == 3

    def test_brought_twice_changes_nothing_the_second_time(self, books, table):
        path = table(["S", "meter", 12])
        stock_in.carry_out(path, "stock.xlsx", {}, None)

        again = stock_in.carry_out(path, "stock.xlsx", {}, None)

        assert (again.changed, again.unchanged) == (0, 1)
        assert models.StockMovement.objects.filter(is_difference=True).count() == 1

    @pytest.mark.parametrize(
        ("row", "code", "value"),
        [
            (["Nowhere", "meter", 3], "store_unknown", "Nowhere"),
            (["S", "unheard", 3], "part_unknown", "unheard"),
            (["S", "old", 3], "part_retired", "old"),
            (["S", "meter", -3], "quantity_impossible", "-3"),
            (["S", "meter", None, None, None, 5, 13, 3], "month_impossible", "13"),
            (["S", "抱箍", 3, "抱箍", "个"], "code_not_possible", "抱箍"),
            (["S", "meter"], "row_says_nothing", ""),
        ],
    )
    def test_names_the_bad_row_and_takes_the_good_one(self, books, table, row, code, value):
        outcome = stock_in.carry_out(table(row, ["S", "meter", 9]), "stock.xlsx", {}, None)

        (problem,) = outcome.problems
        assert (problem.code, problem.line, problem.value) == (f"fieldwork.{code}", 2, value)
        assert str(problem.remedy)
        assert (outcome.left_out, lying("S", "meter")) == (1, 9)

    def test_takes_the_first_of_two_rows_for_one_shelf(self, books, table):
        outcome = stock_in.carry_out(
            table(["S", "meter", 9], ["材料库", "水表", 8]), "stock.xlsx", {}, None
        )

        assert lying("S", "meter") == 9
        assert [one.code for one in outcome.problems] == ["fieldwork.row_twice"]

    def test_a_row_that_cannot_be_read_says_which_cell(self, books, table):
        outcome = stock_in.carry_out(table(["S", "meter", "many"]), "stock.xlsx", {}, None)

        (problem,) = outcome.problems
        assert (problem.line, problem.value) == (2, "many")


class TestCheck:
    def test_changes_nothing(self, books, table):
        outcome = stock_in.check(table(["S", "meter", 1]), "stock.xlsx", {})

        assert (outcome.changed, lying("S", "meter")) == (1, 10)
        assert outcome.differences[0].after == "1"
