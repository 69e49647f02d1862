"""Messages as people copy them out of a chat group: who said what when, line by line.

The chat has no interface for such groups, so what a telephone or a computer puts on the clipboard
is all there is. Nothing here asks a clock or a table: the moment "now" is an argument.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

LINES_MAX = 5_000
TEXT_MAX = 2_000
SENDER_MAX = 60
AHEAD_MAX = timedelta(minutes=10)
"""A telephone's clock may be ahead of ours by so much."""

NO_SENDER = "no_sender"
NO_TIME = "no_time"
NO_SUCH_DAY = "no_such_day"
IN_FUTURE = "in_future"
NO_TEXT = "no_text"
TOO_LONG = "too_long"
TOO_MANY = "too_many"

_DAY = (
    r"(?:(?P<y>\d{4})[-/.年](?P<m>\d{1,2})[-/.月](?P<d>\d{1,2})日?"
    r"|(?P<m2>\d{1,2})月(?P<d2>\d{1,2})日"
    r"|(?P<m3>\d{1,2})[-/](?P<d3>\d{1,2})"
    r"|(?P<near>今天|昨天|前天|[Tt]oday|[Yy]esterday)"
    r"|(?P<week>星期[一二三四五六日天]|周[一二三四五六日天]"
    r"|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day))"
)
_CLOCK = (
    r"(?P<part>凌晨|早上|上午|中午|下午|傍晚|晚上)?\s*"
    r"(?P<H>\d{1,2}):(?P<M>\d{2})(?::(?P<S>\d{2}))?(?:\s*(?P<ap>[AaPp][Mm]))?"
)
_WHEN = rf"(?:{_DAY}[\s,]*)?{_CLOCK}"
_NAME = rf"(?P<name>[^:\[\]]{{1,{SENDER_MAX}}}?)"
_ONLY_DAY = re.compile(rf"[\s\-_=—─－]*{_DAY}[\s\-_=—─－]*")
_ONLY_WHEN = re.compile(rf"[\s\-_=—─－]*{_WHEN}[\s\-_=—─－]*")
_BRACKET = re.compile(rf"\[{_WHEN}\]\s*{_NAME}\s*:\s*(?P<text>.*)")
_WHEN_NAME_TEXT = re.compile(rf"{_WHEN}\s*[-,]?\s+{_NAME}\s*:\s*(?P<text>.*)")
_NAME_WHEN_TEXT = re.compile(rf"{_NAME}[\s(]+{_WHEN}\)?\s*:\s*(?P<text>.*)")
_NAME_WHEN = re.compile(rf"{_NAME}[\s(]+{_WHEN}\)?")
_WHEN_NAME = re.compile(rf"{_WHEN}\s+{_NAME}")
_NAME_TEXT = re.compile(rf"{_NAME}\s*:\s*(?P<text>.*)")
# What begins with a moment is tried first: the day of one would pass for a name otherwise.
HEADS = (_BRACKET, _WHEN_NAME_TEXT, _NAME_WHEN_TEXT, _WHEN_NAME, _NAME_WHEN)
_WEEK = {"一": 0, "二": 1, "三": 2, "四": 3, "五": 4, "六": 5, "日": 6, "天": 6,
         "M": 0, "Tu": 1, "W": 2, "Th": 3, "F": 4, "Sa": 5, "Su": 6}  # fmt: skip


@dataclass(frozen=True)
class Line:
    """One message; ``number`` is the line on which it begins, ``sent_at`` the city's wall clock."""

    number: int
    sent_at: datetime
    sender: str
    text: str


@dataclass(frozen=True)
class BadLine:
    """One line that could not be taken: why, as one of the codes of this module."""

    number: int
    code: str
    text: str


@dataclass
class Read:
    """What a pasted text says."""

    lines: list[Line] = field(default_factory=list)
    bad: list[BadLine] = field(default_factory=list)


@dataclass
class _Open:
    number: int
    sent_at: datetime
    sender: str
    text: list[str]


def read(text: str, now: datetime) -> Read:
    """Return the messages of a pasted text, and every line that is none with its reason.

    ``now`` is the city's wall clock, without a zone; "yesterday", a weekday and a day without a
    year are the latest ones that are not after it. A line without a sender belongs to the message
    above it.
    """
    return _Reader(now).read(text)


