"""Sparkplug B: births name the metrics, data carries their aliases, deaths end them.

    NBIRTH, DBIRTH   every metric of a node or a device: name, alias, datatype, value
    NDATA, DDATA     what changed, by alias or by name, numbered 0 to 255 round and round
    NDEATH, DDEATH   a node or a device is gone: what it measured is not known any more

When a number is missing, or data comes from a node whose birth we have not seen (we were started
later), the node is asked to give birth anew. Source: Eclipse Sparkplug Specification 3.0.0.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from google.protobuf.message import DecodeError  # type: ignore[import-untyped]

from huoshui.areas.telemetry.contracts import Quality, to_us
from huoshui.connecting import columns as columns_of
from huoshui.connecting.columns import Collector, Columns
from huoshui.connecting.messages import MAX_BYTES, MAX_READINGS, IdOf
from huoshui.connectors.mqtt import schema
from huoshui.kernel import clock

NAMESPACE = "spBv1.0"
REBIRTH = "Node Control/Rebirth"
BIRTH_NUMBER = "bdSeq"
ASK_AGAIN_S = 30.0
NODES_MAX = 10_000
METRICS_MAX = 100_000
# Datatypes of section 6.4.16: signed ones come as two's complement in an unsigned field.
SIGNED_BITS = {1: 8, 2: 16, 3: 32, 4: 64}
UNSIGNED = frozenset({5, 6, 7, 8})
FLOAT, DOUBLE, BOOLEAN = 9, 10, 11
# Values of the property "Quality": bad, stale; good is 192.
QUALITIES = {0: Quality.BAD, 500: Quality.DOUBTFUL, 192: Quality.GOOD}


@dataclass(slots=True)
class Known:
    """One metric as its birth declared it."""

    name: str
    device: str
    datatype: int
    latest_us: int = 0


@dataclass(slots=True)
class Node:
    """One edge node: its numbering and its metrics."""

    sequence: int = -1
    birth: int | None = None
    is_alive: bool = False
    by_alias: dict[tuple[str, int], Known] = field(default_factory=dict)
    by_name: dict[tuple[str, str], Known] = field(default_factory=dict)


class SparkplugReader:
    """The state of all nodes of one source, and the reading of their messages."""

    def __init__(
        self,
        name: str,
        code: str = "{node}/{device}/{metric}",
        *,
        city_now: Callable[[], datetime] = clock.now,
        monotonic_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._name = name
        self._code = code
        self._city_now = city_now
        self._monotonic_s = monotonic_s
        self._nodes: dict[tuple[str, str], Node] = {}
        self._ask: set[tuple[str, str]] = set()
        self._asked_s: dict[tuple[str, str], float] = {}

    def source(self, topic: str) -> str:
        """Return the source's name."""
        return self._name

    def wanted(self) -> Iterator[tuple[str, bytes]]:
        """Return the requests for rebirth that are due, each at most every half minute."""
        now_s = self._monotonic_s()
        for group, node in sorted(self._ask):
            if now_s - self._asked_s.get((group, node), -1e9) >= ASK_AGAIN_S:
                self._asked_s[group, node] = now_s
                yield f"{NAMESPACE}/{group}/NCMD/{node}", rebirth(to_us(self._city_now()) // 1000)
        self._ask.clear()

    def read(self, topic: str, payload: bytes, id_of: IdOf) -> Columns:
        """Read one message; never raises for anything a sender may write."""
        found = Collector()
        levels = topic.split("/")
        if len(levels) not in (4, 5) or levels[0] != NAMESPACE:
            found.problem("sparkplug.topic_unknown", "", f"{topic[:120]} is no topic of Sparkplug.")
            return found.columns()
        _namespace, group, kind, node_name, *rest = levels
        device = rest[0] if rest else ""
        if kind not in {"NBIRTH", "DBIRTH", "NDATA", "DDATA", "NDEATH", "DDEATH"}:
            return found.columns()  # commands, and the state of other hosts
        message = _decoded(payload, found)
        if message is None:
            return found.columns()
        key = (group, node_name)
        if key not in self._nodes and len(self._nodes) >= NODES_MAX:
            found.problem("sparkplug.too_many_nodes", "", f"More than {NODES_MAX} nodes.")
            return found.columns()
        node = self._nodes.setdefault(key, Node())
        if kind != "NDEATH":  # the will was written before anything could be numbered
            self._count(kind, node, key, message, found)
        if kind.endswith("DEATH"):
            self._die(kind, node, key, device, message, id_of, found)
            return found.columns()
        if kind == "NBIRTH":
            node.by_alias.clear()
            node.by_name.clear()
            node.is_alive = True
        for metric in message.metrics[:MAX_READINGS]:
            self._read_metric(metric, kind, node, key, device, message, id_of, found)
        return found.columns()

    def _count(
        self, kind: str, node: Node, key: tuple[str, str], message: Any, found: Collector
    ) -> None:
        """Check the numbering; a gap means that we have missed something."""
        number = int(message.seq) % 256
        if kind == "NBIRTH":
            node.sequence = number
            self._ask.discard(key)
            return
        if not node.is_alive:
            self._ask.add(key)
        elif number != (node.sequence + 1) % 256:
            found.problem(
                "sparkplug.numbers_missing",
                "/".join(key),
                f"Number {number} came after {node.sequence}.",
                readings=0,
            )
            self._ask.add(key)
        node.sequence = number

    def _read_metric(
        self,
        metric: Any,
        kind: str,
        node: Node,
        key: tuple[str, str],
        device: str,
        message: Any,
        id_of: IdOf,
        found: Collector,
    ) -> None:
        if not isinstance(metric.name, str):
            # The library hands over bytes where a name is not UTF-8.
            found.problem("sparkplug.not_readable", "/".join(key), "A name is not UTF-8.")
            return
        if metric.name == BIRTH_NUMBER:
            if kind == "NBIRTH":
                node.birth = int(metric.long_value or metric.int_value)
            return
        known = self._known(metric, kind, node, device)
        if known is None:
            self._ask.add(key)
            found.problem(
                "sparkplug.alias_unknown", "/".join(key), f"No birth named alias {metric.alias}."
            )
            return
        if known.name.startswith("Node Control/") or known.name.startswith("Device Control/"):
            return
        at_ms = int(metric.timestamp or message.timestamp)
        at_us = at_ms * 1000 if at_ms else to_us(self._city_now())
        if not columns_of.EARLIEST_US <= at_us < columns_of.LATEST_US:
            found.problem("reading.at_out_of_range", known.name[:120], f"{at_ms} ms since 1970.")
            return
        code = self._code_of(key, known)
        if not columns_of.is_code(code):
            found.problem("reading.point_missing", known.name[:120], "The code is too long.")
            return
        value = None if metric.is_null else value_of(metric, known.datatype)
        if value is None and not metric.is_null:
            found.empty += 1  # text, times, files: nothing that a point could hold
            return
        if not metric.is_historical:
            known.latest_us = max(known.latest_us, at_us)
        if value is None:
            found.row(id_of(code), code, at_us, float("nan"), int(Quality.MISSING))
        elif not abs(value) <= columns_of.LARGEST:
            found.problem("reading.value_not_a_number", known.name[:120], f"{value} is no value.")
        else:
            found.row(id_of(code), code, at_us, value, quality_of(metric))

    def _known(self, metric: Any, kind: str, node: Node, device: str) -> Known | None:
        if kind.endswith("BIRTH") or (metric.name and (device, metric.name) not in node.by_name):
            if not metric.name or len(node.by_name) >= METRICS_MAX:
                return None
            known = Known(metric.name, device, int(metric.datatype))
            node.by_name[device, metric.name] = known
            if metric.HasField("alias"):
                node.by_alias[device, int(metric.alias)] = known
                # Aliases are unique in a whole node; some senders give them with the node only.
                node.by_alias.setdefault(("", int(metric.alias)), known)
            return known
        if metric.name:
            return node.by_name.get((device, metric.name))
        alias = int(metric.alias)
        return node.by_alias.get((device, alias)) or node.by_alias.get(("", alias))

    def _die(
        self,
        kind: str,
        node: Node,
        key: tuple[str, str],
        device: str,
        message: Any,
        id_of: IdOf,
        found: Collector,
    ) -> None:
        """Mark everything of a node or device as not known from now on."""
        if kind == "NDEATH":
            births = [m.long_value or m.int_value for m in message.metrics if m.name == "bdSeq"]
            if births and node.birth is not None and int(births[0]) != node.birth:
                return  # the will of an earlier connection; the node lives
            node.is_alive = False
        now_us = to_us(self._city_now())
        for (owner, _name), known in node.by_name.items():
            if kind == "NDEATH" or owner == device:
                code = self._code_of(key, known)
                if columns_of.is_code(code) and known.latest_us:
                    # Never before the latest value, or the value would seem to have come after.
                    at_us = max(now_us, known.latest_us + 1)
                    found.row(id_of(code), code, at_us, float("nan"), int(Quality.MISSING))

    def _code_of(self, key: tuple[str, str], known: Known) -> str:
        places = {"group": key[0], "node": key[1], "device": known.device, "metric": known.name}
        code = self._code
        for name, value in places.items():
            code = code.replace(f"{{{name}}}", value)
        return "/".join(part for part in code.split("/") if part)


def _decoded(payload: bytes, found: Collector) -> Any:
    if len(payload) > MAX_BYTES:
        found.problem("payload.too_large", "", f"The message has {len(payload)} bytes.")
        return None
    message = schema.Payload()
    try:
        message.ParseFromString(payload)
    except DecodeError:
        found.problem("sparkplug.not_readable", "", "The message is not Sparkplug B.")
        return None
    return message


def value_of(metric: Any, datatype: int) -> float | None:
    """Return the number a metric carries, or None where it carries something else."""
    datatype = int(metric.datatype) or datatype
    if datatype in SIGNED_BITS:
        bits = SIGNED_BITS[datatype]
        raw = int(metric.long_value if bits == 64 or metric.HasField("long_value") else 0)
        raw = raw or int(metric.int_value)
        raw &= (1 << bits) - 1
        return float(raw - (1 << bits) if raw >> (bits - 1) else raw)
    if datatype in UNSIGNED:
        return float(metric.long_value if metric.HasField("long_value") else metric.int_value)
    if datatype == FLOAT:
        return float(metric.float_value)
    if datatype == DOUBLE:
        return float(metric.double_value)
    if datatype == BOOLEAN:
        return float(metric.boolean_value)
    return None


def quality_of(metric: Any) -> int:
    """Return the flag of the property ``Quality``; good where there is none."""
    for key, value in zip(metric.properties.keys, metric.properties.values, strict=False):
        if key == "Quality":
            return int(QUALITIES.get(int(value.int_value), Quality.DOUBTFUL))
    return int(Quality.GOOD)


def rebirth(at_ms: int) -> bytes:
    """Return the command that asks a node to give birth anew."""
    message = schema.Payload(timestamp=at_ms)
    message.metrics.add(name=REBIRTH, timestamp=at_ms, datatype=BOOLEAN, boolean_value=True)
    command: bytes = message.SerializeToString()
    return command
