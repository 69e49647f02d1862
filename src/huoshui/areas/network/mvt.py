"""Mapbox Vector Tiles, version 2.1, written with numpy and shapely.

One tile of some hundred pipes takes a few milliseconds: a spatial index finds the features,
shapely cuts them at the tile's edge all at once, and commands and varints are made as arrays.
The geometry handed in lies in the unit square of the web map (see ``geo.mercator``).

Specification: https://github.com/mapbox/vector-tile-spec/tree/master/2.1
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

EXTENT = 4096
BUFFER = 64

POINT, LINE = 1, 2
MOVE_TO_ONE = 9  # command 1, repeated once
LINE_TO = 2

Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Column:
    """One property of all features: a number into ``values``, or -1 where it is not known."""

    codes: Ints
    values: tuple[str | int, ...]

    @classmethod
    def of(cls, raw: Sequence[str | int | None]) -> Column:
        """Make a column of plain values; None and "" mean not known."""
        known = sorted({value for value in raw if value is not None and value != ""}, key=str)
        number = {value: index for index, value in enumerate(known)}
        codes = [number.get(value, -1) if value is not None else -1 for value in raw]
        return cls(np.asarray(codes, dtype=np.int64), tuple(known))

    @classmethod
    def unique(cls, raw: Sequence[str]) -> Column:
        """Make a column whose values all differ, such as codes; faster than ``of``."""
        return cls(np.arange(len(raw), dtype=np.int64), tuple(raw))

    def and_(self, other: Column) -> Column:
        """Return this column with another one below it; a value of both may stand there twice."""
        codes = np.where(other.codes < 0, -1, other.codes + len(self.values))
        return Column(np.concatenate([self.codes, codes]), self.values + other.values)


@dataclass(frozen=True)
class Layer:
    """Features of one kind with their numbers, geometry and properties.

    The tree finds the first features; those that came later, few, stand behind them and are looked
    at one by one. What was replaced stays where it was and is marked as gone.
    """

    name: str
    shape: int
    ids: Ints
    geometry: NDArray[Any]
    columns: Mapping[str, Column]
    gone: Mask = field(default_factory=lambda: np.array([], dtype=bool), repr=False)
    tree: shapely.STRtree = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not len(self.gone):
            object.__setattr__(self, "gone", np.zeros(len(self.ids), dtype=bool))
        if self.tree is None:
            tree = shapely.STRtree(self.geometry)
            # The tree grows at its first question: better now than in somebody's first tile.
            tree.query(shapely.Point(0.0, 0.0))
            object.__setattr__(self, "tree", tree)

    @property
    def late(self) -> int:
        """How many features the tree does not know."""
        return len(self.ids) - len(self.tree.geometries)

    def replaced(self, ids: Ints, fresh: Layer) -> Layer:
        """Return the layer with some features taken out and those of another layer added."""
        gone = self.gone | np.isin(self.ids, ids)
        return Layer(
            self.name,
            self.shape,
            np.concatenate([self.ids, fresh.ids]),
            np.concatenate([self.geometry, fresh.geometry]),
            {name: column.and_(fresh.columns[name]) for name, column in self.columns.items()},
            np.concatenate([gone, fresh.gone]),
            self.tree,
        )

    def within(self, window: tuple[float, float, float, float], keep: Mask | None = None) -> Ints:
        """Return which features touch a window by their bounds, in rising order."""
        west, north, east, south = window
        found = self.tree.query(shapely.box(*window))
        if self.late:
            first = len(self.ids) - self.late
            bounds = shapely.bounds(self.geometry[first:])
            touches = (bounds[:, 0] <= east) & (bounds[:, 2] >= west)
            touches &= (bounds[:, 1] <= south) & (bounds[:, 3] >= north)
            found = np.concatenate([found, first + np.flatnonzero(touches)])
        # Thinned before it is sorted: from afar a tile holds the whole city.
        stays = ~self.gone[found] if keep is None else keep[found]
        return np.sort(found[stays]).astype(np.int64)


def encode_tile(
    layers: Sequence[Layer], zoom: int, x: int, y: int, keep: Mapping[str, NDArray[np.bool_]] = {}
) -> bytes:
    """Return the tile; ``keep`` may thin out a layer by a mask, false for all that is gone."""
    return b"".join(encode_layer(layer, zoom, x, y, keep.get(layer.name)) for layer in layers)


def encode_layer(
    layer: Layer, zoom: int, x: int, y: int, keep: NDArray[np.bool_] | None = None
) -> bytes:
    """Return one layer of a tile, or nothing if no feature is in it.

    A line too short for the tile's steps is kept as the shortest possible stroke: every asset
    inside the tile is in the tile, so that it can be found and coloured at any zoom.
    """
    side = 1.0 / (1 << zoom)
    margin = side * BUFFER / EXTENT
    west, north = x * side, y * side
    window = (west - margin, north - margin, west + side + margin, north + side + margin)
    chosen = layer.within(window, keep)
    if layer.shape == LINE:
        cut = shapely.clip_by_rect(layer.geometry[chosen], *window)
        parts, owner = shapely.get_parts(cut, return_index=True)
        is_line = shapely.get_type_id(parts) == 1
        parts, owner = parts[is_line], owner[is_line]
        points, part = shapely.get_coordinates(parts, return_index=True)
    else:
        points, part = shapely.get_coordinates(layer.geometry[chosen], return_index=True)
        owner = np.arange(len(chosen))
    if not len(points):
        return b""
    steps = np.rint((points - (west, north)) * (EXTENT / side)).astype(np.int64)
    if layer.shape == LINE:
        stream, owner_of_value = _line_commands(steps, part, owner)
    else:
        stream, owner_of_value = _point_commands(steps, owner)
    present, first = np.unique(owner_of_value, return_index=True)
    geometry = _sliced(stream, np.append(first, len(stream)))
    features = chosen[present]
    keys, values, tags = _tags(layer.columns, features)
    return _assemble(layer, features, keys, values, tags, geometry)


def _line_commands(steps: Ints, part: Ints, owner: Ints) -> tuple[Ints, Ints]:
    """Return the command stream of all lines, and to which feature each number belongs."""
    first = np.append(True, part[1:] != part[:-1])
    final = np.append(part[1:] != part[:-1], True)
    moved = np.append(True, (steps[1:] != steps[:-1]).any(axis=1))
    keep = first | moved
    collapsed = np.bincount(part, weights=keep, minlength=part[-1] + 1) < 2
    stub = final & collapsed[part]
    keep |= stub
    steps = steps.copy()
    steps[stub, 0] += 1
    steps, part, first = steps[keep], part[keep], first[keep]

    owner_of_point = owner[part]
    delta = np.diff(steps, axis=0, prepend=np.zeros((1, 2), dtype=np.int64))
    new_feature = np.append(True, owner_of_point[1:] != owner_of_point[:-1])
    delta[new_feature] = steps[new_feature]

    starts = np.flatnonzero(first)
    counts = np.diff(np.append(starts, len(part)))
    sizes = 2 * counts + 2
    base = np.cumsum(sizes) - sizes
    rank = np.arange(len(part)) - np.repeat(starts, counts)
    at = np.repeat(base, counts) + 2 * rank + np.where(rank == 0, 1, 2)
    stream = np.empty(int(sizes.sum()), dtype=np.int64)
    stream[base] = MOVE_TO_ONE
    stream[base + 3] = (counts - 1) << 3 | LINE_TO
    stream[at] = _zigzag(delta[:, 0])
    stream[at + 1] = _zigzag(delta[:, 1])
    return stream, np.repeat(owner_of_point[starts], sizes)


def _point_commands(steps: Ints, owner: Ints) -> tuple[Ints, Ints]:
    """Return the command stream of all points, and to which feature each number belongs."""
    stream = np.empty((len(steps), 3), dtype=np.int64)
    stream[:, 0] = MOVE_TO_ONE
    stream[:, 1:] = _zigzag(steps)
    return stream.ravel(), np.repeat(owner, 3)


def _zigzag(numbers: Ints) -> Ints:
    return (numbers << 1) ^ (numbers >> 63)


def _tags(
    columns: Mapping[str, Column], features: Ints
) -> tuple[list[str], list[str | int], list[bytes]]:
    """Return the keys and values used in this tile, and each feature's packed tags."""
    keys: list[str] = []
    values: list[str | int] = []
    pairs = np.full((len(features), 2 * len(columns)), -1, dtype=np.int64)
    for name, column in columns.items():
        codes = column.codes[features]
        known = codes >= 0
        if not known.any():
            continue
        used, index = np.unique(codes[known], return_inverse=True)
        place = 2 * len(keys)
        pairs[known, place] = len(keys)
        pairs[known, place + 1] = index + len(values)
        keys.append(name)
        values.extend(column.values[code] for code in used)
    filled = pairs >= 0
    bounds = np.append(0, np.cumsum(filled.sum(axis=1)))
    return keys, values, _sliced(pairs[filled], bounds)


