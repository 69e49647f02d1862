"""Errors as answers: a friendly page for people, JSON for programs."""

from __future__ import annotations

import logging
import secrets
import sys
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render, resolve_url
from django.urls import Resolver404, resolve
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from ninja.errors import AuthenticationError, HttpError, ValidationError

from huoshui.kernel import errors
from huoshui.kernel import settings as own_settings
from huoshui.kernel.accounts import permissions

logger = logging.getLogger("huoshui.errors")

API_PREFIX = "/api/v1/"
# Of the largest photos, how many one request may carry; without a session, only a small form.
PHOTOS_AT_ONCE = 12
STRANGERS_BYTES_MAX = 1_000_000


class NotFound(errors.Refused):
    """Nothing lives at this address, or not any more."""

    status = 404

    def __init__(self) -> None:
        super().__init__(
            "pages.not_found",
            _("There is nothing at this address."),
            next_step=_("Go back, or use the search on the map."),
        )


class Broken(errors.HuoshuiError):
    """Our fault. The reference finds the whole story in the log."""

    def __init__(self, reference: str) -> None:
        super().__init__(
            "pages.broken",
            _("Something went wrong on our side. It has been logged as %(reference)s.")
            % {"reference": reference},
            data={"reference": reference},
            next_step=_("Try again; if it happens again, give this reference to your support."),
        )


class BadRequest(errors.Refused):
    """The browser sent something that no page of ours asks for."""

    def __init__(self, status: int = 400) -> None:
        super().__init__(
            "pages.bad_request",
            _("This request cannot be understood."),
            status=status,
            next_step=_("Load the page again and repeat the last step."),
        )


