"""Files that mean harm or were damaged: no traceback, no hang, no memory run away."""

from __future__ import annotations

import io
import random
import stat
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from huoshui.areas.network.importing import doctor, inp, problems, sniff, source
from huoshui.areas.network.importing.coordinates import Placement
from huoshui.areas.network.importing.source import Options
from huoshui.areas.network.importing.tests import corpus
from huoshui.areas.network.importing.tests.test_gis import dxf, line, point, write
from huoshui.areas.network.importing.tests.test_inp import TWO_PIPES

ANYWHERE = Options(placement=Placement(crs="EPSG:4526", anywhere=True))
GIGABYTE = 1_000_000_000
MUTANTS = 6
"""Of each format in every run; many more were run once, and what they found is a test below."""


def read(path: Path):
    """Read a file; every problem must have its words."""
    network = source.read(path, ANYWHERE)
    for problem in network.problems:
        assert problem.code in problems.TABLE
    assert network.refused or (network.nodes and network.links)
    return network


def codes(path: Path) -> set[str]:
    return {problem.code for problem in read(path).problems}


def sound(folder: Path) -> dict[str, bytes]:
    """Return one sound file of each format."""
    gpkg = folder / "sound.gpkg"
    write(gpkg, "pipe", [line((0, 0), (50, 0)), line((50, 0), (50, 60))], code=["A", "B"])
    write(gpkg, "junction", [point(50, 0)], code=["J"])
    shape = folder / "sound.shp"
    write(shape, "sound", [line((0, 0), (50, 0)), line((50, 0), (50, 60))], code=["A", "B"])
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for part in folder.glob("sound.*"):
            if part.suffix in sniff.SHAPEFILE_PARTS:
                archive.write(part, part.name)
    geojson = (
        b'{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"code":"A"},'
        b'"geometry":{"type":"LineString","coordinates":[[1,2],[3,4]]}}]}'
    )
    drawing = dxf([("pipe", (0, 0, 50, 0)), ("pipe", (50, 0, 50, 60))]).encode()
    return {
        "gpkg": gpkg.read_bytes(), "shapefile": shape.read_bytes(), "zip": packed.getvalue(),
        "geojson": geojson, "dxf": drawing, "inp": TWO_PIPES.encode(),
    }  # fmt: skip


def mutated(raw: bytes, chance: random.Random) -> bytes:
    """Return a file with bits turned, pieces lost, doubled or exchanged."""
    found = bytearray(raw)
    for _ in range(chance.choice((1, 1, 3, 20))):
        at = chance.randrange(len(found) or 1)
        deed = chance.randrange(5)
        if deed == 0 and found:
            found[at] = chance.randrange(256)
        elif deed == 1:
            del found[at : at + chance.randrange(1, 200)]
        elif deed == 2:
            found[at:at] = found[at : at + chance.randrange(1, 200)]
        elif deed == 3:
            found[at:at] = chance.choice((b"nan", b"-1e308", b"99999999999", b"\x00", b"\xff\xff"))
        else:
            del found[at:]
    return bytes(found)


class TestMutants:
    @pytest.mark.parametrize("form", ["gpkg", "shapefile", "zip", "geojson", "dxf", "inp"])
    def test_never_raise(self, form: str, tmp_path: Path):
        chance = random.Random(form)
        raw = sound(tmp_path)[form]
        for number in range(MUTANTS):
            path = tmp_path / f"mutant-{number}.bin"
            path.write_bytes(mutated(raw, chance))
            read(path)

    @settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)
    @given(st.binary(max_size=300), st.sampled_from(["", "[PIPES]\n", "{", "PK\x03\x04"]))
    def test_never_raise_for_any_bytes(self, raw: bytes, head: str):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "any")
            path.write_bytes(head.encode() + raw)
            source_ = sniff.prepare(path, Path(tempfile.mkdtemp(dir=folder)))
            assert source_.form or source_.problems

    @settings(max_examples=200, deadline=None)
    @given(st.data())
    def test_lines_in_any_order_are_read(self, data: st.DataObject):
        lines = data.draw(st.permutations(TWO_PIPES.splitlines()))
        network = inp.read("\n".join(lines).encode())

        assert network.refused or network.links


