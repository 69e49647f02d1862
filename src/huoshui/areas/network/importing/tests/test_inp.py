"""Reading EPANET files line by line: as the engine reads them, and further than it does."""

from __future__ import annotations

from pathlib import Path

import pytest
from epanet import toolkit
from hypothesis import given
from hypothesis import strategies as st

from huoshui.areas.network.contracts import Kind
from huoshui.areas.network.importing import inp
from huoshui.areas.network.importing.model import ReadNetwork
from huoshui.areas.network.importing.tests import corpus

FILES = corpus.files()
FEET, INCHES = 0.3048, 25.4
ROUGHNESS = ("roughness_c", "roughness_mm", "roughness_n")

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


def read(text: str) -> ReadNetwork:
    return inp.read(text.encode())


def as_the_engine_reads(path: Path, tmp_path: Path) -> tuple[list[tuple], list[tuple]]:
    """Return nodes and links of a file as EPANET has them, in metres and millimetres."""
    project = toolkit.createproject()
    try:
        toolkit.openX(project, str(path), str(tmp_path / "report.txt"), "")
        toolkit.setflowunits(project, toolkit.CMH)
        nodes = [
            (
                toolkit.getnodeid(project, at),
                toolkit.getnodevalue(project, at, toolkit.ELEVATION),
            )
            for at in range(1, toolkit.getcount(project, toolkit.NODECOUNT) + 1)
        ]
        links = []
        for at in range(1, toolkit.getcount(project, toolkit.LINKCOUNT) + 1):
            start, end = toolkit.getlinknodes(project, at)
            links.append(
                (
                    toolkit.getlinkid(project, at),
                    nodes[start - 1][0],
                    nodes[end - 1][0],
                    toolkit.getlinktype(project, at) in (toolkit.PIPE, toolkit.CVPIPE),
                    *(
                        toolkit.getlinkvalue(project, at, what)
                        for what in (toolkit.LENGTH, toolkit.DIAMETER, toolkit.ROUGHNESS)
                    ),
                    toolkit.getvertexcount(project, at),
                )
            )
    finally:
        toolkit.deleteproject(project)
    return nodes, links


# The engine opens no file with an error; those are read by us alone.
BROKEN = {"Net1broken.inp", "bad_syntax.inp", "bad_values.inp"}


class TestRead:
    @pytest.mark.parametrize("name", [name for name in FILES if Path(name).name not in BROKEN])
    def test_agrees_with_the_engine_on_every_public_file(self, name: str, tmp_path: Path):
        nodes, links = as_the_engine_reads(FILES[name], tmp_path)
        network = inp.read(FILES[name].read_bytes())

        assert not network.fatal
        assert [node.model_id for node in network.nodes] == [node[0] for node in nodes]
        assert [node.values["elevation_m"] for node in network.nodes] == pytest.approx(
            [node[1] for node in nodes], abs=1e-3
        )
        ours = [(one.model_id, one.start, one.end) for one in network.links]
        assert ours == [link[:3] for link in links]
        assert [len(one.bends) for one in network.links] == [link[7] for link in links]
        for one, link in zip(network.links, links, strict=True):
            if not link[3]:
                continue
            rough = next(one.values[key] for key in ROUGHNESS if key in one.values)
            assert one.values["length_m"] == pytest.approx(link[4], rel=1e-6, abs=1e-4)
            assert one.values["diameter_mm"] or pytest.approx(link[5], abs=1e-3) == 0
            assert rough == pytest.approx(link[6], rel=1e-4, abs=1e-5)

    def test_turns_feet_and_inches_into_metres_and_millimetres(self):
        # Net1 is in US units: pipe 10 is 10530 ft of 18 in, tank 2 stands at 850 ft.
        network = inp.read(FILES["epyt/networks/asce-tf-wdst/Net1.inp"].read_bytes())
        pipe = next(link for link in network.links if link.model_id == "10")
        tank = next(node for node in network.nodes if node.kind == Kind.TANK)

        assert pipe.values["length_m"] == pytest.approx(10530 * FEET, abs=1e-3)
        assert pipe.values["diameter_mm"] == pytest.approx(18 * INCHES, abs=1e-3)
        assert pipe.values["roughness_c"] == 100
        assert tank.values["elevation_m"] == pytest.approx(850 * FEET, abs=1e-3)
        assert tank.values["tank_diameter_m"] == pytest.approx(50.5 * FEET, abs=1e-3)

    def test_reads_bends_and_tags(self):
        pipe = read(TWO_PIPES).links[1]

        assert (pipe.values["length_m"], pipe.values["diameter_mm"]) == (200, 200)
        assert pipe.bends == ((200, 50),)
        assert pipe.values["tag"] == "old main"

    @pytest.mark.parametrize(
        ("text", "code", "subject", "value"),
        [
            (TWO_PIPES.replace("p2  A  B", "p2  A  X"), "undefined_node", "p2", "X"),
            (TWO_PIPES.replace("p2  A  B", "p1  A  B"), "duplicate_code", "p1", "8"),
            (TWO_PIPES.replace("200  200  120", "200  wide  120"), "bad_number", "p2", "wide"),
            (TWO_PIPES.replace("200  200  120", "0  200  120"), "not_above_zero", "p2", "0"),
            (TWO_PIPES.replace("200  200  120", "nan  200  120"), "bad_number", "p2", "nan"),
            (TWO_PIPES.replace("p2  A  B", "p2  A  A"), "same_ends", "p2", "A"),
            (TWO_PIPES.replace("200  200  120  0  Open", "200"), "syntax", "p2", ""),
        ],
    )
    def test_names_object_line_and_value(self, text: str, code: str, subject: str, value: str):
        network = read(text)
        problem = next(one for one in network.problems if one.fatal)

        assert (problem.code, problem.subject, problem.value) == (code, subject, value)
        assert problem.line == 9
        assert [link.model_id for link in network.links] == ["p1"]

    @pytest.mark.parametrize("text", ["", "a letter to the mayor\n" * 5, "[JUNCTIONS]\n A 1\n"])
    def test_refuses_what_is_no_network(self, text: str):
        network = read(text)

        assert network.refused
        assert network.problems[-1].code == "not_a_network"

    def test_lists_every_problem_not_only_ten(self):
        wrong = "\n".join(f" x{number} A Q{number} 1 1 1" for number in range(50))
        network = read(TWO_PIPES.replace("[OPTIONS]", f"{wrong}\n[OPTIONS]"))

        assert sum(one.code == "undefined_node" for one in network.problems) == 50

    def test_keeps_nodes_without_coordinates_and_says_so(self):
        network = read(TWO_PIPES.replace(" B 300 0\n", ""))

        assert not network.fatal
        assert [problem.code for problem in network.problems] == ["no_coordinates"]
        assert network.nodes[1].place is None

    @pytest.mark.parametrize("encoding", ["gb18030", "utf-8-sig", "utf-16"])
    def test_reads_chinese_of_any_encoding(self, encoding: str):
        raw = TWO_PIPES.replace("old main", "人民路主管").encode(encoding)

        assert inp.read(raw).links[1].values["tag"] == "人民路主管"

    @given(st.binary(max_size=400))
    def test_never_raises_for_any_bytes(self, raw: bytes):
        assert inp.read(raw).refused

    @given(
        at=st.integers(0, len(TWO_PIPES) - 1),
        junk=st.text(max_size=12),
        length=st.integers(0, 40),
    )
    def test_never_raises_for_a_damaged_file(self, at: int, junk: str, length: int):
        network = read(TWO_PIPES[:at] + junk + TWO_PIPES[at + length :])

        assert network.refused or (network.nodes and network.links)
