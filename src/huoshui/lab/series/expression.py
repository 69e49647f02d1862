"""Formulas over measured series: compiled once, evaluated on whole arrays.

A formula names points and joins them: ``abs({A1.pressure} - {A2.pressure}) > 3``. A name that is a
plain word needs no braces; every other name stands in braces. The text becomes Python's own syntax
tree, and every node of it must be on a short list, so a formula can reckon and do nothing else: no
attribute, no subscript, no call but the functions below, and bounds on length, depth and powers.

Units are not checked: a formula is worth what the person who wrote it knows of its points.
"""

from __future__ import annotations

import ast
import keyword
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

LENGTH_MAX = 1000
NODES_MAX = 200
DEPTH_MAX = 24
NAMES_MAX = 64
POWER_MAX = 16.0
WINDOW_MAX_S = 7 * 86_400.0

Array = NDArray[np.float64]

_BRACED = re.compile(r"\{([^{}]*)\}")
_PLACE = re.compile(r"_point_(\d+)_")
_WINDOWED = ("mean", "delta", "rate")
_ARITHMETIC: dict[type[ast.operator], Callable[[Array, Array], Array]] = {
    ast.Add: np.add,
    ast.Sub: np.subtract,
    ast.Mult: np.multiply,
    ast.Div: np.divide,
    ast.Pow: np.power,
}
_COMPARISON: dict[type[ast.cmpop], Callable[[Array, Array], NDArray[np.bool_]]] = {
    ast.Lt: np.less,
    ast.LtE: np.less_equal,
    ast.Gt: np.greater,
    ast.GtE: np.greater_equal,
    ast.Eq: np.equal,
    ast.NotEq: np.not_equal,
}


class ExpressionFault(ValueError):
    """A formula that cannot be used. ``position`` counts its characters from 0."""

    def __init__(self, code: str, position: int = 0, what: str = "") -> None:
        self.code = code
        self.position = position
        self.what = what
        super().__init__(f"{code} at {position}: {what}" if what else f"{code} at {position}")


@dataclass(frozen=True)
class Expression:
    """A formula ready for use.

    ``names`` are the points it reads; ``window_s`` is how far back in time it looks, 0 for a
    formula of present values only [s].
    """

    text: str
    names: frozenset[str]
    window_s: float
    # Formulas of the same text are the same formula.
    _tree: ast.expr = field(compare=False, repr=False)
    _order: tuple[str, ...] = field(compare=False, repr=False)

    def evaluate(
        self, values: Mapping[str, ArrayLike], at_us: NDArray[np.int64] | None = None
    ) -> Array:
        """Return the formula's value for each row of the given columns.

        Parameters
        ----------
        values : mapping of str to array_like, shape (n,)
            A column for each of ``names``. NaN is "not known".
        at_us : ndarray of int64, shape (n,), optional
            Ascending moments of the rows, needed where the formula looks back. [µs]

        Returns
        -------
        ndarray, shape (n,)
            The value; a comparison gives 1 or 0. NaN where an input that matters is not known,
            and where the result is no number (division by zero, root of a negative).

        Raises
        ------
        KeyError
            If a column is missing.
        ValueError
            If the formula looks back and no moments are given.
        """
        if self.window_s and at_us is None:
            msg = "the formula looks back in time and needs the moments of its rows"
            raise ValueError(msg)
        columns = [np.atleast_1d(np.asarray(values[name], np.float64)) for name in self._order]
        with np.errstate(all="ignore"):
            found = _value(self._tree, columns, at_us)
        rows = len(columns[0]) if columns else (1 if at_us is None else len(at_us))
        answer = np.broadcast_to(np.atleast_1d(found), (rows,)).astype(np.float64)
        answer[~np.isfinite(answer)] = np.nan
        return answer


