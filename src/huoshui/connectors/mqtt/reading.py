"""The three forms of messages: our own JSON, JSON of any shape by a mapping, Sparkplug B."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import orjson

from huoshui.areas.telemetry.contracts import to_us
from huoshui.connecting import columns as columns_of
from huoshui.connecting import messages
from huoshui.connecting.columns import Collector, Columns
from huoshui.connecting.messages import IdOf
from huoshui.kernel import clock

PLACE = re.compile(r"\{(\w+)\}")
GOOD, BAD = 0, 3
# Quality words that senders use, beside our own.
GOOD_WORDS = frozenset({"good", "ok", "true", "1", "192", "0x0", "valid"})
# A number this large counts milliseconds, or microseconds, since 1970 and not seconds.
MS_FROM, US_FROM = 1e11, 1e14


class Reader(Protocol):
    """Reads the messages of one source; may remember between messages."""

    def source(self, topic: str) -> str:
        """Return who sent it."""
        ...

    def read(self, topic: str, payload: bytes, id_of: IdOf) -> Columns:
        """Read one message; never raises for anything a sender may write."""
        ...

    def wanted(self) -> Iterable[tuple[str, bytes]]:
        """Return messages to send to the devices, such as a request to begin anew."""
        ...


class PlainReader:
    """Our own JSON forms; the second level of the topic says who sent it, unless named."""

    def __init__(self, name: str = "") -> None:
        self._name = name

    def source(self, topic: str) -> str:
        """Return the source's name, or the second level of ``huoshui/<source>/readings``."""
        if self._name:
            return self._name
        levels = topic.split("/")
        return levels[1][:80] if len(levels) > 1 else topic[:80]

    def read(self, topic: str, payload: bytes, id_of: IdOf) -> Columns:
        """Read one message of our own forms."""
        return messages.read(payload, id_of)

    def wanted(self) -> Iterable[tuple[str, bytes]]:
        """Ask for nothing."""
        return ()


@dataclass(frozen=True, slots=True)
class Places:
    """Where in a message and its topic everything stands; an empty path means the whole."""

    topic: str
    code: str
    items: str = ""
    values: str = ""
    key: str = ""
    value: str = ""
    at: str = ""
    quality: str = ""
    zone: str = "Asia/Shanghai"


