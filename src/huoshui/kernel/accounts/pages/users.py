"""Pages of users, for the administrator."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib.auth import update_session_auth_hash
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import path, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from huoshui.kernel import clock
from huoshui.kernel.accounts import actions, forms, permissions, posts
from huoshui.kernel.accounts.models import PostHolding, User
from huoshui.kernel.pages import kit

MANAGE = "accounts.manage"
KINDS = {False: (_("Person"), "blue"), True: (_("Service account"), "purple")}
STATES = {True: (_("May sign in"), "green"), False: (_("Has left"), "secondary")}


def _holders_of(rows: QuerySet[User], code: str) -> QuerySet[User]:
    held = PostHolding.objects.valid_at(clock.now()).filter(post__code=code)
    return rows.filter(pk__in=held.values("user_id"))


def _posts_of(user: User) -> str:
    return ", ".join(str(holding.post.name) for holding in user.holdings.all())


class Users(kit.ListPage):
    """Everybody who may sign in, or once might."""

    title = _("Users")
    permission = MANAGE
    url_name = "accounts:users"
    columns = (
        kit.Column(
            "username", _("User name"), href=lambda row: reverse("accounts:user", args=[row.pk])
        ),
        kit.Column("name", _("Full name")),
        kit.Column("posts", _("Posts"), value=_posts_of),
        kit.Column("phone", _("Phone"), phone=False),
        kit.Column("is_active", _("State"), badge=STATES),
        kit.Column("last_login", _("Latest sign-in"), format="moment", phone=False),
    )
    search = ("username", "name", "phone")
    filters = (
        kit.ChoiceFilter("post", _("Post"), choices=lambda: posts.POSTS.items(), apply=_holders_of),
        kit.ChoiceFilter(
            "is_active", _("State"), choices=[(code, label) for code, (label, _c) in STATES.items()]
        ),
    )
    default_sort = "username"
    empty = _("There are no users yet. Add the first one.")

    def rows(self, request: HttpRequest) -> QuerySet[User]:
        valid = PostHolding.objects.valid_at(clock.now()).select_related("post").order_by("post_id")
        return User.objects.prefetch_related(Prefetch("holdings", queryset=valid))

    def actions(self, request: HttpRequest) -> Sequence[SafeString]:
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

    permission = MANAGE

    def get_object(self, request: HttpRequest, **kwargs: Any) -> User:
        return _user(kwargs["pk"])

    def heading(self, request: HttpRequest, obj: User) -> Any:
        return obj.name

    def trail(self, request: HttpRequest, obj: User) -> Sequence[tuple[Any, str]]:
        return [(_("Users"), reverse("accounts:users"))]

    def badges(self, request: HttpRequest, obj: User) -> Sequence[SafeString]:
        kind = [kit.badge(*KINDS[True])] if obj.is_service else []
        return [kit.badge(*STATES[obj.is_active]), *kind]

    def facts(self, request: HttpRequest, obj: User) -> Sequence[kit.Section]:
        person = [
            kit.Fact(_("User name"), obj.username),
            kit.Fact(_("Full name"), obj.name),
            kit.Fact(_("Phone"), obj.phone),
            kit.Fact(_("Added"), obj.created_at, format="moment"),
            kit.Fact(_("Latest sign-in"), obj.last_login, format="moment"),
        ]
        moment = clock.now()
        valid = set(obj.holdings.valid_at(moment).values_list("pk", flat=True))
        held = obj.holdings.select_related("post").order_by("post_id", "pk")
        now = [self._holding(request, obj, one) for one in held if one.pk in valid]
        past = [
            kit.Fact(one.post.name, one.until_at, format="moment", note=_("until"))
            for one in held
            if one.pk not in valid
        ]
        return [
            kit.Section(_("Person"), person),
            kit.Section(_("Posts"), now or [kit.Fact(_("Posts"), None)]),
            *([kit.Section(_("Former posts"), past)] if past else []),
        ]

    def _holding(self, request: HttpRequest, obj: User, holding: PostHolding) -> kit.Fact:
        button = kit.action_button(
            request,
            _("End"),
            reverse("accounts:end_post", args=[obj.pk]),
            confirm=_("End this post of this user now?"),
            colour="ghost-secondary",
            values={"post": holding.post.code},
        )
        return kit.Fact(holding.post.name, button)

    def actions(self, request: HttpRequest, obj: User) -> Sequence[SafeString]:
        arguments = [obj.pk]
        key = (
            kit.link_button(
                _("Make a token"), reverse("accounts:new_service_token", args=arguments)
            )
            if obj.is_service
            else kit.link_button(
                _("New password"), reverse("accounts:new_password", args=arguments)
            )
        )
        return [
            kit.link_button(_("Give a post"), reverse("accounts:give_post", args=arguments)),
            kit.link_button(_("Edit"), reverse("accounts:edit_user", args=arguments)),
            key,
            kit.action_button(
                request,
                _("Let try again"),
                reverse("accounts:unlock", args=arguments),
                confirm=_("Forget the wrong passwords of this user?"),
                colour="",
            ),
            kit.action_button(
                request,
                _("Close access") if obj.is_active else _("Open access"),
                reverse("accounts:set_active", args=arguments),
                confirm=_("Close this user's access? Their records stay.")
                if obj.is_active
                else _("Let this user sign in again?"),
                colour="danger" if obj.is_active else "primary",
                values={"active": "0" if obj.is_active else "1"},
            ),
        ]


def _tell_password(request: HttpRequest, user: User, password: str) -> HttpResponse:
    """Show a password once; it is kept nowhere, not even in the browser's cache."""
    facts = [
        kit.Fact(_("User name"), user.username),
        kit.Fact(
            _("Password"), password, note=_("Shown only now. Hand it over in person or by phone.")
        ),
    ]
    response = render(
        request,
        "pages/kit/detail.html",
        {
            "title": user.name,
            "sections": [kit.Section(_("Sign in with"), facts)],
            "trail": [(_("Users"), reverse("accounts:users")), (user.name, _to_user(user))],
        },
    )
    response.headers["Cache-Control"] = "no-store"
    return response


