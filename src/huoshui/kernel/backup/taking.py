"""Take a backup, look whether it is whole, and put it back."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import sqlite3
import stat
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any

from django.utils.translation import gettext_lazy as _

from huoshui.kernel import errors, settings
from huoshui.kernel.backup import ordering

MANIFEST = "backup.json"
RECORD = Path("run") / "latest-backup.json"
FORMAT = 1
BLOCK = 1 << 20
PROBLEMS_MAX = 20


class NotPossible(errors.Refused):
    """The copy cannot be made or put back as asked."""


@dataclass(frozen=True)
class Backup:
    """One finished copy."""

    folder: str
    taken_at: str
    files: int
    size_bytes: int


def take(to: Path, *, with_secrets: bool = True) -> Backup:
    """Copy everything this installation keeps into a new folder below ``to``.

    May run while all parts run. The folder gets its name when everything is in it and synced.
    Refuses with `backup.inside_home` and `backup.no_room`.
    """
    home = settings.get().home
    to = to.expanduser().absolute()
    if to == home or home in to.parents:
        message = _("A backup inside the home folder would be lost together with it.")
        step = _("Choose a folder on another disk.")
        raise NotPossible("backup.inside_home", message, next_step=step)
    to.mkdir(parents=True, exist_ok=True)
    taken_at = datetime.now(tz=UTC)
    name = f"huoshui-{taken_at:%Y%m%dT%H%M%S}Z"
    rough = to / f"{name}.part"
    shutil.rmtree(rough, ignore_errors=True)
    rough.mkdir(mode=0o700)
    try:
        kept = _copy_all(home, rough, with_secrets=with_secrets)
        content = {
            "format": FORMAT,
            "taken_at": taken_at.isoformat(),
            "with_secrets": with_secrets,
            "database": "server" if settings.get().database_url else "file",
            "files": kept,
            "folders": _modes(home, (one["place"] for one in kept)),
        }
        _write_synced(rough / MANIFEST, json.dumps(content, indent=1).encode())
        problems = verify(rough)
        if problems:
            raise _torn(problems)
        rough.rename(to / name)
        _sync_folder(to)
    except OSError as problem:
        shutil.rmtree(rough, ignore_errors=True)
        why = _("The backup could not be written: %(problem)s.") % {"problem": problem.strerror}
        room = _("Make room in %(folder)s, or choose another folder.") % {"folder": to}
        raise NotPossible("backup.no_room", why, status=507, next_step=room) from problem
    except errors.HuoshuiError:
        shutil.rmtree(rough, ignore_errors=True)
        raise
    size = sum(one["size_bytes"] for one in kept)
    found = Backup(str(to / name), taken_at.isoformat(), len(kept), size)
    (home / RECORD).parent.mkdir(parents=True, exist_ok=True)
    _write_synced(home / RECORD, json.dumps(asdict(found)).encode())
    return found


def latest(home: Path | None = None) -> Backup | None:
    """Return the latest backup that was taken of this installation, as far as it knows."""
    with contextlib.suppress(OSError, ValueError, TypeError):
        return Backup(**json.loads(((home or settings.get().home) / RECORD).read_text()))
    return None


def verify(folder: Path) -> list[str]:
    """Return what is wrong with a backup, in words; nothing means that it is whole."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        wanted = {str(one["place"]): str(one["sha256"]) for one in manifest["files"]}
    except (OSError, ValueError, KeyError, TypeError) as problem:
        return [f"{MANIFEST}: {type(problem).__name__}"]
    problems: list[str] = []
    for place, digest in wanted.items():
        path = folder / place
        if not _is_below(path, folder) or not path.is_file():
            problems.append(f"{place}: missing")
        elif _digest(path) != digest:
            problems.append(f"{place}: changed")
        elif path.suffix == ".sqlite":
            problems += [f"{place}: {one}" for one in _broken_database(path)]
    for name, check in ordering.checks().items():
        problems += [f"{name}: {one}" for one in check(folder)]
    return problems


