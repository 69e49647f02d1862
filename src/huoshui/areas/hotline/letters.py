"""Chinese words by the letters they are typed with: whole pinyin, and its initials."""

from __future__ import annotations

from functools import lru_cache

from pypinyin import Style, lazy_pinyin


@lru_cache(maxsize=4096)
def letters(text: str) -> str:
    """Return what ``text`` is found by besides itself, such as ``dongbiao db`` for 冻表."""
    whole = "".join(lazy_pinyin(text, errors="default")).lower()
    initials = "".join(lazy_pinyin(text, style=Style.FIRST_LETTER, errors="default")).lower()
    found = [one for one in (whole, initials) if one != text.lower()]
    return " ".join(dict.fromkeys(found))