class NewUser(kit.FormPage):
    """Add a user; their random password is shown once."""

    title = _("Add a user")
    permission = MANAGE
    form_class = forms.NewUserForm
    submit_label = _("Add")
    cancel_url = "../"

    def submit(self, request: HttpRequest, form: Any) -> HttpResponse:
        user, password = actions.add_user(**form.cleaned_data, by_id=request.user.pk)
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
    explanation = _("A random password is made. Every session of this user ends.")
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
        actions.give_post(user, form.cleaned_data["post"], by_id=request.user.pk)
        return _to_user(user)


@permissions.needs(MANAGE)
@require_POST
def end_post(request: HttpRequest, pk: int) -> HttpResponse:
    """End a user's holding of a post."""
    user = _user(pk)
    actions.end_post(user, request.POST.get("post", ""), by_id=request.user.pk)
    return HttpResponseRedirect(_to_user(user))


@permissions.needs(MANAGE)
@require_POST
def set_active(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a user sign in, or no longer."""
    user = _user(pk)
    actions.set_active(user, request.POST.get("active") == "1", by_id=request.user.pk)
    return HttpResponseRedirect(_to_user(user))


@permissions.needs(MANAGE)
@require_POST
def unlock(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a user who mistyped too often try again at once."""
    user = _user(pk)
    actions.unlock(user, by_id=request.user.pk)
    return HttpResponseRedirect(_to_user(user))


urlpatterns = [
    Users.path("system/users/", name="users"),
    NewUser.path("system/users/new/", name="new_user"),
    UserDetail.path("system/users/<int:pk>/", name="user"),
    EditUser.path("system/users/<int:pk>/edit/", name="edit_user"),
    NewPassword.path("system/users/<int:pk>/password/", name="new_password"),
    GivePost.path("system/users/<int:pk>/give-post/", name="give_post"),
    path("system/users/<int:pk>/end-post/", end_post, name="end_post"),
    path("system/users/<int:pk>/access/", set_active, name="set_active"),
    path("system/users/<int:pk>/unlock/", unlock, name="unlock"),
]
