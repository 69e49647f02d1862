"""Pipes as they lie, read from a table or from an INP file."""

import numpy as np
import pytest

from huoshui.lab.leakage import battle, pipe_plan
from huoshui.lab.series.scada_files import UnreadableFile

TABLE = """id,from,to,length_m,diameter_mm,kind
p1,works,n1,120.5,200,
p2,n1,n2,80,,pipe
v1,n2,n3,,,regulator
p3,n3,n4,60,100,
p4,n4,works,10,100,closed
"""


def written(tmp_path, text, name="pipes.csv", encoding="utf-8"):
    path = tmp_path / name
    path.write_text(text, encoding=encoding)
    return path


class TestRead:
    def test_reads_pipes_and_borders_and_leaves_out_what_is_closed(self, tmp_path):
        plan = pipe_plan.read(written(tmp_path, TABLE), sources=["works"])

        assert plan.names == ("p1", "p2", "v1", "p3")
        assert plan.nodes == ("works", "n1", "n2", "n3", "n4")
        assert plan.ends.tolist() == [[0, 1], [1, 2], [2, 3], [3, 4]]
        assert plan.lengths_m.tolist() == [120.5, 80.0, 0.0, 60.0]
        assert plan.diameters_m[[0, 3]].tolist() == [0.2, 0.1]
        assert np.isnan(plan.diameters_m[1])
        assert plan.is_border.tolist() == [False, False, True, False]
        assert plan.sources == (0,)

    def test_reads_chinese_headings_of_old_programs_and_decimal_commas(self, tmp_path):
        text = "管段编号;起点;终点;管长;管径\nA;甲;乙;12,5;150\n"

        plan = pipe_plan.read(written(tmp_path, text, encoding="gbk"))

        assert plan.nodes == ("甲", "乙")
        assert plan.lengths_m.tolist() == [12.5]
        assert plan.diameters_m.tolist() == [0.15]

    def test_lists_every_line_that_is_wrong(self, tmp_path):
        text = "id,from,to,length\np1,a,b,long\np2,,c,5\np1,b,c,5\np3,b,c,0\n"

        with pytest.raises(UnreadableFile) as refused:
            pipe_plan.read(written(tmp_path, text))

        listed = [refused.value, *refused.value.others]
        assert [(one.line, one.why) for one in listed] == [
            (2, "not_a_length"), (3, "no_name"), (4, "pipe_twice"), (5, "not_a_length"),
        ]  # fmt: skip

    def test_names_a_column_as_its_heading_does(self, tmp_path):
        with pytest.raises(UnreadableFile) as refused:
            pipe_plan.read(written(tmp_path, "id,from,to,length_m\np1,a,b,long\n"))
        assert refused.value.column == "length_m"

    def test_names_the_columns_that_are_missing(self, tmp_path):
        with pytest.raises(UnreadableFile, match="from, to"):
            pipe_plan.read(written(tmp_path, "id,length\np1,5\n"))

    def test_refuses_a_source_that_no_pipe_has(self, tmp_path):
        with pytest.raises(pipe_plan.UnknownNode, match="moon"):
            pipe_plan.read(written(tmp_path, TABLE), sources=["moon"])


class TestFromInp:
    def test_takes_pipes_only_and_the_heads_of_the_file_as_sources(self):
        plan = pipe_plan.from_inp(
            "[JUNCTIONS]\n n1 0 1\n n2 0 1\n n3 0 1\n[RESERVOIRS]\n R 50\n"
            "[PIPES]\n p1 R n1 100 200 100 0 Open\n p2 n2 n3 40 100 100 0 Open\n"
            " p3 n1 n3 40 100 100 0 Closed\n[VALVES]\n v n1 n2 100 PRV 20 0\n"
            "[OPTIONS]\n Units LPS\n Headloss H-W\n[END]\n"
        )

        assert plan.names == ("p1", "p2", "v")
        assert plan.lengths_m.tolist() == [100.0, 40.0, 0.0]
        assert plan.is_border.tolist() == [False, False, True]
        assert [plan.nodes[one] for one in plan.sources] == ["R"]


class TestPipePlan:
    def test_measures_ways_along_pipes_from_their_centres(self, tmp_path):
        text = "id,from,to,length\np1,a,b,100\np2,b,c,50\np3,x,y,10\n"
        plan = pipe_plan.read(written(tmp_path, text))

        ways = plan.ways_m([plan.number("c")])

        assert ways[:, 0] == pytest.approx([100.0, 25.0, np.inf])

    def test_tells_which_pipes_are_within_reach(self, tmp_path):
        text = "id,from,to,length\np1,a,b,100\np2,b,c,50\np3,c,d,100\n"
        plan = pipe_plan.read(written(tmp_path, text))

        ways = battle.centre_distances(
            link_nodes=plan.ends, length_m=plan.lengths_m, n_nodes=4,
            from_links=[0, 1, 2], to_links=[0, 1, 2],
        )  # fmt: skip
        assert (plan.near(80.0).toarray() == (ways <= 80.0)).all()
        assert plan.near(80.0).toarray().tolist() == [[1, 1, 0], [1, 1, 1], [0, 1, 1]]

    def test_reaches_through_an_open_valve_and_not_through_a_regulator(self, tmp_path):
        text = "id,from,to,length,kind\np1,a,b,40,\nx,b,c,,{}\np2,c,d,40,\n"

        valve, regulator = (
            pipe_plan.read(written(tmp_path, text.format(kind))).near(60.0).toarray().tolist()
            for kind in ("valve", "regulator")
        )

        assert valve == [[1, 1], [1, 1]]
        assert regulator == [[1, 0], [0, 1]]
