"""Courses of lines, as arrays: those of the links, and those of a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from huoshui.areas.network.contracts import ImportProblem


@dataclass(frozen=True, kw_only=True)
class Courses:
    """Lines one after the other: line ``k`` has the bends from ``offsets[k]`` to the next.

    Longitude and latitude are WGS 84. ``version`` changes whenever any line does. Do not write
    into the arrays: they are shared.
    """

    version: str
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    offsets: NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class FileLines:
    """The lines of a file; ``rows`` says layer and row of each, ``fields`` what stands there.

    ``courses.version`` is the hash of the file. With a problem that stops the import nothing else
    is in it.
    """

    courses: Courses
    rows: tuple[tuple[str, int], ...]
    fields: Mapping[str, tuple[Any, ...]]
    problems: tuple[ImportProblem, ...]
