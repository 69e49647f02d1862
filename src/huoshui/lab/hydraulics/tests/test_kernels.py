"""Which kernel is chosen, and where numba keeps what it compiles.

What needs a fresh interpreter runs in one of its own: a kernel once loaded stays loaded.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

from huoshui.kernel import compiling
from huoshui.lab.hydraulics import kernels, native
from huoshui.lab.hydraulics.kernels import Kernel

SOURCES = Path(kernels.__file__).parents[3]
NUMBA_IS_THERE = importlib.util.find_spec("numba") is not None


def elsewhere(program: str, cache: Path, **environment: str) -> list[str]:
    """Run a program in a fresh interpreter with a cache of its own, and return what it printed."""
    said = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": str(SOURCES), "XDG_CACHE_HOME": str(cache), **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return said.stdout.split()


class TestChoose:
    @pytest.mark.parametrize(
        ("has_c", "has_numba", "expected"),
        [
            (True, True, Kernel.C),
            (True, False, Kernel.C),
            (False, True, Kernel.NUMBA),
            (False, False, Kernel.NUMPY),
        ],
    )
    def test_takes_the_quickest_that_is_there(self, has_c, has_numba, expected, monkeypatch):
        monkeypatch.setattr(native, "load", lambda: object() if has_c else None)
        monkeypatch.setattr(kernels, "numba_kernel", lambda: object() if has_numba else None)
        assert kernels.choose() == expected

    @pytest.mark.parametrize("wanted", [Kernel.C, Kernel.NUMBA])
    def test_refuses_one_that_is_not_there(self, wanted, monkeypatch):
        monkeypatch.setattr(native, "load", lambda: None)
        monkeypatch.setattr(kernels, "numba_kernel", lambda: None)
        with pytest.raises(kernels.KernelMissing, match=f"kernel {wanted} "):
            kernels.choose(wanted)

    def test_imports_no_numba_where_the_c_is_there(self, tmp_path):
        if not compiling.compilers():
            pytest.skip("no C compiler on this machine")
        program = (
            "import sys\n"
            "from huoshui.kernel import compiling\n"
            "from huoshui.lab.hydraulics import kernels, native, steady\n"
            "compiling.ensure(native.SOURCE, native.library_path())\n"
            "print(kernels.choose(), 'numba' in sys.modules)\n"
        )
        assert elsewhere(program, tmp_path) == ["c", "False"]

    def test_takes_numba_on_a_machine_without_a_compiler(self, tmp_path):
        if not NUMBA_IS_THERE or importlib.util.find_spec("ziglang"):
            pytest.skip("numba is not installed, or a compiler is, as a package")
        program = (
            "from huoshui.kernel import compiling\n"
            "from huoshui.lab.hydraulics import kernels, native\n"
            "print(compiling.ensure(native.SOURCE, native.library_path()), kernels.choose())\n"
        )
        assert elsewhere(program, tmp_path, PATH=str(tmp_path)) == ["False", "numba"]


@pytest.mark.skipif(not NUMBA_IS_THERE, reason="numba is not installed")
class TestNumbaKernel:
    WHERE = (
        "from huoshui.lab.hydraulics import kernels\n"
        "module = kernels.numba_kernel()\n"
        "cache = module.solve_scenarios._cache\n"
        "print(type(cache).__name__, cache.cache_path)\n"
    )

    def test_keeps_what_it_compiled_beside_the_compiled_c(self, tmp_path):
        kind, where = elsewhere(self.WHERE, tmp_path)
        assert kind == "FunctionCache"
        assert Path(where).is_relative_to(tmp_path / "huoshui" / kernels.numba_folder().name)

    def test_keeps_nothing_where_no_folder_can_be_made(self, tmp_path):
        # A file stands where the folder would be: nobody can write there, not even root.
        (tmp_path / "huoshui").write_text("")
        assert elsewhere(self.WHERE, tmp_path) == ["NullCache", "None"]

    def test_keeps_nothing_where_others_could_have_written(self, tmp_path):
        folder = tmp_path / "huoshui" / kernels.numba_folder().name
        folder.mkdir(parents=True)
        folder.chmod(0o777)
        assert elsewhere(self.WHERE, tmp_path) == ["NullCache", "None"]