def varints(numbers: Ints) -> tuple[bytes, Ints]:
    """Return numbers as protobuf varints, and where each begins (with the end as the last)."""
    unsigned = numbers.astype(np.uint64)
    sizes = np.ones(len(numbers), dtype=np.int64)
    for bits in range(7, 63, 7):
        sizes += unsigned >= np.uint64(1 << bits)
    offsets = np.append(0, np.cumsum(sizes))
    out = np.empty(int(offsets[-1]), dtype=np.uint8)
    for byte in range(int(sizes.max(initial=0))):
        has = sizes > byte
        low = (unsigned[has] >> np.uint64(7 * byte)) & np.uint64(0x7F)
        more = np.where(sizes[has] - 1 > byte, 0x80, 0)
        out[offsets[:-1][has] + byte] = low.astype(np.int64) | more
    return out.tobytes(), offsets


def _sliced(numbers: Ints, bounds: Ints) -> list[bytes]:
    """Return packed varints, cut into pieces at ``bounds`` (indices of numbers)."""
    packed, offsets = varints(numbers)
    edges = offsets[bounds].tolist()
    return [packed[low:high] for low, high in itertools.pairwise(edges)]


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


SMALL = tuple(_varint(number) for number in range(1024))
"""Nearly all lengths in a tile; looked up, they cost a third of its time less."""


