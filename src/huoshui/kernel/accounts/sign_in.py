"""Pages that let people in and out."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from django.conf import settings as django_settings
from django.contrib.auth import authenticate, logout, views
from django.contrib.auth.forms import AuthenticationForm
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from huoshui.kernel import audit, clock, errors, settings
from huoshui.kernel.accounts import (
    forms,
    locks,
    permissions,
    posts,
    second_factor,
    sessions,
)
from huoshui.kernel.accounts.models import PostHolding, User

TOO_MANY = 429
PENDING = "password_was_right"
PENDING_S = 300.0


class NoDemoSignIn(errors.Refused):
    """One-click sign-in exists only in the demo, for the demo's people."""

    status = 404

    def __init__(self) -> None:
        super().__init__(
            "accounts.no_demo_sign_in",
            _("Signing in by one click is possible only in the demo."),
            next_step=_("Sign in with your user name and password."),
        )


@dataclass(frozen=True)
class DemoPerson:
    """One button of the demo's sign-in page."""

    username: str
    name: str
    post: str
    post_name: Any


def demo_people() -> tuple[DemoPerson, ...]:
    """Return the demo's people by post, each once; nobody outside the demo."""
    if not settings.get().demo:
        return ()
    order = list(posts.POSTS)
    rows = (
        PostHolding.objects.filter(user__is_demo=True, user__is_active=True)
        .valid_at(clock.now())
        .filter(post__code__in=order)
        .values_list("user__username", "user__name", "post__code")
    )
    found: dict[str, DemoPerson] = {}
    for username, name, code in sorted(rows, key=lambda row: (order.index(row[2]), row[0])):
        found.setdefault(username, DemoPerson(username, name, code, posts.POSTS[code]))
    return tuple(found.values())


class SignInForm(AuthenticationForm):
    """User name and password; the name is read without regard to capitals."""

    error_messages = {
        "invalid_login": _("User name or password is wrong."),
        "inactive": _("This user may no longer sign in."),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = _("User name")
        self.fields["password"].label = _("Password")

    def clean_username(self) -> str:
        # The lock-out counts by name: "Wang" and "wang" must not be two rows of attempts.
        return str(self.cleaned_data["username"]).strip().lower()


@method_decorator(sensitive_post_parameters(), name="dispatch")
class SignIn(views.LoginView):
    """The sign-in page; after repeated wrong passwords it says for how long it stays shut."""

    permission = permissions.PUBLIC
    template_name = "pages/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def form_valid(self, form: Any) -> HttpResponse:
        user: User = form.get_user()
        request, wanted = self.request, self.get_success_url()
        if second_factor.since(user) is None:
            sessions.enter(request, user, "accounts.signed_in", {})
            if sessions.demand_second_factor(request, user):
                wanted = resolve_url("accounts:second_factor")
            return HttpResponseRedirect(wanted)
        # Not signed in yet: the session only remembers whose password was right, and since when.
        request.session.cycle_key()
        request.session[PENDING] = {
            "user": user.pk,
            "password": user.get_session_auth_hash(),
            "at": clock.real_now().timestamp(),
            "next": wanted,
        }
        return HttpResponseRedirect(resolve_url("accounts:sign_in_code"))

    def form_invalid(self, form: Any) -> HttpResponse:
        response = super().form_invalid(form)
        response.status_code = 422
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        context["demo_people"] = demo_people()
        context["next"] = self.get_redirect_url()
        context["locked_minutes"] = 0
        return context


sign_in = SignIn.as_view()


def _pending(request: HttpRequest) -> tuple[User, str] | None:
    """Return whose password was right a moment ago, and where they want to go."""
    found = request.session.get(PENDING) or {}
    age_s = clock.real_now().timestamp() - float(found.get("at", 0))
    if not 0 <= age_s <= PENDING_S:
        return None
    user = User.objects.filter(pk=found["user"], is_active=True).first()
    if user is None or user.get_session_auth_hash() != found["password"]:
        return None
    return user, str(found["next"])


@permissions.public
@sensitive_post_parameters()
@never_cache
def sign_in_code(request: HttpRequest) -> HttpResponse:
    """The second step of signing in: a code of the app, or one from paper."""
    pending = _pending(request)
    if pending is None:
        return HttpResponseRedirect(resolve_url(django_settings.LOGIN_URL))
    user, wanted = pending
    form = forms.CodeForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            code = form.cleaned_data["code"]
            found: Any = authenticate(request, username=user.username, code=code)
            if found is not None:
                request.session.pop(PENDING, None)
                how = {"second_factor": found.second_factor_used}
                sessions.enter(request, found, "accounts.signed_in", how)
                return HttpResponseRedirect(wanted)
            form.add_error("code", second_factor.WrongCode().message)
    return render(request, "accounts/code.html", {"form": form}, status=status)


def locked_out(
    request: HttpRequest, response: HttpResponse | None, credentials: Any = None
) -> HttpResponse:
    """Answer a sign-in that is locked: the same page with a clear sentence, status 429."""
    view = SignIn()
    view.setup(request)
    form = SignInForm(request, initial={"username": request.POST.get("username", "")})
    context = view.get_context_data(form=form)
    username = str((credentials or {}).get("username") or request.POST.get("username", ""))
    left_s = locks.seconds_left(username.strip().lower(), str(request.META.get("REMOTE_ADDR", "")))
    left_s = left_s or round(django_settings.AXES_COOLOFF_TIME.total_seconds())
    context["locked_minutes"] = math.ceil(left_s / 60)
    locked: Any = view.render_to_response(context)
    locked.status_code = TOO_MANY
    locked.headers["Retry-After"] = str(left_s)
    # We stand outside the views here, so nobody else renders it.
    rendered: HttpResponse = locked.render()
    return rendered


@permissions.signed_in
@require_POST
@never_cache
def sign_out(request: HttpRequest) -> HttpResponse:
    """End this session."""
    user = request.user
    with transaction.atomic():
        audit.record(user.pk, "accounts.signed_out", f"user:{user.get_username()}", {})
        sessions.left(request.session.session_key)
        logout(request)
    return HttpResponseRedirect(resolve_url(django_settings.LOGOUT_REDIRECT_URL))


@permissions.public
@require_POST
@never_cache
def demo_sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in as one of the demo's people without a password.

    Refuses with `accounts.no_demo_sign_in` (404) outside the demo, and for every user who was not
    made for the demo.
    """
    if not settings.get().demo:
        raise NoDemoSignIn
    user = User.objects.filter(
        username=request.POST.get("username", ""), is_demo=True, is_active=True
    ).first()
    if user is None:
        raise NoDemoSignIn
    sessions.enter(request, user, "accounts.demo_signed_in", {})
    wanted = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return HttpResponseRedirect(wanted if safe else resolve_url(django_settings.LOGIN_REDIRECT_URL))