def compile(text: str) -> Expression:
    """Return the formula of a text.

    Raises
    ------
    ExpressionFault
        With ``code`` one of empty, too_long, brackets, syntax, not_allowed, unknown_function,
        arguments, window, power, too_deep, too_many_names, and the place in the text.
    """
    if not text.strip():
        raise ExpressionFault("empty")
    if len(text) > LENGTH_MAX:
        raise ExpressionFault("too_long", LENGTH_MAX, str(LENGTH_MAX))
    plain, order, places = _without_braces(text)
    try:
        # A line break inside brackets is no fault, so a long formula may use several lines.
        parsed = ast.parse(f"({plain}\n)", mode="eval").body
    except SyntaxError as fault:
        place = _offset(plain, (fault.lineno or 1), (fault.offset or 1) - 1)
        raise ExpressionFault("syntax", places(place)) from fault
    except (ValueError, MemoryError, RecursionError) as fault:
        raise ExpressionFault("syntax") from fault
    check = _Check(plain, places, list(order))
    for one in ast.walk(parsed):
        if isinstance(one, ast.Constant) and isinstance(one.value, int):
            check.number(one, one.value)
    check.visit(parsed, 0)
    names = check.names
    if len(names) > NAMES_MAX:
        raise ExpressionFault("too_many_names", 0, str(NAMES_MAX))
    return Expression(text, frozenset(names), check.window_s, parsed, tuple(names))


def _without_braces(text: str) -> tuple[str, list[str], Callable[[int], int]]:
    """Return the text with ``{names}`` as identifiers, the names, and the way back to places."""
    # Python reads a letter of another width as the plain one, so we look for what it will see.
    if _PLACE.search(unicodedata.normalize("NFKC", text)):
        raise ExpressionFault("not_allowed", 0, "_point_")
    names: list[str] = []
    pieces: list[str] = []
    moved: list[tuple[int, int]] = []
    start = length = 0
    for match in _BRACED.finditer(text):
        name = match.group(1).strip()
        if not name:
            raise ExpressionFault("brackets", match.start())
        if name not in names:
            names.append(name)
        before = text[start : match.start()]
        word = f"_point_{names.index(name)}_"
        pieces += (before, word)
        length += len(before)
        moved.append((length, match.start()))
        length += len(word)
        moved.append((length, match.end()))
        start = match.end()
    pieces.append(text[start:])
    plain = "".join(pieces)
    for brace in "{}":
        if brace in plain:
            raise ExpressionFault("brackets", text.rfind(brace))

    def place(offset: int) -> int:
        reached = (0, 0)
        for pair in moved:
            if pair[0] <= offset:
                reached = pair
        return min(reached[1] + offset - reached[0], len(text))

    return plain, names, place


def _offset(plain: str, line: int, column: int) -> int:
    """Return the place in the plain text of a line and column of the bracketed one."""
    before = sum(len(one) + 1 for one in plain.split("\n")[: line - 1])
    return max(before + column - (1 if line == 1 else 0), 0)


