"""The frame's own small pages: language, theme, the islands' words and the demo clock."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings as django_settings
from django.contrib import messages
from django.db import transaction
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
    JsonResponse,
    QueryDict,
)
from django.urls import NoReverseMatch, reverse
from django.utils.dateparse import parse_datetime
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from huoshui.kernel import audit, clock, errors, settings
from huoshui.kernel.accounts import permissions
from huoshui.kernel.pages import frame, strings

A_YEAR_S = 365 * 86400


class NoDemo(errors.Refused):
    """The clock can be changed only in the demo."""

    def __init__(self) -> None:
        message = _("Only the demo has a clock that can be changed.")
        super().__init__("pages.no_demo", message, status=403)


class SpeedNotOffered(errors.Refused):
    """The demo clock was asked to run at a speed nobody offers."""

    def __init__(self, asked: str) -> None:
        super().__init__(
            "pages.speed_not_offered",
            _("The demo clock cannot run at this speed: %(asked)s.") % {"asked": asked},
            status=422,
            data={"asked": asked, "offered": list(frame.DEMO_SPEEDS)},
            next_step=_("Choose one of the speeds in the list."),
        )


class MomentNotAhead(errors.Refused):
    """The demo clock was sent to a moment it cannot run to."""

    def __init__(self, asked: str) -> None:
        super().__init__(
            "pages.moment_not_ahead",
            _("The demo clock goes forward only, by 31 days at most."),
            status=422,
            data={"asked": asked},
            next_step=_("Choose a later moment; the past is in the charts and lists."),
        )


def back(request: HttpRequest) -> HttpResponseRedirect:
    """Return the reader to the page they came from, never to another site."""
    wanted = request.POST.get("next") or "/"
    safe = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return HttpResponseRedirect(wanted if safe else "/")


def _keep_with_user(request: HttpRequest, field: str, value: str) -> None:
    user: Any = request.user
    if user.is_authenticated and getattr(user, field) != value:
        setattr(user, field, value)
        user.save(update_fields=[field])


@permissions.signed_in
def landing(request: HttpRequest) -> HttpResponse:
    """Send a reader who has just signed in to the first page of their post."""
    pages: dict[str, str] = getattr(django_settings, "LANDING", {})
    held = frame.post_codes_of(request.user)
    name = next((pages[code] for code in pages if code in held), "")
    try:
        return HttpResponseRedirect(reverse(name) if name else "/")
    except NoReverseMatch:  # an installation may lack the area of that page
        return HttpResponseRedirect("/")


@permissions.public
@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Change the language of pages, for this browser and for the signed-in user."""
    wanted = request.POST.get("language", "")
    response = back(request)
    if wanted in dict(frame.LANGUAGES):
        response.set_cookie(
            django_settings.LANGUAGE_COOKIE_NAME, wanted, max_age=A_YEAR_S, samesite="Lax"
        )
        _keep_with_user(request, "language", wanted)
    return response


@permissions.public
@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Change the theme of pages, for this browser and for the signed-in user."""
    wanted = request.POST.get("theme", "")
    response = back(request)
    if wanted in frame.THEMES:
        response.set_cookie(frame.THEME_COOKIE, wanted, max_age=A_YEAR_S, samesite="Lax")
        _keep_with_user(request, "theme", wanted)
    return response


@permissions.public
def words(request: HttpRequest, language: str, digest: str) -> HttpResponse:
    """Give the islands their words; the address changes whenever the words do."""
    if language not in strings.LANGUAGES:
        raise Http404
    current, content = strings.catalogue(language)
    response = HttpResponse(content, content_type="application/json")
    response["Cache-Control"] = (
        f"public, max-age={A_YEAR_S}, immutable" if digest == current else "no-cache"
    )
    return response


def _clock_state() -> dict[str, Any]:
    return {
        "shown_at": clock.now().isoformat(),
        "speed": clock.speed(),
        "settled_speed": clock.settled_speed(),
    }


def _set_demo_clock(asked: QueryDict) -> dict[str, Any]:
    """Run to the moment that was asked for, or change the speed; return what was done."""
    if "go_to" in asked:
        moment = _moment_ahead(str(asked["go_to"]))
        clock.run_to(moment)
        return {"run_to": moment.isoformat()}
    speed = asked.get("speed", "")
    if speed not in {str(one) for one in frame.DEMO_SPEEDS}:
        raise SpeedNotOffered(speed)
    clock.set_speed(float(speed))
    return {"speed": float(speed)}


def _moment_ahead(words: str) -> datetime:
    """Return a moment of the city's clock, as a browser's field writes it; refuse what is past."""
    try:
        found = parse_datetime(words)
    except ValueError:
        found = None
    if found is None:
        raise MomentNotAhead(words)
    moment = found if found.tzinfo else found.replace(tzinfo=clock.local_zone())
    now = clock.now()
    if not now < moment <= now + frame.DEMO_AHEAD_MAX:
        raise MomentNotAhead(words)
    return moment


@permissions.signed_in
@require_http_methods(["GET", "POST"])
def demo_clock(request: HttpRequest) -> HttpResponse:
    """Say what the demo's clock shows; by POST change its speed or let it run to a moment.

    Refuses outside the demo, any speed that the frame does not offer, and moments not ahead.
    """
    if not settings.get().demo:
        raise NoDemo
    if request.method == "POST":
        permissions.require(request.user, "pages.change_demo_clock")
        wants_json = "application/json" in request.headers.get("Accept", "")
        try:
            with transaction.atomic():
                detail = _set_demo_clock(request.POST)
                audit.record(request.user.pk, "pages.demo_clock_changed", "clock:demo", detail)
        except (SpeedNotOffered, MomentNotAhead) as refusal:
            if wants_json:
                raise
            # The bar stands on every page: the reader stays where they are and reads why.
            messages.error(request, f"{refusal.message} {refusal.next_step}")
        if not wants_json:
            return back(request)
    response = JsonResponse(_clock_state())
    response["Cache-Control"] = "no-store"
    return response
