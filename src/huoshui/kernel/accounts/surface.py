"""Every address of the product with what it asks of whoever opens it."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from huoshui.kernel.accounts import permissions

REFUSED = "*refused"


@dataclass(frozen=True)
class Entry:
    """One address and, for the API, one method; ``mark`` is a permission or a mark of all."""

    address: str
    method: str
    mark: str
    name: str
    pattern: URLPattern

    @property
    def is_endpoint(self) -> bool:
        return bool(self.method)


def entries(resolver: Any = None) -> Iterator[Entry]:
    """Yield every address; what names no permission is refused to everybody."""
    for address, name, pattern in _patterns(resolver or get_resolver(), "/", ""):
        if getattr(pattern.callback, "__module__", "") == "ninja.operation":
            yield from _operations(address, name, pattern)
        else:
            mark = permissions.required_by(pattern.callback) or REFUSED
            yield Entry(address, "", mark, name, pattern)


def _patterns(resolver: Any, before: str, space: str) -> Iterator[tuple[str, str, URLPattern]]:
    for one in resolver.url_patterns:
        address = before + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from _patterns(one, address, f"{space}{one.namespace or ''}:".lstrip(":"))
        else:
            yield address, f"{space}{one.name or ''}", one


def _operations(address: str, name: str, pattern: URLPattern) -> Iterator[Entry]:
    """Yield the methods of an endpoint, each with the permission that its ``auth`` names."""
    path_view = inspect.getclosurevars(pattern.callback).nonlocals["self"]
    for operation in path_view.operations:
        marks = [getattr(one, "permission", REFUSED) for one in operation.auth_callbacks]
        for method in operation.methods:
            yield Entry(address, method, marks[0] if marks else REFUSED, name, pattern)


def allows(mark: str, codes: frozenset[str] | set[str], *, signed_in: bool) -> bool:
    """Tell whether somebody with these permissions may open what carries ``mark``."""
    if mark == permissions.PUBLIC:
        return True
    if mark == permissions.SIGNED_IN:
        return signed_in
    return mark in codes