class _Check:
    """Walks a tree once: refuses what is not on the list, numbers the names."""

    def __init__(self, plain: str, places: Callable[[int], int], names: list[str]) -> None:
        self.plain = plain
        self.places = places
        self.names = names
        self.window_s = 0.0
        self.nodes = 0

    def fault(self, code: str, node: ast.expr, what: str = "") -> ExpressionFault:
        # The tree counts bytes of UTF-8, people count characters.
        line = f"({self.plain}\n)".split("\n")[node.lineno - 1]
        column = len(line.encode()[: node.col_offset].decode(errors="ignore"))
        return ExpressionFault(code, self.places(_offset(self.plain, node.lineno, column)), what)

    def visit(self, node: ast.expr, depth: int) -> None:
        self.nodes += 1
        if depth > DEPTH_MAX or self.nodes > NODES_MAX:
            raise self.fault("too_deep", node)
        for part in self.parts(node):
            self.visit(part, depth + 1)

    def parts(self, node: ast.expr) -> list[ast.expr]:
        """Return what is inside a node that is allowed."""
        match node:
            case ast.Constant(value=bool()) | ast.Constant(value=int() | float()):
                return []
            case ast.Name():
                self.name(node)
                return []
            case ast.UnaryOp(op=ast.USub() | ast.UAdd() | ast.Not(), operand=operand):
                return [operand]
            case ast.BinOp(op=ast.Pow(), left=left, right=right):
                self.power(right)
                return [left, right]
            case ast.BinOp(left=left, right=right) if type(node.op) in _ARITHMETIC:
                return [left, right]
            case ast.BoolOp(values=values):
                return values
            case ast.Compare(left=left, ops=ops, comparators=right) if all(
                type(op) in _COMPARISON for op in ops
            ):
                return [left, *right]
            case ast.Call():
                return self.call(node)
        raise self.fault("not_allowed", node, type(node).__name__)

    def name(self, node: ast.Name) -> None:
        if _PLACE.fullmatch(node.id):
            return
        if keyword.iskeyword(node.id) or node.id.startswith("__"):
            raise self.fault("not_allowed", node, node.id)
        if node.id not in self.names:
            self.names.append(node.id)
        node.id = f"_point_{self.names.index(node.id)}_"

    def number(self, node: ast.Constant, value: int) -> None:
        try:
            float(value)
        except OverflowError:
            raise self.fault("not_allowed", node, f"{str(value)[:20]}...") from None

    def power(self, node: ast.expr) -> None:
        exponent = node.operand if isinstance(node, ast.UnaryOp) else node
        known = isinstance(exponent, ast.Constant) and isinstance(exponent.value, int | float)
        if not known or abs(float(exponent.value)) > POWER_MAX:  # type: ignore[attr-defined]
            raise self.fault("power", node, f"{POWER_MAX:g}")

    def call(self, node: ast.Call) -> list[ast.expr]:
        if not isinstance(node.func, ast.Name) or node.keywords:
            raise self.fault("not_allowed", node, "call")
        function, count = node.func.id, len(node.args)
        if any(isinstance(one, ast.Starred) for one in node.args):
            raise self.fault("not_allowed", node, "*")
        if function in {"min", "max"}:
            fits = count >= 2
        elif function in _WINDOWED:
            fits = count == 2
        elif function in {"abs", "sqrt"}:
            fits = count == 1
        elif function == "where":
            fits = count == 3
        else:
            raise self.fault("unknown_function", node, function)
        if not fits:
            raise self.fault("arguments", node, function)
        if function not in _WINDOWED:
            return list(node.args)
        window = node.args[1]
        if not isinstance(window, ast.Constant) or not isinstance(window.value, int | float):
            raise self.fault("window", window, function)
        if not 0 < float(window.value) <= WINDOW_MAX_S:
            raise self.fault("window", window, function)
        self.window_s = max(self.window_s, float(window.value))
        return [node.args[0]]


def _value(node: ast.expr, columns: list[Array], at_us: NDArray[np.int64] | None) -> Array:
    """Return the value of a checked node."""

    def inner(part: ast.expr) -> Array:
        return _value(part, columns, at_us)

    match node:
        case ast.Constant(value=value):
            return np.asarray(value, np.float64)
        case ast.Name(id=word):
            return columns[int(word.removeprefix("_point_").removesuffix("_"))]
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return _known(inner(operand) == 0, inner(operand))
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -inner(operand)
        case ast.UnaryOp(operand=operand):
            return inner(operand)
        case ast.BinOp(op=op, left=left, right=right):
            return _ARITHMETIC[type(op)](inner(left), inner(right))
        case ast.BoolOp(op=op, values=values):
            return _joined(isinstance(op, ast.And), [inner(part) for part in values])
        case ast.Compare(left=left, ops=ops, comparators=rest):
            sides = [inner(left), *(inner(part) for part in rest)]
            held = [
                _known(_COMPARISON[type(op)](one, other), one, other)
                for op, one, other in zip(ops, sides[:-1], sides[1:], strict=True)
            ]
            return _joined(True, held)
        case ast.Call(func=ast.Name(id=function), args=arguments):
            return _called(function, arguments, inner, at_us)
    msg = f"unchecked node {node!r}"
    raise AssertionError(msg)


