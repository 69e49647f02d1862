"""From a file on disk to a read network: one call, whatever the file is."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from huoshui.areas.network.importing import doctor, gis, inp, sniff
from huoshui.areas.network.importing.coordinates import Placement
from huoshui.areas.network.importing.model import ReadNetwork

TOLERANCE_M = 0.5
"""Ends nearer than this to a node are joined to it: a survey by satellite is good for as much."""


@dataclass(frozen=True, kw_only=True)
class Options:
    """How a file is to be read: where it lies, what its layers are, how near is joined."""

    placement: Placement = field(default_factory=Placement)
    layers: Mapping[str, str] = field(default_factory=dict)
    tolerance_m: float = TOLERANCE_M
    whole: bool = False
    """Whether pipes that were split in the register become whole again, as the file has them."""


def read(path: Path, options: Options, *, name: str = "") -> ReadNetwork:
    """Read a network file of any kind; problems are in the result, never raised."""
    with tempfile.TemporaryDirectory(prefix="huoshui-import-") as folder:
        source = sniff.prepare(path, Path(folder), name=name)
        if not source.form or source.path is None:
            return ReadNetwork(problems=source.problems, refused=True)
        if source.form == sniff.INP:
            network = doctor.mend(inp.read(source.path.read_bytes()))
        else:
            network = gis.read(
                source,
                told=options.layers,
                tolerance_m=options.tolerance_m,
                placement=options.placement,
            )
    network.problems[:0] = source.problems
    return network


def sha256_of(path: Path) -> str:
    """Return the hash of a file's content, read piece by piece."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
