"""How Chinese words sound: every spelling in pinyin by which people look for a name.

A sign with several readings gives several spellings, because nobody types the one that a program
would have chosen: 曾 is looked for as zeng and as ceng, 重庆路 as chongqing and as zhongqing.
"""

from __future__ import annotations

import functools
import itertools
import re
import unicodedata

READINGS_MAX = 3
SPELLINGS_MAX = 6
LATIN = re.compile(r"[a-z0-9]+")


@functools.cache
def readings(sign: str) -> tuple[str, ...]:
    """Return the readings of one sign without tones; ü is written v.

    A letter or a figure reads as itself; what has no sound at all gives nothing.
    """
    small = sign.lower()
    if LATIN.fullmatch(small):
        return (small,)
    if sign < "\u3400":
        return ()
    # Loaded when first asked: its tables would slow down the start of every process.
    from pypinyin import Style, pinyin

    found = pinyin(sign, style=Style.NORMAL, heteronym=True, errors="ignore")
    several = tuple(one for one in found[0] if one.isascii()) if found else ()
    return several[:READINGS_MAX]


def spellings(name: str) -> tuple[str, ...]:
    """Return how a name may be typed in full: zhangwei; at most `SPELLINGS_MAX`."""
    return _joined(name, whole=True)


def initials(name: str) -> tuple[str, ...]:
    """Return how a name may be typed by first letters: zw; at most `SPELLINGS_MAX`."""
    return _joined(name, whole=False)


def keys(name: str) -> tuple[str, ...]:
    """Return every spelling and all initials of a name, each once."""
    return tuple(dict.fromkeys((*spellings(name), *initials(name))))


def _joined(name: str, *, whole: bool) -> tuple[str, ...]:
    parts = []
    for sign in unicodedata.normalize("NFKC", name):
        heard = readings(sign)
        if heard:
            parts.append(tuple(dict.fromkeys(one if whole else one[0] for one in heard)))
    if not parts:
        return ()
    combined = ("".join(one) for one in itertools.product(*parts))
    if all(len(one) == 1 for one in parts):
        return tuple(combined)
    found = itertools.chain([_usual(name, whole=whole)], combined)
    return tuple(itertools.islice(dict.fromkeys(one for one in found if one), SPELLINGS_MAX))


def _usual(name: str, *, whole: bool) -> str:
    """Return the spelling that the words around each sign make likely."""
    from pypinyin import lazy_pinyin

    parts = lazy_pinyin(name, errors="ignore")
    return "".join(one if whole else one[:1] for one in parts).lower()
