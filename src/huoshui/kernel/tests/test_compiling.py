"""Compiling one C file for this machine."""

from __future__ import annotations

import ctypes
from pathlib import Path

import pytest

from huoshui.kernel import compiling


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "twice.c"
    path.write_text("int twice(int x) { return 2 * x; }\n", encoding="utf-8")
    return path


class TestEnsure:
    def test_makes_a_library_that_only_its_owner_may_change(self, source, tmp_path):
        if not compiling.compilers():
            pytest.skip("no C compiler on this machine")
        target = tmp_path / "cache" / "twice.so"
        assert compiling.ensure(source, target)
        assert ctypes.CDLL(str(target)).twice(21) == 42
        assert target.stat().st_mode & 0o777 == 0o700
        assert target.parent.stat().st_mode & 0o777 == 0o700
        assert [path.name for path in target.parent.iterdir()] == ["twice.so"]

    def test_leaves_a_library_that_is_there(self, source, tmp_path, monkeypatch):
        target = tmp_path / "twice.so"
        target.write_text("made before", encoding="utf-8")
        monkeypatch.setattr(compiling, "compilers", lambda: [["/bin/false"]])
        assert compiling.ensure(source, target)
        assert target.read_text(encoding="utf-8") == "made before"

    @pytest.mark.parametrize("found", [[], [["/bin/false"]], [["/no/such/compiler"]]])
    def test_says_so_where_nothing_compiles(self, found, source, tmp_path, monkeypatch):
        monkeypatch.setattr(compiling, "compilers", lambda: found)
        target = tmp_path / "cache" / "twice.so"
        assert not compiling.ensure(source, target)
        assert not target.exists()

    def test_says_so_where_the_source_is_wrong(self, tmp_path):
        source = tmp_path / "wrong.c"
        source.write_text("int twice(int x) { return", encoding="utf-8")
        assert not compiling.ensure(source, tmp_path / "wrong.so")

    def test_says_so_where_nothing_may_be_written(self, source, tmp_path):
        blocked = tmp_path / "file"
        blocked.write_text("", encoding="utf-8")
        assert not compiling.ensure(source, blocked / "twice.so")
