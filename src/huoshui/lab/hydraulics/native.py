"""The compiled kernel of the steady-state solver: where it lies, and how it is called.

Nothing is compiled here. `huoshui.kernel.compiling` does that once for each machine and version of
the source; without it the solver uses the slower kernel in numpy (`lanes`), with the same results.
"""

from __future__ import annotations

import ctypes
import functools
import hashlib
import os
import platform
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

SOURCE = Path(__file__).with_name("steady.c")


def library_path() -> Path:
    """Return where the compiled kernel of this source lies, or would lie, on this machine."""
    root = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    version = hashlib.sha256(SOURCE.read_bytes()).hexdigest()[:16]
    name = f"steady-{version}-{platform.system()}-{platform.machine()}.so"
    return Path(root) / "huoshui" / name.lower()


def is_trusted(path: Path) -> bool:
    """Return whether a file is there and nobody but us could have put or changed it."""
    try:
        facts, folder = path.stat(), path.parent.stat()
    except OSError:
        return False
    return all(one.st_uid == os.getuid() and not one.st_mode & 0o022 for one in (facts, folder))


@functools.lru_cache(maxsize=4)
def _open(path: str) -> ctypes.CDLL:
    library = ctypes.CDLL(path)
    library.steady_solve.restype = ctypes.c_int
    library.steady_linear.restype = ctypes.c_int
    return library


def load() -> ctypes.CDLL | None:
    """Return the compiled kernel, or nothing where it has not been compiled."""
    path = library_path()
    return _open(str(path)) if is_trusted(path) else None


class NetworkArrays(ctypes.Structure):
    """The kernel's view of a network; the arrays are held by whoever made it."""

    _fields_ = [
        *((name, ctypes.c_int64) for name in (
            "junctions", "fixed", "links", "pipes", "darcy", "specials", "grounds", "fill",
        )),
        ("exponent", ctypes.c_double),
        *((name, ctypes.c_void_p) for name in (
            "start", "end", "place", "resist", "minor", "rough", "slow", "pipe", "darcy_pipe",
            "special", "kind", "shut_head", "pump_r", "pump_n", "curve_at", "curve_size",
            "curve_x", "curve_y", "diameter", "floor", "ceiling", "ground", "ground_kind",
            "ground_r", "ground_n", "ground_head", "ground_span", "column", "row", "target",
            "elevation", "held_at", "held", "held_ground_at", "held_ground",
        )),
    ]  # fmt: skip


class Options(ctypes.Structure):
    """The kernel's bounds."""

    _fields_ = [
        ("accuracy", ctypes.c_double),
        ("trials", ctypes.c_int64),
        ("check_every", ctypes.c_int64),
        ("check_until", ctypes.c_int64),
        ("warm", ctypes.c_int64),
    ]


def pointer(array: NDArray[Any] | None) -> ctypes.c_void_p | None:
    """Return where an array lies, or nothing for none."""
    return None if array is None else ctypes.c_void_p(array.ctypes.data)
