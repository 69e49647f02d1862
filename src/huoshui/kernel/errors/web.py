"""Errors as answers: a friendly page for people, JSON for programs."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render, resolve_url
from django.utils.translation import gettext_lazy as _

from huoshui.kernel import errors

logger = logging.getLogger("huoshui.errors")


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
    logger.error(
        "broken %s at %s %s", reference, request.method, request.path, exc_info=problem
    )
    return Broken(reference)


def wants_json(request: HttpRequest) -> bool:
    """Tell whether a program asks: the API, or a script that accepts only JSON."""
    accepts = request.headers.get("Accept", "")
    return request.path.startswith("/api/") or (
        "application/json" in accepts and "text/html" not in accepts
    )


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


class ErrorsMiddleware:
    """Catch what views raise; nothing technical ever reaches a reader."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, problem: Exception) -> HttpResponse | None:
        if isinstance(problem, errors.HuoshuiError):
            return answer(request, problem)
        if isinstance(problem, Http404):
            return answer(request, NotFound())
        if isinstance(problem, PermissionDenied):
            return None
        if settings.DEBUG:
            return None
        return answer(request, log_broken(request, problem))


def csrf_refused(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Django's view for a failed CSRF check."""
    return answer(request, FormExpired())


csrf_refused.permission = "*public"  # type: ignore[attr-defined]


def answer_errors(api: Any) -> None:
    """Teach a Ninja API the three families."""
    api.add_exception_handler(errors.HuoshuiError, answer)
    api.add_exception_handler(Http404, lambda request, problem: answer(request, NotFound()))
    api.add_exception_handler(
        Exception, lambda request, problem: answer(request, log_broken(request, problem))
    )
