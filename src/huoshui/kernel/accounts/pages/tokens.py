"""Pages of API tokens: one's own, and for the administrator those of everybody."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Case, QuerySet, Value, When
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from huoshui.kernel import clock
from huoshui.kernel.accounts import actions, forms, permissions, tokens
from huoshui.kernel.accounts.models import ApiToken, User
from huoshui.kernel.accounts.pages import once
from huoshui.kernel.accounts.pages.posts import grouped
from huoshui.kernel.pages import formats, kit

MANAGE = "accounts.manage"
STATES = {
    "valid": (_("Valid"), "green"),
    "expired": (_("Expired"), "secondary"),
    "revoked": (_("Revoked"), "secondary"),
}


def _with_state(rows: QuerySet[ApiToken]) -> QuerySet[ApiToken]:
    return rows.annotate(
        state=Case(
            When(revoked_at__isnull=False, then=Value("revoked")),
            When(expires_at__lte=clock.real_now(), then=Value("expired")),
            default=Value("valid"),
        )
    )


def _labels(token: ApiToken) -> str:
    known = {one.code: str(one.label) for one in permissions.declared()}
    return formats.listed(known.get(code, code) for code in token.scopes)


COLUMNS = (
    kit.Column("name", _("Program"), href=lambda row: reverse("accounts:token", args=[row.prefix])),
    kit.Column("prefix", _("Begins with"), phone=False),
    kit.Column("scopes", _("May do"), value=_labels, phone=False),
    kit.Column("state", _("State"), badge=STATES),
    kit.Column("expires_at", _("Expires"), format="moment"),
    kit.Column("last_used_at", _("Latest use"), format="moment"),
    kit.Column("last_address", _("From address"), phone=False),
)
STATE_FILTER = kit.ChoiceFilter(
    "state", _("State"), choices=[(code, label) for code, (label, _c) in STATES.items()]
)


class Tokens(kit.ListPage):
    """Every token of the installation."""

    title = _("API tokens")
    permission = MANAGE
    url_name = "accounts:tokens"
    columns = (
        *COLUMNS[:2],
        kit.Column(
            "owner__name",
            _("Owner"),
            href=lambda row: reverse("accounts:user", args=[row.owner_id]),
        ),
        *COLUMNS[2:],
    )
    search = ("name", "prefix", "owner__name", "owner__username")
    filters = (STATE_FILTER,)
    default_sort = "-last_used_at"
    empty = _("There are no tokens yet. A token lets another program call the API.")

    def rows(self, request: HttpRequest) -> QuerySet[ApiToken]:
        return _with_state(ApiToken.objects.select_related("owner"))

    def row_href(self, row: Any) -> str:
        return reverse("accounts:token", args=[row.prefix])

    def actions(self, request: HttpRequest) -> Sequence[SafeString]:
        return [
            kit.link_button(_("Add a service account"), reverse("accounts:new_service")),
            kit.link_button(_("My tokens"), reverse("accounts:own_tokens")),
        ]

    def above(self, request: HttpRequest) -> SafeString:
        return format_html(
            '<p class="hs-explanation">{}</p>',
            _(
                "A token lets a program call the API for its owner, and never does more than the "
                "owner may do now. Programs that belong to nobody get a service account."
            ),
        )


class OwnTokens(kit.ListPage):
    """The tokens that act for me."""

    title = _("My tokens")
    permission = permissions.SIGNED_IN
    url_name = "accounts:own_tokens"
    columns = COLUMNS
    search = ("name", "prefix")
    filters = (STATE_FILTER,)
    default_sort = "name"
    empty = _("There are no tokens yet. A token lets another program call the API.")

    def rows(self, request: HttpRequest) -> QuerySet[ApiToken]:
        return _with_state(ApiToken.objects.filter(owner_id=request.user.pk))

    def actions(self, request: HttpRequest) -> Sequence[SafeString]:
        address = reverse("accounts:new_own_token")
        return [kit.link_button(_("Make a token"), address, colour="primary", icon="plus")]


def _token(request: HttpRequest, prefix: str) -> ApiToken:
    """Return a token that this reader may see: their own, or any for who manages users."""
    rows = _with_state(ApiToken.objects.select_related("owner"))
    if not permissions.holds(request.user, MANAGE):
        rows = rows.filter(owner_id=request.user.pk)
    return get_object_or_404(rows, prefix=prefix)


class TokenDetail(kit.DetailPage):
    """One token: what it may do, when it was used, and the way to end it."""

    permission = permissions.SIGNED_IN

    def get_object(self, request: HttpRequest, **kwargs: Any) -> Any:
        return _token(request, kwargs["prefix"])

    def heading(self, request: HttpRequest, obj: Any) -> Any:
        return obj.name

    def trail(self, request: HttpRequest, obj: Any) -> Sequence[tuple[Any, str]]:
        if obj.owner_id == request.user.pk:
            return [(_("My tokens"), reverse("accounts:own_tokens"))]
        return [(_("API tokens"), reverse("accounts:tokens"))]

    def badges(self, request: HttpRequest, obj: Any) -> Sequence[SafeString]:
        return [kit.badge(*STATES[obj.state])]

    def facts(self, request: HttpRequest, obj: Any) -> Sequence[kit.Section]:
        known = {one.code: one.label for one in permissions.declared()}
        effective = permissions.of_user(obj.owner)
        gone = _("the owner may not do this now")
        return [
            kit.Section(
                _("Token"),
                [
                    kit.Fact(_("Begins with"), obj.prefix),
                    kit.Fact(_("Owner"), obj.owner.name),
                    kit.Fact(_("Made"), obj.created_at, format="moment"),
                    kit.Fact(_("Expires"), obj.expires_at, format="moment"),
                    kit.Fact(_("Revoked"), obj.revoked_at, format="moment"),
                    kit.Fact(_("Latest use"), obj.last_used_at, format="moment"),
                    kit.Fact(_("From address"), obj.last_address),
                ],
            ),
            kit.Section(
                _("May do"),
                [
                    kit.Fact(known.get(code, code), code, note="" if code in effective else gone)
                    for code in obj.scopes
                ],
            ),
        ]

    def actions(self, request: HttpRequest, obj: Any) -> Sequence[SafeString]:
        if obj.state != "valid":
            return ()
        return [
            kit.action_button(
                request,
                _("Revoke"),
                reverse("accounts:revoke_token", args=[obj.prefix]),
                confirm=_("End this token now? The program that uses it will be refused."),
                colour="danger",
            )
        ]


@permissions.signed_in
@require_POST
def revoke_token(request: HttpRequest, prefix: str) -> HttpResponse:
    """End a token: one's own, or any for who manages users."""
    token = _token(request, prefix)
    tokens.revoke(token, by_id=request.user.pk)
    return HttpResponseRedirect(reverse("accounts:token", args=[token.prefix]))


