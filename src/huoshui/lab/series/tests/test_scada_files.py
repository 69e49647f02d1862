"""Files of measurements in the two ways they are written."""

import gzip

import numpy as np
import pytest

from huoshui.lab.series import scada_files

BATTLE = "Timestamp;p227;p235\n2019-01-01 00:00:00;87,33;91,73\n2019-01-01 00:05:00;;85\n"
PLAIN = "local_time,dma_1_lps,dma_2_lps\n2021-01-01T00:00,,3.7\n2021-01-01T01:00,1,3.5625\n"


def write(folder, text, name="flows.csv"):
    path = folder / name
    path.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
    return path


class TestRead:
    @pytest.mark.parametrize("name", ["flows.csv", "flows.csv.gz"])
    def test_takes_semicolons_and_decimal_commas_packed_or_not(self, tmp_path, name):
        found = scada_files.read(write(tmp_path, BATTLE, name))

        assert found.names == ("p227", "p235")
        np.testing.assert_array_equal(found.values, [[87.33, 91.73], [np.nan, 85.0]])
        # 2019-01-01 is day 17,897 since 1970 (49 years of 365 days and 12 leap days).
        assert found.at_s.tolist() == [17_897 * 86_400, 17_897 * 86_400 + 300]
        assert found.step_s == 300

    def test_takes_commas_and_decimal_points(self, tmp_path):
        found = scada_files.read(write(tmp_path, PLAIN))

        np.testing.assert_array_equal(found.column("dma_2_lps"), [3.7, 3.5625])
        assert np.isnan(found.column("dma_1_lps")[0])

    def test_keeps_whole_numbers_whole_where_nothing_has_decimals(self, tmp_path):
        found = scada_files.read(write(tmp_path, "t;a\n2019-01-01 00:00;1200\n"))

        assert found.values.tolist() == [[1200.0]]

    @pytest.mark.parametrize(
        "text",
        [
            "t;a;b;\r\n2019-01-01 00:00:00;1,5;2;\r\n",
            '"t","a","b"\n"2019-01-01 00:00","1.5","2"\n\n',
            "t, a, b\n2019/01/01 00:00, 1.5, 2\n",
            "\ufefft\ta\tb\n2019-01-01T00:00:00\t1,5\t2\n",
        ],
    )
    def test_takes_them_as_programs_write_them(self, tmp_path, text):
        found = scada_files.read(write(tmp_path, text))

        assert found.names == ("a", "b")
        assert found.values.tolist() == [[1.5, 2.0]]

    def test_takes_chinese_headings_of_an_old_program(self, tmp_path):
        path = tmp_path / "flows.csv"
        path.write_bytes("时间,流量\n2019-01-01 00:00,1.5\n".encode("gb18030"))

        assert scada_files.read(path).names == ("流量",)

    def test_joins_years_in_order_whatever_the_order_of_the_files(self, tmp_path):
        early = write(tmp_path, "t;a;b\n2018-12-31 23:55:00;1;2\n2019-01-01 00:00:00;3;4\n", "a")
        late = write(tmp_path, "t;b;c\n2019-01-01 00:00:00;5;6\n", "b")

        found = scada_files.read([late, early])

        assert found.names == ("b", "c", "a")
        np.testing.assert_array_equal(found.values, [[2, np.nan, 1], [4, np.nan, 3]])

    @pytest.mark.parametrize(
        ("text", "line", "column", "value"),
        [
            ("", None, "", ""),
            ("just words\n", 1, "", "just words"),
            ("t;a;a\n2019-01-01 00:00;1;2\n", 1, "", "a"),
            ("t;a\n2019-01-01 00:00;1\n2019-01-01 00:05;x1\n", 3, "a", "x1"),
            ("t,a\n2019-01-01 00:00,1\nyesterday,2\n", 3, "t", "yesterday"),
            ("t,a\n2019-01-01 00:00,1,7\n", 2, "", "2019-01-01 00:00,1,7"),
            ("t,a\n,1\n", 2, "t", ""),
        ],
    )
    def test_says_where_a_file_is_no_table(self, tmp_path, text, line, column, value):
        with pytest.raises(scada_files.UnreadableFile) as refused:
            scada_files.read(write(tmp_path, text))

        assert (refused.value.line, refused.value.column) == (line, column)
        assert refused.value.value == value

    @pytest.mark.parametrize(
        ("text", "wrong"),
        [
            (
                "t;a;b\n2019-01-01 00:00;1,5;2,5\n2019-01-01 00:05;x;y\n2019-02-31 00:00;1,0;2,0\n"
                "2019-01-01 00:15;1,0\n",
                [
                    (3, "a", "not_a_number"),
                    (3, "b", "not_a_number"),
                    (4, "t", "not_a_moment"),
                    (5, "", "cell_count"),
                ],
            ),
            (
                "t;a\n2019-01-01 00:00;1,5\n2019-01-01 00:05;2.5\n2019-01-01 00:10;3,5\n",
                [(3, "a", "point_for_comma")],
            ),
            (
                "t,a\n2019-01-01T00:00:00Z,1\n,2\n",
                [(2, "t", "not_a_moment"), (3, "t", "no_moment")],
            ),
            ("t;a\n", [(1, "", "no_rows")]),
        ],
    )
    def test_lists_everything_that_is_wrong(self, tmp_path, text, wrong):
        with pytest.raises(scada_files.UnreadableFile) as refused:
            scada_files.read(write(tmp_path, text))

        listed = [refused.value, *refused.value.others]
        assert [(one.line, one.column, one.why) for one in listed] == wrong

    def test_takes_the_words_for_nothing(self, tmp_path):
        found = scada_files.read(write(tmp_path, "t,a,b\n2019-01-01 00:00,n/a,#N/A\n"))

        assert np.isnan(found.values).all()

    def test_refuses_a_damaged_archive(self, tmp_path):
        path = tmp_path / "flows.csv.gz"
        path.write_bytes(gzip.compress(BATTLE.encode())[:-12])

        with pytest.raises(scada_files.UnreadableFile, match="damaged"):
            scada_files.read(path)

    def test_names_the_columns_there_are_when_asked_for_another(self, tmp_path):
        with pytest.raises(KeyError, match="p227, p235"):
            scada_files.read(write(tmp_path, BATTLE)).column("p1")
