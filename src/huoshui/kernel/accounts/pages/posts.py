"""Pages of posts and what they may do."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from django.apps import apps
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from huoshui.kernel import clock
from huoshui.kernel.accounts import forms, permissions, post_actions, posts, second_factor
from huoshui.kernel.accounts.models import Post, PostHolding
from huoshui.kernel.pages import kit

MANAGE = "accounts.manage"
KINDS = {"list": (_("Standard"), "secondary"), "own": (_("Made here"), "blue")}
STATES = {True: (_("In use"), "green"), False: (_("No longer in use"), "secondary")}
NEEDED = {True: (_("Required"), "blue"), False: (_("Not required"), "secondary")}


class Posts(kit.ListPage):
    """The posts, and how many people hold each."""

    title = _("Posts")
    permission = MANAGE
    url_name = "accounts:posts"
    columns = (
        kit.Column(
            "name",
            _("Post"),
            href=lambda row: reverse("accounts:post", args=[row["code"]]),
            sort=False,
        ),
        kit.Column("kind", _("Kind of post"), badge=KINDS, sort=False, phone=False),
        kit.Column("is_open", _("State"), badge=STATES, sort=False, phone=False),
        kit.Column("second_factor", _("Second factor"), badge=NEEDED, sort=False),
        kit.Column("holders", _("Holders"), format="d", sort=False),
        kit.Column("permissions", _("Permissions"), format="d", sort=False),
    )

    def rows(self, request: HttpRequest) -> list[dict[str, Any]]:
        held = list(
            PostHolding.objects.valid_at(clock.now())
            .filter(user__is_active=True)
            .values_list("post__code", "user_id")
            .distinct()
        )
        rows = list(Post.objects.order_by("pk"))
        order = list(posts.POSTS)
        rows.sort(key=lambda one: order.index(one.code) if one.code in order else len(order))
        return [
            {
                "code": one.code,
                "name": str(one.name),
                "kind": "own" if one.based_on else "list",
                "is_open": one.is_open,
                "second_factor": second_factor.required_by(one),
                "holders": sum(1 for code, _user in held if code == one.code),
                "permissions": len(permissions.of_row(one)),
            }
            for one in rows
        ]

    def actions(self, request: HttpRequest) -> Sequence[SafeString]:
        return [
            kit.link_button(_("Who may do what"), reverse("accounts:matrix")),
            kit.link_button(
                _("Copy a post"), reverse("accounts:new_post"), colour="primary", icon="plus"
            ),
        ]


def grouped(*, only: Collection[str] | None = None) -> list[tuple[Any, list[tuple[str, Any]]]]:
    """Return every permission, or those of ``only``, under the name of the area it belongs to."""
    groups: dict[str, list[tuple[str, Any]]] = {}
    for one in permissions.declared():
        if only is not None and one.code not in only:
            continue
        groups.setdefault(one.code.split(".")[0], []).append((one.code, one.label))
    return [
        (apps.get_app_config(area).verbose_name if area in apps.app_configs else area, found)
        for area, found in groups.items()
    ]


class PostPermissions(kit.FormPage):
    """What the holders of a post may do."""

    permission = MANAGE
    form_class = forms.PermissionsForm
    template = "accounts/post.html"

    def post(self) -> Post:
        found = Post.objects.filter(code=self.kwargs["code"]).first()
        if found is None:
            raise Http404
        return found

    def heading(self, request: HttpRequest) -> Any:
        return self.post().name

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        return [(_("Posts"), reverse("accounts:posts"))]

    def get_cancel_url(self, request: HttpRequest) -> str:
        return reverse("accounts:posts")

    def get_form(self, request: HttpRequest, **arguments: Any) -> Any:
        fixed = self.kwargs["code"] == posts.ADMINISTRATOR
        return forms.PermissionsForm(grouped(), fixed=fixed, **arguments)

    def initial(self, request: HttpRequest) -> dict[str, Any]:
        post = self.post()
        return {
            "allowed": sorted(permissions.of_row(post)),
            "second_factor": second_factor.required_by(post),
            "seen": post_actions.state_of(post),
        }

    def submit(self, request: HttpRequest, form: Any) -> str:
        code, by_id = self.kwargs["code"], request.user.pk
        wanted = form.cleaned_data
        with transaction.atomic():
            if code != posts.ADMINISTRATOR:
                post_actions.set_post_permissions(
                    code, wanted["allowed"], seen=wanted["seen"], by_id=by_id
                )
            if wanted["second_factor"] != second_factor.required_by(self.post()):
                post_actions.require_second_factor(code, wanted["second_factor"], by_id=by_id)
        return reverse("accounts:posts")

    def context(self, request: HttpRequest) -> dict[str, Any]:
        post = self.post()
        if not post.based_on or not post.is_open:
            return {}
        close = kit.action_button(
            request,
            _("Close this post"),
            reverse("accounts:close_post", args=[post.code]),
            confirm=_("Close this post? Nobody can be given it any more."),
            colour="ghost-danger",
        )
        return {"aside": close}


class NewPost(kit.FormPage):
    """Copy a post under a name of one's own; what it may do is changed on its page."""

    title = _("Copy a post")
    permission = MANAGE
    form_class = forms.NewPostForm
    submit_label = _("Copy")
    cancel_url = "../"
    explanation = _("The copy starts with what the post may do now. Change that on its own page.")

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        return [(_("Posts"), reverse("accounts:posts"))]

    def submit(self, request: HttpRequest, form: Any) -> str:
        post = post_actions.copy_post(**form.cleaned_data, by_id=request.user.pk)
        return reverse("accounts:post", args=[post.code])


@permissions.needs(MANAGE)
@require_POST
def close_post(request: HttpRequest, code: str) -> HttpResponse:
    """Close a post made here."""
    post_actions.close_post(code, by_id=request.user.pk)
    return HttpResponseRedirect(reverse("accounts:posts"))


urlpatterns = [
    Posts.path("system/posts/", name="posts"),
    NewPost.path("system/posts/new/", name="new_post"),
    PostPermissions.path("system/posts/<slug:code>/", name="post"),
    path("system/posts/<slug:code>/close/", close_post, name="close_post"),
]