def _field(number: int, content: bytes) -> bytes:
    length = len(content)
    return SMALL[number << 3 | 2] + (SMALL[length] if length < 1024 else _varint(length)) + content


def _value(value: str | int) -> bytes:
    if isinstance(value, str):
        text = value.encode()
        if len(text) < 126:
            # Field 4 with field 1 in it, each of a length of one byte.
            return b"\x22" + SMALL[len(text) + 2] + b"\x0a" + SMALL[len(text)] + text
        return _field(4, _field(1, text))
    # Field 6 is a zigzag integer: years and diameters, and safe for negative ones.
    return _field(4, b"\x30" + _varint((value << 1) ^ (value >> 63)))


def _assemble(
    layer: Layer,
    features: Ints,
    keys: list[str],
    values: list[str | int],
    tags: list[bytes],
    geometry: list[bytes],
) -> bytes:
    """Put a layer together: name, features, keys, values, extent, version."""
    ids = _sliced(layer.ids[features], np.arange(len(features) + 1))
    kind = b"\x18" + _varint(layer.shape)
    pieces = [_field(1, layer.name.encode())]
    for number, tag, course in zip(ids, tags, geometry, strict=True):
        pieces.append(_field(2, b"\x08" + number + _field(2, tag) + kind + _field(4, course)))
    pieces.extend(_field(3, key.encode()) for key in keys)
    pieces.extend(_value(value) for value in values)
    pieces.append(b"\x28" + _varint(EXTENT) + b"\x78\x02")
    return _field(3, b"".join(pieces))
