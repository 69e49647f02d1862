"""The language of the command line, one rule for every command: the terminal's.

Chinese where LC_ALL, LC_MESSAGES or LANG says so, as in the launcher; else English. Words are in
the catalog of the kernel's pages, like all that has no app of its own. The catalog is read without
Django, because help and refusals are said before it is set up.
"""

from __future__ import annotations

import functools
import gettext as catalogs
import os
from pathlib import Path

TABLES = Path(__file__).resolve().parents[1] / "kernel/intake/locale"
CATALOG = Path(__file__).resolve().parents[1] / "kernel/pages/locale"


def language() -> str:
    """Return the language of this terminal's reader, as Django calls it."""
    names = ("LC_ALL", "LC_MESSAGES", "LANG")
    chosen = next((found for name in names if (found := os.environ.get(name))), "")
    return "zh-hans" if chosen.lower().startswith("zh") else "en"


@functools.lru_cache(maxsize=2)
def _words(code: str) -> catalogs.NullTranslations:
    if code == "en":
        return catalogs.NullTranslations()
    return catalogs.translation("django", CATALOG, languages=["zh_Hans"], fallback=True)


def gettext(message: str) -> str:
    """Return a sentence in the reader's language."""
    return _words(language()).gettext(message)


def mark(message: str) -> str:
    """Mark a sentence for translation that is said later."""
    return message


def begin() -> None:
    """Set Django up for a command that speaks: what it says is in the reader's language."""
    import django
    from django.utils import translation

    django.setup()
    translation.activate(language())


def begin_without_areas() -> None:
    """Let Django translate the words of tables, for a command that needs nothing else of it.

    Where this process has set Django up already, as it is used; else without any app, which takes
    a tenth of the time.
    """
    import django
    from django.conf import settings
    from django.utils import translation

    if not settings.configured:
        settings.configure(USE_I18N=True, LANGUAGE_CODE="en", LOCALE_PATHS=[CATALOG, TABLES])
    django.setup()
    translation.activate(language())


def end() -> None:
    """Leave the language to whatever runs next in this process."""
    from django.utils import translation

    translation.deactivate()
