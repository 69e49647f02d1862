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


@lru_cache(maxsize=1)
def manifest() -> dict[str, Any]:
    """Return the manifest of the build that this process began with.

    A server indexes its static files once, so it must not name files of a later build; the files
    of its own build stay for a day (`tools/frontend.py`).
    """
    try:
        found: dict[str, Any] = json.loads((DIST / "manifest.json").read_text())
    except FileNotFoundError:
        raise FrontEndNotBuilt from None
    return found


def entry_urls() -> tuple[list[str], list[str]]:
    """Return the addresses of the style sheets and of the scripts that every page loads."""
    built = manifest()
    chunk = built[ENTRY]
    styles = [static(f"dist/{name}") for name in chunk.get("css", ())]
    return styles, [static(f"dist/{chunk['file']}")]
