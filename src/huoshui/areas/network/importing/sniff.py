"""What a file is, by its first bytes; and archives unpacked without trusting them."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import stat
import zipfile
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from huoshui.areas.network.contracts import ImportProblem

HEAD_BYTES = 65_536
INP, GPKG, SHAPEFILE, GEOJSON, DXF, ZIP = "inp", "gpkg", "shapefile", "geojson", "dxf", "zip"

# GeoJSON and DXF are taken into memory whole; the others are read piece by piece.
BYTES_AT_MOST = {
    INP: 200_000_000,
    GPKG: 4_000_000_000,
    SHAPEFILE: 2_000_000_000,
    GEOJSON: 400_000_000,
    DXF: 400_000_000,
    ZIP: 2_000_000_000,
}
SHAPEFILE_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
READABLE = frozenset({".inp", ".gpkg", ".geojson", ".json", ".dxf", *SHAPEFILE_PARTS})
PARTS_AT_MOST = 1_000
UNPACKED_BYTES_AT_MOST = 4_000_000_000
RATIO_AT_MOST = 300
HEADING = re.compile(rb"^[ \t]*\[(JUNC|PIPE|RESE|TANK|TITL|COOR)", re.IGNORECASE | re.MULTILINE)
DXF_START = re.compile(rb"^\s*(999\s*\r?\n[^\n]*\n\s*)*0\s*\r?\n\s*SECTION\b")


@dataclass
class Source:
    """A file made ready for its reader: what it is, and where its parts lie."""

    form: str = ""
    path: Path | None = None
    """The file that the reader opens."""
    shapes: list[Path] = field(default_factory=list)
    problems: list[ImportProblem] = field(default_factory=list)

    def refuse(self, code: str, value: str = "") -> Source:
        """Say that the file cannot be used."""
        self.form = ""
        self.problems.append(ImportProblem(code=code, fatal=True, value=value))
        return self


def form_of(path: Path) -> str:
    """Return what a file is by its content; empty if it is nothing that we read."""
    with path.open("rb") as handle:
        head = handle.read(HEAD_BYTES)
    if head.startswith(b"SQLite format 3\x00"):
        return GPKG
    if head.startswith(b"PK\x03\x04"):
        return ZIP
    if head.startswith(b"\x00\x00\x27\x0a"):
        return SHAPEFILE
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text.startswith(b"{"):
        return GEOJSON
    if head.startswith(b"AutoCAD Binary DXF") or DXF_START.match(text):
        return DXF
    for part in (head, head.replace(b"\x00", b"")):  # UTF-16 has a zero in every second byte
        if HEADING.search(part):
            return INP
    return ""


def prepare(path: Path, folder: Path, *, name: str = "") -> Source:
    """Find out what a file is and lay out its parts in an empty folder of ours."""
    source = Source()
    try:
        form, size = form_of(path), path.stat().st_size
    except OSError as problem:
        return source.refuse("file_unreadable", problem.strerror or "")
    if not form:
        return source.refuse("format_unknown", name or path.name)
    if size > BYTES_AT_MOST[form]:
        return source.refuse("file_too_large", f"{size // 1_000_000} MB")
    source.form = form
    if form == ZIP:
        return _unpack(path, folder, source)
    if form == SHAPEFILE:
        # Its parts are files beside it, with the same stem in any case.
        stem = path.stem.lower()
        for other in sorted(path.parent.iterdir()):
            suffix = other.suffix.lower()
            if other.stem.lower() == stem and suffix in SHAPEFILE_PARTS and other.is_file():
                os.symlink(other.resolve(), folder / f"{path.stem}{suffix}")
        return _with_shapes(source, folder)
    source.path = folder / f"network.{form}"
    os.symlink(path.resolve(), source.path)
    return source


def _unpack(path: Path, folder: Path, source: Source) -> Source:
    """Unpack what we can read, under names of our own making."""
    try:
        with zipfile.ZipFile(path) as archive:
            parts = [one for one in archive.infolist() if not one.is_dir()]
            if len(parts) > PARTS_AT_MOST:
                return source.refuse("archive_too_large", str(len(parts)))
            for part in parts:
                told = _unpack_part(archive, part, folder)
                if told:
                    return source.refuse(told, part.filename[:120])
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError, ValueError, EOFError):
        return source.refuse("archive_broken")
    except zipfile.zlib.error:  # type: ignore[attr-defined]
        return source.refuse("archive_broken")
    found = [one for one in sorted(folder.iterdir()) if one.suffix not in SHAPEFILE_PARTS]
    if found and not any(one.suffix == ".shp" for one in folder.iterdir()):
        source.path, source.form = found[0], form_of(found[0])
        if len(found) > 1 or not source.form or source.form == ZIP:
            return source.refuse("archive_of_many" if len(found) > 1 else "format_unknown")
        return source
    return _with_shapes(source, folder)


def _unpack_part(archive: zipfile.ZipFile, part: zipfile.ZipInfo, folder: Path) -> str:
    """Unpack one part; returns the code of what is wrong with it, or ""."""
    # Only the last word of a name is used, so no name leads out of the folder.
    name = PurePosixPath(part.filename.replace("\\", "/")).name
    suffix = Path(name).suffix.lower()
    if suffix not in READABLE or name.startswith((".", "__")):
        return ""
    if stat.S_ISLNK(part.external_attr >> 16) or part.flag_bits & 0x1:
        return "archive_broken"
    if part.file_size > RATIO_AT_MOST * max(part.compress_size, 1) and part.file_size > 10_000_000:
        return "archive_bomb"
    target = folder / f"{Path(name).stem.replace(chr(0), '')[:80]}{suffix}"
    if target.exists():
        return "archive_of_many"
    used = sum(one.stat().st_size for one in folder.iterdir())
    left = UNPACKED_BYTES_AT_MOST - used
    with archive.open(part) as packed, target.open("wb") as out:
        # The size that an archive states may be a lie; what is written is counted.
        while piece := packed.read(1 << 20):
            left -= len(piece)
            if left < 0:
                return "archive_too_large"
            out.write(piece)
    return ""


def _with_shapes(source: Source, folder: Path) -> Source:
    shapes = [one for one in sorted(folder.iterdir()) if one.suffix == ".shp"]
    if not shapes:
        alone = source.form == SHAPEFILE
        return source.refuse("shapefile_part_missing" if alone else "format_unknown")
    for shape in shapes:
        for needed in (".dbf", ".shx"):
            if not shape.with_suffix(needed).exists():
                source.problems.append(
                    ImportProblem(
                        code="shapefile_part_missing", fatal=False, subject=shape.stem, value=needed
                    )
                )
    source.form, source.shapes, source.path = SHAPEFILE, shapes, folder
    return source


def remove(folder: Path) -> None:
    """Remove a working folder; what is gone already does not matter."""
    with contextlib.suppress(OSError):
        shutil.rmtree(folder)
