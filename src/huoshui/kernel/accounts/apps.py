from django.apps import AppConfig
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
