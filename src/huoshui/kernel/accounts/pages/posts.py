"""Pages of posts and what they may do."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from django.apps import apps
from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from huoshui.kernel import clock
from huoshui.kernel.accounts import actions, forms, permissions, posts
from huoshui.kernel.accounts.models import Post, PostHolding
from huoshui.kernel.pages import kit

MANAGE = "accounts.manage"


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
        known = {post.code: post for post in Post.objects.all()}
        return [
            {
                "code": code,
                "name": name,
                "holders": sum(1 for held_code, _user_id in held if held_code == code),
                "permissions": len(_allowed(known[code])),
            }
            for code, name in posts.POSTS.items()
            if code in known
        ]


def _allowed(post: Post) -> set[str]:
    return permissions.of_post(post.code, granted=post.granted, withdrawn=post.withdrawn)


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
        return {"allowed": sorted(_allowed(self.post()))}

    def submit(self, request: HttpRequest, form: Any) -> str:
        if self.kwargs["code"] != posts.ADMINISTRATOR:
            actions.set_post_permissions(
                self.kwargs["code"], form.cleaned_data["allowed"], by_id=request.user.pk
            )
        return reverse("accounts:posts")


urlpatterns = [
    Posts.path("system/posts/", name="posts"),
    PostPermissions.path("system/posts/<slug:code>/", name="post"),
]
