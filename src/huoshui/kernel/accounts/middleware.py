"""Two gates in front of every view: the reader's language, and the default *no*."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation

from huoshui.kernel import audit, errors
from huoshui.kernel.accounts import permissions
from huoshui.kernel.errors import web

GetResponse = Callable[[HttpRequest], HttpResponse]


class LanguageMiddleware:
    """Speak the language a user chose, else that of a cookie, else that of the browser."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        chosen = getattr(request.user, "language", "")
        if chosen not in dict(settings.LANGUAGES):
            chosen = translation.get_language_from_request(request)
        translation.activate(chosen)
        request.LANGUAGE_CODE = translation.get_language() or settings.LANGUAGE_CODE
        response = self.get_response(request)
        response.headers.setdefault("Content-Language", request.LANGUAGE_CODE)
        return response


class DefaultDenyMiddleware:
    """Refuse every view that does not say who may open it."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # A thread serves one request after the other: no token may outlive its own.
        audit.act_through("")
        try:
            return self.get_response(request)
        finally:
            audit.act_through("")

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        if getattr(view, "__module__", "") == "ninja.operation":
            # Each endpoint has its own `auth`; the API as a whole refuses those without.
            return None
        mark = permissions.required_by(view)
        if mark is None:
            return web.answer(request, permissions.NotAllowed("pages.unmarked_view"))
        try:
            permissions.check(request.user, mark)
        except errors.Refused as refused:
            return web.answer(request, refused)
        return None
