"""Signs of life of the running parts: one small file for each, written every few seconds.

Files, not rows: a part must be able to say that it lives while the database is locked or away. Each
beat also compares the wall clock with the computer's steady one, so that a clock that was set back
under us is noticed by whoever noticed it first.
"""

from __future__ import annotations

import contextlib
import json
import os
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from huoshui.kernel import settings

BEAT_S = 5.0
SILENT_S = 30.0
STEP_S = 2.0
STEP_KEPT = timedelta(days=1)


@dataclass(frozen=True)
class Part:
    """A process that an installation needs running; ``command`` starts it."""

    name: str
    label: Any
    command: str


@dataclass(frozen=True)
class Beat:
    """The latest sign of life of one part."""

    name: str
    at: datetime
    started_at: datetime
    shown_at: datetime
    pid: int
    version: str
    step_s: float = 0.0
    step_at: datetime | None = None
    detail: dict[str, Any] = field(default_factory=dict)


class _Pulse:
    """What this process remembers of its own beats."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.latest: dict[str, float] = {}
        self.started_at: datetime | None = None
        self.offset_s: float | None = None
        self.step_s = 0.0
        self.step_at: datetime | None = None

    def look_at_the_clock(self) -> datetime:
        """Return the wall's moment; remember a step of it against the steady clock."""
        wall, steady = time.time(), time.monotonic()
        now = datetime.fromtimestamp(wall, tz=UTC)
        offset_s = wall - steady
        if self.offset_s is not None and abs(offset_s - self.offset_s) >= STEP_S:
            self.step_s, self.step_at = offset_s - self.offset_s, now
        self.offset_s = offset_s
        if self.started_at is None:
            self.started_at = now
        return now


_expected: dict[str, Part] = {}
_pulse = _Pulse()


def expect_part(name: str, label: Any, command: str) -> None:
    """Say that an installation needs this part running; the health page misses it otherwise."""
    _expected[name] = Part(name, label, command)


def expected() -> tuple[Part, ...]:
    """Return the parts that should run, by name."""
    return tuple(_expected[name] for name in sorted(_expected))


def folder() -> Path:
    """Return where the beats lie."""
    return settings.get().home / "run" / "beats"


def beat(name: str, **detail: Any) -> None:
    """Say that this part lives; called as often as one likes, written every few seconds.

    Never raises: a full disk must not stop the part whose silence would then tell of it.
    """
    with _pulse.lock:
        if time.monotonic() - _pulse.latest.get(name, float("-inf")) < BEAT_S:
            return
        _pulse.latest[name] = time.monotonic()
        at = _pulse.look_at_the_clock()
        with contextlib.suppress(OSError):
            _write(name, at, detail)


def _write(name: str, at: datetime, detail: dict[str, Any]) -> None:
    from huoshui.kernel import clock
    from huoshui.kernel.pages import frame

    try:
        shown_at = clock.now()
    except Exception:  # without the database there is no shown time, and still a sign of life
        shown_at = at
    content = {
        "at": at.isoformat(),
        "started_at": (_pulse.started_at or at).isoformat(),
        "shown_at": shown_at.isoformat(),
        "pid": os.getpid(),
        "version": frame.installed_version(),
        "step_s": _pulse.step_s,
        "step_at": _pulse.step_at.isoformat() if _pulse.step_at else None,
        "detail": detail,
    }
    folder().mkdir(parents=True, exist_ok=True)
    rough = folder() / f".{name}.{os.getpid()}"
    rough.write_text(json.dumps(content), encoding="utf-8")
    rough.replace(folder() / f"{name}.json")


def beats() -> dict[str, Beat]:
    """Return the latest beat of every part that ever beat here; a torn file counts as none."""
    return {one.name: one for path in sorted(folder().glob("*.json")) for one in _read(path)}


def _read(path: Path) -> Iterator[Beat]:
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        kept = json.loads(path.read_text(encoding="utf-8"))
        yield Beat(
            name=path.stem,
            at=datetime.fromisoformat(kept["at"]),
            started_at=datetime.fromisoformat(kept["started_at"]),
            shown_at=datetime.fromisoformat(kept["shown_at"]),
            pid=int(kept["pid"]),
            version=str(kept["version"]),
            step_s=float(kept["step_s"]),
            step_at=datetime.fromisoformat(kept["step_at"]) if kept["step_at"] else None,
            detail=dict(kept["detail"]),
        )
