"""Which files belong to the project: what git tracks, and what it would track."""

from __future__ import annotations

import functools
import subprocess
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
SOURCE = ROOT / "src" / "huoshui"
# Only used where git cannot tell us, for example in an unpacked archive.
BUILT = {".git", ".venv", ".tools", "var", "node_modules", "__pycache__", "dist"}


@functools.cache
def files() -> tuple[Path, ...]:
    """Return every file of the project, without what is built or installed."""
    done = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode == 0:
        found = {ROOT / name for name in done.stdout.split("\0") if name}
    else:
        found = {path for path in ROOT.rglob("*") if not BUILT & set(path.parts)}
    return tuple(sorted(path for path in found if path.is_file()))


def texts(*suffixes: str, under: Path = ROOT) -> Iterator[tuple[Path, str]]:
    """Yield the path and the text of each file with one of the suffixes."""
    for path in files():
        if path.suffix in suffixes and path.is_relative_to(under):
            yield path, path.read_text(encoding="utf-8")


def place(path: Path, line: int = 0) -> str:
    """Return how a complaint names a place: ``folder/file.py:12``."""
    name = path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else path.name
    return f"{name}:{line}" if line else name


def is_test(path: Path) -> bool:
    """Say whether a file is there only to test."""
    return "tests" in path.parts or path.name.startswith("test_") or ".test." in path.name


def area_of(path: Path) -> str | None:
    """Return the area a file lies in, or None outside the areas."""
    areas = SOURCE / "areas"
    return path.relative_to(areas).parts[0] if path.is_relative_to(areas) else None


def areas() -> list[str]:
    """Return the names of the areas that exist."""
    return sorted(path.parent.name for path in (SOURCE / "areas").glob("*/__init__.py"))
