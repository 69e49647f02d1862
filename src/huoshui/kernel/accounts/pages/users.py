"""Pages of users, for the administrator."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.contrib.auth import update_session_auth_hash
from django.db import transaction
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from huoshui.kernel import audit, clock, organisation
from huoshui.kernel.accounts import actions, forms, locks, permissions, personal, second_factor
from huoshui.kernel.accounts.models import PostHolding, User
from huoshui.kernel.accounts.pages import once, user_deeds
from huoshui.kernel.organisation import actions as placing
from huoshui.kernel.organisation import tree
from huoshui.kernel.organisation.models import Membership
from huoshui.kernel.pages import formats, kit

READ, MANAGE = "accounts.read", "accounts.manage"
KINDS = {False: (_("Person"), "blue"), True: (_("Service account"), "purple")}
STATES = {True: (_("May sign in"), "green"), False: (_("Has left"), "secondary")}


def _holders_of(rows: QuerySet[User], code: str) -> QuerySet[User]:
    held = PostHolding.objects.valid_at(clock.now()).filter(post__code=code)
    return rows.filter(pk__in=held.values("user_id"))


def _posts_of(user: User) -> str:
    return formats.listed(dict.fromkeys(str(holding.post.name) for holding in user.holdings.all()))


def _unit_of(user: User) -> int | None:
    """Return where a user belongs today; memberships were fetched for today only."""
    return next((row.unit_id for row in user.memberships.all()), None)


def seen_by(reader: Any) -> QuerySet[User]:
    """Return the users that a reader may see, with what the pages show of them."""
    here = Membership.objects.valid_on(tree.today())
    valid = PostHolding.objects.valid_at(clock.now()).select_related("post").order_by("post_id")
    rows = User.objects.prefetch_related(
        Prefetch("holdings", queryset=valid), Prefetch("memberships", queryset=here)
    )
    if permissions.units_of(reader, READ) is None:
        return rows
    return rows.filter(pk__in=organisation.scope(here, reader, READ).values("user_id"))


class Users(kit.ListPage):
    """Everybody who may sign in, or once might."""

    title = _("Users")
    permission = READ
    url_name = "accounts:users"

    def __init__(self, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(request, **kwargs)
        units = tree.on()
        reader = request.user
        self.columns = (
            kit.Column("username", _("User name"), href=_to_user),
            kit.Column("name", _("Full name")),
            kit.Column("posts", _("Posts"), value=_posts_of),
            kit.Column(
                "unit", _("Unit"), value=lambda row: units.name_of(_unit_of(row)), phone=False
            ),
            kit.Column(
                "phone",
                _("Phone"),
                value=lambda row: personal.phone_for(reader, row.phone, _unit_of(row)),
                phone=False,
            ),
            kit.Column("is_active", _("State"), badge=STATES),
            kit.Column("last_login", _("Latest sign-in"), format="moment", phone=False),
        )
        # Whoever sees no number must not find its owner by searching for it either.
        everywhere = permissions.units_of(reader, personal.SEE) is None
        self.search = ("username", "name", "phone") if everywhere else ("username", "name")

    search: Sequence[str] = ("username", "name")
    filters = (
        kit.ChoiceFilter("post", _("Post"), choices=forms.post_choices, apply=_holders_of),
        kit.ChoiceFilter(
            "is_active", _("State"), choices=[(code, label) for code, (label, _c) in STATES.items()]
        ),
    )
    default_sort = "username"
    empty = _("There are no users yet. Add the first one.")

    def rows(self, request: HttpRequest) -> QuerySet[User]:
        if permissions.holds(request.user, personal.SEE):
            audit.record_read(request.user.pk, "accounts.people_listed", "users:")
        return seen_by(request.user)

    def actions(self, request: HttpRequest) -> Sequence[SafeString]:
        if not permissions.holds(request.user, MANAGE):
            return ()
        return [
            kit.link_button(
                _("Add a user"), reverse("accounts:new_user"), colour="primary", icon="plus"
            )
        ]


def _user(pk: int | None) -> User:
    return get_object_or_404(User, pk=pk)


def _to_user(user: User) -> str:
    return reverse("accounts:user", args=[user.pk])


class UserDetail(kit.DetailPage):
    """One user: who they are, which posts they hold and held, and what can be done."""

    permission = READ

    def get_object(self, request: HttpRequest, **kwargs: Any) -> User:
        return get_object_or_404(seen_by(request.user), pk=kwargs["pk"])

    def heading(self, request: HttpRequest, obj: User) -> Any:
        return obj.name

    def trail(self, request: HttpRequest, obj: User) -> Sequence[tuple[Any, str]]:
        return [(_("Users"), reverse("accounts:users"))]

    def badges(self, request: HttpRequest, obj: User) -> Sequence[SafeString]:
        kind = [kit.badge(*KINDS[True])] if obj.is_service else []
        return [kit.badge(*STATES[obj.is_active]), *kind]

    def facts(self, request: HttpRequest, obj: User) -> Sequence[kit.Section]:
        units = tree.on()
        unit = _unit_of(obj)
        if obj.phone and personal.may_see(request.user, unit):
            subject = f"user:{obj.username}"
            audit.record_read(request.user.pk, "accounts.person_read", subject)
        person = [
            kit.Fact(_("User name"), obj.username),
            kit.Fact(_("Full name"), obj.name),
            kit.Fact(_("Phone"), personal.phone_for(request.user, obj.phone, unit)),
            kit.Fact(_("Unit"), " / ".join(one.name for one in units.path(unit or 0))),
            kit.Fact(_("Added"), obj.created_at, format="moment"),
            kit.Fact(_("Latest sign-in"), obj.last_login, format="moment"),
            *self._protection(obj),
        ]
        valid = {one.pk for one in obj.holdings.all()}
        held = PostHolding.objects.filter(user=obj).select_related("post", "unit")
        rows = list(held.order_by("post_id", "pk"))
        now = [self._holding(request, obj, one, units) for one in rows if one.pk in valid]
        past = [
            kit.Fact(one.post.name, one.until_at, format="moment", note=_("held until"))
            for one in rows
            if one.pk not in valid
        ]
        return [
            kit.Section(_("Person"), person),
            kit.Section(_("Posts"), now or [kit.Fact(_("Posts"), None)]),
            *([kit.Section(_("Former posts"), past)] if past else []),
        ]

    def _protection(self, obj: User) -> list[kit.Fact]:
        if obj.is_service:
            return []
        since = second_factor.since(obj)
        return [
            kit.Fact(
                _("Second factor"),
                since,
                format="moment",
                note=_("set up") if since else _("not set up"),
            )
        ]

    def _holding(
        self, request: HttpRequest, obj: User, holding: PostHolding, units: tree.Tree
    ) -> kit.Fact:
        where = (
            _("only %(unit)s") % {"unit": units.name_of(holding.unit_id) or holding.unit.code}
            if holding.unit
            else ""
        )
        if not permissions.holds(request.user, MANAGE):
            return kit.Fact(holding.post.name, where or _("whole organisation"))
        button = kit.action_button(
            request,
            _("End"),
            reverse("accounts:end_post", args=[obj.pk]),
            confirm=_("End this post of this user now?"),
            colour="ghost-secondary",
            values={"post": holding.post.code, "unit": holding.unit_id or ""},
        )
        return kit.Fact(holding.post.name, button, note=where)

    def actions(self, request: HttpRequest, obj: User) -> Sequence[SafeString]:
        if not permissions.holds(request.user, MANAGE):
            return ()

        def link(label: Any, name: str) -> SafeString:
            return kit.link_button(label, reverse(name, args=[obj.pk]))

        key = (
            link(_("Make a token"), "accounts:new_service_token")
            if obj.is_service
            else link(_("New password"), "accounts:new_password")
        )
        return [
            link(_("Give a post"), "accounts:give_post"),
            link(_("Place"), "organisation:place_user"),
            link(_("Edit"), "accounts:edit_user"),
            key,
            *self._deeds(request, obj),
        ]

    def _deeds(self, request: HttpRequest, obj: User) -> Iterator[SafeString]:
        """Yield the buttons for what can be done at this moment, and no others."""
        if locks.is_locked(obj.username):
            yield kit.action_button(
                request,
                _("Let try again"),
                reverse("accounts:unlock", args=[obj.pk]),
                confirm=_("Forget the wrong passwords of this user?"),
                colour="",
            )
        if second_factor.since(obj) and obj.pk != request.user.pk:
            yield kit.action_button(
                request,
                _("Reset the second factor"),
                reverse("accounts:reset_second_factor", args=[obj.pk]),
                confirm=_(
                    "Take away this user's second factor, because the phone is lost? Make sure "
                    "that it is they who ask."
                ),
                colour="",
            )
        yield kit.action_button(
            request,
            _("Close access") if obj.is_active else _("Open access"),
            reverse("accounts:set_active", args=[obj.pk]),
            confirm=_("Close this user's access? Their records stay.")
            if obj.is_active
            else _("Let this user sign in again?"),
            colour="danger" if obj.is_active else "primary",
            values={"active": "0" if obj.is_active else "1"},
        )


def _tell_password(request: HttpRequest, user: User, password: str) -> HttpResponse:
    """Show a password once."""
    facts = [
        kit.Fact(_("User name"), user.username),
        kit.Fact(
            _("Password"),
            kit.copyable(password),
            note=_("Shown only now. Hand it over in person or by phone."),
        ),
    ]
    section = kit.Section(_("Sign in with"), facts, is_wide=True)
    trail = [(_("Users"), reverse("accounts:users")), (user.name, _to_user(user))]
    return once.shown_once(request, user.name, section, trail)


class NewUser(kit.FormPage):
    """Add a user; their random password is shown once."""

    title = _("Add a user")
    permission = MANAGE
    form_class = forms.NewUserForm
    submit_label = _("Add")
    cancel_url = "../"

    def submit(self, request: HttpRequest, form: Any) -> HttpResponse:
        chosen = dict(form.cleaned_data)
        unit = chosen.pop("unit")
        with transaction.atomic():
            user, password = actions.add_user(**chosen, by_id=request.user.pk)
            if unit is not None:
                placing.place_user(user, unit, by_id=request.user.pk)
        return _tell_password(request, user, password)


class OneUserForm(kit.FormPage):
    """A form about one user."""

    permission = MANAGE

    def user(self) -> User:
        return _user(self.kwargs["pk"])

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        user = self.user()
        return [(_("Users"), reverse("accounts:users")), (user.name, _to_user(user))]

    def get_cancel_url(self, request: HttpRequest) -> str:
        return _to_user(self.user())


class EditUser(OneUserForm):
    """Correct a user's name and phone."""

    title = _("Edit")
    form_class = forms.PersonForm

    def initial(self, request: HttpRequest) -> dict[str, Any]:
        user = self.user()
        return {"name": user.name, "phone": user.phone}

    def submit(self, request: HttpRequest, form: Any) -> str:
        user = self.user()
        actions.change_person(user, **form.cleaned_data, by_id=request.user.pk)
        return _to_user(user)


