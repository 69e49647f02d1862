"""Tables as offices send them, and as nobody should."""

from __future__ import annotations

import functools
import io
import zipfile
from datetime import datetime

import pyarrow as pa
import pyarrow.parquet as parquet
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from huoshui.kernel.intake import report, tables, values
from huoshui.kernel.intake.problems import KEPT_PER_CODE, Found, Problem


def codes(table: tables.Table) -> set[str]:
    return set(table.problems.counts)


def workbook(path, cells, **sheets):
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("data")
        moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        for (row, column), value in cells.items():
            if isinstance(value, datetime):
                sheet.write_datetime(row, column, value, moment)
            else:
                sheet.write(row, column, value)
        for name in sheets:
            book.add_worksheet(name)
    return path


class TestCsv:
    @pytest.mark.parametrize(
        ("encoding", "separator"),
        [("utf-8", ","), ("utf-8-sig", ";"), ("gb18030", ","), ("gb18030", "\t"), ("utf-16", "|")],
    )
    def test_is_read_in_any_encoding_and_with_any_separator(self, tmp_path, encoding, separator):
        path = tmp_path / "points.csv"
        text = f"编号{separator}名称\nP1{separator}城东水厂\n"
        path.write_bytes(text.encode(encoding))

        table = tables.open_table(path)

        assert [row.values for row in table.rows] == [{"编号": "P1", "名称": "城东水厂"}]
        assert not table.problems.total

    def test_finds_chinese_that_stands_only_at_the_end(self, tmp_path):
        path = tmp_path / "late.csv"
        path.write_bytes(b"code,name\n" + b"P,plain\n" * 100_000 + "P,城".encode("gb18030"))

        *_, last = tables.open_table(path).rows

        assert last.values["name"] == "城"

    def test_numbers_lines_as_an_editor_does(self, tmp_path):
        path = tmp_path / "lines.csv"
        path.write_text('\n\na,b\n1,"two\nlines"\n\n3,4\n', encoding="utf-8")

        table = tables.open_table(path)

        assert (table.header_line, [row.line for row in table.rows]) == (3, [4, 7])

    def test_tells_a_decimal_comma_from_a_separator(self, tmp_path):
        path = tmp_path / "italian.csv"
        path.write_text("ora;portata\n2021-01-01 00:00;3,25\n2021-01-01 01:00;4,5\n")

        table = tables.open_table(path)

        assert (table.about["separator"], table.decimal) == (";", ",")
        assert [values.number(row.values["portata"], ",") for row in table.rows] == [3.25, 4.5]

    def test_goes_on_after_a_line_without_end(self, tmp_path):
        path = tmp_path / "long.csv"
        path.write_bytes(b"a,b\n1,2\n" + b"x" * 3_000_000 + b"\n3,4\n")

        table = tables.open_table(path)

        assert [row.values["a"] for row in table.rows] == ["1", "3"]
        assert codes(table) == {"intake.line_too_long"}

    def test_says_which_line_misses_a_quotation_mark(self, tmp_path):
        path = tmp_path / "quote.csv"
        path.write_text("a,b\n1,2\n" + '3,"open\n' + "4,5\n" * 60_000)

        table = tables.open_table(path)
        list(table.rows)

        assert [problem.line for problem in table.problems] == [3]

    def test_keeps_equal_headings_apart(self, tmp_path):
        path = tmp_path / "twice.csv"
        path.write_text("a,a,,b,\n1,2,3,4,5\n")

        table = tables.open_table(path)

        assert table.columns == ("a", "a (2)", "#3", "b")
        assert codes(table) == {"intake.heading_twice"}


class TestExcel:
    def test_numbers_rows_as_excel_does_and_keeps_types(self, tmp_path):
        when = datetime(2021, 3, 28, 3, 0)  # noqa: DTZ001 - Excel knows no zones
        path = workbook(
            tmp_path / "a.xlsx", {(2, 1): "t", (2, 2): "v", (3, 1): when, (5, 2): 1.5}, help=1
        )

        table = tables.open_table(path)

        assert table.sheets == ("data", "help")
        assert [(row.line, row.values) for row in table.rows] == [
            (4, {"t": when, "v": ""}),
            (6, {"t": "", "v": 1.5}),
        ]

    def test_names_the_sheets_there_are(self, tmp_path):
        path = workbook(tmp_path / "a.xlsx", {(0, 0): "t"})

        table = tables.open_table(path, sheet="other")

        assert codes(table) == {"intake.no_such_sheet"}
        assert "data" in str(next(iter(table.problems)).remedy)

    def test_refuses_two_cells_in_opposite_corners(self, tmp_path):
        path = workbook(tmp_path / "corners.xlsx", {(0, 0): "a", (1_048_575, 16_383): 1})

        assert codes(tables.open_table(path)) == {"intake.too_large"}

    def test_refuses_a_zip_bomb(self, tmp_path):
        path = tmp_path / "bomb.xlsx"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
            book.writestr("xl/workbook.xml", "<workbook/>")
            book.writestr("xl/worksheets/sheet1.xml", b" " * 300_000_000)

        table = tables.open_table(path)

        assert path.stat().st_size < 400_000
        assert codes(table) == {"intake.too_large"}

    def test_is_not_led_by_the_names_inside(self, tmp_path):
        path = tmp_path / "traversal.xlsx"
        with zipfile.ZipFile(path, "w") as book:
            book.writestr("../../outside.txt", "escaped")
            book.writestr("xl/workbook.xml", "<workbook/>")

        tables.open_table(path)

        assert [one.name for one in tmp_path.iterdir()] == ["traversal.xlsx"]


