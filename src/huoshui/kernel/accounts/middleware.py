"""Two gates in front of every view: the reader's language, and the default *no*."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import translation

from huoshui.kernel import audit, errors
from huoshui.kernel.accounts import permissions, second_factor, sessions
from huoshui.kernel.errors import web

# What somebody may open whose post demands a second factor that they have not set up yet.
OPEN_WITHOUT_SECOND_FACTOR = frozenset(
    {"accounts:second_factor", "accounts:sign_out", "pages:language", "pages:theme"}
)
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


def _to_second_factor(request: HttpRequest) -> HttpResponse:
    if web.wants_json(request):
        return web.answer(request, second_factor.SecondFactorNeeded())
    return HttpResponseRedirect(reverse("accounts:second_factor"))


class DefaultDenyMiddleware:
    """Refuse every view that does not say who may open it."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if web.is_of_a_stranger(request):
            return web.answer(request, permissions.SignInNeeded())
        # A thread serves one request after the other: no token may outlive its own.
        audit.act_through("")
        try:
            return self.get_response(request)
        finally:
            audit.act_through("")

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        mark = permissions.required_by(view)
        if mark != permissions.PUBLIC and request.session.get(sessions.MUST_SET_UP):
            match = request.resolver_match
            if match is None or match.view_name not in OPEN_WITHOUT_SECOND_FACTOR:
                return _to_second_factor(request)
        sessions.note_seen(request)
        if getattr(view, "__module__", "") == "ninja.operation":
            # Each endpoint has its own `auth`; the API as a whole refuses those without.
            return None
        if mark is None:
            return web.answer(request, permissions.NotAllowed("pages.unmarked_view"))
        try:
            permissions.check(request.user, mark)
        except errors.Refused as refused:
            return web.answer(request, refused)
        return None
