"""Where the built front end lies: reads the manifest that the build leaves."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.templatetags.static import static

DIST = Path(__file__).parent / "static" / "dist"
ENTRY = "src/ui/app.ts"


class FrontEndNotBuilt(RuntimeError):
    """The pages' script and look were never built in this checkout."""

    def __init__(self) -> None:
        super().__init__("The front end is not built. Run: python tools/frontend.py")


@lru_cache(maxsize=4)
def _read(path: Path, changed_ns: int) -> dict[str, Any]:
    manifest: dict[str, Any] = json.loads(path.read_text())
    return manifest


def manifest() -> dict[str, Any]:
    """Return the build's manifest; a new build is noticed without a restart."""
    path = DIST / "manifest.json"
    try:
        changed_ns = path.stat().st_mtime_ns
    except FileNotFoundError:
        raise FrontEndNotBuilt from None
    return _read(path, changed_ns)


def entry_urls() -> tuple[list[str], list[str]]:
    """Return the addresses of the style sheets and of the scripts that every page loads."""
    built = manifest()
    chunk = built[ENTRY]
    styles = [static(f"dist/{name}") for name in chunk.get("css", ())]
    return styles, [static(f"dist/{chunk['file']}")]