class TestRubbish:
    @pytest.mark.parametrize(
        ("head", "code"),
        [
            (b"", "format_unknown"),
            (b"[PIPES]\n", "file_too_large"),
            (b'{"type":"FeatureCollection","features":[', "file_too_large"),
            (b"0\nSECTION\n", "file_too_large"),
            (b"SQLite format 3\x00", "layer_unreadable"),
            (b"\x00\x00\x27\x0a", "shapefile_part_missing"),
            (b"PK\x03\x04", "archive_broken"),
        ],
    )
    def test_a_gigabyte_is_refused_in_little_memory(self, head: bytes, code: str, tmp_path: Path):
        path = tmp_path / "rubbish.bin"
        with path.open("wb") as out:
            out.write(head)
            out.truncate(GIGABYTE)
        # A program of its own, so that its bound of memory is the test.
        program = (
            "import resource, sys\n"
            "from pathlib import Path\n"
            "import django\n"
            "django.setup()\n"
            "from huoshui.areas.network.importing import source\n"
            "used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
            "found = source.read(Path(sys.argv[1]), source.Options())\n"
            "more = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - used\n"
            "assert found.refused\n"
            "assert more < 300_000, more\n"
            "print(','.join(one.code for one in found.problems))\n"
        )
        ran = subprocess.run(
            [sys.executable, "-c", program, str(path)],
            capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip

        assert ran.returncode == 0, ran.stderr
        assert code in ran.stdout

    def test_a_million_bad_lines_are_counted_not_kept(self):
        text = "[JUNCTIONS]\nA 1\n[PIPES]\n" + "x A\n" * 1_000_000
        network = inp.read(text.encode())

        assert network.refused
        assert len(network.problems) < inp.PROBLEMS_AT_MOST + 10
        assert any(one.code == "more_problems" for one in network.problems)

    def test_a_hundred_thousand_lonely_nodes_are_mended_in_time(self):
        # Searching all demands for each of them took hours.
        lonely = "".join(f"q{n} 1\n" for n in range(50_000))
        demands = "".join(f"q{n} 1\n" for n in range(50_000))
        text = TWO_PIPES.replace("[RESERVOIRS]", f"{lonely}[RESERVOIRS]") + f"[DEMANDS]\n{demands}"
        network = doctor.mend(inp.read(text.encode()))

        assert network.text.count(";left out") == 100_000

    def test_all_pipes_at_one_place_are_refused(self, tmp_path: Path):
        # Each of the nodes lies on each of the pipes: a thousand million pairs.
        path = tmp_path / "heap.gpkg"
        many = 30_000
        write(path, "pipe", [line((0, 0), (100, 0))] * many, code=[f"P{n}" for n in range(many)])
        write(
            path, "junction", [point(n * 100 / many, 0) for n in range(many)],
            code=[f"J{n}" for n in range(many)],
        )  # fmt: skip

        assert "too_dense" in codes(path)


def pack(path: Path, parts: dict[str, bytes], *, deflate: bool = True) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED if deflate else 0) as archive:
        for name, raw in parts.items():
            archive.writestr(name, raw)
    return path


class TestArchives:
    def test_a_bomb_is_not_unpacked(self, tmp_path: Path):
        bomb = pack(tmp_path / "bomb.zip", {"town.inp": b"[PIPES]\n" + b"\n" * 50_000_000})

        assert codes(bomb) == {"archive_bomb"}

    def test_an_archive_in_an_archive_is_not_followed(self, tmp_path: Path):
        inner = pack(tmp_path / "inner.zip", {"town.inp": TWO_PIPES.encode()})
        outer = pack(tmp_path / "outer.zip", {"inner.zip": inner.read_bytes()})

        assert codes(outer) == {"format_unknown"}

    def test_a_path_leads_nowhere_else(self, tmp_path: Path, monkeypatch):
        working = tmp_path / "a" / "b" / "c"
        working.mkdir(parents=True)
        monkeypatch.setattr(tempfile, "tempdir", str(working))
        parts = {f"{'../' * deep}evil.inp": TWO_PIPES.encode() for deep in (1,)}
        evil = pack(tmp_path / "evil.zip", parts | {"../../x.txt": b"x"})
        network = read(evil)

        assert len(network.links) == 2
        assert [one.name for one in tmp_path.rglob("*") if one.is_file()] == ["evil.zip"]

    def test_a_link_is_not_followed(self, tmp_path: Path):
        path = tmp_path / "link.zip"
        with zipfile.ZipFile(path, "w") as archive:
            link = zipfile.ZipInfo("town.inp")
            link.external_attr = (stat.S_IFLNK | 0o777) << 16
            archive.writestr(link, "/etc/passwd")

        assert codes(path) == {"archive_broken"}

    def test_a_size_that_lies_is_counted(self, tmp_path: Path, monkeypatch):
        monkeypatch.setattr(sniff, "UNPACKED_BYTES_AT_MOST", 1000)
        path = pack(tmp_path / "more.zip", {"town.inp": TWO_PIPES.encode() * 20}, deflate=False)

        assert codes(path) == {"archive_too_large"}


class TestOddities:
    def test_deep_nesting_is_a_problem_not_a_crash(self, tmp_path: Path):
        path = tmp_path / "deep.geojson"
        path.write_text(
            '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{},"geometry":'
            '{"type":"LineString","coordinates":' + "[" * 200_000 + "]" * 200_000 + "}}]}"
        )

        assert read(path).refused

    def test_a_file_that_is_gone_is_a_problem(self, tmp_path: Path):
        assert codes(tmp_path / "gone.inp") == {"file_unreadable"}
        assert codes(tmp_path) == {"file_unreadable"}

    @pytest.mark.parametrize("text", ["nan", "inf", "-inf", "1e999"])
    def test_numbers_that_are_none_are_left_out(self, text: str):
        network = inp.read(TWO_PIPES.replace("A 100 0", f"A {text} 0").encode())

        assert "bad_number" in {one.code for one in network.problems}
        assert network.nodes[0].place is None


class TestCorpus:
    """Every network file of two public packages, through the whole reading."""

    @pytest.mark.parametrize("name", corpus.files())
    def test_is_read_or_refused_with_words(self, name: str):
        network = read(corpus.files()[name])

        assert network.text, "the engine opens it, mended where needed"