def _known(truth: NDArray[np.bool_], *inputs: Array) -> Array:
    """Return 1 and 0, and NaN where an input is not known."""
    unknown = np.zeros(np.shape(truth), bool)
    for one in inputs:
        unknown = unknown | np.isnan(one)
    return np.where(unknown, np.nan, np.where(truth, 1.0, 0.0))


def _joined(every: bool, parts: list[Array]) -> Array:
    """Return "and" or "or" of three-valued truths: a known part may decide alone."""
    false = [part == 0 for part in parts]
    true = [~np.isnan(part) & (part != 0) for part in parts]
    if every:
        decided, all_known = np.logical_or.reduce(np.broadcast_arrays(*false)), 0.0
        other = np.logical_and.reduce(np.broadcast_arrays(*true))
        return np.where(decided, all_known, np.where(other, 1.0, np.nan))
    decided = np.logical_or.reduce(np.broadcast_arrays(*true))
    other = np.logical_and.reduce(np.broadcast_arrays(*false))
    return np.where(decided, 1.0, np.where(other, 0.0, np.nan))


def _called(
    function: str,
    arguments: list[ast.expr],
    inner: Callable[[ast.expr], Array],
    at_us: NDArray[np.int64] | None,
) -> Array:
    first = inner(arguments[0])
    if function == "abs":
        return np.abs(first)
    if function == "sqrt":
        return np.sqrt(first)
    if function in {"min", "max"}:
        join = np.minimum if function == "min" else np.maximum
        for part in arguments[1:]:
            first = join(first, inner(part))
        return first
    if function == "where":
        chosen = np.where(first != 0, inner(arguments[1]), inner(arguments[2]))
        return np.where(np.isnan(first), np.nan, chosen)
    window = arguments[1]
    assert isinstance(window, ast.Constant)
    assert at_us is not None
    column = np.broadcast_to(first, at_us.shape).astype(np.float64)
    return looking_back(function, column, at_us, window_s=float(window.value))  # type: ignore[arg-type]


def looking_back(
    function: str, value: Array, at_us: NDArray[np.int64], *, window_s: float
) -> Array:
    """Return the mean, change or rate of a column over the time before each row.

    Parameters
    ----------
    function : str
        "mean" of the known values within the window, "delta" (value now minus the earliest known
        value within it), or "rate" (that change per hour).
    value : ndarray, shape (n,)
        The column; what is not finite is "not known".
    at_us : ndarray of int64, shape (n,)
        Ascending moments. [µs]
    window_s : float
        Length of the window, which ends with the row itself. [s]

    Returns
    -------
    ndarray, shape (n,)
        NaN where nothing is known, for "delta" and "rate" also where the row itself is not.
    """
    start = np.searchsorted(at_us, at_us - round(window_s * 1e6), side="left")
    # One division by zero must not spoil every sum behind it.
    known = np.isfinite(value)
    if function == "mean":
        total = np.append(0.0, np.cumsum(np.where(known, value, 0.0)))
        count = np.append(0, np.cumsum(known))
        rows = np.arange(len(value)) + 1
        have = count[rows] - count[start]
        mean: Array = np.where(have > 0, (total[rows] - total[start]) / np.maximum(have, 1), np.nan)
        return mean
    # The first known row at or behind each place, by looking from the end.
    place = np.where(known, np.arange(len(value)), len(value))
    following = np.append(np.minimum.accumulate(place[::-1])[::-1], len(value))
    first = np.minimum(following[start], len(value) - 1)
    change: Array = value - value[first]
    if function == "delta":
        return change
    span_h = (at_us - at_us[first]) / 3.6e9
    rate: Array = np.where(span_h > 0, change / np.where(span_h > 0, span_h, 1.0), np.nan)
    return rate
