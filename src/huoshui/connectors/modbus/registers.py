"""The map of a device's registers: what a person wrote, checked, decoded, merged into few reads.

One line for each point, separated by commas, semicolons or tabs (so it can be pasted from Excel)::

    point, function, address, type, every_s, scale, offset, order, device

Source of functions, limits and word size: MODBUS Application Protocol Specification V1.1b3,
sections 6.1 to 6.4 (125 registers and 2000 bits in one read).
"""

from __future__ import annotations

import csv
import math
import re
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

FUNCTIONS = {
    "holding": "holding", "3": "holding", "03": "holding", "hr": "holding",
    "input": "input", "4": "input", "04": "input", "ir": "input",
    "coil": "coil", "1": "coil", "01": "coil",
    "discrete": "discrete", "2": "discrete", "02": "discrete",
}  # fmt: skip
# Registers of each type, and how Python unpacks it.
TYPES = {
    "bool": (1, ""), "int16": (1, "h"), "uint16": (1, "H"), "int32": (2, "i"), "uint32": (2, "I"),
    "int64": (4, "q"), "uint64": (4, "Q"), "float32": (2, "f"), "float64": (4, "d"),
}  # fmt: skip
# Most significant first is what the specification says; devices differ.
ORDERS = ("abcd", "cdab", "badc", "dcba")
COLUMNS = (
    "point", "function", "address", "type", "every_s", "scale", "offset", "order", "device"
)  # fmt: skip
REGISTERS_AT_ONCE, BITS_AT_ONCE = 125, 2000
# Reading a few registers nobody asked for costs less than another question.
GAP = 8
LINES_MAX = 5_000
CODE = re.compile(r"\S.{0,119}")


@dataclass(frozen=True)
class Register:
    """Where one point is in a device, and what its number means there."""

    point: str
    function: str
    address: int
    type: str = "uint16"
    every_s: float = 10.0
    scale: float = 1.0
    offset: float = 0.0
    order: str = "abcd"
    device: int | None = None

    @property
    def count(self) -> int:
        """How many registers (or bits) it takes."""
        return TYPES[self.type][0]

    @property
    def is_bit(self) -> bool:
        """Whether it is one bit of its own."""
        return self.function in ("coil", "discrete")


@dataclass(frozen=True)
class Fault:
    """A line that cannot be used: its number, a code of the manifest's words, the value."""

    line: int
    code: str
    value: str = ""


@dataclass(frozen=True)
class Block:
    """Registers that one question fetches together."""

    function: str
    device: int | None
    address: int
    count: int
    registers: tuple[Register, ...]


def read_map(text: str) -> tuple[list[Register], list[Fault]]:
    """Read a map; never raises for anything a person may write."""
    lines = text.splitlines()
    if len(lines) > LINES_MAX:
        return [], [Fault(LINES_MAX, "map.too_long", str(len(lines)))]
    first = next((line for line in lines if line.strip()), "")
    separator = next((mark for mark in ("\t", ";") if mark in first), ",")
    columns: Sequence[str] = COLUMNS
    found: list[Register] = []
    faults: list[Fault] = []
    seen: set[str] = set()
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        try:
            cells = [cell.strip() for cell in next(csv.reader([line], delimiter=separator))]
        except (csv.Error, StopIteration):
            faults.append(Fault(number, "map.line_unreadable", line[:80]))
            continue
        if not found and not faults and cells[0].lower() == "point":
            columns = [cell.lower() for cell in cells]
            unknown = [cell for cell in columns if cell not in COLUMNS]
            if unknown:
                return [], [Fault(number, "map.column_unknown", unknown[0][:80])]
            continue
        given = dict(zip(columns, cells, strict=False))
        one = _register(given, number)
        if isinstance(one, Fault):
            faults.append(one)
        elif one.point in seen:
            faults.append(Fault(number, "map.point_twice", one.point))
        else:
            seen.add(one.point)
            found.append(one)
    if not found and not faults:
        faults.append(Fault(1, "map.empty"))
    return found, faults


