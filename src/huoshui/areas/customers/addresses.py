"""Chinese addresses as people type them, brought to one form that can be compared.

``光明小区3号楼2单元501``, ``光明 3栋 501室``, ``光明3-2-501`` and ``gmxq 3 501`` mean the same
door. An address is read as a place by name (an estate or a street) and a path of figures behind it:
building, unit, room, or house number first where the place is a street. Plain Python.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

FIGURES = {"零": 0, "〇": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6,
           "七": 7, "八": 8, "九": 9}  # fmt: skip
TENS = {"十": 10, "百": 100}
WORDS = "号楼|号院|号|栋|幢|座|楼|单元|门|室|户|房|层|组|弄"
NUMERAL = re.compile(f"[{''.join((*FIGURES, *TENS))}]+(?={WORDS})")
HAN = re.compile(r"[\u3400-\u9fff]+")
LATIN = re.compile(r"[a-z]+")
# A figure may carry a letter (3a), or be a letter alone before a word for a building (A座).
FIGURE = re.compile(r"\d+[a-z]?|[a-z](?=号楼|栋|幢|座|楼)")
MARKED = re.compile(
    r"(?P<figure>\d+[a-z]?|[a-z](?=号楼|栋|幢|座|楼))"
    rf"(?P<mark>{WORDS})?"
)
MARKS = {
    "号楼": "building", "栋": "building", "幢": "building", "座": "building", "楼": "building",
    "单元": "unit", "门": "unit", "室": "room", "户": "room", "房": "room", "层": "floor",
    "号": "number", "号院": "number", "弄": "number", "组": "unit",
}  # fmt: skip
WITH_MARK = re.compile(rf"(?:\d+[a-z]?|(?<![a-z])[a-z])(?:{WORDS})")
# Words that people leave out at the end of an estate's name.
SUFFIXES = ("小区", "社区", "住宅区", "家属院", "宿舍")
LENGTH_MAX = 200


@dataclass(frozen=True, slots=True)
class Typed:
    """What somebody typed, taken apart.

    ``names`` are the runs of Chinese, ``letters`` the runs of Latin letters, ``figures`` all
    figures in their order, ``marked`` those whose word says what they are.
    """

    text: str
    names: tuple[str, ...]
    letters: tuple[str, ...]
    figures: tuple[str, ...]
    marked: dict[str, str]


def plain(text: str) -> str:
    """Return a text as texts are compared: half-width, small letters, one dash, one blank."""
    small = unicodedata.normalize("NFKC", text[:LENGTH_MAX]).lower()
    small = re.sub(r"[‐-―−~～]", "-", small)
    return re.sub(r"[\s,，。、;；:：#()（）]+", " ", small).strip()


def number_of(numeral: str) -> int:
    """Return what a Chinese numeral says: 十二 is 12, 二十 20, 一百零三 103, 五〇一 501."""
    if not any(sign in TENS for sign in numeral):
        return int("".join(str(FIGURES[sign]) for sign in numeral))
    total = current = 0
    for sign in numeral:
        if sign in TENS:
            total += (current or 1) * TENS[sign]
            current = 0
        else:
            current = FIGURES[sign]
    return total + current


def with_figures(text: str) -> str:
    """Return a text in which numerals before words such as 号 and 单元 are figures."""
    return NUMERAL.sub(lambda found: str(number_of(found[0])), text)


def figure(text: str | None) -> str:
    """Return one part of an address as it is compared: 03号楼 is 3, Ａ座 is a."""
    small = with_figures(plain(text or ""))
    found = FIGURE.search(small)
    if found is not None:
        return _bare(found[0])
    return re.sub(r"[^a-z0-9\u3400-\u9fff]", "", small)


def base_of(name: str) -> str:
    """Return the name of an estate without the word that says it is one."""
    for suffix in SUFFIXES:
        if name.endswith(suffix) and len(name) > len(suffix):
            return name[: -len(suffix)]
    return name


def path_of(*, number: str = "", building: str = "", unit: str = "", room: str = "") -> str:
    """Return the whole path of a door, such as 3-2-501 or 12-3-2-501."""
    return "-".join(one for one in map(figure, (number, building, unit, room)) if one)


def short_path_of(*, number: str = "", building: str = "", room: str = "") -> str:
    """Return the path without the unit, which many people leave out: 3-501."""
    return "-".join(one for one in map(figure, (number, building, room)) if one)


def taken_apart(text: str) -> Typed:
    """Take apart what somebody typed, place names still within."""
    small = with_figures(plain(text))
    figures = tuple(_bare(one) for one in FIGURE.findall(_without_words(small)))
    marked: dict[str, str] = {}
    for found in MARKED.finditer(small):
        mark = MARKS.get(found["mark"] or "")
        # 3栋5楼: the second one is a floor.
        if mark == "building" and found["mark"] == "楼" and "building" in marked:
            mark = "floor"
        if mark:
            marked.setdefault(mark, _bare(found["figure"]))
    bare = WITH_MARK.sub(" ", small)
    names = tuple(HAN.findall(bare))
    letters = tuple(LATIN.findall(re.sub(r"(?<=\d)[a-z](?![a-z])", "", bare)))
    return Typed(small, names, letters, figures, marked)


def _without_words(small: str) -> str:
    """Return the text without letters that belong to no figure."""
    return re.sub(r"(?<![a-z0-9])[a-z]{2,}", " ", small)


def _bare(text: str) -> str:
    return text.lstrip("0") or "0"