class NewToken(kit.FormPage):
    """Make a token; its secret is shown once."""

    title = _("Make a token")
    form_class = forms.TokenForm
    submit_label = _("Make")
    explanation = _("The secret is shown once, on the next page. Nobody can look it up later.")

    def owner(self) -> User:
        """Return whom the token will act for."""
        raise NotImplementedError

    def get_form(self, request: HttpRequest, **arguments: Any) -> Any:
        held = permissions.of_user(self.owner())
        return forms.TokenForm(grouped(only=held), **arguments)

    def submit(self, request: HttpRequest, form: Any) -> HttpResponse:
        days = int(form.cleaned_data["days"])
        token, secret = tokens.make(
            self.owner(),
            form.cleaned_data["name"],
            form.cleaned_data["scopes"],
            expires_at=tokens.soon(days) if days else None,
            by_id=request.user.pk,
        )
        facts = [
            kit.Fact(
                _("Token"),
                kit.copyable(secret),
                note=_("Shown only now. Copy it into the program's settings, never into a mail."),
            ),
            kit.Fact(_("Send it as"), kit.copyable(f"Authorization: Bearer {secret}")),
            kit.Fact(_("Expires"), token.expires_at, format="moment"),
        ]
        section = kit.Section(_("Token"), facts, is_wide=True)
        return once.shown_once(request, token.name, section, self.trail(request))


class NewOwnToken(NewToken):
    """A token that acts for me."""

    permission = permissions.SIGNED_IN
    cancel_url = "../"

    def owner(self) -> User:
        return get_object_or_404(User, pk=self.request.user.pk)

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        return [(_("My tokens"), reverse("accounts:own_tokens"))]


class NewServiceToken(NewToken):
    """A token of a service account; nobody makes tokens that act for another person."""

    permission = MANAGE

    def owner(self) -> User:
        return get_object_or_404(User, pk=self.kwargs["pk"], is_service=True)

    def get_cancel_url(self, request: HttpRequest) -> str:
        return reverse("accounts:user", args=[self.kwargs["pk"]])

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        owner = self.owner()
        return [
            (_("API tokens"), reverse("accounts:tokens")),
            (owner.name, reverse("accounts:user", args=[owner.pk])),
        ]


class NewService(kit.FormPage):
    """Add a service account: posts like a person's, tokens instead of a password."""

    title = _("Add a service account")
    permission = MANAGE
    form_class = forms.NewServiceForm
    submit_label = _("Add")
    cancel_url = "../"
    explanation = _(
        "A service account stands for a program. It never signs in; it acts by tokens, within the "
        "posts given here."
    )

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        return [(_("API tokens"), reverse("accounts:tokens"))]

    def submit(self, request: HttpRequest, form: Any) -> str:
        user = actions.add_service(**form.cleaned_data, by_id=request.user.pk)
        return reverse("accounts:new_service_token", args=[user.pk])


urlpatterns = [
    Tokens.path("system/tokens/", name="tokens"),
    NewService.path("system/tokens/new-service/", name="new_service"),
    NewServiceToken.path("system/users/<int:pk>/new-token/", name="new_service_token"),
    OwnTokens.path("me/tokens/", name="own_tokens"),
    NewOwnToken.path("me/tokens/new/", name="new_own_token"),
    TokenDetail.path("tokens/<slug:prefix>/", name="token"),
    path("tokens/<slug:prefix>/revoke/", revoke_token, name="revoke_token"),
]