def put_back(folder: Path, home: Path | None = None) -> dict[str, Any]:
    """Put a backup into an empty home folder; return what its manifest says.

    Nothing is written unless the backup is whole. Refuses with `backup.home_not_empty` and
    `backup.torn`.
    """
    home = home or settings.get().home
    if home.exists() and any(home.iterdir()):
        message = _("%(home)s is not empty.") % {"home": home}
        step = _("Stop all parts and move that folder away, or set HUOSHUI_HOME to a new one.")
        raise NotPossible("backup.home_not_empty", message, next_step=step)
    problems = verify(folder)
    if problems:
        raise _torn(problems)
    manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    home.mkdir(parents=True, exist_ok=True)
    modes = manifest.get("folders", {})
    home.chmod(_mode(modes, "."))
    for one in manifest["files"]:
        target = home / one["place"]
        # One by one, each with its own rights: `parents=True` would leave them to the umask, and
        # secrets in a folder that others may enter.
        for above in reversed(PurePosixPath(one["place"]).parents[:-1]):
            if not (home / above).is_dir():
                (home / above).mkdir(mode=0o700)
                (home / above).chmod(_mode(modes, above.as_posix()))
        _copy_file(folder / one["place"], target)
    return manifest


def _modes(home: Path, places: Iterable[str]) -> dict[str, str]:
    """Return the rights of every folder that holds something of a copy, as octal digits."""
    folders = {above.as_posix() for place in places for above in PurePosixPath(place).parents}
    return {one: f"{stat.S_IMODE((home / one).stat().st_mode):o}" for one in sorted(folders)}


def _mode(modes: Mapping[str, str], folder: str) -> int:
    """Return the rights a folder had, never more than reading for others; 0700 where unknown."""
    try:
        return (int(modes[folder], 8) & 0o755) | 0o700
    except (KeyError, TypeError, ValueError):
        return 0o700


def _torn(problems: list[str]) -> NotPossible:
    shown = "; ".join(problems[:PROBLEMS_MAX])
    message = _("The backup is not whole: %(problems)s.") % {"problems": shown}
    step = _("Use another backup; keep this one for a look at what happened to it.")
    return NotPossible("backup.torn", message, data={"problems": problems}, next_step=step)


def _copy_all(home: Path, rough: Path, *, with_secrets: bool) -> list[dict[str, Any]]:
    kept: list[dict[str, Any]] = []
    for group in ordering.places(home, with_secrets=with_secrets):
        for place in group:
            target = rough / place
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            try:
                if place.endswith(".sqlite"):
                    _copy_database(home / place, target)
                else:
                    _copy_file(home / place, target)
            except FileNotFoundError:  # was tidied away since it was listed: nothing names it
                continue
            size = target.stat().st_size
            kept.append({"place": place, "size_bytes": size, "sha256": _digest(target)})
    return kept


def _copy_database(source: Path, target: Path) -> None:
    """Copy one moment of a database that others may be writing."""
    if not source.exists():
        raise FileNotFoundError(source)
    with (
        contextlib.closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True, timeout=30)) as old,
        contextlib.closing(sqlite3.connect(target)) as new,
    ):
        old.backup(new, pages=4096)
        # As one file: the copy must not need a second one beside it.
        new.execute("PRAGMA journal_mode=DELETE")
    with target.open("rb+") as done:
        os.fsync(done.fileno())
    shutil.copymode(source, target)


def _copy_file(source: Path, target: Path) -> None:
    with source.open("rb") as old, target.open("wb") as new:
        shutil.copyfileobj(old, new, BLOCK)
        new.flush()
        os.fsync(new.fileno())
    shutil.copystat(source, target)


def _broken_database(path: Path) -> list[str]:
    try:
        with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
            (said,) = database.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.DatabaseError as problem:
        return [str(problem)]
    return [] if said == "ok" else [str(said)]


def _digest(path: Path) -> str:
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _is_below(path: Path, folder: Path) -> bool:
    return folder.resolve() in path.resolve().parents


def _write_synced(path: Path, content: bytes) -> None:
    with path.open("wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())


def _sync_folder(folder: Path) -> None:
    if hasattr(os, "O_DIRECTORY"):
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
