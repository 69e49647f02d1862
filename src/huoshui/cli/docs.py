"""Print generated reference pages."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from huoshui.cli.speaking import gettext as _


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the pages."""
    parser.add_argument("page", choices=sorted(PAGES))
    parser.add_argument("--write", type=Path, help=_("write to this file instead of the screen"))


def _settings() -> str:
    from huoshui.kernel import settings

    return settings.reference()


PAGES = {"settings": _settings}


def run(options: argparse.Namespace) -> int:
    """Print one page."""
    page = PAGES[options.page]()
    if options.write:
        options.write.parent.mkdir(parents=True, exist_ok=True)
        options.write.write_text(page, encoding="utf-8")
    else:
        sys.stdout.write(page)
    return 0
