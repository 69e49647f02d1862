from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "huoshui.kernel.accounts"
    label = "accounts"
    verbose_name = _("Users and posts")

    def ready(self) -> None:
        from huoshui.kernel.accounts import permissions

        permissions.declare(
            "accounts.manage", _("Manage users and posts"), posts=("administrator",)
        )
        post_migrate.connect(make_posts, sender=self, dispatch_uid="accounts.make_posts")


def make_posts(*, using: str, **kwargs: Any) -> None:
    """Make the row of each post of the fixed list that has none yet, after every migration."""
    from huoshui.kernel.accounts.models import Post
    from huoshui.kernel.accounts.posts import POSTS

    for code in POSTS:
        Post.objects.using(using).get_or_create(code=code)
