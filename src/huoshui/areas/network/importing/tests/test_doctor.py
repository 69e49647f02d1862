"""Mending models: what EPANET refuses becomes a comment and a problem, and the rest calculates."""

from __future__ import annotations

from huoshui.areas.network.importing import doctor, inp
from huoshui.areas.network.importing.tests.test_inp import TWO_PIPES
from huoshui.lab.hydraulics import epanet


def mended(text: str):
    return doctor.mend(inp.read(text.encode()))


class TestMend:
    def test_leaves_a_sound_text_as_it_is(self):
        assert mended(TWO_PIPES).text == TWO_PIPES
        assert mended(TWO_PIPES).mends == []

    def test_makes_a_text_that_the_engine_opens(self):
        # p3 has no length, so node C hangs on nothing: both must go for the rest to be calculated.
        network = mended(
            TWO_PIPES.replace("[OPTIONS]", " p3 B C 0 100 100\n[OPTIONS]").replace(
                "[RESERVOIRS]", " C 9 1\n[RESERVOIRS]"
            )
        )

        with epanet.EpanetProject(network.text) as project:
            assert set(project.link_ids) == {"p1", "p2"}
            assert set(project.node_ids) == {"A", "B", "R"}
        assert doctor.difference(network).count("@@ line") == 2

    def test_finds_with_the_engine_what_the_reader_does_not_look_at(self):
        wrong = "".join(f" zz{number} Closed\n" for number in range(25))
        network = mended(TWO_PIPES + "[STATUS]\n" + wrong + "[FOO]\n what is this\n")
        codes = [one.code for one in network.problems]

        # The engine stops after ten messages; asked again, it names all of them.
        assert codes.count("undefined_link") == 25
        assert "unknown_section" in codes
        assert network.text.count(";left out") == 27
        last = [one for one in network.problems if one.subject == "zz24"]
        assert network.text.splitlines()[last[0].line - 1].endswith("zz24 Closed")