class TestParquet:
    def test_is_read_with_its_types(self, tmp_path):
        path = tmp_path / "a.parquet"
        parquet.write_table(pa.table({"point": ["P1", None], "value": [1.5, float("nan")]}), path)

        table = tables.open_table(path)

        assert [row.values["point"] for row in table.rows] == ["P1", None]


@functools.cache
def sound(form: str) -> bytes:
    """Return a sound file, made once: a workbook holds the moment of its making."""
    file = io.BytesIO()
    if form == "xlsx":
        workbook(file, {(0, 0): "t", (0, 1): "v", (1, 0): "x", (1, 1): 2.0})
    else:
        parquet.write_table(pa.table({"t": ["x"] * 50, "v": [2.0] * 50}), file)
    return file.getvalue()


class TestRubbish:
    @pytest.mark.parametrize(
        "content",
        [
            b"", b"\x00" * 1000, b"%PDF-1.7", b"PK\x03\x04broken", b"PAR1broken",
            b"\xd0\xcf\x11\xe0broken", bytes(range(256)) * 100, b"\n\n\n", b"\xff\xfe",
        ],
    )  # fmt: skip
    def test_is_refused_in_words(self, tmp_path, content):
        path = tmp_path / "rubbish"
        path.write_bytes(content)

        table = tables.open_table(path)

        assert table.problems.fatal
        assert all(problem.remedy for problem in table.problems)

    def test_says_so_when_there_is_no_file(self, tmp_path):
        assert codes(tables.open_table(tmp_path / "none.csv")) == {"intake.unreadable"}

    @settings(max_examples=150, deadline=None,
              suppress_health_check=[HealthCheck.function_scoped_fixture])  # fmt: skip
    @given(content=st.one_of(st.binary(max_size=3000), st.text(max_size=1500).map(str.encode)))
    def test_never_raises(self, tmp_path, content):
        path = tmp_path / "any"
        path.write_bytes(content)
        table = tables.open_table(path)
        list(table.rows)
        report.text(table.problems)

    @settings(max_examples=150, deadline=None,
              suppress_health_check=[HealthCheck.function_scoped_fixture])  # fmt: skip
    @given(data=st.data())
    def test_never_raises_for_a_damaged_file(self, tmp_path, data):
        content = bytearray(sound(data.draw(st.sampled_from(["xlsx", "parquet"]))))
        for place in data.draw(st.lists(st.integers(0, len(content) - 1), max_size=12)):
            content[place] = data.draw(st.integers(0, 255))
        cut = data.draw(st.integers(0, len(content)))
        path = tmp_path / "damaged"
        path.write_bytes(content[: cut or None])

        list(tables.open_table(path).rows)


class TestProblems:
    def test_are_counted_whole_and_kept_as_far_as_anybody_reads(self):
        found = Found(Problem("a.b", "Wrong.", False, line=n) for n in range(KEPT_PER_CODE + 7))

        assert (found.total, len(found), found.left_out) == (KEPT_PER_CODE + 7, KEPT_PER_CODE, 7)

    def test_show_no_control_characters(self):
        problem = Problem("a.b", "Wrong.", False, value="\x1b[2J\u202eevil" + "x" * 500)

        assert problem.value.startswith("\ufffd[2J\ufffdevil")
        assert len(problem.value) == 120

    def test_come_back_from_json(self):
        problems = Found([Problem("a.b", "Wrong.", True, "P1", "f.csv", 3, "kind", "x", "Do.")])

        assert list(report.from_json(report.as_json(problems))) == list(problems)

    def test_never_become_formulas_in_excel(self, tmp_path):
        path = tmp_path / "problems.xlsx"
        report.write_excel(path, [Problem("a.b", "W.", False, value='=HYPERLINK("http://x")')])

        with zipfile.ZipFile(path) as book:
            sheet = book.read("xl/worksheets/sheet1.xml")
        assert b"<f>" not in sheet
        assert b"hyperlink" not in sheet.lower().replace(b"=hyperlink(", b"")

    def test_read_as_place_words_and_remedy(self):
        said = report.text([Problem("a.b", "Wrong.", True, "P1", "f.csv", 3, "kind", "x", "Do.")])

        assert "f.csv" in said
        assert "P1: Wrong. [x]" in said
        assert "\n    Do.\n" in said


class TestNumbers:
    @pytest.mark.parametrize(
        ("written", "decimal", "meant"),
        [("1.5", ".", 1.5), ("1,234.5", ".", 1234.5), ("1.234,5", ",", 1234.5), ("１２", ".", 12.0),
         ("\u22123", ".", -3.0), (" 7 ", ".", 7.0), ("1e-3", ".", 0.001), (3, ".", 3.0)],
    )  # fmt: skip
    def test_are_read_as_written(self, written, decimal, meant):
        assert values.number(written, decimal) == meant

    @pytest.mark.parametrize("written", ["1_000", "inf", "nan", "0x10", "1.2.3", "", "12a", True])
    def test_are_refused_where_they_are_none(self, written):
        with pytest.raises(ValueError, match="number"):
            values.number(written)
