"""Eight numbers as one value, for numba: what vector extensions are to the kernel in C.

Imported only by `numba_kernel`, because importing numba takes a second or two. `Eight` holds
doubles, `EightBits` the same as integers, `EightTruths` the answers of comparisons. They live in
registers only; tables keep them as rows of eight (`load`, `store`). Plain numbers are spread over
all eight where they meet one.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba.core import cgutils, types
from numba.core.imputils import lower_builtin, lower_cast
from numba.core.typing.templates import AbstractTemplate, infer_global, signature
from numba.extending import intrinsic, models, register_model

WIDTH = 8
DOUBLES = ir.VectorType(ir.DoubleType(), WIDTH)
LONGS = ir.VectorType(ir.IntType(64), WIDTH)
TRUTHS = ir.VectorType(ir.IntType(1), WIDTH)
FUSE = ("contract",)
"""A product and a sum may become one operation, as in the C."""


class Eight(types.Type):
    """Eight doubles."""


class EightBits(types.Type):
    """Eight 64-bit integers."""


class EightTruths(types.Type):
    """Eight truth values."""


EIGHT, BITS, MASK = Eight("Eight"), EightBits("EightBits"), EightTruths("EightTruths")


def _model(kind: type, what: ir.Type) -> None:
    class Model(models.PrimitiveModel):
        def __init__(self, manager: Any, of: Any) -> None:
            super().__init__(manager, of, what)

    register_model(kind)(Model)


_model(Eight, DOUBLES)
_model(EightBits, LONGS)
_model(EightTruths, TRUTHS)


def _spread(builder: Any, value: Any, kind: ir.VectorType) -> Any:
    first = builder.insert_element(ir.Constant(kind, ir.Undefined), value, ir.IntType(32)(0))
    zeros = ir.Constant(ir.VectorType(ir.IntType(32), WIDTH), [0] * WIDTH)
    return builder.shuffle_vector(first, ir.Constant(kind, ir.Undefined), zeros)


@lower_cast(types.Float, Eight)
@lower_cast(types.Integer, Eight)
def _number_to_eight(context: Any, builder: Any, of: Any, to: Any, value: Any) -> Any:
    return _spread(builder, context.cast(builder, value, of, types.float64), DOUBLES)


@lower_cast(types.Integer, EightBits)
def _integer_to_bits(context: Any, builder: Any, of: Any, to: Any, value: Any) -> Any:
    return _spread(builder, context.cast(builder, value, of, types.int64), LONGS)


def _operator(
    symbol: Callable[..., Any], of: types.Type, to: types.Type, build: Callable[..., Any]
) -> None:
    """Let an operator of Python take one of our types with another or with a plain number."""

    @infer_global(symbol)
    class Template(AbstractTemplate):
        def generic(self, args: Any, kws: Any) -> Any:
            if kws or of not in args:
                return None
            if all(one is of or isinstance(one, types.Number) for one in args):
                return signature(to, *[of] * len(args))
            return None

    @lower_builtin(symbol, *[of] * (1 if symbol in (operator.neg, operator.invert) else 2))
    def lower(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return build(builder, *args)


def _compared(sign: str) -> Callable[..., Any]:
    return lambda builder, a, b: builder.fcmp_ordered(sign, a, b)


_operator(operator.add, EIGHT, EIGHT, lambda b, x, y: b.fadd(x, y, flags=FUSE))
_operator(operator.sub, EIGHT, EIGHT, lambda b, x, y: b.fsub(x, y, flags=FUSE))
_operator(operator.mul, EIGHT, EIGHT, lambda b, x, y: b.fmul(x, y, flags=FUSE))
_operator(operator.truediv, EIGHT, EIGHT, lambda b, x, y: b.fdiv(x, y, flags=FUSE))
_operator(operator.neg, EIGHT, EIGHT, lambda b, x: b.fneg(x))
for _symbol, _sign in (
    (operator.lt, "<"), (operator.le, "<="), (operator.gt, ">"), (operator.ge, ">="),
):  # fmt: skip
    _operator(_symbol, EIGHT, MASK, _compared(_sign))
_operator(operator.and_, MASK, MASK, lambda b, x, y: b.and_(x, y))
_operator(operator.or_, MASK, MASK, lambda b, x, y: b.or_(x, y))
_operator(operator.and_, BITS, BITS, lambda b, x, y: b.and_(x, y))
_operator(operator.or_, BITS, BITS, lambda b, x, y: b.or_(x, y))
_operator(operator.add, BITS, BITS, lambda b, x, y: b.add(x, y))
_operator(operator.sub, BITS, BITS, lambda b, x, y: b.sub(x, y))
_operator(operator.lshift, BITS, BITS, lambda b, x, y: b.shl(x, y))
_operator(operator.rshift, BITS, BITS, lambda b, x, y: b.lshr(x, y))
_operator(operator.gt, BITS, MASK, lambda b, x, y: b.icmp_signed(">", x, y))


def _place(context: Any, builder: Any, of: Any, table: Any, row: Any) -> Any:
    start = cgutils.create_struct_proxy(of)(context, builder, table).data
    at = builder.mul(row, ir.IntType(64)(WIDTH))
    return builder.bitcast(builder.gep(start, [at]), DOUBLES.as_pointer())


@intrinsic
def load(typing: Any, table: Any, row: Any) -> Any:
    """Return one row of a table with eight columns."""

    def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return builder.load(_place(context, builder, sig.args[0], *args), align=8)

    return EIGHT(table, types.int64), build


@intrinsic
def store(typing: Any, table: Any, row: Any, value: Any) -> Any:
    """Put a value into one row of a table with eight columns."""

    def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        at = _place(context, builder, sig.args[0], *args[:2])
        builder.store(args[2], at, align=8)
        return context.get_dummy_value()

    return types.none(table, types.int64, EIGHT), build


@intrinsic
def spread(typing: Any, value: Any) -> Any:
    """Return eight times one number."""

    def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return _spread(builder, args[0], DOUBLES)

    return EIGHT(types.float64), build


@intrinsic
def pick(typing: Any, which: Any, yes: Any, no: Any) -> Any:
    """Return ``yes`` where it is true and ``no`` elsewhere."""

    def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return builder.select(*args)

    if yes == BITS:
        return BITS(MASK, BITS, BITS), build
    return EIGHT(MASK, EIGHT, EIGHT), build


@intrinsic
def magnitude(typing: Any, value: Any) -> Any:
    """Return without signs."""

    def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        bits = builder.bitcast(args[0], LONGS)
        unsigned = ir.Constant(LONGS, [0x7FFFFFFFFFFFFFFF] * WIDTH)
        return builder.bitcast(builder.and_(bits, unsigned), DOUBLES)

    return EIGHT(EIGHT), build


def _converted(of: types.Type, to: types.Type, build: Callable[[Any, Any], Any]) -> Any:
    def typed(typing: Any, value: Any) -> Any:
        return to(of), lambda context, builder, sig, args: build(builder, args[0])

    return intrinsic(typed)


as_bits = _converted(EIGHT, BITS, lambda b, x: b.bitcast(x, LONGS))
as_doubles = _converted(BITS, EIGHT, lambda b, x: b.bitcast(x, DOUBLES))
to_doubles = _converted(BITS, EIGHT, lambda b, x: b.sitofp(x, DOUBLES))
truths_as_bits = _converted(MASK, BITS, lambda b, x: b.zext(x, LONGS))
