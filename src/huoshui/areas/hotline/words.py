"""Names of the codes of the hotline, as people read them."""

from __future__ import annotations

import re
from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from huoshui.areas.hotline import chat_lines
from huoshui.areas.hotline.contracts import (
    ArticleState,
    CallState,
    MessageState,
    SeatState,
    TopicKind,
)
from huoshui.areas.hotline.models import Topic
from huoshui.kernel.accounts import personal

Words = str | Promise

KINDS: dict[str, Words] = {
    TopicKind.REPAIR: pgettext_lazy("call", "Repair"),
    TopicKind.ENQUIRY: pgettext_lazy("call", "Enquiry"),
    TopicKind.COMPLAINT: pgettext_lazy("call", "Complaint"),
    TopicKind.SUGGESTION: pgettext_lazy("call", "Suggestion"),
    TopicKind.PRAISE: pgettext_lazy("call", "Praise"),
    TopicKind.WRONG_NUMBER: pgettext_lazy("call", "Wrong number"),
}
KIND_COLOURS = {
    TopicKind.REPAIR: "orange", TopicKind.ENQUIRY: "blue", TopicKind.COMPLAINT: "red",
    TopicKind.SUGGESTION: "purple", TopicKind.PRAISE: "green",
    TopicKind.WRONG_NUMBER: "secondary",
}  # fmt: skip
KIND_BADGES = {code: (label, KIND_COLOURS[TopicKind(code)]) for code, label in KINDS.items()}
CALL_STATES: dict[str, tuple[Words, str]] = {
    CallState.RINGING: (pgettext_lazy("call", "Ringing"), "orange"),
    CallState.TALKING: (pgettext_lazy("call", "Talking"), "blue"),
    CallState.HELD: (pgettext_lazy("call", "On hold"), "purple"),
    CallState.ENDED: (pgettext_lazy("call", "Ended"), "secondary"),
    CallState.ABANDONED: (pgettext_lazy("call", "Given up"), "red"),
}
SEAT_STATES: dict[str, tuple[Words, str]] = {
    SeatState.READY: (pgettext_lazy("seat", "Ready"), "green"),
    SeatState.BUSY: (pgettext_lazy("seat", "In a call"), "blue"),
    SeatState.WRAP_UP: (pgettext_lazy("seat", "Writing up"), "orange"),
    SeatState.AWAY: (pgettext_lazy("seat", "Away"), "secondary"),
}
PRIORITIES: dict[str, Words] = {
    "urgent": pgettext_lazy("call priority", "Urgent"),
    "high": pgettext_lazy("call priority", "High"),
    "normal": pgettext_lazy("call priority", "Normal"),
    "low": pgettext_lazy("call priority", "Low"),
}
PRIORITY_RANKS = {"urgent": 0, "high": 1, "normal": 2, "low": 3}
ARTICLE_STATES: dict[str, tuple[Words, str]] = {
    ArticleState.DRAFT: (pgettext_lazy("article", "Draft"), "orange"),
    ArticleState.APPROVED: (pgettext_lazy("article", "In force"), "green"),
    ArticleState.RETIRED: (pgettext_lazy("article", "Retired"), "secondary"),
}
SCORES: dict[str, Words] = {
    "greeting": pgettext_lazy("score", "Greeting and name"),
    "understanding": pgettext_lazy("score", "Understood what was meant"),
    "correctness": pgettext_lazy("score", "Said what is right"),
    "solution": pgettext_lazy("score", "Brought it to an end"),
    "manner": pgettext_lazy("score", "Manner and patience"),
}
ROOTS: dict[str, Words] = {
    "works_damage": pgettext_lazy("root", "Damage by works"),
    "meter": pgettext_lazy("root", "Meters"),
    "pipe_age": pgettext_lazy("root", "Old pipes"),
    "pressure": pgettext_lazy("root", "Pressure and supply"),
    "alteration": pgettext_lazy("root", "Request for alteration"),
    "information": pgettext_lazy("root", "Customers were not told"),
    "process": pgettext_lazy("root", "Our own way of working"),
    "staff": pgettext_lazy("root", "Conduct of staff"),
    "none": pgettext_lazy("root", "No trouble behind it"),
}
SATISFACTION: dict[str, tuple[Words, str]] = {
    "content": (pgettext_lazy("city ticket", "Content"), "green"),
    "partly": (pgettext_lazy("city ticket", "Partly content"), "orange"),
    "discontent": (pgettext_lazy("city ticket", "Not content"), "red"),
}


MESSAGE_STATES: dict[str, tuple[Words, str]] = {
    MessageState.WAITING: (pgettext_lazy("message", "Waiting"), "orange"),
    MessageState.CASE: (pgettext_lazy("message", "Case"), "blue"),
    MessageState.ANSWERED: (pgettext_lazy("message", "Answered"), "green"),
    MessageState.ASIDE: (pgettext_lazy("message", "Set aside"), "secondary"),
}
# What is wrong with a line of a pasted text, and what to do.
BAD_LINES: dict[str, tuple[Words, Words]] = {
    chat_lines.NO_SENDER: (
        _("Nobody is named who wrote this."),
        _("Copy from the line with the name on, or delete this line."),
    ),
    chat_lines.NO_TIME: (
        _("No moment stands here or above."),
        _("Put a line with day and time above, such as 2026-03-05 10:23."),
    ),
    chat_lines.NO_SUCH_DAY: (_("There is no such day or time."), _("Correct the moment.")),
    chat_lines.IN_FUTURE: (_("This moment is still to come."), _("Correct the moment.")),
    chat_lines.NO_TEXT: (_("No text stands below."), _("Copy the text too, or delete this line.")),
    chat_lines.TOO_LONG: (
        _("The text is too long."),
        _("Shorten it; at most 2,000 signs are taken."),
    ),
    chat_lines.TOO_MANY: (
        _("These are more lines than can be taken at once."),
        _("Paste the rest, from this line on, a second time."),
    ),
}
PHONE = re.compile(
    r"(?<!\d)(?:\+?86[- ]?)?(?:1\d{2}[- ]?\d{4}[- ]?\d{4}|0\d{2,3}[- ]?\d{7,8})(?!\d)"
)


def masked_text(text: str, *, sees: bool) -> str:
    """Return a text as somebody reads it: telephone numbers in it are masked unless they see."""
    return text if sees else PHONE.sub(lambda hit: personal.mask_phone(hit.group()), text)


def in_chinese() -> bool:
    """Say whether the reader reads Chinese."""
    return (get_language() or "").startswith("zh")


def topic_name(topic: Topic) -> str:
    """Return what a topic is called in the reader's language."""
    return topic.name_zh if in_chinese() else topic.name_en


def said(chinese: str, english: str) -> str:
    """Return a text in the reader's language, or in the other where it is missing."""
    return (chinese or english) if in_chinese() else (english or chinese)


def choices(names: Mapping[str, Words | tuple[Words, str]]) -> list[tuple[str, Words]]:
    """Return codes and words as pairs to choose from."""
    return [(str(code), one[0] if isinstance(one, tuple) else one) for code, one in names.items()]
