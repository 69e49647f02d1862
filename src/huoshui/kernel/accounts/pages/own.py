"""Pages about oneself: the password, the second factor, and where one is signed in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash, user_login_failed
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from huoshui.kernel.accounts import (
    actions,
    forms,
    permissions,
    second_factor,
    sessions,
    tokens,
)
from huoshui.kernel.accounts.models import User, UserSession
from huoshui.kernel.pages import formats, kit

MANAGE = "accounts.manage"
PENDING_SECRET = "second_factor_secret"


def _me(request: HttpRequest) -> User:
    return get_object_or_404(User, pk=request.user.pk)


class OwnPassword(kit.FormPage):
    """Change one's own password; other sessions of one's own end."""

    title = _("Change my password")
    permission = permissions.SIGNED_IN
    form_class = forms.OwnPasswordForm
    explanation = _(
        "At least 10 characters, not only digits, none of the common passwords, and not like your "
        "name. You stay signed in here; everywhere else you are signed out, and your API tokens "
        "end."
    )

    def get_form(self, request: HttpRequest, **arguments: Any) -> Any:
        return forms.OwnPasswordForm(request, _me(request), **arguments)

    def submit(self, request: HttpRequest, form: Any) -> str:
        user, old_key = form.user, request.session.session_key
        ended = tokens.living(user)
        actions.set_password(user, form.cleaned_data["password"], by_id=user.pk)
        update_session_auth_hash(request, user)
        sessions.renamed(request, old_key)
        messages.success(request, gettext("Your password is changed. Other sign-ins ended."))
        if ended:
            words = gettext("These tokens ended as well: %(names)s. Make new ones if needed.")
            messages.warning(request, words % {"names": formats.listed(ended)})
            return reverse("accounts:own_tokens")
        return "/"


class Sessions(kit.ListPage):
    """The browsers in which I am signed in."""

    title = _("Where I am signed in")
    permission = permissions.SIGNED_IN
    url_name = "accounts:sessions"
    default_sort = "-seen_at"
    empty = _("Only sessions that began with a password or a demo button are listed here.")

    def __init__(self, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(request, **kwargs)
        self.columns = (
            kit.Column("browser", _("Browser"), value=lambda row: sessions.spoken(row.browser)),
            kit.Column("address", _("From address")),
            kit.Column("began_at", _("Signed in"), format="moment", phone=False),
            kit.Column("seen_at", _("Latest use"), format="moment"),
            kit.Column("end", "", value=lambda row: self._end(row)),
        )

    def rows(self, request: HttpRequest) -> QuerySet[UserSession]:
        return sessions.open_of(_me(request))

    def _end(self, row: UserSession) -> SafeString:
        if row.session_key == self.request.session.session_key:
            return kit.badge(_("This one"), "green")
        return kit.action_button(
            self.request,
            _("End"),
            reverse("accounts:end_session", args=[row.pk]),
            confirm=_("Sign out there now?"),
            colour="ghost-danger",
        )

    def above(self, request: HttpRequest) -> SafeString:
        return format_html(
            '<p class="hs-explanation">{}</p>',
            _("End what you do not know, and then change your password. Times are real ones."),
        )


@permissions.signed_in
@require_POST
def end_session(request: HttpRequest, pk: int) -> HttpResponse:
    """End one of one's own sessions."""
    if not sessions.end(_me(request), pk, by_id=request.user.pk):
        raise Http404
    return HttpResponseRedirect(reverse("accounts:sessions"))


class OwnSecondFactor(kit.FormPage):
    """Set up the second factor, or see that it is set up."""

    title = _("Second factor")
    permission = permissions.SIGNED_IN
    form_class = forms.CodeForm
    template = "accounts/second_factor.html"
    submit_label = _("Confirm")

    def context(self, request: HttpRequest) -> dict[str, Any]:
        user = _me(request)
        since = second_factor.since(user)
        if since is not None:
            facts = [
                kit.Fact(_("Set up on"), since, format="moment"),
                kit.Fact(_("Recovery codes left"), second_factor.codes_left(user), format="d"),
            ]
            return {"card": kit.facts_card(_("Second factor"), facts), "is_set_up": True}
        secret = request.session.get(PENDING_SECRET)
        if not secret:
            secret = request.session[PENDING_SECRET] = second_factor.new_secret()
        return {
            # Segno draws it from our own words; nothing in it comes from a reader.
            "picture": mark_safe(second_factor.picture_of(user, secret)),
            "secret": " ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
            "demanded": request.session.get(sessions.MUST_SET_UP, False),
        }

    def submit(self, request: HttpRequest, form: Any) -> HttpResponse:
        user, code = _me(request), form.cleaned_data["code"]
        if second_factor.since(user) is not None:
            return self._change(request, user, code)
        secret = request.session.get(PENDING_SECRET, "")
        codes = second_factor.set_up(user, secret, code, by_id=user.pk)
        request.session.pop(PENDING_SECRET, None)
        request.session.pop(sessions.MUST_SET_UP, None)
        return self._tell(request, codes)

    def _change(self, request: HttpRequest, user: User, code: str) -> HttpResponse:
        """Renew the recovery codes or remove the factor; wrong codes count as at the sign-in."""
        from axes.handlers.proxy import AxesProxyHandler

        # Who found a computer left open may not try a million codes either.
        tried = {"username": user.username}
        if not AxesProxyHandler.is_allowed(request, tried):
            request.axes_locked_out = True  # type: ignore[attr-defined]
            raise second_factor.WrongCode
        try:
            if request.POST.get("deed") == "give_up":
                second_factor.give_up(user, code, by_id=user.pk)
                return HttpResponseRedirect(reverse("accounts:second_factor"))
            return self._tell(request, second_factor.renew_codes(user, code, by_id=user.pk))
        except second_factor.WrongCode:
            user_login_failed.send(sender=__name__, credentials=tried, request=request)
            raise

    def _tell(self, request: HttpRequest, codes: Sequence[str]) -> HttpResponse:
        """Show recovery codes once; they are kept only as hashes."""
        facts = [kit.Fact(str(number), code) for number, code in enumerate(codes, start=1)]
        context = {
            "title": _("Recovery codes"),
            "above": _(
                "Print them or write them down and keep them away from the phone. Each opens the "
                "door once when the phone is lost. They are shown only now."
            ),
            "sections": [kit.Section(_("Recovery codes"), facts)],
        }
        response = render(request, "accounts/codes.html", context)
        response.headers["Cache-Control"] = "no-store"
        return response


@permissions.needs(MANAGE)
@require_POST
def reset_second_factor(request: HttpRequest, pk: int) -> HttpResponse:
    """Take away the second factor of another user, whose phone is lost."""
    user = get_object_or_404(User.objects.exclude(pk=request.user.pk or 0), pk=pk)
    second_factor.reset(user, by_id=request.user.pk)
    return HttpResponseRedirect(reverse("accounts:user", args=[pk]))


urlpatterns = [
    OwnPassword.path("me/password/", name="own_password"),
    OwnSecondFactor.path("me/second-factor/", name="second_factor"),
    Sessions.path("me/sessions/", name="sessions"),
    path("me/sessions/<int:pk>/end/", end_session, name="end_session"),
    path(
        "system/users/<int:pk>/reset-second-factor/",
        reset_second_factor,
        name="reset_second_factor",
    ),
]