class MappedReader:
    """JSON of any shape, read by a mapping that a person wrote."""

    def __init__(self, name: str, mapping: Places) -> None:
        self._name = name
        self._mapping = mapping
        self._zone = ZoneInfo(mapping.zone)
        self._topic = topic_pattern(mapping.topic)

    def source(self, topic: str) -> str:
        """Return the source's name."""
        return self._name

    def wanted(self) -> Iterable[tuple[str, bytes]]:
        """Ask for nothing."""
        return ()

    def read(self, topic: str, payload: bytes, id_of: IdOf) -> Columns:
        """Read one message by the mapping."""
        found = Collector()
        match = self._topic.fullmatch(topic)
        if match is None:
            found.problem("mapping.topic_differs", "", f"{topic[:120]} is not of the given form.")
            return found.columns()
        if len(payload) > messages.MAX_BYTES:
            found.problem("payload.too_large", "", f"The message has {len(payload)} bytes.")
            return found.columns()
        try:
            message = orjson.loads(payload)
        except orjson.JSONDecodeError as error:
            found.problem("payload.not_json", "", f"Not JSON in UTF-8: {str(error)[:120]}")
            return found.columns()
        items = at_path(message, self._mapping.items)
        rows = items if isinstance(items, list) else [items]
        if len(rows) > messages.MAX_READINGS:
            found.problem("payload.too_many", self._mapping.items, f"{len(rows)} readings.")
            return found.columns()
        for position, item in enumerate(rows):
            where = f"{self._mapping.items or '$'}[{position}]"
            self._read_item(item, match.groupdict(), where, id_of, found)
        return found.columns()

    def _read_item(
        self, item: Any, places: Mapping[str, str], where: str, id_of: IdOf, found: Collector
    ) -> None:
        at_us = self._moment(at_path(item, self._mapping.at), where, found)
        if at_us is None:
            return
        quality = quality_of(at_path(item, self._mapping.quality) if self._mapping.quality else "")
        for key, given in self._pairs(item, where, found):
            if given is None:
                found.empty += 1
                continue
            value = number_of(given)
            if value is None:
                found.problem(
                    "reading.value_not_a_number",
                    f"{where}.{key}"[:120],
                    f"{columns_of.shown(given)} is not a number.",
                )
                continue
            code = filled(self._mapping.code, {**places, "key": key})
            if not columns_of.is_code(code):
                found.problem("reading.point_missing", where, "The code of a point is too long.")
                continue
            found.row(id_of(code), code, at_us, value, quality)

    def _pairs(self, item: Any, where: str, found: Collector) -> Iterator[tuple[str, Any]]:
        mapping = self._mapping
        if mapping.key:
            yield str(at_path(item, mapping.key))[:120], at_path(item, mapping.value)
            return
        values = at_path(item, mapping.values)
        if isinstance(values, dict):
            for key, value in values.items():
                inner = at_path(value, mapping.value) if isinstance(value, dict) else value
                yield key, inner
        elif isinstance(values, list) or values is None:
            found.problem("mapping.values_missing", where, "No values where the mapping says.")
        else:
            yield "", values

    def _moment(self, given: Any, where: str, found: Collector) -> int | None:
        if not self._mapping.at:
            return to_us(clock.now())
        number = number_of(given)
        if number is not None:
            scale = 1 if abs(number) >= US_FROM else 1e3 if abs(number) >= MS_FROM else 1e6
            at_us = round(number * scale)
            if columns_of.EARLIEST_US <= at_us < columns_of.LATEST_US:
                return at_us
            found.problem("reading.at_out_of_range", where, f"{columns_of.shown(given)}")
            return None
        if isinstance(given, str) and 16 <= len(given) <= 40:
            try:
                at = datetime.fromisoformat(given)
            except ValueError:
                at = None
            if at is not None and at.tzinfo is None:
                # The person who wrote the mapping said which zone such moments are in.
                given = at.replace(tzinfo=self._zone).astimezone(UTC).isoformat()
        return columns_of.moment_us(given, where, found)


def topic_pattern(template: str) -> re.Pattern[str]:
    """Return the pattern of topics; ``{name}`` stands for one level, ``+`` and ``#`` as in MQTT."""
    parts = []
    for level in template.split("/"):
        if level == "#":
            parts.append(".*")
        elif level == "+":
            parts.append("[^/]*")
        else:
            pieces = PLACE.split(level)
            parts.append(
                "".join(
                    f"(?P<{piece}>[^/]+)" if number % 2 else re.escape(piece)
                    for number, piece in enumerate(pieces)
                )
            )
    return re.compile("/".join(parts))


def filled(template: str, places: Mapping[str, str]) -> str:
    """Return a template with its ``{names}`` filled in; one that is not known stays empty."""
    return PLACE.sub(lambda place: places.get(place[1], ""), template)


def topic_filter(template: str) -> str:
    """Return what to subscribe to for a template."""
    return "/".join("+" if PLACE.search(level) else level for level in template.split("/"))


def at_path(message: Any, path: str) -> Any:
    """Return what stands at ``a.b.0.c``; None where there is nothing."""
    for name in path.split(".") if path else ():
        if isinstance(message, dict):
            message = message.get(name)
        elif isinstance(message, list) and name.isdecimal() and len(name) < 7:
            message = message[int(name)] if int(name) < len(message) else None
        else:
            return None
    return message


def number_of(given: Any) -> float | None:
    """Return a number, also one that is written as text or as true and false."""
    if isinstance(given, bool):
        return float(given)
    if isinstance(given, str):
        if not 0 < len(given) <= 40:
            return None
        try:
            given = float(given)
        except ValueError:
            return None
    return float(given) if columns_of.is_number(given) else None


def quality_of(given: Any) -> int:
    """Return the flag that a sender's word means: nothing is good, what is not good is bad."""
    if given is None or given == "":
        return GOOD
    word = str(given).lower() if isinstance(given, (str, int, float, bool)) else ""
    ours = columns_of.quality_of(word)
    if ours is not None:
        return ours
    return GOOD if word in GOOD_WORDS else BAD
