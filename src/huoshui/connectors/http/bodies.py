"""The bodies that may be pushed: our JSON forms, one JSON reading a line, or CSV."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import Any

import orjson

from huoshui.connecting import messages
from huoshui.connecting.columns import Collector, Columns
from huoshui.connecting.messages import IdOf

JSON, NDJSON, CSV = "application/json", "application/x-ndjson", "text/csv"
NDJSON_TOO = "application/jsonl"
COLUMNS = ("point", "at", "value")
SEPARATORS = (";", "\t", ",")
# Lines are named by their number; no line of readings is longer than this.
LINE_MAX = 2_000


def read(body: bytes, media_type: str, id_of: IdOf) -> Columns:
    """Read a body into columns; never raises for anything a sender may write."""
    kind = media_type.split(";")[0].strip().lower()
    if kind in (NDJSON, NDJSON_TOO):
        return _by_lines(body, _json_lines, id_of)
    if kind == CSV:
        return _by_lines(body, _csv_rows, id_of)
    return messages.read(body, id_of)


def _by_lines(body: bytes, rows_of: Any, id_of: IdOf) -> Columns:
    found = Collector()
    if len(body) > messages.MAX_BYTES:
        found.problem("payload.too_large", "", f"The body has {len(body)} bytes.")
        return found.columns()
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        found.problem("payload.not_utf8", f"byte {fault.start}", "The body is not UTF-8.")
        return found.columns()
    for number, (line, reading) in enumerate(rows_of(text, found)):
        if number >= messages.MAX_READINGS:
            found.problem("payload.too_many", f"line {line}", "Too many readings in one body.")
            break
        messages.read_one(reading, f"line {line}", id_of, found)
    return found.columns()


def _json_lines(text: str, found: Collector) -> Iterator[tuple[int, Any]]:
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        if len(line) > LINE_MAX:
            found.problem("payload.line_too_long", f"line {number}", f"{len(line)} characters.")
            continue
        try:
            reading = orjson.loads(line)
        except orjson.JSONDecodeError as fault:
            found.problem("payload.not_json", f"line {number}", str(fault)[:120])
            continue
        yield number, reading


def _csv_rows(text: str, found: Collector) -> Iterator[tuple[int, Any]]:
    lines = text.split("\n")
    first = lines[0].strip().lower() if lines else ""
    separator = next((mark for mark in SEPARATORS if mark in first), ",")
    names = [name.strip().strip('"') for name in first.split(separator)]
    missing = [name for name in COLUMNS if name not in names]
    if missing:
        found.problem("csv.column_missing", "line 1", f"There is no column {missing[0]}.")
        return
    for number, line in enumerate(lines[1:], 2):
        if not line.strip():
            continue
        if len(line) > LINE_MAX:
            found.problem("payload.line_too_long", f"line {number}", f"{len(line)} characters.")
            continue
        try:
            cells = [cell.strip() for cell in next(csv.reader([line], delimiter=separator))]
        except (csv.Error, StopIteration):
            found.problem("csv.line_unreadable", f"line {number}", "The line cannot be read.")
            continue
        given: dict[str, Any] = dict(zip(names, cells, strict=False))
        value = given.get("value", "")
        given["value"] = _number(value) if value else None
        if not given.get("quality"):
            given.pop("quality", None)
        yield number, given


def _number(text: str) -> Any:
    try:
        return float(text)
    except ValueError:
        return text  # named as what it is when the reading is read
