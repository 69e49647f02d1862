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


@dataclass(frozen=True, kw_only=True)
class FileLink:
    """A pipe, valve or pump of a file that carries water, between two nodes of its plan.

    ``length_m`` is as stated, else as drawn; zero for what is no pipe. ``diameter_mm`` is None
    where it is not known. ``parts_heads``: a pump or a valve that holds a pressure or a flow.
    """

    code: str
    start: str
    end: str
    length_m: float
    diameter_mm: float | None
    parts_heads: bool


@dataclass(frozen=True, kw_only=True)
class FilePlan:
    """The pipes of a file as they are joined, without the register.

    ``entrances`` are the nodes of waterworks, reservoirs and tanks. ``moved`` are points that
    stand on no pipe, each with the node nearest to it and how far that is. [m] If ``refused``,
    nothing else is in it but the problems.
    """

    links: tuple[FileLink, ...] = ()
    entrances: tuple[str, ...] = ()
    moved: Mapping[str, tuple[str, float]]
    problems: tuple[ImportProblem, ...] = ()
    refused: bool = False
