"""Read one MQTT message: bytes in, columns of readings out, with every problem named.

Two forms are understood, both a JSON object in UTF-8:

* **Readings**, one object each, as gateways send them::

    {"readings": [{"point": "p227.flow", "at": "2026-03-01T10:00:00Z", "value": 75.48,
                   "quality": "good"}]}

* **Series**, one column per point, as loggers send a day at once::

    {"at": {"from": "2026-03-01T00:00:00Z", "step_s": 300},
     "values": {"p227.flow": [75.48, null, 75.60]},
     "quality": {"p227.flow": ["good", "good", "estimated"]}}

  where ``at`` may also be a list of moments, and ``quality`` is optional.

A moment always carries its zone. ``null`` says that there was no reading. Nothing a sender can
write raises an error here: what can be read is read, the rest comes back as problems.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from huoshui.connecting.columns import (
    LARGEST,
    LATEST_US,
    MAX_CODE_LENGTH,
    QUALITIES,
    Collector,
    Columns,
    is_code,
    is_number,
    moment_us,
    quality_of,
    shown,
)

MAX_BYTES = 8 * 1024 * 1024
MAX_READINGS = 250_000
# The store's number of a point, or a negative number for a code that nobody declared.
IdOf = Callable[[str], int]


def read(payload: bytes, id_of: IdOf) -> Columns:
    """Read one message into columns; never raises for anything a sender may write.

    Parameters
    ----------
    payload : bytes
        The message as it came.
    id_of : callable
        Gives the store's number of a point by its code, negative where nobody declared it.

    Returns
    -------
    Columns
        The readings that could be read, in the order of the message, and the problems.
    """
    found = Collector()
    message = _parse(payload, found)
    if message is not None:
        if "readings" in message:
            _read_readings(message["readings"], id_of, found)
        elif "values" in message:
            _read_series(message, id_of, found)
        else:
            found.problem(
                "payload.form_unknown",
                "",
                'The object has neither "readings" nor "values".',
            )
    return found.columns()


def _parse(payload: bytes, found: Collector) -> dict[str, Any] | None:
    if len(payload) > MAX_BYTES:
        found.problem(
            "payload.too_large",
            "",
            f"The message has {len(payload)} bytes; at most {MAX_BYTES} are read.",
        )
        return None
    try:
        message = orjson.loads(payload)
    except orjson.JSONDecodeError as error:
        found.problem("payload.not_json", "", f"Not JSON in UTF-8: {str(error)[:120]}")
        return None
    if not isinstance(message, dict):
        found.problem("payload.not_an_object", "", "The message is not a JSON object.")
        return None
    return message


def _read_readings(readings: Any, id_of: IdOf, found: Collector) -> None:
    if not isinstance(readings, list):
        found.problem("payload.not_a_list", "readings", '"readings" is not a list.')
        return
    if len(readings) > MAX_READINGS:
        _too_many("readings", len(readings), found)
        return
    for position, reading in enumerate(readings):
        read_one(reading, f"readings[{position}]", id_of, found)


def read_one(reading: Any, where: str, id_of: IdOf, found: Collector) -> None:
    if not isinstance(reading, dict):
        found.problem("reading.not_an_object", where, "A reading is a JSON object.")
        return
    code = reading.get("point")
    if not is_code(code):
        found.problem("reading.point_missing", where, '"point" is not the code of a point.')
        return
    at_us = moment_us(reading.get("at"), f"{where}.at", found)
    if at_us is None:
        return
    value = reading.get("value")
    if value is None:
        found.empty += 1
        return
    if not is_number(value):
        found.problem(
            "reading.value_not_a_number", f"{where}.value", f"{shown(value)} is not a number."
        )
        return
    quality = quality_of(reading.get("quality", "good"))
    if quality is None:
        found.problem(
            "reading.quality_unknown",
            f"{where}.quality",
            f"{shown(reading.get('quality'))} is none of {', '.join(QUALITIES)}.",
        )
        return
    found.row(id_of(code), code, at_us, float(value), quality)


def _read_series(message: dict[str, Any], id_of: IdOf, found: Collector) -> None:
    series = message["values"]
    if not isinstance(series, dict):
        found.problem("payload.not_an_object", "values", '"values" is not an object.')
        return
    lengths = [len(column) for column in series.values() if isinstance(column, list)]
    if sum(lengths) > MAX_READINGS:
        _too_many("values", sum(lengths), found)
        return
    at_us = _axis(message.get("at"), max(lengths, default=0), found)
    if at_us is None:
        return
    qualities = message.get("quality", {})
    if not isinstance(qualities, dict):
        found.problem("payload.not_an_object", "quality", '"quality" is not an object.')
        return
    for code, column in series.items():
        _read_column(code, column, qualities.get(code), at_us, id_of, found)


def _axis(at: Any, length: int, found: Collector) -> NDArray[np.int64] | None:
    """Return the moments that all series share, or None with the problem noted."""
    if isinstance(at, list):
        if len(at) > MAX_READINGS:
            _too_many("at", len(at), found)
            return None
        moments = np.empty(len(at), np.int64)
        for position, one in enumerate(at):
            moment = moment_us(one, f"at[{position}]", found)
            if moment is None:
                return None
            moments[position] = moment
        return moments
    if not isinstance(at, dict):
        found.problem(
            "series.at_missing", "at", '"at" is neither a list nor {"from": ..., "step_s": ...}.'
        )
        return None
    start_us = moment_us(at.get("from"), "at.from", found)
    step_s = at.get("step_s")
    if start_us is None:
        return None
    if not is_number(step_s) or not 0 < step_s <= 366 * 86_400:
        found.problem(
            "series.step_wrong", "at.step_s", f"{shown(step_s)} is not a step in seconds."
        )
        return None
    span_us = step_s * 1_000_000 * length
    if start_us + span_us > LATEST_US:
        found.problem("reading.at_out_of_range", "at", "The series runs beyond the year 2099.")
        return None
    return start_us + np.rint(np.arange(length) * (step_s * 1_000_000)).astype(np.int64)


def _read_column(
    code: str,
    column: Any,
    qualities: Any,
    at_us: NDArray[np.int64],
    id_of: IdOf,
    found: Collector,
) -> None:
    where = f"values.{code[:MAX_CODE_LENGTH]}"
    if not is_code(code):
        found.problem(
            "reading.point_missing", "values", "The code of a point is empty or too long."
        )
        return
    if not isinstance(column, list):
        found.problem("payload.not_a_list", where, "The values of a point are not a list.")
        return
    if len(column) != len(at_us):
        found.problem(
            "series.length_differs",
            where,
            f"{len(column)} values for {len(at_us)} moments.",
            readings=len(column),
        )
        return
    values, wrong = _values(column)
    quality = _qualities(qualities, len(column), where, found)
    if quality is None:
        return
    if wrong.any():
        found.problem(
            "reading.value_not_a_number",
            f"{where}[{int(np.argmax(wrong))}]",
            f"{int(wrong.sum())} of {len(column)} values are not numbers.",
            readings=int(wrong.sum()),
        )
    there = ~np.isnan(values)
    found.empty += int((~there & ~wrong).sum())
    count = int(there.sum())
    if not count:
        return
    point_id = id_of(code)
    if point_id < 0:
        found.not_known(
            code, at_us[there].tolist(), values[there].tolist(), quality[there].tolist()
        )
    else:
        found.parts.append(
            (np.full(count, point_id, np.int32), at_us[there], values[there], quality[there])
        )


def _values(column: list[Any]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return the numbers of a column, NaN where there is none, and which entries are wrong."""
    kinds = set(map(type, column))
    if kinds <= {int, float, type(None)}:
        # numpy reads None as NaN. Only with these types: it would also read "1.5" and True.
        values = np.array(column, np.float64)
        wrong = np.isinf(values) | (np.abs(values) > LARGEST)
    else:
        values = np.array([v if is_number(v) else np.nan for v in column], np.float64)
        wrong = np.array([v is not None and not is_number(v) for v in column], np.bool_)
    values[wrong] = np.nan
    return values, wrong


def _qualities(given: Any, length: int, where: str, found: Collector) -> NDArray[np.uint8] | None:
    if given is None:
        return np.zeros(length, np.uint8)
    if isinstance(given, list) and len(given) == length:
        read = [quality_of(one) for one in given]
        if None not in read:
            return np.array(read, np.uint8)
    found.problem(
        "reading.quality_unknown",
        where.replace("values.", "quality.", 1),
        f"The flags are not a list of {length} of {', '.join(QUALITIES)}.",
        readings=length,
    )
    return None


def _too_many(where: str, count: int, found: Collector) -> None:
    found.problem(
        "payload.too_many",
        where,
        f"{count} readings in one message; at most {MAX_READINGS} are read.",
        readings=count,
    )
