"""Which kernel solves: the C where it has been compiled, else numba's, else numpy's.

All three do the same steps and are held together by the same tests. What each costs is written in
decision 23. Nothing here imports numba where the C is there.
"""

from __future__ import annotations

import enum
import functools
import hashlib
import importlib.util
import os
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

from huoshui.lab.hydraulics import native

NUMBA_SOURCES = (
    "numba_kernel.py", "numba_formulas.py", "numba_vectors.py", "lanes.py", "frozen.py",
)  # fmt: skip


class Kernel(enum.StrEnum):
    """The kernels, quickest first."""

    C = "c"
    NUMBA = "numba"
    NUMPY = "numpy"


class KernelMissing(RuntimeError):
    """A kernel was insisted on and is not there."""


def choose(wanted: Kernel | None = None) -> Kernel:
    """Return the kernel asked for, or the quickest that this machine has.

    Raises
    ------
    KernelMissing
        If the one asked for is not there.
    """
    ways: dict[Kernel, Callable[[], bool]] = {
        Kernel.C: lambda: native.load() is not None,
        Kernel.NUMBA: lambda: numba_kernel() is not None,
        Kernel.NUMPY: lambda: True,
    }
    if wanted is None:
        return next(kernel for kernel, is_there in ways.items() if is_there())
    if not ways[wanted]():
        raise KernelMissing(f"the kernel {wanted} is not there on this machine")
    return wanted


def numba_folder() -> Path:
    """Return where numba keeps what it compiled of this source."""
    source = hashlib.sha256()
    for name in NUMBA_SOURCES:
        source.update(Path(__file__).with_name(name).read_bytes())
    return native.library_path().parent / f"steady-numba-{source.hexdigest()[:16]}"


def _is_ours(folder: Path) -> bool:
    """Return whether a folder can be made or is there, for us alone and to be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError:
        return False
    return native.is_trusted(folder) and os.access(folder, os.W_OK | os.X_OK)


@functools.cache
def numba_kernel() -> ModuleType | None:
    """Return numba's kernel, or nothing where numba is not installed or does not load.

    What numba compiles is kept beside the compiled C, never in the source tree. Where that folder
    cannot be written, or somebody else could have written it, each process compiles anew.
    """
    if importlib.util.find_spec("numba") is None:
        return None
    try:
        import numba
    except (ImportError, OSError):
        return None  # it is installed, but not for this version of Python or numpy
    before, folder = numba.config.CACHE_DIR, numba_folder()
    numba.config.CACHE_DIR = str(folder) if _is_ours(folder) else ""
    try:
        from huoshui.lab.hydraulics import numba_kernel as module
    finally:
        numba.config.CACHE_DIR = before
    return module
