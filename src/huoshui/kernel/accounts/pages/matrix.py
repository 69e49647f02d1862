"""Who may do what: permissions by posts, and addresses by posts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import apps
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from huoshui.kernel.accounts import permissions, surface
from huoshui.kernel.accounts.models import Post
from huoshui.kernel.pages import kit

MANAGE = "accounts.manage"
TICK = {True: "✓", False: ""}
MARKS = {
    permissions.PUBLIC: _("Everybody, signed in or not"),
    permissions.SIGNED_IN: _("Everybody who is signed in"),
    surface.REFUSED: _("Nobody"),
}


def _area(code: str) -> Any:
    name = code.split(".")[0]
    return apps.get_app_config(name).verbose_name if name in apps.app_configs else name


class _ByPost(kit.ListPage):
    """A list with one column for each open post."""

    permission = MANAGE
    page_size = 500
    own_columns: Sequence[kit.Column] = ()

    def __init__(self, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(request, **kwargs)
        self.posts = list(Post.objects.filter(is_open=True).order_by("pk"))
        self.columns = (
            *self.own_columns,
            *(
                kit.Column(one.code, one.name, labels=TICK, sort=False, phone=False)
                for one in self.posts
            ),
        )

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        return [(_("Posts"), reverse("accounts:posts"))]

    def row_href(self, row: Any) -> None:
        return None


class Matrix(_ByPost):
    """Which post may do what, in this installation."""

    title = _("Who may do what")
    url_name = "accounts:matrix"
    own_columns = (
        kit.Column("area", _("Area"), phone=False),
        kit.Column("label", _("Permission")),
        kit.Column("by_unit", _("Can be limited to a part"), labels=TICK, sort=False, phone=False),
    )
    search = ("area", "label", "code")

    def rows(self, request: HttpRequest) -> list[dict[str, Any]]:
        allowed = {one.code: permissions.of_row(one) for one in self.posts}
        return [
            {
                "code": one.code,
                "area": str(_area(one.code)),
                "label": str(one.label),
                "by_unit": one.by_unit,
                **{post: one.code in codes for post, codes in allowed.items()},
            }
            for one in permissions.declared()
        ]

    def actions(self, request: HttpRequest) -> Sequence[SafeString]:
        return [kit.link_button(_("Who may open what"), reverse("accounts:surface"))]


class Surface(_ByPost):
    """Which post may open which address, page and API alike."""

    title = _("Who may open what")
    url_name = "accounts:surface"
    own_columns = (
        kit.Column("address", _("Address")),
        kit.Column("method", _("Method"), phone=False),
        kit.Column("needs", _("Needs")),
    )
    search = ("address", "needs")

    def rows(self, request: HttpRequest) -> list[dict[str, Any]]:
        allowed = {one.code: permissions.of_row(one) for one in self.posts}
        labels = MARKS | {one.code: one.label for one in permissions.declared()}
        return [
            {
                "address": one.address,
                "method": one.method,
                "needs": str(labels.get(one.mark, one.mark)),
                **{
                    post: surface.allows(one.mark, codes, signed_in=True)
                    for post, codes in allowed.items()
                },
            }
            for one in surface.entries()
        ]

    def above(self, request: HttpRequest) -> SafeString:
        return format_html(
            '<p class="hs-explanation">{}</p>',
            _(
                "Made from the addresses themselves. A test opens every one of them as every post "
                "and expects exactly this."
            ),
        )


urlpatterns = [
    Matrix.path("system/posts/matrix/", name="matrix"),
    Surface.path("system/posts/addresses/", name="surface"),
]
