"""How a page that is a class becomes a view: one place for lists, details and forms."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.urls import URLPattern, path


class Mounted:
    """A page by declaration, made anew for each request."""

    permission: str = ""

    def __init__(self, request: HttpRequest, **kwargs: Any) -> None:
        self.request = request
        self.kwargs = kwargs

    def respond(self) -> HttpResponseBase:
        """Answer the request."""
        raise NotImplementedError

    @classmethod
    def bytes_max(cls) -> int | None:
        """Return how large a request to this page may be, where it takes more than usual."""
        return None

    @classmethod
    def as_view(cls) -> Callable[..., HttpResponseBase]:
        """Return the view function, marked with the permission it needs."""

        def view(request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
            return cls(request, **kwargs).respond()

        view.__name__ = cls.__name__
        view.__doc__ = cls.__doc__
        view.view_class = cls  # type: ignore[attr-defined]
        view.permission = cls.permission  # type: ignore[attr-defined]
        return view

    @classmethod
    def path(cls, route: str, *, name: str) -> URLPattern:
        """Mount the page."""
        return path(route, cls.as_view(), name=name)