class RequestTooLarge(errors.Refused):
    """More bytes were announced than any page of ours takes."""

    status = 413

    def __init__(self, bytes_max: int) -> None:
        super().__init__(
            "pages.request_too_large",
            _("This is too much at once; at most %(megabytes)d MB are accepted.")
            % {"megabytes": bytes_max // 1_000_000},
            data={"bytes_max": bytes_max},
            next_step=_("Send fewer or smaller files at a time."),
        )


class NotValid(errors.Refused):
    """Some values of an API call are missing or wrong; all of them are named."""

    status = 422

    def __init__(self, problems: list[dict[str, Any]]) -> None:
        names = [".".join(str(part) for part in one.get("loc", ())) for one in problems]
        super().__init__(
            "api.not_valid",
            _("These values are missing or wrong: %(names)s.") % {"names": ", ".join(names)},
            data={
                "problems": [
                    {"name": name, "message": one.get("msg", "")}
                    for name, one in zip(names, problems, strict=True)
                ]
            },
            next_step=_("Correct these values; the API's own page describes each of them."),
        )


class Forbidden(errors.Refused):
    """A library refused on our behalf."""

    status = 403

    def __init__(self) -> None:
        super().__init__(
            "pages.forbidden",
            _("You may not do this."),
            next_step=_("Ask an administrator, or sign in as somebody else."),
        )


class DatabaseBusy(errors.Unavailable):
    """The database does not answer in time; asking again helps."""

    def __init__(self) -> None:
        super().__init__(
            "pages.database_busy",
            _("The database is busy at the moment; nothing was changed."),
            retry_after_s=5,
            next_step=_("Wait a few seconds and try again."),
        )


class FormExpired(errors.Refused):
    """The hidden token of a form is missing or belongs to another session."""

    status = 403

    def __init__(self) -> None:
        super().__init__(
            "pages.form_expired",
            _("This form has expired, so nothing was changed."),
            next_step=_("Load the page again and repeat the last step."),
        )


def log_broken(request: HttpRequest, problem: BaseException) -> Broken:
    """Log an unexpected error with a reference, and return what the reader is told."""
    reference = secrets.token_hex(4)
    logger.error("broken %s at %s %s", reference, request.method, request.path, exc_info=problem)
    return Broken(reference)


def wants_json(request: HttpRequest) -> bool:
    """Tell whether a program asks: the API, or a script that accepts only JSON."""
    if request.path.startswith(API_PREFIX):
        return request.path != f"{API_PREFIX}docs"
    accepts = request.headers.get("Accept", "")
    return "application/json" in accepts and "text/html" not in accepts


def answer(request: HttpRequest, error: errors.HuoshuiError) -> HttpResponse:
    """Turn an error into the response for this reader."""
    response: HttpResponse
    if wants_json(request):
        response = JsonResponse(error.as_json(), status=error.status)
    elif error.status == 401:
        return HttpResponseRedirect(
            f"{resolve_url(settings.LOGIN_URL)}?{urlencode({'next': request.get_full_path()})}"
        )
    else:
        response = render(request, "pages/refused.html", {"error": error}, status=error.status)
    if isinstance(error, errors.Unavailable):
        response.headers["Retry-After"] = str(error.retry_after_s)
    return response


def bytes_sent(request: HttpRequest) -> int:
    """Return how large a request says it is; nothing beyond that is ever read."""
    said = str(request.META.get("CONTENT_LENGTH") or "")
    return int(said) if said.isdecimal() else 0


def bytes_for_strangers(request: HttpRequest) -> int:
    """Return how large a request of somebody without a session may be."""
    page = _page_of(request)
    is_public = getattr(page, "permission", "") == permissions.PUBLIC
    return max(STRANGERS_BYTES_MAX, _own_limit(page) if is_public else 0)


def bytes_allowed(request: HttpRequest) -> int:
    """Return how large a request may be; a page that takes large files says so itself."""
    if bytes_sent(request) <= STRANGERS_BYTES_MAX:
        return STRANGERS_BYTES_MAX
    known = settings.SESSION_COOKIE_NAME in request.COOKIES or "Authorization" in request.headers
    if not known:
        return bytes_for_strangers(request)
    usual = PHOTOS_AT_ONCE * own_settings.get().photo_bytes_max
    return max(usual, _own_limit(_page_of(request)))


def is_of_a_stranger(request: HttpRequest) -> bool:
    """Tell whether a large request only claims a session: its body shall not reach the disk."""
    sent = bytes_sent(request)
    return (
        sent > STRANGERS_BYTES_MAX
        and not request.path.startswith(API_PREFIX)  # reads a body only after its own check
        and not request.user.is_authenticated
        and sent > bytes_for_strangers(request)
    )


def _page_of(request: HttpRequest) -> Any:
    try:
        return getattr(resolve(request.path_info).func, "view_class", None)
    except Resolver404:
        return None


def _own_limit(page: Any) -> int:
    own = getattr(page, "bytes_max", None)
    return int(own() or 0) if callable(own) else 0


class ErrorsMiddleware:
    """Catch what views raise; nothing technical ever reaches a reader."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # Before anything reads the body: files go to the disk before anybody asks who sends them.
        allowed = bytes_allowed(request)
        if bytes_sent(request) > allowed:
            with translation.override(translation.get_language_from_request(request)):
                return answer(request, RequestTooLarge(allowed))
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, problem: Exception) -> HttpResponse | None:
        if isinstance(problem, errors.HuoshuiError):
            return answer(request, problem)
        if isinstance(problem, OperationalError) and is_busy(problem):
            logger.warning("database busy at %s %s: %s", request.method, request.path, problem)
            return answer(request, DatabaseBusy())
        if isinstance(problem, (Http404, PermissionDenied, SuspiciousOperation)):
            return None  # Django calls our handlers below.
        return None if settings.DEBUG else answer(request, log_broken(request, problem))


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler for requests it does not trust."""
    return answer(request, BadRequest())


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler for refusals of its own parts and of libraries."""
    return answer(request, Forbidden())


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler for addresses and things that do not exist."""
    return answer(request, NotFound())


def broken(request: HttpRequest) -> HttpResponse:
    """Django's handler for what broke outside a view, perhaps even in the page of errors."""
    error = log_broken(request, sys.exc_info()[1] or RuntimeError("unknown"))
    try:
        return answer(request, error)
    except Exception:
        logger.exception("the page of errors is broken too")
        words = f"{error.message} {error.next_step}"
        return HttpResponse(words, status=error.status, content_type="text/plain; charset=utf-8")


def csrf_refused(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Django's view for a failed CSRF check."""
    return answer(request, FormExpired())


csrf_refused.permission = "*public"  # type: ignore[attr-defined]


def answer_errors(api: Any) -> None:
    """Teach a Ninja API the three families."""
    api.add_exception_handler(errors.HuoshuiError, answer)
    api.add_exception_handler(OperationalError, _database_error)
    api.add_exception_handler(
        ValidationError, lambda request, problem: answer(request, NotValid(problem.errors))
    )
    api.add_exception_handler(
        AuthenticationError, lambda request, problem: answer(request, permissions.SignInNeeded())
    )
    api.add_exception_handler(HttpError, _http_error)
    api.add_exception_handler(Http404, lambda request, problem: answer(request, NotFound()))
    api.add_exception_handler(
        Exception, lambda request, problem: answer(request, log_broken(request, problem))
    )


def is_busy(problem: OperationalError) -> bool:
    """Tell whether asking again helps; a table that is not there will not come by itself."""
    return not str(problem).startswith("no such")


def _database_error(request: HttpRequest, problem: OperationalError) -> HttpResponse:
    busy = is_busy(problem)
    return answer(request, DatabaseBusy() if busy else log_broken(request, problem))


def _http_error(request: HttpRequest, problem: HttpError) -> HttpResponse:
    """Answer what the API library itself refuses: a missing token, a body that is not JSON."""
    if problem.status_code == FormExpired.status and "CSRF" in str(problem):
        return answer(request, FormExpired())
    return answer(request, BadRequest(status=problem.status_code))
