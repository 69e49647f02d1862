"""The words of an announcement: variables filled in, for one person, a page or a poster."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils import translation
from django.utils.crypto import constant_time_compare, salted_hmac

from huoshui.areas.announcements import rules, words
from huoshui.areas.announcements.models import Announcement
from huoshui.kernel.pages import formats

# People outside read Chinese; the English words stand on the public page beside it.
LANGUAGE = "zh-hans"
SIGN_LENGTH = 10


@dataclass(frozen=True)
class Words:
    """What one reader is told."""

    title: str
    text: str
    parameters: Mapping[str, str]


def values(row: Announcement, language: str = LANGUAGE) -> dict[str, str]:
    """Return what the variables of an announcement stand for, in one language."""
    with translation.override(language):
        return {
            "place": row.place,
            "from": moment(row.from_at),
            "until": moment(row.until_at),
            "hours": _hours(row.from_at, row.until_at),
            "kind": str(words.KINDS[row.kind]),
        }


def for_person(row: Announcement, *, name: str, account: str) -> Words:
    """Return the words for one person."""
    known = {**values(row), "name": name, "account": account}
    return Words(
        rules.filled(row.title_zh, known),
        rules.filled(row.text_zh, known),
        {key: value for key, value in known.items() if value},
    )


def for_everybody(row: Announcement, *, english: bool = False) -> Words:
    """Return the words for a page or poster, with nothing personal in them."""
    known = {**values(row, "en" if english else LANGUAGE), "name": "", "account": ""}
    title = row.title_en if english and row.title_en else row.title_zh
    text = row.text_en if english and row.text_en else row.text_zh
    plain = "\n".join(line.strip(" ,，:：") for line in rules.filled(text, known).splitlines())
    return Words(rules.filled(title, known), plain.strip(), known)


def moment(at: datetime | None) -> str:
    """Return a moment as people say it: 11月22日 22:00, or 22 Nov 22:00."""
    if at is None:
        return ""
    local = formats.local(at)
    if formats.chinese():
        return f"{local.month}月{local.day}日{local:%H:%M}"
    return f"{local.day} {local:%b} {local:%H:%M}"


def _hours(from_at: datetime | None, until_at: datetime | None) -> str:
    if from_at is None or until_at is None:
        return ""
    return f"{(until_at - from_at).total_seconds() / 3600:.3g}"


def page_url(page_address: str, row: Announcement, delivery_id: int) -> str:
    """Return the address that one person's message leads to; empty where nobody said where."""
    if not page_address or not row.is_public:
        return ""
    path = reverse("announcements:public", args=[row.token])
    return f"{page_address.rstrip('/')}{path}?m={delivery_id:x}-{_sign(delivery_id)}"


def delivery_of(mark: str) -> int | None:
    """Return whose message led here, by the mark in its address; None for one we never made."""
    number, _dash, sign = mark.partition("-")
    try:
        delivery_id = int(number, 16)
    except ValueError:
        return None
    if not 0 < delivery_id < 2**63:
        return None
    return delivery_id if constant_time_compare(sign, _sign(delivery_id)) else None


def _sign(delivery_id: int) -> str:
    mark = salted_hmac("announcements.read", str(delivery_id), algorithm="sha256")
    return mark.hexdigest()[:SIGN_LENGTH]