def _register(given: dict[str, str], line: int) -> Register | Fault:
    point = given.get("point", "")
    function = FUNCTIONS.get(given.get("function", "").lower() or "holding")
    if not CODE.fullmatch(point):
        return Fault(line, "map.point_missing", point[:80])
    if function is None:
        return Fault(line, "map.function_unknown", given.get("function", "")[:80])
    address = given.get("address", "")
    if not address.isdecimal() or len(address) > 5 or int(address) > 65_535:
        return Fault(line, "map.address_wrong", address[:80])
    default = "bool" if function in ("coil", "discrete") else "uint16"
    kind = given.get("type", "").lower() or default
    if kind not in TYPES or (function in ("coil", "discrete") and kind != "bool"):
        return Fault(line, "map.type_unknown", kind[:80])
    order = given.get("order", "").lower() or "abcd"
    if order not in ORDERS:
        return Fault(line, "map.order_unknown", order[:80])
    numbers: dict[str, float] = {}
    for name, default_ in (("every_s", 10.0), ("scale", 1.0), ("offset", 0.0)):
        number = _number(given.get(name, ""), default_)
        if number is None or (name == "scale" and number == 0):
            return Fault(line, "map.number_wrong", f"{name}: {given.get(name, '')[:60]}")
        numbers[name] = number
    if not 0.1 <= numbers["every_s"] <= 86_400:
        return Fault(line, "map.number_wrong", f"every_s: {given.get('every_s', '')[:60]}")
    device = given.get("device", "")
    if device and not (device.isdecimal() and len(device) < 4 and int(device) <= 255):
        return Fault(line, "map.device_wrong", device[:80])
    if int(address) + TYPES[kind][0] > 65_536:
        return Fault(line, "map.address_wrong", address)
    return Register(
        point, function, int(address), kind, **numbers, order=order,
        device=int(device) if device else None,
    )  # fmt: skip


def _number(text: str, default: float) -> float | None:
    if not text:
        return default
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def blocks(registers: Sequence[Register]) -> list[Block]:
    """Merge registers of one polling group into as few questions as the protocol allows."""
    found: list[Block] = []
    for one in sorted(registers, key=lambda r: (r.device or 0, r.function, r.address)):
        last = found[-1] if found else None
        limit = BITS_AT_ONCE if one.is_bit else REGISTERS_AT_ONCE
        if (
            last is not None
            and (last.device, last.function) == (one.device, one.function)
            and one.address <= last.address + last.count + GAP
            and one.address + one.count - last.address <= limit
        ):
            count = max(last.count, one.address + one.count - last.address)
            found[-1] = Block(
                last.function, last.device, last.address, count, (*last.registers, one)
            )
        else:
            found.append(Block(one.function, one.device, one.address, one.count, (one,)))
    return found


def values_of(block: Block, answer: Sequence[int | bool]) -> Iterator[tuple[Register, float]]:
    """Return each register's value from the answer to its block; NaN where it holds none."""
    for one in block.registers:
        start = one.address - block.address
        yield one, decode(one, answer[start : start + one.count])


def decode(register: Register, words: Sequence[int | bool]) -> float:
    """Return the value of a register's words, scaled; NaN where the device has none to give."""
    if len(words) < register.count:
        return math.nan
    if register.type == "bool":
        raw = float(bool(words[0]))
    else:
        given = [int(word) & 0xFFFF for word in words]
        if register.order in ("cdab", "dcba"):
            given.reverse()
        mark = "<H" if register.order in ("badc", "dcba") else ">H"
        body = b"".join(struct.pack(mark, word) for word in given)
        raw = float(struct.unpack(f">{TYPES[register.type][1]}", body)[0])
    value = raw * register.scale + register.offset
    return value if math.isfinite(value) and abs(value) <= 1e15 else math.nan