class _Reader:
    def __init__(self, now: datetime) -> None:
        self.now = now.replace(tzinfo=None)
        self.found = Read()
        self.open: _Open | None = None
        self.day: date | None = None
        self.moment: datetime | None = None
        # Where each message has a line with its moment, "address: ..." below it is text of it.
        self.heads = False

    def read(self, text: str) -> Read:
        for number, raw in enumerate(text.splitlines(), start=1):
            if number > LINES_MAX:
                self._say(number, TOO_MANY, raw)
                break
            self._take(number, raw.strip())
        self._close()
        return self.found

    def _say(self, number: int, code: str, text: str) -> None:
        self.found.bad.append(BadLine(number, code, text[:80]))

    def _take(self, number: int, raw: str) -> None:
        plain = _plain(raw)
        if not plain:
            if self.open is not None:
                self.open.text.append("")
            return
        for pattern in (_ONLY_DAY, _ONLY_WHEN):
            if hit := pattern.fullmatch(plain):
                self._close()
                self._moment_line(number, raw, hit, with_time=pattern is _ONLY_WHEN)
                return
        for pattern in HEADS:
            hit = pattern.fullmatch(plain)
            if hit and _is_name(hit["name"]):
                self._head(number, raw, hit)
                return
        hit = None if self.heads else _NAME_TEXT.fullmatch(plain)
        if hit and _is_name(hit["name"]):
            self._named(number, raw, hit)
        elif self.open is not None:
            self.open.text.append(raw)
        else:
            self._say(number, NO_SENDER, raw)

    def _moment_line(self, number: int, raw: str, hit: re.Match[str], *, with_time: bool) -> None:
        """A line of its own that says when what follows was written."""
        self.heads = False
        self.moment = None
        try:
            self.day = self._day(hit) or self.day or self.now.date()
            if with_time:
                self.moment = datetime.combine(self.day, _clock(hit))
        except ValueError:
            self._say(number, NO_SUCH_DAY, raw)
            self.day = None

    def _head(self, number: int, raw: str, hit: re.Match[str]) -> None:
        self._close()
        try:
            day = self._day(hit) or self.day
            if day is None:
                self._say(number, NO_TIME, raw)
                return
            moment = datetime.combine(day, _clock(hit))
        except ValueError:
            self._say(number, NO_SUCH_DAY, raw)
            return
        self.heads = True
        self._begin(number, moment, raw, hit)

    def _named(self, number: int, raw: str, hit: re.Match[str]) -> None:
        self._close()
        if self.moment is None:
            self._say(number, NO_TIME, raw)
            return
        self._begin(number, self.moment, raw, hit)

    def _begin(self, number: int, moment: datetime, raw: str, hit: re.Match[str]) -> None:
        # Cut from the line as it was written, not from the one with plain signs: the plain one is
        # as long, sign for sign.
        start, end = hit.span("name")
        sender = raw[start:end].strip().rstrip("(（").strip()
        has_text = "text" in hit.groupdict()
        said = raw[hit.start("text") :].strip() if has_text else ""
        self.open = _Open(number, moment, sender, [said] if said else [])

    def _close(self) -> None:
        one, self.open = self.open, None
        if one is None:
            return
        text = "\n".join(one.text).strip()
        if not text:
            self._say(one.number, NO_TEXT, one.sender)
        elif len(text) > TEXT_MAX:
            self._say(one.number, TOO_LONG, text)
        elif one.sent_at > self.now + AHEAD_MAX:
            self._say(one.number, IN_FUTURE, f"{one.sender} {one.sent_at:%Y-%m-%d %H:%M}")
        else:
            self.found.lines.append(Line(one.number, one.sent_at, one.sender, text))

    def _day(self, hit: re.Match[str]) -> date | None:
        today = self.now.date()
        if hit["y"]:
            return date(int(hit["y"]), int(hit["m"]), int(hit["d"]))
        month = hit["m2"] or hit["m3"]
        if month:
            return _latest(int(month), int(hit["d2"] or hit["d3"]), today)
        if hit["near"]:
            back = {"今天": 0, "today": 0, "昨天": 1, "yesterday": 1, "前天": 2}
            return today - timedelta(days=back[hit["near"].lower()])
        if hit["week"]:
            return today - timedelta(days=(today.weekday() - _weekday(hit["week"])) % 7 or 7)
        return None


def _plain(raw: str) -> str:
    """Return a line with plain signs, sign for sign as long as it was."""
    small = (unicodedata.normalize("NFKC", one) for one in raw)
    return "".join(
        one if len(one) == 1 else kept for one, kept in zip(small, raw, strict=True)
    ).translate({ord("【"): "[", ord("】"): "]"})


def _is_name(name: str) -> bool:
    """Tell whether what stands where a name would is one: no day, and no part of a sentence."""
    plain = name.strip()
    is_sentence = re.search(r"[,。!?;、]|https?$", plain)
    return bool(plain) and not is_sentence and not _ONLY_DAY.fullmatch(plain)


def _latest(month: int, day: int, today: date) -> date:
    """Return the latest such day that is not after today; raises `ValueError` where there is none.

    The 29th of February may lie some years back.
    """
    for year in range(today.year, today.year - 9, -1):
        try:
            found = date(year, month, day)
        except ValueError:
            continue
        if found <= today:
            return found
    msg = f"no day {month}-{day}"
    raise ValueError(msg)


def _weekday(word: str) -> int:
    for sign in (word[-1], word[:2], word[:1]):
        if sign in _WEEK:
            return _WEEK[sign]
    msg = f"no weekday {word}"
    raise ValueError(msg)


def _clock(hit: re.Match[str]) -> time:
    hour, part = int(hit["H"]), hit["part"] or (hit["ap"] or "").lower()
    if (part in ("下午", "傍晚", "晚上", "pm") and hour < 12) or (part == "中午" and hour < 3):
        hour += 12
    elif part in ("凌晨", "am") and hour == 12:
        hour = 0
    return time(hour, int(hit["M"]), int(hit["S"] or 0))


# What a message is about -------------------------------------------------------------------------


@dataclass(frozen=True)
class Proposal:
    """A topic that a message may be about, and the words of it that were found."""

    topic: str
    words: tuple[str, ...]


def propose(text: str, words_of: dict[str, tuple[str, ...]]) -> Proposal | None:
    """Return the topic of which most words stand in a text, longer words first; None for none.

    ``words_of`` are the words of each topic, in the order in which equals are preferred. A word
    that is part of a longer one that was found, of whatever topic, counts for nothing.
    """
    small = text.casefold()
    hits = {
        code: [one for one in words if one and one.casefold() in small]
        for code, words in words_of.items()
    }
    everything = {one for found in hits.values() for one in found}
    best: tuple[int, str, tuple[str, ...]] | None = None
    for code, found in hits.items():
        whole = [
            one for one in dict.fromkeys(found)
            if not any(one != other and one in other for other in everything)
        ]  # fmt: skip
        weight = sum(len(one) for one in whole)
        if weight and (best is None or weight > best[0]):
            best = (weight, code, tuple(whole))
    return Proposal(best[1], best[2]) if best else None
