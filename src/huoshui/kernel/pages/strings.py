"""The words of the islands: the same translations as the pages, as one file per language.

The address carries a hash of the content, so browsers keep it until it changes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from django.apps import apps
from django.urls import NoReverseMatch, reverse
from django.utils import translation

LANGUAGES = ("zh-hans", "en")


def _stamp() -> int:
    """Return when any compiled translation of ours changed last."""
    newest = 0
    for config in apps.get_app_configs():
        if not config.name.startswith("huoshui."):
            continue
        path = Path(config.path) / "locale/zh_Hans/LC_MESSAGES/django.mo"
        if path.exists():
            newest = max(newest, path.stat().st_mtime_ns)
    return newest


def _first(text: str | Iterable[str] | None) -> str:
    """Return a text, or the singular of one with plurals: Chinese has one form for both."""
    return text if isinstance(text, str) else next(iter(text or ()), "")


@lru_cache(maxsize=8)
def _built(language: str, stamp: int) -> tuple[str, bytes]:
    """Return the hash and the JSON of a language; English is what the code says itself."""
    words: dict[str, str] = {}
    if language != "en":
        from babel.messages.mofile import read_mo

        for config in apps.get_app_configs():
            path = Path(config.path) / "locale/zh_Hans/LC_MESSAGES/django.mo"
            if not config.name.startswith("huoshui.") or not path.exists():
                continue
            with path.open("rb") as handle:
                for message in read_mo(handle):
                    said, shown = _first(message.id), _first(message.string)
                    if said and shown and not message.context:
                        words.setdefault(said, shown)
    content = json.dumps(words, ensure_ascii=False, sort_keys=True).encode()
    return hashlib.sha256(content).hexdigest()[:16], content


def catalogue(language: str) -> tuple[str, bytes]:
    """Return the hash and the JSON of the words of a language."""
    known = language if language in LANGUAGES else "en"
    return _built(known, _stamp())


def url(language: str | None = None) -> str:
    """Return the address of the words of a language; empty where pages are not mounted."""
    wanted = language or translation.get_language() or "en"
    known = wanted if wanted in LANGUAGES else "en"
    try:
        return reverse("pages:strings", args=[known, catalogue(known)[0]])
    except NoReverseMatch:
        return ""
