"""Reading network files: numbers in our units, and every problem named instead of raised."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huoshui.areas.network import inp
from huoshui.areas.network.contracts import Kind

FEET, INCHES = 0.3048, 25.4

TWO_PIPES = """
[JUNCTIONS]
 A  10  0
 B  12  5
[RESERVOIRS]
 R  50
[PIPES]
 p1  R  A  100  300  130  0  Open
 p2  A  B  200  200  120  0  Open
[OPTIONS]
 Units LPS
 Headloss H-W
[COORDINATES]
 R 0 0
 A 100 0
 B 300 0
[VERTICES]
 p2 200 50
[TAGS]
 LINK p2 old main
"""


def read(text: str) -> inp.ReadNetwork:
    return inp.read(text.encode())


class TestRead:
    @pytest.mark.parametrize(
        ("file", "nodes", "links"),
        [
            # Counts as the authors of the networks state them.
            ("L-TOWN.inp", 785, 909),
            ("asce-tf-wdst/Net1.inp", 11, 13),
            ("asce-tf-wdst/Net2.inp", 36, 40),
            ("asce-tf-wdst/Net3.inp", 97, 119),
            ("asce-tf-wdst/ky10.inp", 935, 1061),
            ("asce-tf-wdst/BWSN_Network_1.inp", 129, 178),
        ],
    )
    def test_finds_every_node_and_link(self, examples: Path, file: str, nodes: int, links: int):
        network = inp.read((examples / file).read_bytes())

        assert not network.fatal
        assert (len(network.nodes), len(network.links)) == (nodes, links)

    def test_turns_feet_and_inches_into_metres_and_millimetres(self, examples: Path):
        # Net1 is in US units: pipe 10 is 10530 ft of 18 in, tank 2 stands at 850 ft.
        network = inp.read((examples / "asce-tf-wdst/Net1.inp").read_bytes())
        pipe = next(link for link in network.links if link.model_id == "10")
        tank = next(node for node in network.nodes if node.kind == Kind.TANK)

        assert pipe.values["length_m"] == pytest.approx(10530 * FEET, abs=1e-3)
        assert pipe.values["diameter_mm"] == pytest.approx(18 * INCHES, abs=1e-3)
        assert pipe.values["roughness_c"] == 100
        assert tank.values["elevation_m"] == pytest.approx(850 * FEET, abs=1e-3)
        assert tank.values["tank_diameter_m"] == pytest.approx(50.5 * FEET, abs=1e-3)

    def test_keeps_metric_numbers_as_they_are(self):
        pipe = read(TWO_PIPES).links[1]

        assert (pipe.values["length_m"], pipe.values["diameter_mm"]) == (200, 200)

    def test_reads_bends_and_tags(self):
        pipe = read(TWO_PIPES).links[1]

        assert pipe.bends == ((200, 50),)
        assert pipe.values["tag"] == "old main"

    @pytest.mark.parametrize(
        ("text", "code"),
        [
            ("", "not_a_network"),
            ("a letter to the mayor\n" * 5, "not_a_network"),
            (TWO_PIPES.replace("p2  A  B", "p2  A  X"), "undefined_node"),
            (TWO_PIPES.replace("p2  A  B", "p1  A  B"), "duplicate_code"),
            (TWO_PIPES.replace("200  200  120", "200  wide  120"), "bad_number"),
            (TWO_PIPES.replace("p2  A  B", "p2  A  A"), "same_ends"),
        ],
    )
    def test_refuses_a_broken_file_and_says_why(self, text: str, code: str):
        network = read(text)

        assert network.fatal
        assert code in {problem.code for problem in network.problems}

    def test_names_the_line_of_a_problem(self):
        problem = read(TWO_PIPES.replace("p2  A  B", "p2  A  X")).problems[0]

        assert problem.section == "PIPES"
        assert problem.text == "p2 A X 200 200 120 0 Open"

    def test_keeps_nodes_without_coordinates_and_says_so(self):
        network = read(TWO_PIPES.replace(" B 300 0\n", ""))

        assert not network.fatal
        assert [problem.code for problem in network.problems] == ["no_coordinates"]
        assert network.nodes[1].place is None

    def test_keeps_a_part_of_a_network_without_a_source_and_says_so(self):
        network = read(TWO_PIPES.replace("[RESERVOIRS]\n R  50", "[JUNCTIONS]\n R 50"))

        assert not network.fatal
        assert [problem.code for problem in network.problems] == ["no_source"]

    def test_says_that_reading_stopped_after_ten_problems(self):
        wrong = "\n".join(f" x{number} A Q{number} 1 1 1" for number in range(20))
        network = read(TWO_PIPES.replace("[OPTIONS]", f"{wrong}\n[OPTIONS]"))

        assert network.problems[-1].code == "more_not_read"

    def test_reads_chinese_tags_of_an_old_windows_file(self):
        raw = TWO_PIPES.replace("old main", "人民路主管").encode("gb18030")

        assert inp.read(raw).links[1].values["tag"] == "人民路主管"

    @given(st.binary(max_size=400))
    def test_never_raises_for_any_bytes(self, raw: bytes):
        assert inp.read(raw).fatal

    @given(
        at=st.integers(0, len(TWO_PIPES) - 1),
        junk=st.text(max_size=12),
        length=st.integers(0, 40),
    )
    def test_never_raises_for_a_damaged_file(self, at: int, junk: str, length: int):
        network = read(TWO_PIPES[:at] + junk + TWO_PIPES[at + length :])

        assert network.fatal or (network.nodes and network.links)
