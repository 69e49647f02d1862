"""What is copied, and in which order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath

# Of this run of the program only, or made anew from the rest.
_left_out: list[str] = ["run/**", "logs/**", "exports/**", "tiles.sqlite", "tiles-*.sqlite"]
_first: list[str] = []
_checks: dict[str, Callable[[Path], list[str]]] = {}
SIDE_FILES = ("-wal", "-shm", "-journal")
UNFINISHED = (".part", ".new", ".tmp")
SECRETS = "secrets/**"


def first(*patterns: str) -> None:
    """Have files of these patterns copied before all others, in this order."""
    _first.extend(one for one in patterns if one not in _first)


def left_out(*patterns: str) -> None:
    """Leave files of these patterns out: they can be made anew."""
    _left_out.extend(one for one in patterns if one not in _left_out)


def declare_check(name: str, check: Callable[[Path], list[str]]) -> None:
    """Have ``check(home)`` look at a finished copy; it returns what is wrong with it, in words."""
    _checks[name] = check


def checks() -> dict[str, Callable[[Path], list[str]]]:
    """Return every declared check by name."""
    return dict(sorted(_checks.items()))


def fits(place: str, pattern: str) -> bool:
    """Tell whether a place in the home folder fits a pattern; ``**`` at its end means all below."""
    if pattern.endswith("/**"):
        folder = pattern.removesuffix("/**")
        parts, wanted = PurePosixPath(place).parts, PurePosixPath(folder).parts
        return len(parts) > len(wanted) and all(
            fnmatch(part, one) for part, one in zip(parts, wanted, strict=False)
        )
    return fnmatch(place, pattern)


def places(home: Path, *, with_secrets: bool) -> Iterator[list[str]]:
    """Yield the places to copy in groups; each group is listed when its turn comes.

    What appears in the home folder while we copy is thus in a later group, or belongs to what
    happened after the copy.
    """
    done: set[str] = set()
    for pattern in (*_first, "*.sqlite", "**"):
        group = []
        for path in sorted(home.rglob("*")):
            place = path.relative_to(home).as_posix()
            if place in done or not path.is_file() or path.is_symlink():
                continue
            if not (pattern == "**" or fits(place, pattern)) or _is_left_out(place, with_secrets):
                continue
            group.append(place)
        done.update(group)
        yield group


def _is_left_out(place: str, with_secrets: bool) -> bool:
    if place.endswith(SIDE_FILES) or place.endswith(UNFINISHED):
        return True
    if not with_secrets and fits(place, SECRETS):
        return True
    return any(fits(place, one) for one in _left_out)
