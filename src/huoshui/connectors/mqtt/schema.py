"""The messages of Sparkplug B, described by their field numbers.

The Eclipse Sparkplug Specification 3.0.0, section 6.4, gives names, numbers and types of the
fields. They stand here as a table; the classes are made of it when the program starts, so that no
generated code needs to be kept. Fields we do not read are left out: Protocol Buffers skip them.
"""

from __future__ import annotations

from typing import Any

from google.protobuf import (  # type: ignore[import-untyped]
    descriptor_pb2,
    descriptor_pool,
    message_factory,
)

PACKAGE = "huoshui.sparkplug"
_FIELD = descriptor_pb2.FieldDescriptorProto
# Message, then of each field: name, number, type, whether it repeats.
TABLE: dict[str, tuple[tuple[str, int, int | str, bool], ...]] = {
    "PropertyValue": (
        ("type", 1, _FIELD.TYPE_UINT32, False),
        ("is_null", 2, _FIELD.TYPE_BOOL, False),
        ("int_value", 3, _FIELD.TYPE_UINT32, False),
        ("long_value", 4, _FIELD.TYPE_UINT64, False),
    ),
    "PropertySet": (
        ("keys", 1, _FIELD.TYPE_STRING, True),
        ("values", 2, "PropertyValue", True),
    ),
    "Metric": (
        ("name", 1, _FIELD.TYPE_STRING, False),
        ("alias", 2, _FIELD.TYPE_UINT64, False),
        ("timestamp", 3, _FIELD.TYPE_UINT64, False),
        ("datatype", 4, _FIELD.TYPE_UINT32, False),
        ("is_historical", 5, _FIELD.TYPE_BOOL, False),
        ("is_transient", 6, _FIELD.TYPE_BOOL, False),
        ("is_null", 7, _FIELD.TYPE_BOOL, False),
        ("properties", 9, "PropertySet", False),
        ("int_value", 10, _FIELD.TYPE_UINT32, False),
        ("long_value", 11, _FIELD.TYPE_UINT64, False),
        ("float_value", 12, _FIELD.TYPE_FLOAT, False),
        ("double_value", 13, _FIELD.TYPE_DOUBLE, False),
        ("boolean_value", 14, _FIELD.TYPE_BOOL, False),
        ("string_value", 15, _FIELD.TYPE_STRING, False),
    ),
    "Payload": (
        ("timestamp", 1, _FIELD.TYPE_UINT64, False),
        ("metrics", 2, "Metric", True),
        ("seq", 3, _FIELD.TYPE_UINT64, False),
    ),
}


def _classes() -> dict[str, Any]:
    file = descriptor_pb2.FileDescriptorProto(
        name="huoshui/sparkplug.proto", package=PACKAGE, syntax="proto2"
    )
    for name, fields in TABLE.items():
        message = file.message_type.add(name=name)
        for field, number, kind, repeats in fields:
            one = message.field.add(
                name=field,
                number=number,
                label=_FIELD.LABEL_REPEATED if repeats else _FIELD.LABEL_OPTIONAL,
            )
            if isinstance(kind, str):
                one.type, one.type_name = _FIELD.TYPE_MESSAGE, f".{PACKAGE}.{kind}"
            else:
                one.type = kind  # type: ignore[assignment]
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return {
        name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{PACKAGE}.{name}"))
        for name in TABLE
    }


_made = _classes()
Payload: Any = _made["Payload"]
Metric: Any = _made["Metric"]