class NewPassword(OneUserForm):
    """Give a user a random password, shown once; ends their sessions."""

    title = _("New password")
    explanation = _(
        "A random password is made. Every session of this user ends, and every token that acts "
        "for them."
    )
    submit_label = _("Make a new password")

    def submit(self, request: HttpRequest, form: Any) -> HttpResponse:
        user = self.user()
        password = actions.set_password(user, by_id=request.user.pk)
        if user.pk == request.user.pk:
            update_session_auth_hash(request, user)
        return _tell_password(request, user, password)


class GivePost(OneUserForm):
    """Let a user hold one more post from now on."""

    title = _("Give a post")
    form_class = forms.PostForm
    submit_label = _("Give")

    def submit(self, request: HttpRequest, form: Any) -> str:
        user = self.user()
        chosen = form.cleaned_data
        actions.give_post(user, chosen["post"], unit=chosen["unit"], by_id=request.user.pk)
        return _to_user(user)


urlpatterns = [
    Users.path("system/users/", name="users"),
    NewUser.path("system/users/new/", name="new_user"),
    UserDetail.path("system/users/<int:pk>/", name="user"),
    EditUser.path("system/users/<int:pk>/edit/", name="edit_user"),
    NewPassword.path("system/users/<int:pk>/password/", name="new_password"),
    GivePost.path("system/users/<int:pk>/give-post/", name="give_post"),
    path("system/users/<int:pk>/end-post/", user_deeds.end_post, name="end_post"),
    path("system/users/<int:pk>/give-back-post/", user_deeds.give_back_post, name="give_back_post"),
    path("system/users/<int:pk>/access/", user_deeds.set_active, name="set_active"),
    path("system/users/<int:pk>/unlock/", user_deeds.unlock, name="unlock"),
]
